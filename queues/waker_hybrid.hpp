// surewake/queues/waker_hybrid.hpp: first come, first served; one waiter in a lock-free slot, more of them under a
// small lock.
//
// One word says which waiters there are: it is the mode and the slot at once. Which thread may leave each state, and
// how:
//
//   balance k    nobody waits. k > 0: grants that came before their waiters; k < 0: grants to refuse; 0: empty
//     --enqueue, k = 0--> single w                              one CAS
//     --enqueue with a look, k = 0--> claimed 0                 one CAS
//     --enqueue, k > 0--> balance k - 1                          one CAS: w has its grant
//     --grant n--> balance k + n                                 one CAS
//     --enqueue of several or with k < 0, close--> many         one CAS of the holder of lock_
//   single w    w waits, alone, for one grant
//     --grant n--> balance n - 1                                 one CAS, then w is handed over
//     --withdraw w--> claimed 0                                 one CAS: of w itself, never of another
//     --second enqueue, close--> many                           one CAS of the holder of lock_; w moves into the list
//   claimed k   a thread is inside look() or refund(), alone; k grants came meanwhile
//     --grant n--> claimed k + n                                one CAS
//     --that thread--> single w, balance k - 1, balance k - refusals      one CAS
//     no other thread leaves it: one that needs the lock waits for that thread under it
//   many        the waiters are in list_, under lock_: queues/parts/locked_wait_list.hpp
//     --the list is empty and not closed--> balance k            one store of the holder of lock_, which is still held
//     closed: nobody leaves it
//
// Invariants
//   I1  The word is all there is: list_ is read and written in many only, by the holder of lock_; size() reads its
//       count at any time, as a snapshot. A step is one CAS from the very state on which it was decided, never a store
//       of what was decided before; the one store is the way back from many, which nobody else can leave while lock_ is
//       held.
//   I2  A waiter is in the slot or in the list, never in both: it moves by the CAS to many. In the slot its missing()
//       is 0, so registered() says whether it is in the list.
//   I3  The CAS from single is the granter's last touch of the queue, and makes the waiter its own: what is due to
//       others is added to the balance by the same CAS. In many: queues/parts/locked_queue.hpp, I2.
//   I4  refund() and look() run in claimed or under lock_, where nobody else can enqueue
//       (core/semaphore/waiter_queue.hpp says why).
//   I5  Grants that come in claimed are out of everybody's reach until that thread goes on, though the call that gave
//       them has returned: a withdrawal keeps them so long. Meanwhile a try is refused, and who enqueues waits, though
//       nobody has the permit. (models/history/history_of_mutex.hpp; their specifications allow it to this strategy.)
// Progress  `progress` below. Single: at most one waits. Many, closing: a short section under lock_, and a thread that
//           is to enter many waits for the one that is claiming.
// Fairness  FIFO in the order in which enqueue enters the slot or gets the lock.   Errors  none.
// Cost      no allocation. Slot: a CAS to enqueue (two with a look), one to grant, two to withdraw. List: the lock's
//           two RMWs each; the second waiter and the last one to leave pay for the transition.
// Source    the modes of compio-sync [@compiosync], phase 1. Published, they lose wakes at every transition, because
//           mode, slot and list are three objects, each stored without regard to the others. Refusal: CQS [@cqs2023].
// Decision  worth it over mutex_deque; over intrusive_list only between threads. `surewake-bench run storm
//           enqueue 'withdraw/*' 'ping_pong*'`, hand_off, in units of a bare pair of locked RMWs, medians on 2 cores
//           that others used too; mutex_deque and intrusive_list in brackets. Slot: registration 1.7 (2.7, 2.4), wake
//           2.0 (3.4, 1.4), hand-off on one thread 3.1 (5.5, 2.1). List of 1,000: registration 2.6 (2.6, 1.1), wake 2.8
//           (3.4, 1.4), withdrawal in any order 2.6 (3.0 from the front, 18 at random, 1.0): the lock's second RMW
//           costs what the slot saved. Two threads that pass one permit and spin: 0.6 µs (2.3, 0.8). To guess that the
//           queue is empty, without a load of the word first, saves the slot 0.2 and costs the list 0.6.
// Checked   models/ over both disciplines, with the published races as seeded bugs.
//           `surewake-verify weaken queues/waker_hybrid.hpp`: lowering any order is caught (verify/orders.csv).
#pragma once

