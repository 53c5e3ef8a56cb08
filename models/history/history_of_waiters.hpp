// surewake/models/history/history_of_waiters.hpp: a request for two permits waits before a request for one, beside a
// try. Does one order of all calls explain what each was answered?
// Shape      2 threads: holder of two permits releases one, and tries; visitor starts a coroutine that acquires two,
//            then one that acquires one. What they get comes back in the end.
// Must hold  the history is one of the strategy's specification (models/fixture/permits_in_order.hpp,
//            permits_for_all.hpp); two permits are free in the end.
#pragma once

#include <surewake/models/fixture/recorded_calls.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct history_of_waiters : recorded_calls<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Two requests of two sizes wait, and a thread tries: "
                  "does one order of the calls explain the answers?",
      .law = "requests and tries have an order that explains their answers"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "visitor"};

  history_of_waiters() : history_of_waiters::recorded_calls(2, 2) {}

  void thread(unsigned i) {
    if (i == 0) {
      this->release(this->held().split(1));
      this->try_once(1);
    } else {
      this->start_visit(2);
      this->start_visit(1);
    }
  }

  void after() {
    this->check_history();
    at_rest(this->limit(), 2);
  }
};

}  // namespace surewake::models
