// surewake/models/published/compio_ring.hpp: waking all that sleep on one word, by the system call. Does it wake them
// all?
// Shape      3 threads: two with a ring each, which wait while the word is 0; closer sets it and wakes all.
// Must hold  both come back (otherwise: deadlock).
// Published  compio-sync [@compiosync]: mask and count are passed in each other's place (L5), and "all" is UINT32_MAX,
//            which the kernel reads as -1: it looks at the count after each one it wakes, and stops at the first (L6).
// Repaired   the arguments in their places, and INT_MAX.
#pragma once

#include <surewake/models/uring/kernel.hpp>
#include <surewake/models/published/form.hpp>

#include <limits>
#include <utility>

namespace surewake::models::published {

template <platform P, form Form> struct compio_ring {
  static constexpr unsigned threads = 3;
  static constexpr char const* interleavings_only = kernel_of_ghosts;
  static constexpr std::array<char const*, 3> names{"closer", "first", "second"};

  void thread(unsigned i) {
    if (i == 0) {
      // relaxed: the law is that they wake.
      closed_.store(1, P::relaxed);
      std::uint32_t mask = ~0U;
      std::uint32_t count = Form == form::repaired ? std::numeric_limits<int>::max() : ~0U;
      if (Form == form::as_published) std::swap(mask, count);
      static_cast<void>(futex_table<P>::get().wake(&closed_, static_cast<int>(count), mask));
      return;
    }
    kernel_ring<P> ring;
    waiting op;
    // relaxed: as above.
    while (closed_.load(P::relaxed) == 0) {
      op.over = false;
      ring.wait(op, closed_, 0);
      ring.run_until([&] { return op.over; });
    }
  }
  void after() {}

 private:
  struct waiting : kernel_ring<P>::operation {
    waiting() noexcept : kernel_ring<P>::operation([](work<P>& w) noexcept { static_cast<waiting&>(w).over = true; }) {}
    bool over = false;
  };
  typename P::template atomic<std::uint32_t> closed_{0U};
};

}  // namespace surewake::models::published