#include <surewake/core/platform/futex_lock.hpp>
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/queues/parts/locked_wait_list.hpp>
#include <surewake/queues/parts/waiter_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class waker_hybrid {
 public:
  static constexpr char const* name = "waker_hybrid";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::constant;
  static constexpr char const* a_wait_allocates = "nothing";
  static constexpr char const* progress =
      "single: enqueue, grant and withdraw lock-free; many: enqueue, grant and withdraw blocking under futex_lock or "
      "waker_hybrid; closing: enqueue, withdraw and close blocking under futex_lock or waker_hybrid";
  static constexpr bool withdrawal_keeps_grants = true;  // for a while: I5
  /// The claim of order that verify/cases/strategies.hpp has checked.
  static constexpr bool first_come_first_served = true;

  constexpr waker_hybrid() noexcept {
    shown_as<P>(word_, "mode", [](word v) { return text_of(v); });
  }
  waker_hybrid(waker_hybrid const&) = delete;
  waker_hybrid& operator=(waker_hybrid const&) = delete;
  /// Waits for the grants that were refused and are still on their way to this queue, and for threads that have left
  /// the list, or the claim, and have yet to leave the call.
  ~waker_hybrid() {
    while (busy()) P::yield();
  }

  [[nodiscard]] enqueued enqueue(waiter<P>& w) noexcept {
    if (w.missing() == 1) {
      w.missing(0);  // I2
      // relaxed: a guess for the CAS.
      for (word v = word_.load(P::relaxed); is_open(v);) {
        if (v == balance(0)) {
          // release [W1]: publishes *w to the thread that takes it out of the slot, pairs with [W6], [W8]. On failure
          // relaxed: a guess.
          if (word_.compare_exchange_weak(v, single(w), P::release, P::relaxed)) return enqueued::waiting;
        } else if (take_from_balance(v)) {
          return enqueued::granted;
        }
      }
      w.missing(1);
    }
    return enqueue_in_list(w, []() noexcept { return std::int64_t{-1}; });
  }

  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter<P>& w, LookAgain&& look_again) noexcept {
    if (w.missing() == 1) {
      w.missing(0);  // I2
      // relaxed: a guess for the CAS.
      for (word v = word_.load(P::relaxed); is_open(v);) {
        if (v == balance(0)) {
          // acquire [W2]: look() sees what the threads saw that were in here before, pairs with [W3], [W5], [W9]. On
          // failure relaxed: a guess.
          if (word_.compare_exchange_weak(v, claimed(0), P::acquire, P::relaxed)) return arrive(w, look_again());
        } else if (take_from_balance(v)) {
          return enqueued::granted;
        }
      }
      w.missing(1);
    }
    return enqueue_in_list(w, look_again);
  }

  void grant(std::int64_t n) noexcept {
    while (n > 0) {
      // relaxed: a guess for the CAS, which carries the order; in many the lock decides.
      word v = word_.load(P::relaxed);
      if (v == many) {
        n = grant_in_list(n);
      } else if (is_single(v)) {
        // acq_rel [W6]: as acquire, sees *w, pairs with [W1], [W5]; as release, publishes the granter's past with what
        // is in the balance, pairs with [W3], [W8], [W10]. On failure relaxed: a guess.
        if (word_.compare_exchange_weak(v, balance(n - 1), P::acq_rel, P::relaxed)) return in_slot(v)->hand_over();
      } else {
        // release [W7]: publishes the granter's past to the thread that takes this grant, pairs with [W3], [W5], [W8],
        // [W10]. On failure relaxed: a guess.
        if (word_.compare_exchange_weak(v, v + balance(n), P::release, P::relaxed)) return;
      }
    }
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
    // relaxed: a guess for the CAS or the lock. It is no older than w's registration, so if it shows neither the slot
    // with w nor a list, w was handed over.
    for (word v = word_.load(P::relaxed); v == single(w);) {
      // relaxed: nobody has touched the word since w registered, so there is nothing to see. On failure: a guess.
      if (word_.compare_exchange_weak(v, claimed(0), P::relaxed, P::relaxed)) {
        std::int64_t const refusals = refund(1);
        end_claim([refusals](std::int64_t k) noexcept { return balance(k - refusals); });
        return true;
      }
    }
    return withdraw_from_list(w, refund);
  }

  void close() noexcept {
    enter();
    list_.close(lock_);  // many for good: what waits next is answered there
  }

  [[nodiscard]] std::size_t size() const noexcept SUREWAKE_WITHOUT_LOCK {
    // relaxed: a snapshot.
    return is_single(word_.load(P::relaxed)) ? 1 : list_.size();
  }

 protected:  // for waker_hybrid.test.cpp; nobody else derives from it
  using word = std::int64_t;
  static_assert(alignof(waiter<P>) >= 4 && sizeof(void*) <= sizeof(word));

  static constexpr word many = 3;
  static constexpr word balance(std::int64_t k) noexcept { return k * 4; }
  static constexpr word claimed(std::int64_t k) noexcept { return k * 4 + 1; }
  static word single(waiter<P>& w) noexcept { return static_cast<word>(reinterpret_cast<std::uintptr_t>(&w)) + 2; }

  static constexpr std::int64_t count(word v) noexcept { return v >> 2; }
  static constexpr bool is_single(word v) noexcept { return (v & 3) == 2; }
  static constexpr bool is_claimed(word v) noexcept { return (v & 3) == 1; }
  static constexpr bool is_open(word v) noexcept { return (v & 3) == 0 && v >= 0; }  // to a waiter without lock_
  /// Puts the word in words, for traces: "empty", "balance 2", "single", "claimed 1", "many".
  [[nodiscard]] static std::string text_of(word v) {
    if (v == many || is_single(v) || v == 0) return v == many ? "many" : v == 0 ? "empty" : "single";
    return (is_claimed(v) ? "claimed " : "balance ") + std::to_string(count(v));
  }
  static waiter<P>* in_slot(word v) noexcept {
    return reinterpret_cast<waiter<P>*>(static_cast<std::uintptr_t>(v - 2));
  }

  [[nodiscard]] bool take_from_balance(word& v) noexcept {
    // acq_rel [W3]: as acquire, sees the granter's past, pairs with [W5], [W6], [W7], [W9]; as release, shows what w
    // did to the permits to the waiter for which this wake may have been meant, which looks at them next, pairs with
    // [W2], [W8]. On failure relaxed: a guess.
    return word_.compare_exchange_weak(v, v - balance(1), P::acq_rel, P::relaxed);
  }

  /// Ends a claim: `next` makes the new state from the number of grants that came meanwhile.
  template <class Next> std::int64_t end_claim(Next&& next) noexcept {
    word v = claimed(0);
    // acq_rel [W5]: as release, publishes the waiter, and what look() or refund() did, to the next thread, pairs
    // with [W2], [W3], [W6], [W8], [W10]; as acquire, sees the past of a grant that came meanwhile, pairs with [W7].
    // On failure relaxed: one more grant has come.
    while (!word_.compare_exchange_weak(v, next(count(v)), P::acq_rel, P::relaxed)) {
    }
    return count(v);
  }

  /// In a claim, after the look.
  [[nodiscard]] enqueued arrive(waiter<P>& w, std::int64_t refusals) noexcept {
    std::int64_t const came = end_claim([&w, refusals](std::int64_t k) noexcept {
      if (refusals >= 0) return balance(k - refusals);
      return k > 0 ? balance(k - 1) : single(w);
    });
    return refusals >= 0 || came > 0 ? enqueued::granted : enqueued::waiting;
  }

  /// Makes the word say many.
  void enter() noexcept SUREWAKE_LOCKS(lock_) {
    lock_.lock();
    // relaxed: a guess for the CAS; many is left under lock_ only.
    for (word v = word_.load(P::relaxed); v != many;) {
      if (is_claimed(v)) {
        // relaxed: only a hint when to try again; the CAS carries the order.
        v = P::await(word_, [](word now) { return !is_claimed(now); }, P::relaxed);
        // acquire [W8]: sees *w, or the past of the grants in the balance, pairs with [W1], [W3], [W5], [W6], [W7].
        // On failure relaxed: a guess.
      } else if (word_.compare_exchange_weak(v, many, P::acquire, P::relaxed)) {
        list_.bring(is_single(v) ? 0 : count(v));
        if (is_single(v)) move_in(*in_slot(v));
        return;
      }
    }
  }

  void move_in(waiter<P>& w) noexcept SUREWAKE_NEEDS(lock_) {
    w.missing(1);  // I2
    list_.append(w);
  }

  void leave() noexcept SUREWAKE_UNLOCKS(lock_) {
    // release [W9]: publishes the past of the grants in the balance, and what look() or refund() did, pairs with
    // [W2], [W3], [W10]. A store does: nobody else leaves many.
    if (list_.vacant()) word_.store(balance(list_.balance()), P::release);
    lock_.unlock();
  }

  template <class LookAgain>
  [[nodiscard, gnu::noinline]] enqueued enqueue_in_list(waiter<P>& w, LookAgain&& look_again) noexcept {
    enter();
    enqueued const r = list_.enqueue(w, look_again);
    leave();
    return r;
  }

  /// Returns what is due to others after the waiter that it handed over (queues/parts/locked_wait_list.hpp, grant).
  [[nodiscard, gnu::noinline]] std::int64_t grant_in_list(std::int64_t n) noexcept {
    enter();
    waiter<P>* const w = list_.grant(n);
    leave();
    if (w != nullptr) w->hand_over();
    return n;
  }

  template <class Refund>
  [[nodiscard, gnu::noinline]] bool withdraw_from_list(waiter<P>& w, Refund&& refund) noexcept {
    // relaxed: as in withdraw().
    if (word_.load(P::relaxed) != many) return false;
    enter();
    bool const withdrawn = list_.withdraw(w, refund);
    leave();
    return withdrawn;
  }

  [[nodiscard]] bool busy() noexcept {
    lock_.lock();  // a thread that has left the list holds it still
    // acquire [W10]: sees all that was done here, before it goes, pairs with [W5], [W6], [W7], [W9].
    word const v = word_.load(P::acquire);
    bool const late = v == many ? list_.balance() < 0 : v < 0 || is_claimed(v);
    lock_.unlock();
    return late;
  }

  typename P::template atomic<word> word_{word{0}};  // the table at the top; the two lowest bits tell the states apart
  futex_lock<P> lock_;
  locked_wait_list<P, waiter_list<P>> list_ SUREWAKE_GUARDED_BY(lock_);  // in many
};

static_assert(waiter_queue<waker_hybrid<std_platform>, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
