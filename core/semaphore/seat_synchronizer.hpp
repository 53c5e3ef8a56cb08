// surewake/core/semaphore/seat_synchronizer.hpp: permits that are free for all, a queue of waiters, and a seat in which
// the first of them keeps its place.
//
//   an acquire that waits, the semaphore not contended   --counter.take--> first, woken
//                          …, contended                  --queue.enqueue--> in the queue --queue.grant--> first, woken
//   first, woken    --sit: its permits are there--> granted
//   first, woken    --sit: they are not--> seated --give_back, enough are there--> first, woken; handed over
//   first, seated   --withdraw--> gone
//
// The discipline's counter (core/semaphore/bounded_barging.hpp) has who is first, how often it was overtaken, and how
// many are in the queue. Under barging a woken waiter that finds no permit goes to the end of the queue. Here it does
// not, and so its place in the order is kept, and its overtakings can be counted in one word.
//
// Invariants
//   I1  seat_ is not null iff the counter's first waiter is seated. Both change under lock_.
//   I2  A thread that takes a waiter out of the seat hands it over with lock_ released, as its last touch. The waiter
//       cannot leave meanwhile: it is not in the seat, nor in the queue. So the synchronizer exists until then.
//       A release whose permits do not complete the seated waiter ends with unlock(): that waiter cannot leave before.
//   I3  A wake for the queue's first waiter is delivered by the call that issued it. If the waiters leave meanwhile,
//       the queue refuses that wake, and its destructor waits for it (core/semaphore/waiter_queue.hpp).
//   I4  A waiter that gets its permits from inside a hand-over leaves the wake of the next one to the loop that handed
//       it over (`delivery`). Coroutines that become ready run after that loop, so a release of any number of permits
//       takes bounded stack (semaphore.hpp, law 5).
// Progress  `progress` below: under the lock of the seat, or of the queue, whichever that has.   Fairness  the
//           discipline's.   Errors  none.
// Cost      nobody waits: one RMW to take, one to give back. To sit and to be handed over: a lock each.
// Source    ours.
// Checked   models/order/overtaken_at_most.hpp, and models/ over two strategies: verify/cases/bounded_barging.cpp.
#pragma once

#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/platform/spin_lock.hpp>
#include <surewake/core/semaphore/bounded_barging.hpp>
#include <surewake/core/semaphore/counter_synchronizer.hpp>

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// A waiter of the queue that also keeps where it waits.
template <class Base, platform P> class seat_waiter : public Base {
 public:
  using Base::Base;

  /// Whether it went from the queue, or past it, to the seat. Its owner's.
  [[nodiscard]] bool sits() const noexcept { return sits_.get(); }
  void sits(bool yes) noexcept { sits_.set(yes); }

 private:
  typename P::template plain<bool> sits_;
};

template <template <class> class Queue, platform P, class Discipline>
  requires waiter_queue<Queue<P>, P>
class seat_synchronizer {
  static_assert(fits<Queue<P>, Discipline>, "needs a queue that grants in the order of registration");

 public:
  using platform_type = P;
  using waiter_type = seat_waiter<waiter_for<Queue<P>, P>, P>;
  static constexpr char const* progress =
      "open: take and give_back lock-free; many: take lock-free; many: give_back blocking under spin_lock or mutex or "
      "futex_lock or waker_hybrid; wait, withdraw and close blocking under spin_lock or mutex or futex_lock or "
      "waker_hybrid or segmented_queue; try_take and reduce lock-free";

