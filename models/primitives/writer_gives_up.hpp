// surewake/models/primitives/writer_gives_up.hpp: a writer waits for a reader that is inside, another reader waits
// behind it, and the writer gives up. Does the reader behind it get in beside the one that is inside?
// Shape      3 threads: hasty tries to write, with a limit; behind reads, blocking; inside is a reader, which leaves
//            once the other reader was inside.
// Must hold  both readers are inside at once (otherwise: deadlock).
#pragma once

#include <surewake/models/primitives/shared_fixture.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct writer_gives_up : shared_fixture<P, Queue> {
  static constexpr model_facts facts{
      .question = "A writer gives up that kept a reader waiting beside the one that is inside: does that reader get "
                  "in?",
      .law = "where a writer gives up, the readers behind it get in beside those inside "
             "(`core/primitives/shared_mutex.hpp`, the rule)",
      .over = over_what::ordered_strategies, .samples = 5'000, .preemptions = 3};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"hasty", "behind", "inside"};

  void thread(unsigned i) {
    if (i == 0) {
      auto const held = this->lock().try_lock_for(a_moment);
      if (!held) return;
      static_cast<void>(this->write());
      written_ = 1;
      return;
    }
    if (i == 1) {
      auto const held = this->lock().lock_shared_blocking();
      static_cast<void>(this->read());
      // relaxed: a meeting, which orders nothing.
      return met_.store(1, P::relaxed);
    }
    P::await(met_, [](std::uint32_t n) { return n != 0; }, P::relaxed);
    static_cast<void>(this->read());
    inside_.unlock();
  }

  void after() { this->at_rest(written_); }

 private:
  typename writer_gives_up::shared_guard inside_ = this->lock().lock_shared_blocking();
  typename P::template atomic<std::uint32_t> met_{0U};
  int written_ = 0;
};

}  // namespace surewake::models
