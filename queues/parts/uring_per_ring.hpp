// surewake/queues/parts/uring_per_ring.hpp: the layout *per ring* of uring_futex, with one armed futex wait for all
// waiters of a ring.
//
// Terms     A ring's *mailbox* is the object of this class that its waiters share. It is *open* until it *leaves*,
//           because the ring is destroyed or refuses the wait. To *announce* is to tell the ring's thread of a waiter
//           that was withdrawn on another thread.
//
//   head_ = empty   --push, by a granter--> a stack of granted waiters --take_in, by the ring's thread--> empty
//   head_ = empty   --announce, by a thread that withdraws a waiter elsewhere--> look --take_in--> empty
//   head_ = a stack, look --announce--> the same, written anew
//   head_ = any     --the mailbox leaves--> left                        granters then hand over on their own thread
//
//   a waiter's strategy_link():   mailbox      registered, or granted and not yet seen by the ring's thread
//                                 mailbox | 1  in granted_, to be run by the ring's thread
//                                 null         handed over; or it has no ring
//
// The armed wait sleeps while the low half of head_ is `empty`. So the value that the kernel compares is the value that
// says whether a waiter was granted, and there is no second word that could be read too early or too late.
//
// Invariants
//   I1  All but head_, elsewhere_ and announced_ belongs to the ring's thread. A waiter with a ring is run by that
//       thread, until the mailbox has left.
//   I2  A granter that pushes on `empty` wakes the ring. A granter that pushes on a stack or on `look` need not,
//       because the thread that replaced `empty` does. While the mailbox is open its wait is armed, or that wait's
//       completion is on its way, and each completion ends in a look at head_.
//   I3  A granter's last touch of the mailbox is the RMW that pushes, or that counts a waiter out. The wake that
//       follows uses the address only.
//   I4  registered_ + elsewhere_ = the waiters that refer to the mailbox. The ring's thread counts in registered_,
//       other threads count in elsewhere_. When the mailbox has left, the two are joined in elsewhere_, and the thread
//       that brings it to 0 frees the mailbox. kept_ - announced_ = the waiters for which the ring's thread stays in
//       its loop. An announcement is followed by an RMW of head_ that always succeeds, so by a look of the ring's
//       thread that sees it. (An earlier version used a CAS that might fail, on the assumption that what made it fail
//       was still to be looked at.)
//   I5  On the ring's thread a waiter that was granted and has not run can be taken back, because it is in granted_, on
//       the stack, or in the hands of a granter that is about to push it. So a coroutine may be destroyed there at any
//       time.
// Progress  uring_wait_list's, after whose lock the push comes. The push is lock-free, and followed by one wake of the
//           kernel's. A granter that stalls between its push on `empty` and its wake delays the waiters that others
//           push meanwhile. A thread that gives up a waiter of its own ring as that waiter is granted waits for a
//           granter that is about to push it: take_back().
// Errors    none thrown. A ring that refuses the futex wait is left at once.
// Cost      one allocation and one armed wait for a ring, none for a waiter. Withdrawal O(1), without the kernel.
// Source    the futex operations of Linux 6.7; one wait for all, as event loops have one wake-up descriptor.
// Checked   models/uring/ over its kernel.hpp and, on execution graphs, over its waiting_ring.hpp; all other models
//           with a ring on every thread; seeded bugs: models/bugs/*.bug. `surewake-verify weaken`: verify/orders.csv.
// Survived  [M6] keeps the addition to announced_ before the CAS of head_. Were it relaxed, the ring's thread could
//           take in `look` and read announced_ before that addition. But then the addition reads what that thread
//           wrote there: a cycle of program order and reads-from (load buffering). C++ allows it and Arm does it; the
//           engine's model has no such cycles (verify/README.md).
#pragma once

#include <surewake/core/platform/canceled.hpp>
#include <surewake/queues/parts/futex_ring.hpp>

#include <new>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P, class Ring>
  requires waking_ring<Ring, P>
class uring_per_ring {
 public:
  static constexpr char const* name = "per ring";
  static constexpr bool runs_in_order = true;  // the stack at head_ has the order, whatever the kernel does

  /// Returns the mailbox of the ring that will run `w`, null if there is none. Called before `w` is enqueued, on its
  /// thread.
  [[nodiscard]] static uring_per_ring* enter(placed_waiter<P>& w) noexcept {
    uring_per_ring* const mailbox = w.handle() != nullptr ? here() : nullptr;
    // relaxed: published with the waiter, by the list's lock.
    w.strategy_link().store(mailbox, P::relaxed);
    return mailbox;
  }
  /// Counts a waiter of `mailbox` that was registered, and that another thread may have by now.
  static void entered(uring_per_ring* mailbox) noexcept {
    if (mailbox != nullptr) mailbox->count_here(1);
  }
  /// Lets go of `w`, which was not registered.
  static void refused(placed_waiter<P>& w, uring_per_ring*) noexcept { forget(w); }

