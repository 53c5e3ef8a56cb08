// surewake/core/stop_sources.hpp: what can make an acquire give up: a std::stop_token, or a deadline.
//
// A stop source is a type S with stop_traits<P, S>::source = S and ::canceller<F>, as core/cancellable_awaiter.hpp asks
// for: built from (S&, F), noexcept; calls F at most once, on any thread, even while it is being built; its destructor
// waits for a call that runs on another thread. A platform for a checker specialises stop_traits for a source of its
// own.
#pragma once

#include <surewake/core/std_platform.hpp>
#include <surewake/core/thread_pool.hpp>

#include <stop_token>

namespace [[gnu::visibility("default")]] surewake {

template <class P, class Stop> struct stop_traits;

template <class P, class Stop>
concept stop_source_for = std::same_as<typename stop_traits<P, Stop>::source, Stop>;

template <> struct stop_traits<std_platform, std::stop_token> {
  using source = std::stop_token;
  template <class F> using canceller = std::stop_callback<F>;
};

/// Gives up at a time. Building one starts the shared pool, whose timers it uses, so that waiting itself cannot fail.
///
/// Errors  std::system_error where the pool's threads cannot be started.
template <class P> struct stop_at {
  explicit stop_at(time_limit<P> const& d) : until(d) { static_cast<void>(thread_pool::shared()); }
  time_limit<P> until;
};

template <> struct stop_traits<std_platform, stop_at<std_platform>> {
  using source = stop_at<std_platform>;
  template <class F> class canceller : private timer {
   public:
    canceller(stop_at<std_platform> const& at, F f) noexcept : timer(&fire), callback_(f), until_(at.until) {
      thread_pool::shared().arm(*this, until_.when());
    }
    ~canceller() { thread_pool::shared().disarm(*this); }

   private:
    static void fire(timer& t) noexcept {
      auto& self = static_cast<canceller&>(t);
      if (!self.until_.over()) return thread_pool::shared().arm(self, self.until_.when());
      self.callback_();
    }
    F callback_;
    time_limit<std_platform> until_;
  };
};

}  // namespace surewake
