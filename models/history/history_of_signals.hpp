// surewake/models/history/history_of_signals.hpp: an event that resets itself is set and reset while others wait and
// give up. Does one order of all calls explain what each was answered?
// Shape      3 threads: setter sets twice; hasty waits with a limit, and takes back what is stored; visitor starts a
//            coroutine that waits, and tries.
// Must hold  the history is one of signals that end one wait each (models/fixture/wait_states.hpp).
#pragma once

#include <surewake/models/fixture/recorded_waits.hpp>

#include <array>
#include <type_traits>

namespace surewake::models {

template <class Queue> using signals_over = std::conditional_t<keeps_grants<Queue>, kept_signal_state, signal_state>;

template <platform P, template <class> class Queue>
struct history_of_signals : recorded_waits<P, basic_auto_reset_event<Queue, P>, signals_over<Queue<P>>> {
  static constexpr model_facts facts{
      .question = "An event that resets itself is set while others wait and give up: does one order of the calls "
                  "explain the answers?",
      .law = "sets, resets and waits of an event that resets itself have an order that explains their answers",
      .over = over_what::queues_in_order};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"setter", "hasty", "visitor"};

  history_of_signals() : history_of_signals::recorded_waits() {}

  void thread(unsigned i) {
    if (i == 0) {
      this->set();
      return this->set();
    }
    if (i == 1) {
      this->wait_for_a_moment();
      return this->reset();
    }
    this->start_wait();
    this->try_once();
  }

  void after() {
    if (this->primitive().waiters() != 0) this->set();
    this->check_history();
  }
};

}  // namespace surewake::models
