// surewake/core/platform/deadline.hpp: durations and time points of any clock, as deadlines of the platform's clock.
//
//   deadline_after<Clock>(now, d)   now + d, saturated; now, where d is negative
//   deadline_at<P>(t)               the moment of P's clock that `t`, of whatever clock, means now, saturated
//   time_limit<P>(t)                the same for a wait that goes by the clock of `t`: when() is the next moment to
//                                   look; over() looks, and returns whether `t` has come by its own clock
//
// Invariants
//   I1  No conversion overflows. Each number becomes seconds and nanoseconds of 64 bits (`instant`) by steps that are
//       exact, and a number that does not fit becomes the first or the last instant. A difference is taken of instants.
//   I2  Nothing is early. A time between two nanoseconds is rounded up, and a wait until a time of another clock is
//       over when that clock says so ([thread.req.timing]/4). Until then the waiting thread looks again after the time
//       that is missing by that clock. If that clock is slow or does not move, it looks again after 50 µs at least,
//       doubled up to 10 ms. If that clock is not steady and may be set forward, it looks again after 1 s at most.
//   I3  A time that is no number (NaN) has passed, so no thread waits for it.
// The first version took `t - Clock::now()` of the clock's own type, which overflows if an epoch lies between the two.
// It also measured the difference by the platform's clock only, which ends a wait early if the other clock runs slower
// or is set back. Checked by deadline.test.cpp.
// Progress  wait-free.   Errors  what the clock throws.   Cost  a few instructions; another clock is read at each look.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// A duration, or a time since an epoch: seconds + nanoseconds, 0 <= nanoseconds < 10^9.
struct instant {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;

  static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  static constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t billion = 1'000'000'000;

  [[nodiscard]] static constexpr instant first() noexcept { return {least, 0}; }
  [[nodiscard]] static constexpr instant last() noexcept { return {most, billion - 1}; }
  friend constexpr bool operator==(instant const&, instant const&) = default;
  friend constexpr auto operator<=>(instant const&, instant const&) = default;

  /// Returns the difference of this and `b`, saturated.
  [[nodiscard]] constexpr instant minus(instant const& b) const noexcept {
    std::int64_t const borrow = nanoseconds < b.nanoseconds ? 1 : 0;
    bool const overflow = b.seconds < 0 ? seconds > most + b.seconds : seconds < least + b.seconds + borrow;
    if (overflow) return b.seconds < 0 ? last() : first();
    return {seconds - b.seconds - borrow, nanoseconds - b.nanoseconds + borrow * billion};
  }

  /// Returns this as nanoseconds, saturated.
  [[nodiscard]] constexpr std::int64_t count() const noexcept {
    if (seconds < 0) {
      std::int64_t const back = nanoseconds - billion;  // from the following second
      bool const fits = seconds + 1 > least / billion || (seconds + 1 == least / billion && back >= least % billion);
      return fits ? (seconds + 1) * billion + back : least;
    }
    bool const fits = seconds < most / billion || (seconds == most / billion && nanoseconds <= most % billion);
    return fits ? seconds * billion + nanoseconds : most;
  }

  /// Returns `d`, rounded up to the nanosecond and saturated; zero if `d` is no number.
  template <class Rep, class Period> [[nodiscard]] static constexpr instant of(std::chrono::duration<Rep, Period> d) {
    constexpr std::intmax_t num = Period::num;
    constexpr std::intmax_t den = Period::den;
    constexpr bool fits = num <= most / den && (den <= most / billion || den % billion == 0);
    if constexpr (is_integer<Rep> && fits) {
      using wide = std::conditional_t<(sizeof(Rep) >= sizeof(std::intmax_t)), Rep, std::intmax_t>;
      constexpr auto by = static_cast<wide>(den);
      constexpr auto limit = static_cast<wide>(most / num - 1);
      wide whole = static_cast<wide>(d.count()) / by;
      wide rest = static_cast<wide>(d.count()) % by;
      if constexpr (static_cast<wide>(-1) < wide{}) {
        if (rest < 0) {
          rest += by;
          --whole;
        }
        if (whole < -limit) return first();
      }
      if (whole > limit) return last();
      std::int64_t const parts = static_cast<std::int64_t>(rest) * num;  // each 1/den s; below num * den
      return rounded_up<den>(static_cast<std::int64_t>(whole) * num + parts / den, parts % den);
    } else {
      return of_real(std::chrono::duration_cast<std::chrono::duration<long double>>(d).count());
    }
  }

 private:
#ifdef __SIZEOF_INT128__
  __extension__ using int128 = __int128;
  __extension__ using uint128 = unsigned __int128;
  template <class T>
  static constexpr bool is_integer = std::is_integral_v<T> || std::is_same_v<T, int128> || std::is_same_v<T, uint128>;
#else
  template <class T> static constexpr bool is_integer = std::is_integral_v<T>;
#endif

  /// Returns `s` seconds and `parts`, of 1/Den s each and fewer than Den, rounded up.
  template <std::intmax_t Den>
  [[nodiscard]] static constexpr instant rounded_up(std::int64_t s, std::int64_t parts) noexcept {
    std::int64_t ns = 0;
    if constexpr (Den <= most / billion) {
      ns = parts * billion / Den + (parts * billion % Den != 0 ? 1 : 0);
    } else {
      constexpr std::int64_t in_one = Den / billion;
      ns = parts / in_one + (parts % in_one != 0 ? 1 : 0);
    }
    return ns == billion ? instant{s + 1, 0} : instant{s, ns};
  }

