// surewake/core/coroutine/loop_keeper.hpp: has a loop's run() stay for waiters that only their strategy knows.
#pragma once

#include <surewake/core/coroutine/timer.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Belongs to the loop's thread, and ends before the loop does.
template <class Loop> class loop_keeper {
 public:
  explicit loop_keeper(Loop& loop) noexcept : loop_(loop) {}

  /// Has run() stay for `n` waiters more, or fewer. run() returns when nothing is armed, so a timer that never fires
  /// keeps it.
  void keep(int n) noexcept {
    kept_ += n;
    if (kept_ > 0 && !keeper_.armed()) {
      loop_.arm(keeper_, timer::time_point::max());
    } else if (kept_ == 0) {
      loop_.disarm(keeper_);
    }
  }

 private:
  Loop& loop_;
  timer keeper_{[](timer&) noexcept {}};
  std::int64_t kept_ = 0;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
