// surewake/core/semaphore/stop_sources.hpp: what can make an acquire give up: a std::stop_token, or a source of another
// header.
//
// A stop source is a type S with stop_traits<P, S>::source = S and ::canceller<F>, as
// core/semaphore/cancellable_awaiter.hpp asks for: built from (S&, F), noexcept; calls F on any thread, even while it
// is being built, and at most once (either_stop: once for each of its two); its destructor waits for a call that runs
// on another thread. A platform for a checker specialises stop_traits for a source of its own.
#pragma once

#include <surewake/core/platform/std_platform.hpp>

#include <concepts>
#include <stop_token>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class P, class Stop> struct stop_traits;

template <class P, class Stop>
concept stop_source_for = std::same_as<typename stop_traits<P, Stop>::source, Stop>;

template <> struct stop_traits<std_platform, std::stop_token> {
  using source = std::stop_token;
  template <class F> using canceller = std::stop_callback<F>;
};

namespace detail {

/// Two stop sources: what comes first of them makes the acquire give up.
template <class First, class Second> struct either_stop {
  First first;
  Second second;

  void prepare()
    requires requires(Second& s) { s.prepare(); }
  {
    second.prepare();
  }
  template <class Executor> void goes_on_on(Executor& ex) noexcept
    requires requires(Second& s) { s.goes_on_on(ex); }
  {
    second.goes_on_on(ex);
  }
};

/// The canceller of both, each of which may call f: the first call ends the wait.
template <class P, class First, class Second, class F> class either_canceller {
 public:
  either_canceller(either_stop<First, Second>& s, F f) noexcept : first_(s.first, f), second_(s.second, f) {}

 private:
  typename stop_traits<P, First>::template canceller<F> first_;
  typename stop_traits<P, Second>::template canceller<F> second_;
};

/// A stop source that its own thread requests.
struct by_hand {
  void* canceller = nullptr;
  void (*call)(void*) noexcept = nullptr;

  void request() const noexcept { call(canceller); }
};

}  // namespace detail

template <class P> struct stop_traits<P, detail::by_hand> {
  using source = detail::by_hand;
  template <class F> class canceller {
   public:
    canceller(source& s, F f) noexcept : f_(f) {
      s = {this, [](void* self) noexcept { static_cast<canceller*>(self)->f_(); }};
    }
    canceller(canceller const&) = delete;

   private:
    F f_;
  };
};

template <class P, class First, class Second> struct stop_traits<P, detail::either_stop<First, Second>> {
  using source = detail::either_stop<First, Second>;
  template <class F> using canceller = detail::either_canceller<P, First, Second, F>;
};

/// A deadline, by the timers of the coroutine's home or of the shared pool; and one by timers of the caller's choice.
/// They are defined in core/coroutine/deadline_source.hpp, because they start threads: a program that includes it (the
/// front door does) has acquire_for() and acquire_until().
template <class P> struct stop_at;
template <class P, class Timers> struct stop_at_of;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
