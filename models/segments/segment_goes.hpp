// surewake/models/segments/segment_goes.hpp: one waiter leaves, and one comes, while their segments fill up, are passed
// by and go. Does any thread look at a segment that is gone, or for a cell beyond its segment?
// Shape      2 threads on a bare queue in which one waits: visitor withdraws it, registers, and leaves again; other
//            registers two, and grants three times.
// Must hold  grants: every one is taken, or there for the next to come; no thread touches what is gone.
#pragma once

#include <surewake/models/fixture/law.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue> class segment_goes {
 public:
  static constexpr model_facts facts{
      .question = "A segment fills up, is passed by and goes: does anybody still look at it, or after it?",
      .law = "no thread looks at a segment that is gone, nor beyond the one it has"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"visitor", "other"};

  segment_goes() { enter(waits_); }

  void thread(unsigned i) {
    if (i == 0) {
      leave(waits_);
      enter(comes_);
      leave(comes_);
    } else {
      enter(stays_);
      enter(stays_too_);
      queue_.grant(3);
    }
  }

  void after() {
    if (!queue_.no_segment_forgotten()) P::broken("memory: a segment stays, and all of its cells are finished");
    leave(stays_);
    leave(stays_too_);
    std::int64_t taken = waits_.handed.get() + comes_.handed.get() + stays_.handed.get() + stays_too_.handed.get();
    for (; taken < 3; ++taken) {
      guest next;
      if (queue_.enqueue(next) != enqueued::granted) P::broken("lost wakeup: a grant was lost");
    }
    guest last;
    enter(last);
    if (taken != 3 || queue_.size() != 1) P::broken("phantom grant: there are more than were granted");
    leave(last);
    if (last.handed.get() != 0 || queue_.size() != 0) P::broken("phantom grant: there are more than were granted");
  }

 private:
  struct guest : placed_waiter<P> {
    guest() noexcept : placed_waiter<P>([](work<P>& w) noexcept { static_cast<guest&>(w).handed.set(1); }) {
      this->missing(1);
    }
    ghost<P> handed{};
  };

  void enter(guest& g) noexcept {
    if (queue_.enqueue(g) == enqueued::granted) g.handed.set(1);
  }
  void leave(guest& g) noexcept {
    static_cast<void>(queue_.withdraw(g, [](std::uint32_t) noexcept { return std::int64_t{0}; }));
  }

  Queue<P> queue_;
  guest waits_, comes_, stays_, stays_too_;  // live as long as the queue: one that is being handed over may stay
};

}  // namespace surewake::models
