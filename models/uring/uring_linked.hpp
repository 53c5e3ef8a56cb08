// surewake/models/uring/uring_linked.hpp: a futex wait is cancelled to which a wake of another word is linked. What may
// the thread that sleeps on the other word conclude?
// Shape      2 threads with a ring each: canceller waits for news with a wake of `told` linked to that wait, gives up,
//            and then sets `told`; listener sleeps on `told` until it was told.
// Must hold  the listener goes on when it was told, and not before.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/models/fixture/law.hpp>

namespace surewake::models {

template <platform P, class Ring, bool Believes> struct uring_linked {
  static constexpr model_facts facts{
      .question = "A wait is cancelled that a wake is linked to: what does that wake mean?",
      .law = "a wake that was linked to a cancelled wait says nothing",
      .unfit = "it is about a kernel that behaves in a certain way"};
  static constexpr unsigned threads = 2;
  static constexpr char const* interleavings_only = kernel_of_ghosts;
  static constexpr std::array<char const*, 2> names{"canceller", "listener"};

  void thread(unsigned i) {
    Ring ring;
    waiting op;
    if (i == 0) {
      ring.wait_then_wake(op, news_, 0, Ring::address(told_));
      ring.poll();
      ring.cancel(op);
      ring.run_until([&] { return op.over; });
      // relaxed: the law is about the value alone.
      told_.store(1, P::relaxed);
      return Ring::wake_now(Ring::address(told_));
    }
    do {
      op.over = false;
      ring.wait(op, told_, 0);
      ring.run_until([&] { return op.over; });
      // relaxed: as above; an RMW, so that the value is the newest one.
    } while (!(Believes && op.result() == 0) && told_.fetch_add(0, P::relaxed) == 0);
    // relaxed: as above.
    if (told_.fetch_add(0, P::relaxed) == 0) P::broken("a wake was taken for news that there are not");
  }
  void after() {}

 private:
  struct waiting : Ring::operation {
    waiting() noexcept : Ring::operation([](work<P>& w) noexcept { static_cast<waiting&>(w).over = true; }) {}
    bool over = false;
  };
  typename P::template atomic<std::uint32_t> news_{0U};
  typename P::template atomic<std::uint32_t> told_{0U};
};

}  // namespace surewake::models
