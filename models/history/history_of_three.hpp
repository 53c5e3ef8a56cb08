// surewake/models/history/history_of_three.hpp: three threads release, wait and try. Does one order of all calls
// explain what each was answered?
// Shape      3 threads, two permits: holder of one tries to get the other one, and releases its own; patient starts a
//            coroutine that acquires two; visitor tries to get one. What they get comes back in the end.
// Must hold  the history is one of the strategy's specification (models/fixture/permits_in_order.hpp,
//            permits_for_all.hpp); two permits are free in the end.
#pragma once

#include <surewake/models/fixture/recorded_calls.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct history_of_three : recorded_calls<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Three threads release, wait and try: does one order of the calls explain the answers?",
      .law = "the calls of three threads have an order that explains their answers"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "patient", "visitor"};

  history_of_three() : history_of_three::recorded_calls(2, 1) {}

  void thread(unsigned i) {
    if (i == 1) return this->start_visit(2);
    this->try_once(1);
    if (i == 0) this->release(std::move(this->held()));
  }

  void after() {
    this->check_history();
    at_rest(this->limit(), 2);
  }
};

}  // namespace surewake::models
