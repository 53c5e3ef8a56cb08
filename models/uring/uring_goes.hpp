// surewake/models/uring/uring_goes.hpp: two rings sleep on one word, one ring is destroyed, and one wake comes. Does it
// reach the other ring?
// Shape      3 threads: goer's ring waits, and is destroyed; stayer sleeps in its ring until the word was set; setter
//            sets it and wakes one sleeper.
// Must hold  stayer wakes (otherwise: deadlock), because a ring that is destroyed passes on a wake that its wait had.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/models/fixture/law.hpp>

namespace surewake::models {

template <platform P, class Ring> struct uring_goes {
  static constexpr model_facts facts{
      .question = "One of two rings that sleep on one word goes: is a wake swallowed?",
      .law = "a ring that goes swallows no wake that another one sleeps for",
      .unfit = "it is about a kernel that behaves in a certain way"};
  static constexpr unsigned threads = 3;
  static constexpr char const* interleavings_only = kernel_of_ghosts;
  static constexpr std::array<char const*, 3> names{"goer", "stayer", "setter"};

  void thread(unsigned i) {
    waiting op(word_);
    if (i == 2) {
      // relaxed: the law is that stayer wakes.
      word_.store(1, P::relaxed);
      return Ring::wake_now(Ring::address(word_));
    }
    Ring ring;
    if (i == 0) {
      op.passes_on = true;
      ring.wait(op, word_, 0);
      return ring.poll();
    }
    // relaxed: as above; an RMW, so that the value is the newest one.
    while (word_.fetch_add(0, P::relaxed) == 0) {
      op.over = false;
      ring.wait(op, word_, 0);
      ring.run_until([&] { return op.over; });
    }
  }
  void after() {}

 private:
  using word = typename P::template atomic<std::uint32_t>;

  struct waiting : Ring::operation {
    explicit waiting(word& w) noexcept : Ring::operation(&completed), slept_on(w) {}
    static void completed(work<P>& w) noexcept {
      auto& self = static_cast<waiting&>(w);
      self.over = true;
      if (self.passes_on && self.result() == 0) Ring::wake_now(Ring::address(self.slept_on));
    }
    word& slept_on;
    bool over = false;
    bool passes_on = false;
  };
  word word_{0U};
};

}  // namespace surewake::models