  explicit constexpr seat_synchronizer(std::int64_t permits, Discipline d = {}) noexcept : counter_(permits, d) {}

  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    std::int64_t const owed = counter_.take(n);
    if (owed == 0) [[likely]]
      return take_result::granted();
    return owed > 0 ? take_result::must_wait(owed) : take_result::closed();
  }

  [[nodiscard]] enqueued wait(waiter_type& w, std::int64_t n, take_result taken) noexcept {
    if (taken.token() == Discipline::first) return sit(w, n);
    w.missing(1);
    w.sits(false);
    enqueued const r = queue_.enqueue(w, []() noexcept { return std::int64_t{-1}; });
    return r == enqueued::granted ? sit(w, n) : r;
  }

  [[nodiscard]] enqueued after_grant(waiter_type& w, std::int64_t n, then next) noexcept {
    if (w.closed()) return enqueued::closed;
    if (next == then::wait) return sit(w, n);
    auto const left = counter_.leave(next == then::leave ? n : 0);
    wake_next(left.grants);
    return left.has_permits ? enqueued::granted : enqueued::waiting;
  }

  [[nodiscard]] bool withdraw(waiter_type& w, std::int64_t n) noexcept {
    std::int64_t grants = 0;
    bool withdrawn = false;
    if (w.sits()) {
      lock_hold const hold(lock_);
      withdrawn = seat_.get() == &w;
      if (withdrawn) {
        seat_.set(nullptr);
        grants = counter_.leave(0).grants;
      }
    } else {
      withdrawn = queue_.withdraw(w, [&](std::uint32_t missing) noexcept {
        refunded const r = counter_.refund(n, missing);
        grants = r.grants;
        return r.refusals;
      });
    }
    wake_next(grants);
    return withdrawn;
  }

  void give_back(std::int64_t n) noexcept {
    std::int64_t grants = counter_.put(n);
    while (grants == Discipline::seated) {
      lock_.lock();
      waiter_type* const w = seat_.get();
      bool const woken = w != nullptr && counter_.put_to_seated(n, wanted_.get());
      if (woken) seat_.set(nullptr);
      lock_.unlock();
      if (woken) return wake(w);
      if (w != nullptr) return;  // I2
      grants = counter_.put(n);
    }
    if (grants != 0) [[unlikely]]
      wake(nullptr);
  }

  [[nodiscard]] bool try_take(std::int64_t n) noexcept { return counter_.try_take(n); }
  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept { return counter_.reduce(n); }

  /// The seated waiter is handed over last where it is alone, since it may destroy the synchronizer; otherwise first.
  void close() noexcept {
    bool const others = counter_.close();
    if (others) close_seat();
    queue_.close();
    if (!others) close_seat();
  }

  [[nodiscard]] bool is_closed() const noexcept { return counter_.is_closed(); }
  [[nodiscard]] std::int64_t available() const noexcept { return counter_.available(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return queue_.size() + (counter_.is_seated() ? 1 : 0); }

 private:
  /// The loop of this thread that hands over, if there is one.
  struct delivery {
    seat_synchronizer const* by = nullptr;
    bool more = false;
  };

  /// The first waiter takes its permits, or the seat.
  [[nodiscard]] enqueued sit(waiter_type& w, std::int64_t n) noexcept {
    w.sits(true);
    lock_.lock();
    std::int64_t const r = counter_.sit(n);
    if (r == Discipline::seated) {
      seat_.set(&w);
      wanted_.set(n);
    }
    lock_.unlock();
    if (r == Discipline::seated) return enqueued::waiting;
    if (r == Discipline::closed) return enqueued::closed;
    wake_next(r);
    return enqueued::granted;
  }

  void wake_next(std::int64_t grants) noexcept {
    if (grants == 0) [[likely]]
      return;
    delivery& mine = P::template local<delivery>();
    if (mine.by == this) mine.more = true;  // I4
    else wake(nullptr);
  }

  /// Hands over w, which was taken out of the seat, or wakes the first one of the queue; then those that are due after
  /// it, while more is said.
  void wake(waiter_type* w) noexcept {
    typename trampoline<P>::scope const ready_ones_run_later;
    delivery& mine = P::template local<delivery>();
    delivery const outer = std::exchange(mine, delivery{this, false});
    if (w != nullptr) w->hand_over();
    else queue_.grant(1);
    while (std::exchange(mine.more, false)) queue_.grant(1);  // I3: a waiter is owed it, so the queue exists
    mine = outer;
  }

  void close_seat() noexcept {
    lock_.lock();
    waiter_type* const w = seat_.get();
    if (w != nullptr) {
      seat_.set(nullptr);
      static_cast<void>(counter_.leave(0));
    }
    lock_.unlock();
    if (w == nullptr) return;
    w->set_closed();
    w->hand_over();
  }

  typename Discipline::template counter<P> counter_;
  spin_lock<P> lock_;
  typename P::template plain<waiter_type*> seat_ SUREWAKE_GUARDED_BY(lock_){nullptr};      // I1
  typename P::template plain<std::int64_t> wanted_ SUREWAKE_GUARDED_BY(lock_){std::int64_t{0}};  // by it
  Queue<P> queue_;  // the waiters after the first one
};

}  // namespace detail

template <template <class> class Queue, std::int64_t K> struct synchronizer_for<Queue, bounded_barging<K>> {
  template <class P> using type = detail::seat_synchronizer<Queue, P, bounded_barging<K>>;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
