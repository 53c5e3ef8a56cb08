// surewake/models/uring/uring_fixture.hpp: what the models of uring_futex begin with, a fixture and threads that have a
// ring.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

namespace surewake::models {

/// Why graphs do not have the models over that ring; null where they do.
template <class Ring> [[nodiscard]] constexpr char const* interleavings_of() noexcept {
  if constexpr (requires { Ring::fits_graphs; }) return nullptr;
  else return kernel_of_ghosts;
}

template <platform P, template <class> class Queue, class Discipline, class Ring>
class uring_fixture : public fixture<P, Queue, Discipline> {
 public:
  static constexpr char const* interleavings_only = interleavings_of<Ring>();

 protected:
  using fixture<P, Queue, Discipline>::fixture;

  struct place {
    char unused = 0;
  };
  /// Returns an address that tells the calling thread from all others.
  [[nodiscard]] static place const* here() noexcept { return &P::template local<place>(); }

  /// Does what a holder does before it releases; the visitor must see it.
  void do_work() noexcept { work_.set(work_.get() + 1); }
  /// Acquires on a ring's thread, releases again, and counts in `over` that it has ended.
  [[nodiscard]] task<void, P> visit(ghost<P>& over, int work = 0) {
    place const* const started = here();
    {
      auto const p = co_await this->limit().acquire();
      if (work != 0 && work_.get() != work) P::broken("visibility: the work of a holder was lost");
      if (started != here()) P::broken("a waiter with a ring was run by another thread");
    }
    over.add(1);
  }
  /// Waits, unless `source` asks it to stop, releases what it got, and counts in `over` that it has ended.
  [[nodiscard]] task<void, P> visit_or_stop(stop_source<P>& source, ghost<P>& over) {
    static_cast<void>(co_await this->limit().acquire(stop_signal<P>{&source}));
    over.add(1);
  }

 private:
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
