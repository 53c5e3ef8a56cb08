// surewake/core/semaphore/counter_synchronizer.hpp: a discipline's counter decides which acquire waits; any
// waiter_queue matches the waiters and the grants.
//
//   acquire   counter.take: had it (one RMW), or owed k grants --queue.enqueue--> granted later
//   release   counter.put: nobody waits (one RMW), or k grants are due --queue.grant--> the first waiters
//   give up   queue.withdraw, with counter.refund inside it (core/semaphore/waiter_queue.hpp says why inside)
//
// Invariants
//   I1  If the counter's RMW leaves no grant to deliver, it is the call's last access, because the thread that takes
//       the permits may destroy the semaphore. Otherwise a waiter is owed these grants, so the queue exists while they
//       are delivered; what holds if that waiter gives up meanwhile, the queue's header says.
//   I2  An acquire of n that finds a part of them free does not keep that part. It delivers the part as a release would
//       and registers for all n. If it kept the part, the first waiter could lack just that, while the acquire lacks
//       what the first waiter has.
// Progress  take and give_back as the discipline says while nobody waits; else as the queue says.   Errors  none.
// Checked   models/ over every strategy, but for intrusive_list under hand_off; models/waking/two_big_requests.hpp is
//           about I2.
#pragma once

#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/core/semaphore/synchronizer.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <template <class> class Queue, platform P, class Discipline>
  requires waiter_queue<Queue<P>, P> && discipline<Discipline, P>
class counter_synchronizer {
  static_assert(fits<Queue<P>, Discipline>, "a discipline whose grants are not final needs a queue that grants in the "
                                            "order of registration: R2 in core/semaphore/waiter_queue.hpp");

 public:
  using platform_type = P;
  using waiter_type = waiter_for<Queue<P>, P>;

  /// The most permits that one acquire may wait for. Under barging it waits for one wake, whatever it wants.
  static constexpr std::int64_t max_request = [] {
    if constexpr (requires { Queue<P>::max_request; }) {
      if (Discipline::grants_are_final) return static_cast<std::int64_t>(Queue<P>::max_request);
    }
    return std::numeric_limits<std::int64_t>::max();
  }();

  explicit constexpr counter_synchronizer(std::int64_t permits, Discipline d = {}) noexcept
      : counter_(made(permits, d)) {}

  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    std::int64_t const owed = counter_.take(n);
    if (owed == 0) [[likely]]
      return take_result::granted();
    return owed > 0 ? take_result::must_wait(owed) : take_result::closed();
  }

  [[nodiscard]] enqueued wait(waiter_type& w, std::int64_t n, take_result taken) noexcept {
    return wait_for(w, n, taken.token());
  }

  [[nodiscard]] enqueued after_grant(waiter_type& w, std::int64_t n, then next) noexcept {
    if (w.closed()) {
      counter_.abandon(n);
      return enqueued::closed;
    }
    if (next == then::decline) {
      deliver(counter_.pass_on(n));
      return enqueued::waiting;
    }
    if constexpr (Discipline::grants_are_final) {
      return enqueued::granted;
    } else {
      if (next == then::wait) return wait_for(w, n, counter_.retake(n));
      return counter_.take_granted(n) ? enqueued::granted : enqueued::waiting;
    }
  }

  [[nodiscard]] bool withdraw(waiter_type& w, std::int64_t n) noexcept {
    std::int64_t grants = 0;
    bool const withdrawn = queue_.withdraw(w, [&](std::uint32_t missing) noexcept {
      refunded const r = counter_.refund(n, missing);
      grants = r.grants;
      return r.refusals;
    });
    deliver(grants);
    return withdrawn;
  }

  void give_back(std::int64_t n) noexcept { deliver(counter_.put(n)); }
  [[nodiscard]] bool try_take(std::int64_t n) noexcept { return counter_.try_take(n); }
  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept { return counter_.reduce(n); }
  void close() noexcept {
    counter_.close();
    queue_.close();
  }

  [[nodiscard]] bool is_closed() const noexcept { return counter_.is_closed(); }
  [[nodiscard]] std::int64_t available() const noexcept { return counter_.available(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return queue_.size(); }

 private:
  using counter = typename Discipline::template counter<P>;

  [[nodiscard]] static constexpr counter made(std::int64_t permits, [[maybe_unused]] Discipline const& d) noexcept {
    if constexpr (std::constructible_from<counter, std::int64_t, Discipline const&>) return counter(permits, d);
    else return counter(permits);
  }

  /// Registers w, which wants n permits and is owed `owed` grants, until it waits or has its permits. 0: it has them
  /// already. Less: the semaphore is closed.
  [[nodiscard]] enqueued wait_for(waiter_type& w, std::int64_t n, std::int64_t owed) noexcept {
    bool has_them = false;
    while (owed > 0) {
      // I2: what the counter had of our n goes into the queue like any release.
      std::int64_t const brought = counter_.brings(n, owed);
      deliver(brought);
      w.missing(static_cast<std::uint32_t>(owed + brought));
      switch (enqueue(w, n, has_them)) {
        case enqueued::waiting: return enqueued::waiting;
        case enqueued::closed: counter_.abandon(n); return enqueued::closed;
        case enqueued::granted: owed = has_them ? 0 : retake(n);
      }
    }
    return owed == 0 ? enqueued::granted : enqueued::closed;
  }

  [[nodiscard]] std::int64_t retake(std::int64_t n) noexcept {
    if constexpr (Discipline::grants_are_final) return 0;
    else return counter_.retake(n);
  }

  [[nodiscard]] enqueued enqueue(waiter_type& w, std::int64_t n, bool& has_them) noexcept {
    if constexpr (requires { counter_.look_again(n); }) {
      return queue_.enqueue(w, [&]() noexcept {
        std::int64_t const refusals = counter_.look_again(n);
        has_them = refusals >= 0;
        return refusals;
      });
    } else {
      return queue_.enqueue(w);
    }
  }

  void deliver(std::int64_t grants) noexcept {
    if (grants > 0) [[unlikely]]
      queue_.grant(grants);
  }

  counter counter_;  // permits, free and owed: discipline.hpp
  Queue<P> queue_;   // the waiters
};

}  // namespace detail

/// Which synchronizer a strategy uses under a discipline; a strategy with a better one specialises it.
template <template <class> class Queue, class Discipline> struct synchronizer_for {
  template <class P> using type = detail::counter_synchronizer<Queue, P, Discipline>;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
