// surewake/models/history/history_of_latch.hpp: two count a latch down, and look, while others wait and give up. Does
// one order of all calls explain what each was answered?
// Shape      3 threads: two count down by 1 and try; visitor starts a coroutine that waits, and waits with a limit.
// Must hold  the history is one of a count that ends all waits (models/fixture/wait_states.hpp).
#pragma once

#include <surewake/models/fixture/recorded_waits.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue>
struct history_of_latch : recorded_waits<P, basic_latch<Queue, P>, open_state> {
  static constexpr model_facts facts{
      .question = "A latch is counted down while others wait and look: does one order of the calls explain the "
                  "answers?",
      .law = "count-downs and waits of a latch have an order that explains their answers",
      .over = over_what::queues_in_order};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"counter", "other counter", "visitor"};

  history_of_latch() : history_of_latch::recorded_waits(2) {}

  void thread(unsigned i) {
    if (i == 2) {
      this->start_wait();
      return this->wait_for_a_moment();
    }
    this->count_down();
    this->try_once();
  }

  void after() { this->check_history(); }
};

}  // namespace surewake::models
