// surewake/models/history/history_of_shared_mutex.hpp: a writer becomes a reader and leaves while others lock, try and
// give up. Does one order of all calls explain what each was answered?
// Shape      3 threads: holder, a writer, becomes a reader, and unlocks; hasty locks as a writer with a limit; visitor
//            starts a coroutine that reads, and tries as a reader. At most two readers at a time. A lock is kept.
// Must hold  the history is one of a shared mutex that serves in order (models/fixture/locks_in_order.hpp).
#pragma once

#include <surewake/models/fixture/recorded_locks.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct history_of_shared_mutex : recorded_locks<P, basic_shared_mutex<Queue, P>, 2, keeps_grants<Queue<P>>> {
  static constexpr model_facts facts{
      .question = "A writer becomes a reader and leaves while others lock, try and give up: does one order of the "
                  "calls explain the answers?",
      .law = "locks, tries, downgrades and unlocks of a shared mutex have an order that explains their answers",
      .over = over_what::ordered_strategies};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"holder", "hasty", "visitor"};

  void thread(unsigned i) {
    using to_write = typename history_of_shared_mutex::writer;
    using to_read = typename history_of_shared_mutex::reader;
    if (i == 0) return this->template unlock<to_read>(this->downgrade(std::move(this->held())));
    if (i == 1) return this->template visit_for_a_moment<to_write>();
    this->template start_visit<to_read>();
    this->template try_once<to_read>();
  }

  void after() { this->check_history(); }
};

}  // namespace surewake::models
