// surewake/models/history/history_of_leaving.hpp: a request gives up, another thread tries, and closes. Does
// one order of all calls explain what each was answered?
// Shape      2 threads, two permits: holder of one releases it, tries to get both, and closes; impatient acquires two
//            with a time limit. What they get comes back in the end.
// Must hold  the history is one of the strategy's specification (models/fixture/permits_in_order.hpp,
//            permits_for_all.hpp); two permits are free in the end, and nobody gets them.
#pragma once

#include <surewake/models/fixture/recorded_calls.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct history_of_leaving : recorded_calls<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A request gives up, another thread tries and closes: "
                  "does one order of the calls explain the answers?",
      .law = "requests that leave, tries and close() have an order that explains their answers"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"holder", "impatient"};

  history_of_leaving() : history_of_leaving::recorded_calls(2, 1) {}

  void thread(unsigned i) {
    if (i == 1) return this->visit_for_a_moment(2);
    this->release(std::move(this->held()));
    this->try_once(2);
    this->close();
  }

  void after() {
    this->check_history();
    at_rest_closed(this->limit(), 2);
  }
};

}  // namespace surewake::models
