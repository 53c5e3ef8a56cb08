// surewake/queues/parts/uring_per_waiter.hpp: the layout *per waiter* of uring_futex, in which each waiter sleeps by a
// futex wait of its own.
//
// Terms     A *slot* is what a waiter sleeps in: the operation of a futex wait, with the word on which it waits. A slot
//           is *left* when its ring is destroyed or refuses the wait before the waiter was granted or withdrawn.
//
//   a slot's word:   waiting    --granter--> granted       and a wake: the wait's completion hands the waiter over
//                    waiting    --withdrawal--> gone       and a cancellation, or from another thread a wake
//                    waiting    --the ring is destroyed, or refuses the wait--> left --granter--> granted
//                               the granter hands the waiter over itself
//                    left       --the thread ends--> abandoned --granter, withdrawal-->  that thread frees the slot
//
// Invariants
//   I1  A slot belongs to the thread whose ring its wait is on, and is valid while that thread lives. The granter's (or
//       the withdrawing thread's) exchange of the word is its last touch. The wake that follows uses the address only.
//   I2  A slot is used again only when its wait is complete, so a late completion finds the slot as the wait left it.
//   I3  A wait that was cancelled may have been woken instead, so the word, not the result, says what happened.
//   I4  On its own thread a waiter that was granted and has not run can be taken back; then the slot's completion finds
//       no waiter. So a coroutine may be destroyed there at any time.
//   I5  A granter that finds a slot left is done with it before it takes the slot's address out of the waiter. By then
//       the thread may have given the slot to another waiter. So what a waiter says of its slot counts only on the
//       slot's own thread, and only as long as the slot says the same.
// Progress  uring_wait_list's; after its lock a grant is one RMW, and one wake of the kernel's. A thread that gives up
//           a waiter of its own ring as that waiter is granted waits for a granter that is about to do its RMW:
//           take_back().
// Errors    none thrown. A ring that refuses the futex wait is left at once.
// Cost      a wait and a wake of the kernel's for each waiter, on one ring too; kernel memory; slots are kept for
//           reuse. A cancellation costs the kernel time linear in the number of armed waits (`surewake-bench run
//           uring`).
// Source    compio-sync's io_uring queue, with a word for each waiter in place of one word for all, so that a wake is
//           never meant for another waiter. [@compiosync]
// Checked   models/uring/ over its kernel.hpp and, on execution graphs, over its waiting_ring.hpp; all other models
//           with a ring on every thread; seeded bugs: models/bugs/*.bug. `surewake-verify weaken`: verify/orders.csv.
// Survived  [S6]: on success there is nothing to see yet.
#pragma once

#include <surewake/queues/parts/futex_ring.hpp>

#include <new>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P, class Ring>
  requires futex_ring<Ring, P>
class uring_per_waiter {
  class slot;

 public:
  static constexpr char const* name = "per waiter";
  static constexpr bool runs_in_order = Ring::completes_in_order;

  /// Returns the slot in which `w` will sleep, null if there is none. Called before `w` is enqueued, on its thread.
  [[nodiscard]] static slot* enter(placed_waiter<P>& w) noexcept {
    Ring* const ring = w.handle() != nullptr ? Ring::current() : nullptr;
    slot* const s = ring != nullptr ? mine().take(*ring) : nullptr;
    if (s != nullptr) {
      s->occupant.set(&w);
      w.strategy_word(s->owner);
      // relaxed: published with the waiter, by the list's lock.
      s->word.store(waiting, P::relaxed);
    }
    // relaxed: as above.
    w.strategy_link().store(s, P::relaxed);
    return s;
  }
  /// Begins the sleep in `s` of a waiter that was registered, and that another thread may have by now.
  static void entered(slot* s) noexcept {
    if (s != nullptr) arm(*s);
  }
  /// Gives the slot `s` of `w` back, because `w` was not registered.
  static void refused(placed_waiter<P>& w, slot* s) noexcept {
    forget(w);
    if (s == nullptr) return;
    s->occupant.set(nullptr);
    mine().free.push_back(*s);
  }

  /// Hands `w` over, through its wait if it has a wait.
  static void deliver(placed_waiter<P>& w) noexcept {
    slot* const s = of(w);
    if (s == nullptr) return w.hand_over();
    void const* const address = Ring::address(s->word);
    // acq_rel [S1]: as release, what the granter did goes to the waiter's thread, pairs with [S4], [S5], [S6],
    // [S7], [S8]; as acquire, for the thread that frees the slot, pairs with [S4].
    std::uint32_t const before = s->word.exchange(granted, P::acq_rel);
    if (before == waiting) return wake_sleeper<Ring>(address);
    forget(w);
    if (before == abandoned) free_slot(*s);
    w.hand_over();
  }

  /// Ends the sleep of `w`, which has left the wait list.
  static void withdrawn(placed_waiter<P>& w) noexcept {
    slot* const s = of(w);
    if (s == nullptr) return;
    forget(w);
    void const* const address = Ring::address(s->word);
    bool const own = w.strategy_word() == own_number();
    // acq_rel [S3]: as release, our last touch if the thread of the slot uses it again or frees it, pairs with [S4],
    // [S5], [S6], [S7]; as acquire, for the thread that frees it, pairs with [S4].
    std::uint32_t const before = s->word.exchange(gone, P::acq_rel);
    if (before == abandoned) return free_slot(*s);
    if (before == left) return;
    if (!own) return wake_sleeper<Ring>(address);
    s->ring->cancel(*s);
  }

