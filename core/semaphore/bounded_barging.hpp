// surewake/core/semaphore/bounded_barging.hpp: the discipline in which a released permit is free for all, but the
// first waiter is overtaken at most k times. Then the next permits are handed to it.
//
// Terms
//   the first waiter   of those that wait, the one that registered before all others
//   to overtake        to take permits without having waited, while another acquire waits: by acquire or try_acquire
//   first              0 nobody is first yet, 1 woken: the first waiter looks for its permits, or its wake is on its
//                      way, 2 seated: it sleeps in the seat (core/semaphore/seat_synchronizer.hpp)
//   contended          first != 0, or line != 0: somebody waits
//   set aside          contended, and overtaken = k: the free permits are the first waiter's
//
//   bits 0–23   permits    free permits
//   bits 24–34  overtaken  acquisitions that have overtaken the first waiter since it is first; 0 while nobody waits
//   bits 35–36  first      0, 1 or 2
//   bits 37–62  line       waiters that are in the queue, or about to be, and that no wake was issued for
//   bit  63     closed
//
//   not contended, permits ≥ n  --take-->  permits - n
//   not contended, permits < n  --take-->  first = woken: the acquire is first itself
//   contended, permits ≥ n, overtaken < k  --take-->  permits - n, overtaken + 1
//   contended, otherwise        --take-->  line + 1
//   first = 0, line > 0         --put(n)-->  permits + n, first = woken, line - 1: one wake for the queue
//   first = woken               --put(n)-->  permits + n
//   first = seated              --put(n)-->  permits + n and, if that is enough for it, first = woken
//   first = woken, permits ≥ n  --sit(n)-->  permits - n, first = 0, overtaken = 0
//   first = woken, permits < n  --sit(n)-->  first = seated
//   … where the first waiter has its permits or leaves, and permits and line are not 0: first = woken, line - 1
//
// Invariants
//   I1  At most one waiter has left the queue and not got its permits: the first one, while first != 0. It keeps its
//       place, because it does not go back to the queue.
//   I2  An acquire that has not waited takes permits of a contended semaphore only by an RMW that adds 1 to overtaken,
//       and finds it below k. Only an RMW by which the first waiter gets its permits, or leaves, sets it to 0. So each
//       waiter is overtaken at most k times while it is first, whatever the waiters and the granters do meanwhile; and
//       at most k times more for each waiter that it has before it. An acquisition counts once, however many permits
//       it takes.
//   I3  first = 0 and line > 0: no permit is free. first = seated: fewer are free than the first waiter wants. first =
//       woken: a thread will call sit() or leave(), and sees what is free. So no waiter sleeps while the first one's
//       permits are free (semaphore.hpp, law 2).
//   I4  line + wakes on their way through the queue = waiters in the queue or about to be. A refund that finds line = 0
//       therefore makes the queue refuse the wake that was meant for its waiter, and nobody is first then.
//   I5  Once closed a wake is worth nothing, as in core/semaphore/barging.hpp.
// Fairness  I2. k = 0: nobody overtakes, and the order is that of hand_off.   Progress  seat_synchronizer.hpp.
// Errors    none; the semaphore checks.   Cost  nobody waits: one RMW to take and one to put. So while the first waiter
//           is woken.
// Range     `max_permits` permits, 0 ≤ k ≤ `max_bound`, at most 2^26 - 1 acquires wait.
// Source    ours. "Eventual fairness" of WebKit's and parking_lot's locks and the starvation mode of Go's mutex hand
//           over after 0.5 to 1 ms, by a clock. "Bounded bypass" is Burns's, of mutual exclusion algorithms.
// Checked   models/order/overtaken_at_most.hpp over every strategy with k = 0, 1 and 2; models/ over two strategies
//           with k = 1: verify/cases/bounded_barging.cpp. The count from outside:
//           queues/conformance/bounded_barging.test.cpp.
#pragma once

#include <surewake/core/semaphore/discipline.hpp>

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// For bounded_barging: k is said when the semaphore is made.
inline constexpr std::int64_t bound_at_run_time = -1;

namespace detail {

/// The bits of a bounded_barging counter, as the table at the top has them.
struct bounded_word {
  static constexpr int overtaken_at = 24, first_at = 35, line_at = 37;
  static constexpr std::int64_t one_overtaking = std::int64_t{1} << overtaken_at;
  static constexpr std::int64_t woken = std::int64_t{1} << first_at, seated = std::int64_t{2} << first_at;
  static constexpr std::int64_t one_in_line = std::int64_t{1} << line_at;
  static constexpr std::int64_t closed_bit = std::numeric_limits<std::int64_t>::min();
  static constexpr std::int64_t first_bits = woken | seated;

  static constexpr std::int64_t permits(std::int64_t v) noexcept { return v & (one_overtaking - 1); }
  static constexpr std::int64_t overtaken(std::int64_t v) noexcept { return (v & (woken - 1)) >> overtaken_at; }
  static constexpr std::int64_t first(std::int64_t v) noexcept { return v & first_bits; }
  static constexpr std::int64_t line(std::int64_t v) noexcept { return (v & ~closed_bit) >> line_at; }
  static constexpr bool contended(std::int64_t v) noexcept { return (v & ~closed_bit) >= woken; }
  static constexpr std::int64_t nobody_first(std::int64_t v) noexcept {
    return v & ~(first_bits | (woken - one_overtaking));
  }

