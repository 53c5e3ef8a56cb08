// surewake/models/primitives/downgrade_keeps_out.hpp: a writer becomes a reader while another writer waits. Does it
// read what it wrote?
// Shape      2 threads: each writes; the first one becomes a reader then, and reads.
// Must hold  no writer comes between, nor while the reader is inside.
#pragma once

#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct downgrade_keeps_out : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "A writer becomes a reader while another writer waits: does it read what it wrote?",
      .law = "between writing and reading no other writer comes (`core/primitives/shared_mutex.hpp`, I3)",
      .over = over_what::ordered_strategies, .samples = 3'000, .preemptions = 4};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"becomes reader", "writer"};

  void thread(unsigned i) {
    auto held = this->lock().lock_blocking();
    int const written = this->write();
    if (i != 0) return;
    auto const reads = downgrade_keeps_out::mutex::downgrade(std::move(held));
    if (this->read() != written) P::broken("order: a writer came between a writer and the reader that it became");
  }

  void after() { this->at_rest(2); }
};

}  // namespace surewake::models
