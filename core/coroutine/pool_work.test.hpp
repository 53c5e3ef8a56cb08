// surewake/core/coroutine/pool_work.test.hpp: work and timers for tests of a pool. Not installed.
#pragma once

#include <surewake/core/coroutine/timer.hpp>
#include <surewake/core/node/work.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <limits>

namespace surewake::testing {

using flag = std_platform::atomic<std::uint32_t>;

// Not by std::atomic's wait and notify: with MinGW-w64 the first call registers a handler by atexit(), which waits
// while exit() runs handlers. So a thread that raised a flag for a static destructor would never return.
inline void raise(flag& f) {
  f.store(1);
  std_platform::futex_wake(&f, std::numeric_limits<int>::max());
}
inline void wait_for(flag const& f) {
  while (f.load() == 0) std_platform::futex_wait(f, 0);
}

struct counted_work : work<std_platform> {
  explicit counted_work(std_platform::atomic<std::int64_t>& n) : work<std_platform>(&count), total(n) {}
  static void count(work<std_platform>& w) noexcept {
    static_cast<counted_work&>(w).runs.fetch_add(1);
    static_cast<counted_work&>(w).total.fetch_add(1);
  }
  std_platform::atomic<std::int64_t>& total;
  std_platform::atomic<int> runs{0};
};

/// Occupies a worker from `running` until `release`.
struct blocker : work<std_platform> {
  blocker() : work<std_platform>(&block) {}
  static void block(work<std_platform>& w) noexcept {
    blocker& self = static_cast<blocker&>(w);
    raise(self.running);
    wait_for(self.release);
  }
  flag running{0};
  flag release{0};
};

struct flag_timer : detail::timer {
  flag_timer() : timer([](detail::timer& t) noexcept { raise(static_cast<flag_timer&>(t).fired); }) {}
  flag fired{0};
};

}  // namespace surewake::testing
