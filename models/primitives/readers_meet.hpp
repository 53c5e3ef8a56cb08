// surewake/models/primitives/readers_meet.hpp: two readers wait for a writer to leave. Do they get in together?
// Shape      3 threads: writer, which holds the mutex, unlocks; each of two readers locks, and stays inside until the
//            other one is.
// Must hold  both are inside at once (otherwise: deadlock), and see what the writer did.
#pragma once

#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct readers_meet : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "Two readers wait for a writer to leave: do they get in together?",
      .law = "readers that wait with no writer between them are inside at once "
             "(`core/primitives/shared_mutex.hpp`, I2)",
      .over = over_what::ordered_strategies, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"writer", "reader", "other reader"};

  void thread(unsigned i) {
    if (i == 0) {
      static_cast<void>(this->write());
      return held_.unlock();
    }
    auto const held = this->lock().lock_shared_blocking();
    if (this->read() != 1) P::broken("visibility: a reader does not see what the writer did");
    // relaxed: a meeting, which orders nothing.
    inside_.fetch_add(1, P::relaxed);
    P::await(inside_, [](std::uint32_t n) { return n == 2; }, P::relaxed);
  }

  void after() { this->at_rest(1); }

 private:
  typename readers_meet::guard held_ = this->lock().lock_blocking();
  typename P::template atomic<std::uint32_t> inside_{0U};
};

}  // namespace surewake::models