  /// The name of bounded_barging<k>: "bounded_barging_64".
  template <std::int64_t K> static constexpr auto name = [] {
    std::array<char, 32> text{};
    std::string_view const word = K < 0 ? "bounded_barging" : "bounded_barging_";
    auto* const end = std::copy(word.begin(), word.end(), text.begin());
    std::size_t digits = K < 0 ? 0 : 1;
    for (std::int64_t rest = K / 10; rest > 0; rest /= 10) ++digits;
    for (std::int64_t rest = K; digits > 0; rest /= 10) end[--digits] = static_cast<char>('0' + rest % 10);
    return text;
  }();
};

}  // namespace detail

/// Free for all, but the first waiter is overtaken at most k times; k may be said at run time instead:
/// `basic_semaphore<Queue, std_platform, bounded_barging<>> limit(4, {.k = 64})`.
template <std::int64_t K = bound_at_run_time> struct bounded_barging {
  static_assert(K >= bound_at_run_time && K <= 2047, "k is 0 to 2047");
  static constexpr char const* name = detail::bounded_word::name<K>.data();
  static constexpr bool grants_are_final = false;
  static constexpr std::int64_t max_bound = 2047;
  static constexpr std::int64_t max_permits = (std::int64_t{1} << 24) - 1;
  /// How often the first waiter is overtaken at most.
  static constexpr std::int64_t overtaken_at_most = K;
  static constexpr std::int64_t closed = -1, seated = -2;  // answers of the counter
  static constexpr std::int64_t first = 2;                 // take: the acquire is the first waiter

  std::int64_t k = K < 0 ? 0 : K;  // of bounded_barging<>: the bound; otherwise K

  /// Errors  std::invalid_argument where k is out of range.
  constexpr void check() const {
    if (k >= 0 && k <= max_bound && (K < 0 || k == K)) return;
    throw std::invalid_argument("surewake: bounded_barging: k = " + std::to_string(k) + ": " +
                                (K < 0 ? "0 to " + std::to_string(max_bound) : std::to_string(K)));
  }

  /// What comes of a first waiter that leaves.
  struct left {
    bool has_permits;
    std::int64_t grants;  // wakes to deliver, 0 or 1
  };

  template <platform P> class counter : detail::bounded_word {
   public:
    constexpr counter(std::int64_t permits, bounded_barging d) noexcept : value_(permits), k_(bound_of(d)) {
      assert(d.k >= 0 && d.k <= max_bound);
      shown_as<P>(value_, "permits", [](std::int64_t v) { return text_of(v); });
    }

    /// Puts the counter in words, for traces: "1 free", "0 free, first seated, overtaken 2, 1 in line".
    [[nodiscard]] static std::string text_of(std::int64_t v) {
      std::string text = (v < 0 ? "closed, " : "") + std::to_string(permits(v)) + " free";
      if (first(v) != 0) text += (v & counter::woken) != 0 ? ", first woken" : ", first seated";
      if (overtaken(v) != 0) text += ", overtaken " + std::to_string(overtaken(v));
      if (line(v) != 0) text += ", " + std::to_string(line(v)) + " in line";
      return text;
    }

    /// Asks for n permits. Returns 0 when they are the caller's, `first` when it is the first waiter, 1 when it is to
    /// enter the queue, or `closed`.
    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        if (now < 0) return closed;
        if (may_take(now, n)) {
          // acquire [O1]: sees what the releasers of these permits did, pairs with [O2]. On failure relaxed: a guess.
          if (value_.compare_exchange_weak(now, taken(now, n), P::acquire, P::relaxed)) return 0;
        } else {
          bool const is_first = !contended(now);
          // relaxed: counts us; the thread that wakes us does so through the queue or the seat. On failure: a guess.
          if (value_.compare_exchange_weak(now, now + (is_first ? counter::woken : one_in_line), P::relaxed,
                                           P::relaxed)) {
            return is_first ? bounded_barging::first : 1;
          }
        }
      }
    }

    [[nodiscard]] bool try_take(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      while (now >= 0 && may_take(now, n)) {
        // acquire [O3]: as [O1], pairs with [O2]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, taken(now, n), P::acquire, P::relaxed)) return true;
      }
      return false;
    }

    /// Gives n permits back. Returns how many wakes the queue must deliver, 0 or 1. Or `seated`: nothing was done, and
    /// the caller has to look into the seat.
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        if (now >= 0 && first(now) == counter::seated) return bounded_barging::seated;
        std::int64_t const next = with_first(now + n);
        // release [O2]: publishes the holder's work to the thread that takes these permits, pairs with [O1], [O3],
        // [O4], [O5]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, next, P::release, P::relaxed)) return next == now + n ? 0 : 1;
      }
    }

    /// The same under the seat's lock, while a waiter that wants `wanted` permits is seated. Returns whether that one
    /// is woken.
    [[nodiscard]] bool put_to_seated(std::int64_t n, std::int64_t wanted) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        bool const enough = now >= 0 && permits(now) + n >= wanted;
        // release: as [O2]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, now + n - (enough ? counter::seated - counter::woken : 0), P::release,
                                         P::relaxed)) {
          return enough;
        }
      }
    }

    /// Of the first waiter, woken, which wants n permits. Returns how many wakes the queue must deliver once it has
    /// them, `seated` when it has to sleep, or `closed`. Under the seat's lock.
    [[nodiscard]] std::int64_t sit(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        if (now < 0) return closed;
        if (permits(now) >= n) {
          std::int64_t const rest = nobody_first(now - n);
          std::int64_t const next = with_first(rest);
          // acquire [O4]: as [O1], pairs with [O2]. On failure relaxed: a guess.
          if (value_.compare_exchange_weak(now, next, P::acquire, P::relaxed)) return next == rest ? 0 : 1;
          // relaxed: what is published, the seat's lock publishes. On failure: a guess.
        } else if (value_.compare_exchange_weak(now, now + counter::seated - counter::woken, P::relaxed, P::relaxed)) {
          return bounded_barging::seated;
        }
      }
    }

    /// The first waiter leaves, with n permits if that many are free. `n` 0: without any.
    [[nodiscard]] left leave(std::int64_t n) noexcept {
      // relaxed: a guess for the CAS.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        bool const has_permits = n > 0 && now >= 0 && permits(now) >= n;
        std::int64_t const rest = nobody_first(has_permits ? now - n : now);
        std::int64_t const next = with_first(rest);
        // acquire [O5]: as [O1], pairs with [O2]. On failure relaxed: a guess.
        if (value_.compare_exchange_weak(now, next, P::acquire, P::relaxed)) return {has_permits, next == rest ? 0 : 1};
      }
    }

    /// Ends the wait of a waiter in the queue that its wake has not reached: to be called inside the queue's
    /// protection. Or of one that it has (`missing` is 0): then it is the first one, and leaves.
    [[nodiscard]] refunded refund(std::int64_t, std::int64_t missing) noexcept {
      if (missing == 0) return {leave(0).grants, 0};
      // relaxed: only counts; permits are not touched.
      std::int64_t now = value_.load(P::relaxed);
      for (;;) {
        if (now < 0) return {0, 0};  // I5
        std::int64_t const next = line(now) > 0 ? now - one_in_line : nobody_first(now);
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, next, P::relaxed, P::relaxed)) return {0, line(now) > 0 ? 0 : 1};  // I4
      }
    }

    [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
      // relaxed: the permits cease to exist, nobody takes over what their holders did.
      std::int64_t now = value_.load(P::relaxed);
      while (free(now) > 0) {  // also of a closed one
        std::int64_t const gone = std::min(free(now), n);
        // relaxed: as above.
        if (value_.compare_exchange_weak(now, now - gone, P::relaxed, P::relaxed)) return gone;
      }
      return 0;
    }

    /// Closes it. Returns whether there are waiters besides the first one.
    // relaxed: only the RMW's atomicity is used; what close() publishes goes through the queue and the seat.
    [[nodiscard]] bool close() noexcept { return line(value_.fetch_or(closed_bit, P::relaxed)) != 0; }

    /// Snapshots. Permits that are set aside are not available.
    // relaxed: monitoring only.
    [[nodiscard]] bool is_closed() const noexcept { return value_.load(P::relaxed) < 0; }
    // relaxed: monitoring only.
    [[nodiscard]] std::int64_t available() const noexcept { return free(value_.load(P::relaxed)); }
    // relaxed: monitoring only.
    [[nodiscard]] bool is_seated() const noexcept { return first(value_.load(P::relaxed)) == counter::seated; }

   private:
    using bound_type = std::conditional_t<K < 0, std::int64_t const, std::integral_constant<std::int64_t, K>>;
    [[nodiscard]] static constexpr bound_type bound_of(bounded_barging d) noexcept {
      if constexpr (K < 0) return d.k;
      else return {};
    }
    [[nodiscard]] bool set_aside(std::int64_t v) const noexcept { return contended(v) && overtaken(v) >= k_; }
    [[nodiscard]] bool may_take(std::int64_t v, std::int64_t n) const noexcept {
      return permits(v) >= n && (v < one_overtaking || !set_aside(v));
    }
    [[nodiscard]] static std::int64_t taken(std::int64_t v, std::int64_t n) noexcept {
      return contended(v) ? v - n + one_overtaking : v - n;  // I2
    }
    [[nodiscard]] std::int64_t free(std::int64_t v) const noexcept { return v >= 0 && set_aside(v) ? 0 : permits(v); }

    /// Wakes the first one of the queue, where nobody is first, permits are free and it is not closed (I3).
    [[nodiscard]] static std::int64_t with_first(std::int64_t v) noexcept {
      bool const wakes = v >= one_in_line && first(v) == 0 && permits(v) > 0;
      return wakes ? v - one_in_line + counter::woken : v;
    }

    typename P::template atomic<std::int64_t> value_;  // the table at the top
    [[no_unique_address]] bound_type k_;
  };
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
