// surewake/models/waking/grants_at_once.hpp: three grants come in one call, while two waiters register. Does each get
// its own, and see what the granter did?
// Shape      3 threads on a bare queue: granter gives three grants at once; a waiter arrives that lacks two, and one
//            that lacks one and looks, in vain, before it waits.
// Must hold  both have their grants (otherwise: deadlock), and see the granter's work (otherwise: data race); nothing
//            is left.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/fixture/sleeper.hpp>

#include <array>
#include <string>

namespace surewake::models {

template <platform P, template <class> class Queue> struct grants_at_once {
  static constexpr model_facts facts{
      .question = "Three grants come in one call while two waiters register: does each get its own?",
      .law = "a bare queue: several grants in one call reach waiters that come in either way",
      .over = over_what::queues, .samples = 15'000, .preemptions = 2};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"granter", "needs two", "needs one"};

  void thread(unsigned i) {
    if (i == 0) {
      work_.set(1);
      return queue_.grant(3);
    }
    sleeper<P> me(i == 1 ? 2 : 1);
    if ((i == 1 ? queue_.enqueue(me) : queue_.enqueue(me, in_vain)) == enqueued::waiting) me.sleep();
    if (work_.get() != 1) P::broken("visibility: what the granter did is not seen");
  }

  void after() {
    sleeper<P> next(1);
    if (queue_.enqueue(next) != enqueued::waiting)
      P::broken("phantom grant: three were given and three used, yet one is left");
    if (!queue_.withdraw(next, [](std::uint32_t) { return std::int64_t{0}; }))
      P::broken("a waiter vanished from the queue");
  }

  [[nodiscard]] std::string state() const { return std::to_string(queue_.size()) + " waiters registered"; }

 private:
  static std::int64_t in_vain() noexcept { return -1; }

  Queue<P> queue_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
