// surewake/models/waking/grant_before_registration.hpp: grants come before, while and after their waiter registers. Do
// they meet?
// Shape      2 threads on a bare queue: granter gives two grants one by one; arriving needs both.
// Must hold  the waiter has its grants (otherwise: deadlock) and sees what the granter did; nothing is left over.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/fixture/sleeper.hpp>

#include <array>
#include <string>

namespace surewake::models {

template <platform P, template <class> class Queue> struct grant_before_registration {
  static constexpr model_facts facts{
      .question = "Grants come before, while and after their waiter registers: do they meet?",
      .law = "a bare queue: grants and waiter meet in any order",
      .over = over_what::queues, .samples = 15'000, .complete = "all"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "arriving"};

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      queue_.grant(1);
      queue_.grant(1);
    } else {
      sleeper<P> me(2);
      if (queue_.enqueue(me) == enqueued::waiting) me.sleep();
      if (work_.get() != 1) P::broken("visibility: what the granter did is not seen");
    }
  }

  void after() {
    sleeper<P> next(1);
    if (queue_.enqueue(next) != enqueued::waiting)
      P::broken("phantom grant: two were given and two used, yet one is left");
    if (!queue_.withdraw(next, [](std::uint32_t) { return std::int64_t{0}; }))
      P::broken("a waiter vanished from the queue");
  }

  [[nodiscard]] std::string state() const { return std::to_string(queue_.size()) + " waiters registered"; }

 private:
  Queue<P> queue_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