  /// Hands `w` over, on its ring's thread if it has a ring.
  static void deliver(placed_waiter<P>& w) noexcept {
    uring_per_ring* const mailbox = of(w);
    if (mailbox == nullptr) return w.hand_over();
    if (mailbox != mine().mailbox) return mailbox->push(w);
    mailbox->take_in();
    mailbox->append(w);
    mailbox->run_granted();
  }

  /// Counts out `w`, which has left the wait list.
  static void withdrawn(placed_waiter<P>& w) noexcept {
    uring_per_ring* const mailbox = of(w);
    if (mailbox == nullptr) return;
    forget(w);
    if (mailbox == mine().mailbox) return mailbox->count_here(-1);
    mailbox->announce();
    mailbox->count_elsewhere();
  }

  /// Takes back `w`, which has left the wait list and which its owner gives up. Returns true if `w` has not run yet,
  /// and never will (I5).
  [[nodiscard]] static bool take_back(placed_waiter<P>& w) noexcept {
    uring_per_ring* const mailbox = mine().mailbox;
    if (mailbox == nullptr) return false;
    while (of(w) == mailbox) {  // in a granter's hands, or on the stack
      if (mailbox->leaving_) return false;  // its granter runs it
      // relaxed: take_in carries the order.
      P::await(mailbox->head_, [](std::uintptr_t head) { return head != empty; }, P::relaxed);
      mailbox->take_in();
    }
    if (of(w) != mailbox->tagged()) return false;
    mailbox->granted_.erase(w);
    mailbox->count_here(-1);
    forget(w);
    return true;
  }

 private:
  static constexpr std::uintptr_t empty = 0, left = 2, look = 4;
  static constexpr std::uintptr_t tag = 1;  // set in a waiter's address

  struct thread_state {
    uring_per_ring* mailbox = nullptr;   // open, or leaving
    Ring const* avoided = nullptr;  // refuses futex waits
  };
  [[nodiscard]] static thread_state& mine() noexcept { return P::template local<thread_state>(); }

  struct watch : Ring::operation {
    explicit watch(uring_per_ring& b) noexcept : Ring::operation(&completed), mailbox(b) {}
    static void completed(work<P>& w) noexcept {
      auto& self = static_cast<watch&>(w);
      self.mailbox.woken(self.result());
    }
    uring_per_ring& mailbox;
  };

  explicit uring_per_ring(Ring& r) noexcept : ring_(r), address_(r.address(head_)) {}

  static uring_per_ring* of(placed_waiter<P>& w) noexcept {
    // relaxed: a thread that may ask got the waiter by the list's lock, or is the only one that changes it.
    return static_cast<uring_per_ring*>(w.strategy_link().load(P::relaxed));
  }
  // relaxed: as above.
  static void forget(placed_waiter<P>& w) noexcept { w.strategy_link().store(nullptr, P::relaxed); }
  /// Returns what strategy_link() holds for the waiters in granted_.
  [[nodiscard]] uring_per_ring* tagged() noexcept {
    return reinterpret_cast<uring_per_ring*>(reinterpret_cast<std::uintptr_t>(this) | tag);
  }

  /// Returns the open mailbox of this thread's ring; null if there is none.
  static uring_per_ring* here() noexcept {
    thread_state& m = mine();
    if (m.mailbox != nullptr) [[likely]]
      return m.mailbox->leaving_ ? nullptr : m.mailbox;
    Ring* const ring = Ring::current();
    return ring == nullptr || ring == m.avoided ? nullptr : make(m, *ring);
  }
  [[gnu::noinline, gnu::cold]] static uring_per_ring* make(thread_state& m, Ring& ring) noexcept {
    m.mailbox = ::new (P::allocate(sizeof(uring_per_ring), alignof(uring_per_ring))) uring_per_ring(ring);
    m.mailbox->arm();
    return m.mailbox;
  }
  void free() noexcept {
    if (!granted_.empty()) P::broken("a ring's mailbox is freed with a waiter in it");
    std::destroy_at(this);
    P::deallocate(this, sizeof(uring_per_ring), alignof(uring_per_ring));
  }

  /// Pushes `w`, for a granter on another thread. The mailbox may be gone when it returns (I3).
  void push(placed_waiter<P>& w) noexcept {
    void const* const address = address_;
    // relaxed: a guess for the CAS.
    std::uintptr_t seen = head_.load(P::relaxed);
    do {
      if (seen == left) {
        forget(w);
        count_elsewhere();
        return w.hand_over();
      }
      w.strategy_word(seen);
      // release [M1]: publishes the waiter, its link, and what the granter did, pairs with [M2], [M3]. On failure
      // relaxed: a guess.
    } while (!head_.compare_exchange_weak(seen, reinterpret_cast<std::uintptr_t>(&w) | tag, P::release, P::relaxed));
    if (seen == empty) wake_sleeper<Ring>(address);
  }

