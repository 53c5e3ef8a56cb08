// surewake/core/primitives/finished_wait.hpp: a wait, and what its end is used for, as one awaitable: a channel's send
// is a wait for room and then a move into it.
//
// What is done then is done by the coroutine that waited, as it goes on, so it may throw, and runs outside of every
// lock.
// Cost    that of the wait, and the size of what is to be done.
#pragma once

#include <type_traits>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Waits as `Wait` does, and then lets `Finish` say what comes of it: its argument is whether the wait was granted.
template <class Wait, class Finish> class [[nodiscard]] finished_wait : Wait {
 public:
  finished_wait(Wait&& w, Finish f) noexcept : Wait(std::move(w)), finish_(f) {}

  using awaited_once = void;
#if defined(__clang__) || !defined(__OPTIMIZE__)
  finished_wait&& operator co_await() && noexcept { return static_cast<finished_wait&&>(*this); }
  void operator co_await() & = delete;  // acquire_awaiter.hpp, I3
#endif
  using Wait::await_ready;
  using Wait::await_suspend;
  [[nodiscard]] auto await_resume() {
    if constexpr (std::is_void_v<decltype(Wait::await_resume())>) {
      Wait::await_resume();
      return finish_(true);
    } else {
      return finish_(Wait::await_resume());
    }
  }

 private:
  Finish finish_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
