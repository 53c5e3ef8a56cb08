// surewake/core/coroutine/deadline_source.hpp: the stop sources of acquire_for() and acquire_until(), which give an
// acquire up at a time.
//
// They are here and not beside the semaphore because they measure time with threads: those of the coroutine's home, of
// the caller's timers, or of thread_pool::shared(), which the first wait that needs it starts.
#pragma once

#include <surewake/core/coroutine/thread_pool.hpp>
#include <surewake/core/semaphore/stop_sources.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Gives up at a time, measured by the timers of the coroutine's home (home.hpp), or by those of the shared pool, which
/// the first wait that needs them starts.
template <class P> struct stop_at {
  explicit stop_at(time_limit<P> const& d) noexcept : until(d) {}

  /// Chooses the timers before a wait.   Errors  std::system_error if the shared pool's threads cannot be started.
  void prepare() {
    if (timers != nullptr) return;
    detail::home<P>* const h = at_home ? trampoline<P>::here() : nullptr;
    timers = h != nullptr ? h->timers() : nullptr;
    if (timers == nullptr) timers = &thread_pool::shared().timers();
  }

  /// The coroutine goes on on `ex`, maybe on another thread, where the timers of a home of one thread cannot be used.
  /// So the limit is measured by those of `ex`, if it is a thread_pool, or of the shared pool.
  template <class Executor> void goes_on_on(Executor& ex) noexcept {
    at_home = false;
    if constexpr (requires { timers = &ex.timers(); }) timers = &ex.timers();
  }

  time_limit<P> until;
  detail::timer_source* timers = nullptr;
  bool at_home = true;
};

/// Gives up at a time, measured by timers of the caller's choice, which outlive the wait.
template <class P, class Timers> struct stop_at_of {
  time_limit<P> until;
  Timers* timers;
};

namespace detail {

/// The timers that a caller may choose: a thread_pool, a uring_loop on its own thread, or anything that can do the
/// same.
template <class T>
concept has_timers = requires(T& t, timer& x, timer::time_point when) {
  { t.arm(x, when) } noexcept;
  { t.disarm(x) } noexcept -> std::same_as<bool>;
};

/// Calls `f` once the limit `until` is over, or its `timers` end.
template <class Timers, class F> class limit_canceller : private timer {
 public:
  limit_canceller(Timers& timers, time_limit<std_platform> const& until, F f) noexcept
      : timer(&fire, at_end::fires), timers_(timers), callback_(f), until_(until) {
    timers_.arm(*this, until_.when());
  }
  limit_canceller(limit_canceller const&) = delete;
  limit_canceller& operator=(limit_canceller const&) = delete;
  ~limit_canceller() { timers_.disarm(*this); }

 private:
  static void fire(timer& t) noexcept {
    auto& self = static_cast<limit_canceller&>(t);
    if (!self.early() && !self.until_.over()) return self.timers_.arm(self, self.until_.when());
    self.callback_();
  }

  Timers& timers_;
  F callback_;
  time_limit<std_platform> until_;
};

}  // namespace detail

template <> struct stop_traits<std_platform, stop_at<std_platform>> {
  using source = stop_at<std_platform>;
  template <class F> using base = detail::limit_canceller<detail::timer_source, F>;
  template <class F> struct canceller : base<F> {
    canceller(source const& at, F f) noexcept : base<F>(*at.timers, at.until, f) {}
  };
};

template <detail::has_timers Timers> struct stop_traits<std_platform, stop_at_of<std_platform, Timers>> {
  using source = stop_at_of<std_platform, Timers>;
  template <class F> struct canceller : detail::limit_canceller<Timers, F> {
    canceller(source const& at, F f) noexcept : detail::limit_canceller<Timers, F>(*at.timers, at.until, f) {}
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
