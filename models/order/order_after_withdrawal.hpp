// surewake/models/order/order_after_withdrawal.hpp: the first of three waiters leaves. Do the others keep their order?
// Shape      2 threads, 1 permit: visitor starts three coroutines, the first of which is stopped; holder releases. Only
//            for disciplines with an order.
// Must hold  first come, first served among those that stay (law 6); all end.
#pragma once

#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct order_after_withdrawal : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "The first of three waiters leaves: do the others keep their order?",
      .law = "the waiters that stay keep their order (`hand_off`)",
      .over = over_what::ordered_strategies, .preemptions = 3};
  static_assert(surewake::detail::in_order_of_registration<Discipline>, "a discipline with an order");
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  order_after_withdrawal() : order_after_withdrawal::fixture(1, 1) {}

  void thread(unsigned i) {
    if (i == 0) return this->held().release();
    start_detached<P>(leave());
    start_detached<P>(stay(1));
    start_detached<P>(stay(2));
    source_.request_stop();
  }

  void after() {
    if (ended_.get() != 3) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    at_rest(this->limit(), 1);
  }

 private:
  task<void, P> leave() {
    auto const p = co_await this->limit().acquire(stop_signal<P>{&source_});
    ended_.add(1);
  }
  task<void, P> stay(int turn) {
    auto const p = co_await this->limit().acquire();
    order_.comes(turn);
    ended_.add(1);
  }

  stop_source<P> source_{};
  turns<P> order_{};
  ghost<P> ended_{};
};

}  // namespace surewake::models
