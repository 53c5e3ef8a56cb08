// surewake/models/waking/goes_home.hpp: a coroutine waits at home, on the thread of an executor. A permit comes, and a
// stop, on other threads; or its home ends meanwhile. Where does it go on, how often, and does every party hear of it?
// Shape      goes_home: 3 threads, 1 permit: resident runs the executor until the coroutine is through; granter
//            releases; stopper requests the stop.
//            home_ends: 2 threads, 1 permit: resident starts the coroutine and ends its home; granter releases.
//            executor_drops: 2 threads, 1 permit: on an executor a coroutine waits before another one, which waits
//            anywhere; resident destroys the first one between its grant and its run; granter releases.
// Must hold  the coroutine goes on exactly once: by the thread that runs its home, as long as there is one. No permit
//            is lost or doubled; the home is freed by the last party that uses it. What was granted to a coroutine that
//            is destroyed goes to the next one.
#pragma once

#include <surewake/core/coroutine/own_home.hpp>
#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

/// An executor of one thread, which sleeps while nothing is posted.
template <platform P> class mailbox {
 public:
  void post(work<P>& w) noexcept {
    std::lock_guard const lock(mutex_);
    queue_.push_back(w);
    ring();
  }
  bool withdraw(work<P>& w) noexcept {
    std::lock_guard const lock(mutex_);
    bool found = false;
    detail::work_list<P> others;
    while (work<P>* const x = queue_.pop_front()) x == &w ? static_cast<void>(found = true) : others.push_back(*x);
    while (work<P>* const x = others.pop_front()) queue_.push_back(*x);
    return found;
  }
  void look_again() noexcept { ring(); }

  /// Sleeps until something has been posted since the last time, which the caller remembers.
  void sleep(std::uint32_t& seen) noexcept {
    // acquire: sees what was posted.
    seen = P::await(rung_, [seen](std::uint32_t v) { return v != seen; }, P::acquire);
  }
  /// Runs what was posted since the last time.
  void run(std::uint32_t& seen) noexcept {
    sleep(seen);
    for (;;) {
      mutex_.lock();
      work<P>* const w = queue_.pop_front();
      mutex_.unlock();
      if (w == nullptr) return;
      typename trampoline<P>::scope const ready;
      w->run();
    }
  }

 private:
  // release: shows what was posted.
  void ring() noexcept { rung_.fetch_add(1, P::release); }

  typename P::mutex mutex_;
  detail::work_list<P> queue_;
  typename P::template atomic<std::uint32_t> rung_{0U};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct goes_home : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine waits at home, and its wait ends elsewhere: where does it go on, how often?",
      .law = "a coroutine that waits at home goes on there, once, whichever thread ends its wait "
             "(`core/node/home.hpp`)"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"resident", "granter", "stopper"};

  goes_home() : goes_home::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return reside();
      case 1: work_.set(1); return this->held().release();
      default: return source_.request_stop();
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("a coroutine did not go on exactly once");
    at_rest(this->limit(), 1);
  }

 private:
  struct mark {
    char unused = 0;
  };
  [[nodiscard]] static mark const* me() noexcept { return &P::template local<mark>(); }

  void reside() {
    mailbox<P> box;
    own_home<mailbox<P>, threads_of_home, P> home(box);
    typename trampoline<P>::at const here(home.get());
    start_detached<P>(visit(me()));
    for (std::uint32_t seen = 0; ended_.get() == 0;) box.run(seen);
  }
  static constexpr auto threads_of_home = surewake::detail::threads::one;

  task<void, P> visit(mark const* resident) {
    auto const p = co_await this->limit().acquire(stop_signal<P>{&source_});
    if (me() != resident) P::broken("a coroutine was resumed by a thread that does not run its home");
    ended_.add(1);
    if (p && work_.get() != 1) P::broken("visibility: the work of a holder was lost");
  }

  stop_source<P> source_{};
  ghost<P> ended_{};
  typename P::template plain<int> work_{0};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct home_ends : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine waits at home, which ends: does it go on, and who frees the home?",
      .law = "a coroutine whose home ends while it waits goes on on the thread that ends its wait"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"resident", "granter"};

  home_ends() : home_ends::fixture(1, 1) {}

  void thread(unsigned i) { i == 0 ? reside() : this->held().release(); }

  void after() {
    if (ended_.get() != 1) P::broken("a coroutine did not go on exactly once");
    at_rest(this->limit(), 1);
  }

 private:
  void reside() {
    mailbox<P> box;
    own_home<mailbox<P>, surewake::detail::threads::one, P> home(box);
    {
      typename trampoline<P>::at const here(home.get());
      start_detached<P>(visit());
    }
    home.end();
    std::uint32_t seen = ~0U;
    box.run(seen);  // what came before the end
  }

  task<void, P> visit() {
    static_cast<void>(co_await this->limit().acquire());
    ended_.add(1);
  }

  ghost<P> ended_{};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct executor_drops : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A coroutine is granted, and destroyed before its executor runs it: who gets the permit?",
      .law = "what was granted to a coroutine that is destroyed before its executor runs it goes to the next "
             "(`core/semaphore/acquire_awaiter.hpp`, A2)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"resident", "granter"};

  executor_drops() : executor_drops::fixture(1, 1) {}

  void thread(unsigned i) { i == 0 ? reside() : this->held().release(); }

  void after() {
    if (next_.get() != 1) P::broken("lost wakeup: what was granted to a coroutine that is gone reached nobody");
    at_rest(this->limit(), 1);
  }

 private:
  void reside() {
    mailbox<P> box;
    destroyed_while_waiting<P> const first = wait_on(*this, box);
    start_detached<P>(wait());
    std::uint32_t seen = 0;
    if (ran_.get() == 0) box.sleep(seen);  // it was posted, and is not run
  }

  static destroyed_while_waiting<P> wait_on(executor_drops& self, mailbox<P>& box) {
    static_cast<void>(co_await self.limit().acquire_on(box));
    self.ran_.set(1);
  }
  task<void, P> wait() {
    static_cast<void>(co_await this->limit().acquire());
    next_.add(1);
  }

  ghost<P> ran_{}, next_{};
};

}  // namespace surewake::models