  /// Tells the ring's thread that a waiter was withdrawn on another thread, because it may be in its loop for that
  /// waiter alone.
  ///
  /// head_ is written in any case, even with the value that it held. If a CAS that failed because of a stack were
  /// enough, it would be a load, and the stack may be old. The ring's thread may have taken it in already, together
  /// with the announcements so far, and then no thread would tell it of this announcement. After the RMW either the
  /// stack is still there, and taking it in sees the count, or head_ was empty, and the wake goes out.
  void announce() noexcept {
    void const* const ours = address_;
    // relaxed: a count; [M6] publishes it.
    announced_.fetch_add(1, P::relaxed);
    // relaxed: a guess for the CAS.
    std::uintptr_t seen = head_.load(P::relaxed);
    std::uintptr_t next = empty;
    do {
      if (seen == left) return;
      next = seen == empty ? look : seen;
      // release [M6]: publishes the count, pairs with [M2]. On failure relaxed: a guess.
    } while (!head_.compare_exchange_weak(seen, next, P::release, P::relaxed));
    if (seen == empty) wake_sleeper<Ring>(ours);
  }

  void take_in() noexcept {
    // relaxed: an old value hides no waiter for good, because the kernel looks at the newest one (I2).
    if (leaving_ || head_.load(P::relaxed) == empty) return;
    // acquire [M2]: sees the waiters and what their granters did, and what was announced, pairs with [M1], [M6].
    take_in(head_.exchange(empty, P::acquire));
    // relaxed: a count, see above.
    keep(-announced_.exchange(0, P::relaxed));
  }
  void take_in(std::uintptr_t stack) noexcept {
    std::uintptr_t oldest_first = empty;
    while ((stack & tag) != 0) {
      placed_waiter<P>& w = *reinterpret_cast<placed_waiter<P>*>(stack & ~tag);
      std::uintptr_t const next = w.strategy_word();
      w.strategy_word(oldest_first);
      oldest_first = std::exchange(stack, next);
    }
    while (oldest_first != empty) {
      placed_waiter<P>& w = *reinterpret_cast<placed_waiter<P>*>(oldest_first & ~tag);
      oldest_first = w.strategy_word();
      append(w);
    }
  }
  void append(placed_waiter<P>& w) noexcept {
    // relaxed: the waiter is this thread's alone, until it runs.
    w.strategy_link().store(tagged(), P::relaxed);
    granted_.push_back(w);
  }
  void run_granted() noexcept {
    while (work<P>* const next = granted_.pop_front()) {
      auto& w = static_cast<placed_waiter<P>&>(*next);
      count_here(-1);
      forget(w);
      w.hand_over();
    }
  }

  void arm() noexcept { ring_.watch(watch_, head_, static_cast<std::uint32_t>(empty)); }

  /// Handles the end of the wait. Whatever ended it, a waiter may have been granted.
  void woken(int result) noexcept {
    if (!may_wait_again(result)) return leave(result);
    take_in();
    run_granted();
    arm();
  }

  /// Leaves the ring, which is being destroyed, refuses the wait, or is the parent's since a fork (-EOWNERDEAD). Frees
  /// the mailbox if no waiter refers to it any more. After a fork it runs no waiter: those that were granted are run by
  /// the parent, and so keep the mailbox.
  void leave(int result) noexcept {
    thread_state& m = mine();
    if (result != -detail::canceled_error && result != -EOWNERDEAD) m.avoided = &ring_;
    leaving_ = true;
    // acquire [M3]: as [M2], pairs with [M1].
    std::uintptr_t const last = head_.exchange(left, P::acquire);
    if (result != -EOWNERDEAD) {
      take_in(last);
      run_granted();
    }
    m.mailbox = nullptr;
    keep(-kept_);
    std::int64_t const here = registered_.get();
    // acq_rel [M4]: as release, our last touch if another thread frees the mailbox, pairs with [M5]; as acquire, the
    // touches of the others are over if we free it, pairs with [M5].
    if (elsewhere_.fetch_add(here, P::acq_rel) + here == 0) free();
  }

  void count_here(std::int64_t change) noexcept {
    registered_.set(registered_.get() + change);
    keep(change);
  }
  void keep(std::int64_t change) noexcept {
    kept_ += change;
    ring_.keep(static_cast<int>(change));
  }
  void count_elsewhere() noexcept {
    // acq_rel [M5]: as release, our last touch, pairs with [M4], [M5]; as acquire, the last touch of all others, if we
    // free the mailbox, pairs with [M4], [M5].
    if (elsewhere_.fetch_sub(1, P::acq_rel) == 1) free();
  }

  typename P::template atomic<std::uintptr_t> head_{empty};            // the table at the top
  typename P::template atomic<std::int64_t> elsewhere_{std::int64_t{0}};  // I4
  typename P::template atomic<std::int64_t> announced_{std::int64_t{0}};  // I4
  typename P::template plain<std::int64_t> registered_{std::int64_t{0}};  // I4; all below: the ring's thread's
  Ring& ring_;
  void const* const address_;  // of head_, as the ring wakes it
  detail::work_list<P> granted_;  // taken in, oldest first, and not run yet
  std::int64_t kept_ = 0;
  bool leaving_ = false;
  watch watch_{*this};
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
