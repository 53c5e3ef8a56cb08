// surewake/models/order/first_come.hpp: a waiter of two permits waits before a waiter of one. Is it overtaken?
// Shape      2 threads: holder of two releases one by one; visitor starts a coroutine that acquires two, then one that
//            acquires one. Only for disciplines with an order.
// Must hold  first come, first served, for any mix of sizes (law 6); both get in.
#pragma once

#include <surewake/models/fixture/fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct first_come : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A request for two permits waits before a request for one: is it overtaken?",
      .law = "first come, first served, for any mix of sizes (`hand_off`)",
      .over = over_what::ordered_strategies, .samples = 15'000, .preemptions = 4, .complete = "mutex_deque"};
  static_assert(surewake::detail::in_order_of_registration<Discipline>, "a discipline with an order");
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  first_come() : first_come::fixture(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->held().split(1).release();
      this->held().release();
    } else {
      start_detached<P>(visit(2, 1));
      start_detached<P>(visit(1, 2));
    }
  }

  void after() {
    if (order_.came() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 2);
  }

 private:
  task<void, P> visit(std::ptrdiff_t n, int turn) {
    auto const p = co_await this->limit().acquire(n);
    order_.comes(turn);
  }

  turns<P> order_{};
};

}  // namespace surewake::models
