// surewake/models/primitives/writer_in_turn.hpp: a writer waits for two readers that are inside, and a third reader
// comes. Is the writer overtaken?
// Shape      2 threads: reader has two shared guards, which it unlocks one by one; visitor starts a coroutine that
//            writes, then tries as a reader, and if that fails starts a coroutine that reads.
// Must hold  the writer is first, and both get in.
#pragma once

#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct writer_in_turn : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "A writer waits for readers that are inside, and another reader comes: is the writer overtaken?",
      .law = "no reader that comes later overtakes a writer (`core/primitives/shared_mutex.hpp`, the rule)",
      .over = over_what::ordered_strategies, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"reader", "visitor"};

  void thread(unsigned i) {
    if (i == 0) {
      one_.unlock();
      return other_.unlock();
    }
    start_detached<P>(visit_to_write());
    if (auto const held = this->lock().try_lock_shared()) return order_.comes(2, late);
    start_detached<P>(visit_to_read());
  }

  void after() {
    if (order_.came() != 2) P::broken("lost wakeup: a coroutine waits and nobody will resume it");
    this->at_rest(1);
  }

 private:
  static constexpr char const* late = "order: a reader overtook a writer";

  task<void, P> visit_to_write() {
    auto const held = co_await this->lock().lock();
    static_cast<void>(this->write());
    order_.comes(1, late);
  }
  task<void, P> visit_to_read() {
    auto const held = co_await this->lock().lock_shared();
    order_.comes(2, late);
  }

  typename writer_in_turn::shared_guard one_ = this->lock().lock_shared_blocking();
  typename writer_in_turn::shared_guard other_ = this->lock().lock_shared_blocking();
  turns<P> order_{};
};

}  // namespace surewake::models
