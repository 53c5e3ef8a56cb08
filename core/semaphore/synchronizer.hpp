// surewake/core/semaphore/synchronizer.hpp: where acquires and releases meet, as the semaphore's front end asks for it.
//
// There are three: core/semaphore/counter_synchronizer.hpp for every strategy that is a waiter_queue,
// core/semaphore/monitor_synchronizer.hpp where permits and waiters can share a lock, and
// core/semaphore/seat_synchronizer.hpp, in which the first waiter keeps its place. `w` asks for n permits in all.
//
//   waiter_type             the waiters that it takes: those of its queue (waiter_queue.hpp), or derived from them
//   take(n)                 the n permits are the caller's, or wait() must follow, or closed (take_result.hpp)
//   wait(w, n, taken)       registers w; `taken` is what take(n) returned, and must_wait(). `waiting`: w is not the
//                           caller's any more, and is handed over later. Otherwise: granted, or closed
//   after_grant(w, n, next) w was handed over, and its owner wants what `next` says. granted, closed, or `waiting`,
//                           which says for then::wait that w is registered again, for then::leave that w has given up,
//                           and for then::decline that others have got what w was granted
//   withdraw(w, n)          true: w has left, and nobody touches it again. false: it was handed over, or is being so.
//                           The call comes after wait(), or after_grant(), has returned `waiting`
//   give_up(w, n)           optional: what a wait calls in place of withdraw when it is stopped or its time is over,
//                           where it needs something before it may end (the mutex of a condition variable,
//                           core/primitives/condition_variable.hpp). true: it has left, and has that. false: it was
//                           handed over, is being so, or is registered again, so a hand-over comes. After it,
//                           after_grant(w, n, then::leave) says `waiting` where w is registered once more. The two
//                           never run at once for one waiter
//   set_total(n, total), write_off(n, total), recalled(), wait_recalled(w), withdraw_recalled(w)
//                           optional; the next permits that come back are nobody's: core/semaphore/drain.hpp
//   reduce(n)               takes up to n free permits away, also of a closed semaphore; returns how many
//   give_back(n), try_take(n), close(), and the snapshots
#pragma once

#include <surewake/core/semaphore/take_result.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// What the owner of a waiter that was handed over wants.
enum class then : std::uint8_t {
  wait,     // its permits; if they are not there, to wait again
  leave,    // its permits; if they are not there, nothing more: it is stopped, or its time is over
  decline,  // nothing: its coroutine is being destroyed
};

/// The part of a synchronizer that the ways to wait go through.
template <class S>
concept parking_place =
    platform<typename S::platform_type> &&
    requires(S& s, typename S::waiter_type& w, std::int64_t n, take_result t) {
      { s.take(n) } noexcept -> std::same_as<take_result>;
      { s.wait(w, n, t) } noexcept -> std::same_as<enqueued>;
      { s.after_grant(w, n, detail::then::wait) } noexcept -> std::same_as<enqueued>;
      { s.withdraw(w, n) } noexcept -> std::same_as<bool>;
    };

/// A wait at S that is given up may be registered again before it ends: give_up(w, n).
template <class S>
concept ends_later = parking_place<S> && requires(S& s, typename S::waiter_type& w, std::int64_t n) {
  { s.give_up(w, n) } noexcept -> std::same_as<bool>;
};

}  // namespace detail

template <class S>
concept synchronizer =
    detail::parking_place<S> && std::constructible_from<S, std::int64_t> &&
    requires(S& s, S const& cs, std::int64_t n) {
      { s.try_take(n) } noexcept -> std::same_as<bool>;
      { s.reduce(n) } noexcept -> std::same_as<std::int64_t>;
      { s.give_back(n) } noexcept;
      { s.close() } noexcept;
      { cs.is_closed() } noexcept -> std::same_as<bool>;
      { cs.available() } noexcept -> std::same_as<std::int64_t>;
      { cs.waiters() } noexcept -> std::same_as<std::size_t>;
    };

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
