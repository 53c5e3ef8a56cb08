// surewake/models/history/history_of_mutex.hpp: the holder of a mutex unlocks while others lock, try and give up. Does
// one order of all calls explain what each was answered?
// Shape      3 threads: holder unlocks, and tries; hasty locks with a limit; visitor starts two coroutines that lock,
//            one after the other. Who gets it keeps it until the end.
// Must hold  the history is one of a mutex that serves in order (models/fixture/locks_in_order.hpp).
#pragma once

#include <surewake/models/fixture/recorded_locks.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct history_of_mutex : recorded_locks<P, basic_mutex<Queue, P, Discipline>, 0, keeps_grants<Queue<P>>> {
  static constexpr model_facts facts{
      .question = "A mutex is unlocked while others lock, try and give up: does one order of the calls explain the "
                  "answers?",
      .law = "locks, tries and unlocks of a mutex have an order that explains their answers",
      .over = over_what::ordered_strategies};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "hasty", "visitor"};

  void thread(unsigned i) {
    using to_write = typename history_of_mutex::writer;
    if (i == 1) return this->template visit_for_a_moment<to_write>();
    if (i == 2) {
      this->template start_visit<to_write>();
      return this->template start_visit<to_write>();
    }
    this->template unlock<to_write>(std::move(this->held()));
    this->template try_once<to_write>();
  }

  void after() { this->check_history(); }
};

}  // namespace surewake::models
