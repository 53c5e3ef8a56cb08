// surewake/models/uring/uring_leaves_inside.hpp: a bare queue. A ring is destroyed with two waiters, and the second
// waiter is withdrawn inside the hand-over of the first one. Is it there, on its way, or gone?
// Shape      2 threads: granter issues two grants one by one; leaver has a ring with two waiters, polls it, and
//            destroys it. The action of the first waiter withdraws the second one, on whatever thread it runs.
// Must hold  the first waiter is handed over once; the second one is handed over or withdrawn, not both (law 3). It is
//            withdrawn if, on the leaver's thread, it was granted and has yet to run (its coroutine may be destroyed
//            there). In the end the queue holds no grant that is not owed.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/models/fixture/law.hpp>

#include <coroutine>

namespace surewake::models {

template <platform P, template <class> class Queue, class Ring> struct uring_leaves_inside {
  static constexpr model_facts facts{
      .question = "A ring goes; inside one hand-over the next waiter is withdrawn: is it run as well?",
      .law = "a bare queue: a ring goes, and one of its waiters is withdrawn inside the hand-over of another"};
  static constexpr unsigned threads = 2;
  static constexpr char const* interleavings_only = kernel_of_ghosts;
  static constexpr std::array<char const*, 2> names{"granter", "leaver"};

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: only that both wait.
      P::await(waiting_, [](std::uint32_t v) { return v != 0; }, P::relaxed);
      queue_.grant(1);
      queue_.grant(1);
      return granted_.set(1);
    }
    here_ = &P::template local<place>();
    Ring ring;
    enqueue(first_);
    enqueue(second_);
    // relaxed: as above.
    waiting_.store(1, P::relaxed);
    ring.poll();
  }

  void after() {
    if (first_.ran.get() != 1) P::broken("lost wakeup: the first waiter was not handed over once");
    if (second_.ran.get() + withdrawn_.get() != 1) P::broken("a waiter was handed over and withdrawn, or neither");
    if (queue_.size() != 0) P::broken("somebody waits and nobody will hand it over");
    one late(*this, &ignore);
    if (queue_.enqueue(late) != enqueued::waiting) P::broken("phantom grant: the queue holds one that nobody is owed");
    queue_.grant(1);
    if (late.ran.get() != 1) P::broken("a grant was refused that a waiter is owed");
  }

 private:
  struct place {
    char unused = 0;
  };
  struct one : placed_waiter<P> {
    one(uring_leaves_inside& m, typename work<P>::action does) noexcept : placed_waiter<P>(does), model(m) {
      this->missing(1);
    }
    uring_leaves_inside& model;
    ghost<P> ran{};
  };
  static void ignore(work<P>& w) noexcept { static_cast<one&>(w).ran.add(1); }
  static void withdraw_second(work<P>& w) noexcept {
    static_cast<one&>(w).ran.add(1);
    uring_leaves_inside& m = static_cast<one&>(w).model;
    // Its grant is on the way, if it is not there; that grant is refused.
    bool const waits_here = m.granted_.get() == 1 && m.second_.ran.get() == 0 && m.here_ == &P::template local<place>();
    if (m.queue_.withdraw(m.second_, [](std::uint32_t needs) noexcept { return std::int64_t{needs}; })) {
      m.withdrawn_.add(1);
    } else if (waits_here) {
      P::broken("a waiter that has yet to run cannot be taken back on its own thread");
    }
  }
  void enqueue(one& w) noexcept {
    w.set_handle(std::noop_coroutine());  // so that a ring runs it
    if (queue_.enqueue(w) != enqueued::waiting) P::broken("phantom grant: nobody has granted anything yet");
  }

  typename P::template atomic<std::uint32_t> waiting_{0U};
  Queue<P> queue_{};
  one first_{*this, &withdraw_second};
  one second_{*this, &ignore};
  ghost<P> granted_{};
  ghost<P> withdrawn_{};
  place const* here_ = nullptr;  // the leaver's thread
};

}  // namespace surewake::models