  [[nodiscard]] static constexpr instant of_real(long double s) noexcept {
    constexpr long double limit = 9.2e18L;
    if (s > limit) return last();
    if (s < -limit) return first();
    if (s != s) return {};
    auto whole = static_cast<std::int64_t>(s);
    if (static_cast<long double>(whole) > s) --whole;
    long double const rest = (s - static_cast<long double>(whole)) * billion;
    auto ns = static_cast<std::int64_t>(rest);
    if (static_cast<long double>(ns) < rest) ++ns;
    return ns >= billion ? instant{whole + 1, 0} : instant{whole, ns};
  }
};

}  // namespace detail

/// Returns `now + d`, saturated: for a limit that does not fit (hours::max()) the end of the clock's time, for a limit
/// below zero `now`.
template <class Clock, class Rep, class Period>
[[nodiscard]] constexpr typename Clock::time_point deadline_after(typename Clock::time_point now,
                                                                 std::chrono::duration<Rep, Period> d) {
  using ours = typename Clock::duration;
  static_assert(std::is_same_v<typename ours::period, std::nano>);
  std::int64_t const ns = detail::instant::of(d).count();
  if (ns <= 0) return now;
  std::int64_t const since_epoch = now.time_since_epoch().count();
  if (since_epoch > detail::instant::most - ns) return Clock::time_point::max();
  return typename Clock::time_point(ours(since_epoch + ns));
}

/// The time at which a wait is given up. A time of P's clock stays what it is; a time of another clock is looked at
/// again (I2).
template <class P> class time_limit {
 public:
  using time_point = typename P::clock::time_point;

  explicit time_limit(time_point t) noexcept : when_(t) {}
  template <class Clock, class Duration> explicit time_limit(std::chrono::time_point<Clock, Duration> t) {
    detail::instant const at = is_number(t) ? detail::instant::of(t.time_since_epoch()) : detail::instant::first();
    if constexpr (std::is_same_v<Clock, typename P::clock>) {
      when_ = time_point(typename P::clock::duration(at.count()));
    } else {
      at_ = at;
      missing_ = &missing<Clock>;
      if (!over()) pause_ = first_pause;
    }
  }

  /// Returns the limit that is `d` from now.
  template <class Rep, class Period> [[nodiscard]] static time_limit in(std::chrono::duration<Rep, Period> d) {
    return time_limit(deadline_after<typename P::clock>(P::now(), d));
  }

  /// Returns the next moment at which to ask over(); time_point::max() means never.
  [[nodiscard]] time_point when() const noexcept { return when_; }

  /// Returns, once when() has passed by P's clock, whether the deadline has passed. If it has not, when() is a later
  /// moment now.
  [[nodiscard]] bool over() {
    if (missing_ == nullptr) return true;
    std::int64_t const left = missing_(at_);
    when_ = P::now();
    if (left <= 0) return true;
    when_ = deadline_after<typename P::clock>(when_, std::chrono::nanoseconds(std::max(left, pause_)));
    pause_ = std::min(2 * pause_, last_pause);
    return false;
  }

 private:
  static constexpr std::int64_t first_pause = 50'000, last_pause = 10'000'000, longest_look = 1'000'000'000;

  template <class T> [[nodiscard]] static constexpr bool is_number(T const& t) { return t == t; }

  /// Returns the nanoseconds from Clock's now to `t`, but at most as many as a thread may sleep without a look.
  template <class Clock> [[nodiscard]] static std::int64_t missing(detail::instant const& t) {
    std::int64_t const ns = t.minus(detail::instant::of(Clock::now().time_since_epoch())).count();
    if constexpr (requires { requires Clock::is_steady; }) {
      return ns;
    } else {
      return std::min(ns, longest_look);
    }
  }

  time_point when_{};
  detail::instant at_{};
  std::int64_t (*missing_)(detail::instant const&) = nullptr;  // null: when_ is the deadline
  std::int64_t pause_ = 0;
};

namespace detail {

/// A duration, or a time of any clock.
template <class T>
concept limit_of_wait = requires(T const& t) { []<class R, class D>(std::chrono::duration<R, D> const&) {}(t); } ||
                        requires(T const& t) { []<class C, class D>(std::chrono::time_point<C, D> const&) {}(t); };

/// Returns the time that `limit` means for a wait that begins now.
template <class P, limit_of_wait Limit> [[nodiscard]] time_limit<P> limit_from(Limit const& limit) {
  if constexpr (requires { time_limit<P>::in(limit); }) return time_limit<P>::in(limit);
  else return time_limit<P>(limit);
}

}  // namespace detail

/// Returns the moment of P's clock that `t`, of whatever clock and resolution, means now, saturated. That is as exact
/// as one look can be, so a wait that must not end before t's own clock says so goes by time_limit<P>.
template <class P, class Clock, class Duration>
[[nodiscard]] typename P::clock::time_point deadline_at(std::chrono::time_point<Clock, Duration> t) {
  using ours = typename P::clock;
  if constexpr (std::is_same_v<Clock, ours>) {
    return time_limit<P>(t).when();
  } else {
    if (!(t == t)) return ours::time_point::min();
    using detail::instant;
    instant const left = instant::of(t.time_since_epoch()).minus(instant::of(Clock::now().time_since_epoch()));
    auto const now = P::now();
    if (left.seconds >= 0) return deadline_after<ours>(now, std::chrono::nanoseconds(left.count()));
    instant const ago = instant{}.minus(left);
    return typename ours::time_point(typename ours::duration(instant::of(now.time_since_epoch()).minus(ago).count()));
  }
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
