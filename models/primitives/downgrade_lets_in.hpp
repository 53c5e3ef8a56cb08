// surewake/models/primitives/downgrade_lets_in.hpp: a writer becomes a reader while a reader waits. Is that one let in?
// Shape      2 threads: writer, which holds the mutex, writes, becomes a reader, and stays until the reader is inside.
// Must hold  both are inside at once (otherwise: deadlock), and the reader sees what was written.
#pragma once

#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct downgrade_lets_in : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "A writer becomes a reader while a reader waits: is that one let in?",
      .law = "a downgrade lets the readers in that wait, and shows them what was written "
             "(`core/primitives/shared_mutex.hpp`, I3)",
      .over = over_what::ordered_strategies, .samples = 3'000, .preemptions = 4};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"writer", "reader"};

  void thread(unsigned i) {
    if (i == 0) {
      static_cast<void>(this->write());
      auto const held = downgrade_lets_in::mutex::downgrade(std::move(held_));
      // relaxed: a meeting, which orders nothing.
      P::await(met_, [](std::uint32_t n) { return n != 0; }, P::relaxed);
      return static_cast<void>(this->read());
    }
    auto const held = this->lock().lock_shared_blocking();
    if (this->read() != 1) P::broken("visibility: a reader does not see what was written before the downgrade");
    // relaxed: as above.
    met_.store(1, P::relaxed);
  }

  void after() { this->at_rest(1); }

 private:
  typename downgrade_lets_in::guard held_ = this->lock().lock_blocking();
  typename P::template atomic<std::uint32_t> met_{0U};
};

}  // namespace surewake::models
