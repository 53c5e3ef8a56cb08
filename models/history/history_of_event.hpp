// surewake/models/history/history_of_event.hpp: an event is set and reset at once while others wait and give up. Does
// one order of all calls explain what each was answered?
// Shape      3 threads: setter sets and resets; hasty waits with a limit, and tries; visitor starts a coroutine that
//            waits. It is set in the end.
// Must hold  the history is one of a state that ends all waits (models/fixture/wait_states.hpp).
#pragma once

#include <surewake/models/fixture/recorded_waits.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue>
struct history_of_event : recorded_waits<P, basic_manual_reset_event<Queue, P>, open_state> {
  static constexpr model_facts facts{
      .question = "An event is set and reset at once while others wait: does one order of the calls explain the "
                  "answers?",
      .law = "sets, resets and waits of an event that stays set have an order that explains their answers",
      .over = over_what::queues_in_order};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"setter", "hasty", "visitor"};

  history_of_event() : history_of_event::recorded_waits() {}

  void thread(unsigned i) {
    if (i == 0) {
      this->set();
      return this->reset();
    }
    if (i == 2) return this->start_wait();
    this->wait_for_a_moment();
    this->try_once();
  }

  void after() {
    this->set();
    this->check_history();
  }
};

}  // namespace surewake::models