  /// Takes back `w`, which has left the wait list and which its owner gives up. Returns true if `w` has not run yet,
  /// and never will (I4).
  [[nodiscard]] static bool take_back(placed_waiter<P>& w) noexcept {
    slot* const s = of(w);
    if (s == nullptr || w.strategy_word() != own_number() || s->has_left || s->occupant.get() != &w) {
      return false;  // I5
    }
    // acquire [S8]: the granter is done with the waiter, whose strategy_link() it read, pairs with [S1].
    P::await(s->word, [](std::uint32_t v) { return v != waiting; }, P::acquire);
    s->occupant.set(nullptr);
    forget(w);
    return true;
  }

 private:
  static constexpr std::uint32_t waiting = 0, granted = 1, gone = 2, left = 3, abandoned = 4;

  class slot : public Ring::operation {
   public:
    slot(Ring& r, std::uint64_t o) noexcept : Ring::operation(&completed), owner(o), ring(&r) {}

    typename P::template atomic<std::uint32_t> word{waiting};  // the table at the top
    typename P::template plain<placed_waiter<P>*> occupant{nullptr};  // all below: the owner's thread's
    std::uint64_t const owner;
    Ring* ring;
    bool has_left = false;

   private:
    static void completed(work<P>& w) noexcept {
      auto& self = static_cast<slot&>(w);
      over(self, self.result());
    }
  };

  /// The slots of one thread.
  struct thread_state {
    detail::work_list<P> free{};            // not in use
    detail::work_list<P> behind{};          // left, and not yet granted or withdrawn when last looked at
    Ring const* avoided = nullptr;  // refuses futex waits

    thread_state() = default;
    thread_state(thread_state const&) = delete;
    thread_state& operator=(thread_state const&) = delete;
    ~thread_state() {
      while (work<P>* const w = behind.pop_front()) abandon(static_cast<slot&>(*w));
      while (work<P>* const w = free.pop_front()) free_slot(static_cast<slot&>(*w));
    }

    slot* take(Ring& ring) noexcept {
      if (&ring == avoided) return nullptr;
      auto* s = static_cast<slot*>(behind.front());
      // acquire [S7]: the granter or withdrawing thread of a slot that was left is done with it, pairs with [S1], [S3].
      if (s != nullptr && s->word.load(P::acquire) != left) {
        behind.erase(*s);
        s->has_left = false;
      } else {
        s = static_cast<slot*>(free.pop_front());
      }
      if (s == nullptr) s = ::new (P::allocate(sizeof(slot), alignof(slot))) slot(ring, own_number());
      s->ring = &ring;
      return s;
    }
  };
  struct next_number {
    typename P::template atomic<std::uint64_t> value{std::uint64_t{1}};
  };
  /// Trivially destructible, so that it stays the same until the thread's last step, unlike thread_state.
  struct number {
    // relaxed: only a number that no other thread has.
    std::uint64_t value = P::template shared<next_number>().value.fetch_add(1, P::relaxed);
  };
  [[nodiscard]] static std::uint64_t own_number() noexcept { return P::template local<number>().value; }
  [[nodiscard]] static thread_state& mine() noexcept { return P::template local<thread_state>(); }

  // relaxed: a thread that may ask got the waiter by the list's lock, or is the only one that changes it.
  static slot* of(placed_waiter<P>& w) noexcept { return static_cast<slot*>(w.strategy_link().load(P::relaxed)); }
  // relaxed: as above.
  static void forget(placed_waiter<P>& w) noexcept { w.strategy_link().store(nullptr, P::relaxed); }
  /// Abandons `s`, because its thread ends: the granter or withdrawing thread that comes later frees it.
  static void abandon(slot& s) noexcept {
    s.occupant.set(nullptr);
    std::uint32_t seen = left;
    // release [S4]: leaves the slot to the next thread that comes, pairs with [S1], [S3]. On failure acquire: that
    // thread has come and is done with it, pairs with [S1], [S3].
    if (!s.word.compare_exchange_strong(seen, abandoned, P::release, P::acquire)) free_slot(s);
  }
  static void free_slot(slot& s) noexcept {
    if (s.occupant.get() != nullptr) P::broken("a slot is freed with a waiter in it");
    std::destroy_at(&s);
    P::deallocate(&s, sizeof(slot), alignof(slot));
  }

  static void arm(slot& s) noexcept { s.ring->wait(s, s.word, waiting); }

  /// Leaves `s` to its granter. Returns false if the granter has come or the waiter has gone; then `seen` is the word.
  [[nodiscard]] static bool leave_to_granter(slot& s, std::uint32_t& seen) noexcept {
    // acquire [S6]: on failure acquire, as [S5], pairs with [S1], [S3]. On success nothing is published, as the thread
    // that finds `left` does not look into the slot; relaxed would do, but g++ 12 warns of a failure order that is
    // stronger.
    return s.word.compare_exchange_strong(seen, left, P::acquire, P::acquire);
  }

  /// Handles the completion of the wait of `s`.
  static void over(slot& s, int result) noexcept {
    // acquire [S5]: sees what the granter did, or that the withdrawing thread is done, pairs with [S1], [S3].
    std::uint32_t seen = s.word.load(P::acquire);
    if (seen == waiting && may_wait_again(result)) return arm(s);
    if (seen == waiting) {
      if (result != -ECANCELED && result != -EOWNERDEAD) mine().avoided = s.ring;
      if (leave_to_granter(s, seen)) {
        s.has_left = true;
        return mine().behind.push_back(s);
      }
    }
    if (result == -EOWNERDEAD && seen == granted) return;  // the parent runs it
    placed_waiter<P>* const w = seen == granted ? s.occupant.get() : nullptr;
    s.occupant.set(nullptr);
    mine().free.push_back(s);
    if (w == nullptr) return;
    forget(*w);
    w->hand_over();
  }
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
