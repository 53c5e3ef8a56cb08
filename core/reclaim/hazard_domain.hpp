// surewake/core/reclaim/hazard_domain.hpp: which thread reclaims, and when; the slots in which readers announce
// objects, and the lists of objects that wait.
//
//   slot    made or taken --> held by a hazard_pointer --put back--> in a thread's store of free slots, which takes it
//           from there, or taken = 0: any thread may take it. A slot belongs to its domain and lasts as long.
//
//   record  a thread's part of a domain: its waiting objects, its free slots.
//           owned --thread ends--> left --another thread's first use--> owned
//                                  left --a scan takes its objects--> vacant --first use--> owned
//           any --domain ends--> gone: of domain and thread, the second to end frees it
//
// Invariants
//   I1  A reader writes to its slot, executes the light fence, and reads the source. It goes on only if the source
//       still leads to what the slot says. A scan comes after the unlinking, executes the heavy fence, and reads the
//       slots. One of the two fences comes first, so either the scan sees the slot, or the reader sees the unlinking.
//   I2  Each waiting object is in one list, and each list has one owner. Ownership of a record goes with its state. The
//       objects of threads without a record are in alone_, from which a scan takes all by one exchange.
//   I3  A scan of n slots leaves at most n objects. Let H be the number of slots. A thread scans at `threshold()` =
//       max(64, 2 H) objects, and takes over the objects of at most one thread that left. So at any time
//         retired, not reclaimed  <=  2 R max(64, 2 H)          (`most_unreclaimed()`)
//       where R is the number of records: the most threads that used the domain at one time, plus one for each scan
//       that held a left record just then. A thread that stalls, holding slots or within a scan, does not change the
//       bound. Not counted is what a deleter retires beyond one object each, and what threads without a record retire
//       (because memory is exhausted, or the thread's own storage is destroyed); those threads scan at once.
//   I4  Within a deleter that a scan runs, neither retire() nor clean_up() of the same domain and thread runs another
//       deleter. What a deleter retires is left to the call under way, which looks again. So a chain of any length
//       takes bounded stack, with a record and without. (An earlier version assumed that a thread without a record
//       retires single objects. Then a structure with static storage, whose nodes retire the next node, overflowed the
//       stack at exit.)
// Progress  retire is wait-free, a scan apart; a scan makes R + H steps on what threads share, then what the deleters
//           make. Lock-free: a thread's first use, taking a slot, and retire of a thread without a record. clean_up()
//           ends when the deleters retire no more.   Errors  retire throws nothing, whatever allocation does.
// Cost      a scan sorts 64 announcements at a time on the stack, without allocation. See hazard_pointer.hpp for times.
// Source    M. Michael, "Hazard pointers", TPDS 2004 [@michael2004]; domains, cohorts apart, as in P2530 (C++26).
// Checked   models/reclaim/: lowering any one of its orders is caught (`surewake-verify weaken
//           core/reclaim/hazard_domain.hpp`; verify/orders.csv); core/reclaim/hazard_pointer_stress.test.cpp.
#pragma once

#include <surewake/core/reclaim/retired.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <new>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class basic_hazard_pointer;

/// Hazard pointers of one domain protect objects retired to that domain, and none of another.
///
/// Lifetime  must outlive its hazard pointers and every use; its end reclaims all that was retired to it. Threads that
///           used it may end before it, after it, or at the same time.
template <platform P> class hazard_domain {
  template <class T> using atomic = typename P::template atomic<T>;
  template <class T> using plain = typename P::template plain<T>;

 public:
  /// Cost  the first domain of a process asks the kernel for its fences (asymmetric_fence.hpp).
  hazard_domain() noexcept : id_(P::template shared<identities>().take()) {
    if constexpr (requires { P::prepare_fences(); }) P::prepare_fences();
  }
  hazard_domain(hazard_domain const&) = delete;
  hazard_domain& operator=(hazard_domain const&) = delete;
  ~hazard_domain();

  /// Makes what this thread needs of the domain to hold `slots` hazard pointers at a time. Up to that many the thread
  /// allocates nothing here any more, until it ends, and takes no slot that other threads see.
  ///
  /// Cost    `slots` slots and a record, which the thread keeps. Without it a thread makes them as it needs them.
  /// Errors  std::bad_alloc; what was made by then is kept.
  void prepare_thread(std::size_t slots);

  /// Reclaims what this thread, threads that ended and threads without a record retired, less what is held. It also
  /// reclaims what the deleters retire meanwhile, and ends when they retire no more. What other living threads retired
  /// is theirs. If a deleter that a scan of this domain runs on this thread calls it, it leaves all to that scan.
  ///
  /// Runs    deleters, on this thread, inside the call.   Errors  none.
  void clean_up() noexcept;

  /// Destroys `r`, which no thread can reach any more, as soon as no slot holds it. The caller has seen its unlinking.
  ///
  /// Orders  what a reader did with an object before its protection ended comes before the object's deleter.
  /// Runs    a scan runs deleters on this thread, inside the call: of what this thread retired, and of what one thread
  ///         that ended has left.
  /// Errors  none; std::terminate where a deleter throws.
  void retire(retired<P>& r) noexcept;

  /// Return H and R of the bound (I3), and the bound, as snapshots.
  [[nodiscard]] std::size_t slots() const noexcept {
    // relaxed: an estimate of how many may be held; a scan walks the list itself.
    return slot_count_.load(P::relaxed);
  }
  [[nodiscard]] std::size_t records() const noexcept {
    // relaxed: for monitoring.
    return record_count_.load(P::relaxed);
  }
  [[nodiscard]] std::size_t most_unreclaimed() const noexcept { return 2 * records() * threshold(); }

 private:
  friend class basic_hazard_pointer<P>;

  static constexpr std::size_t scan_at = P::scaled(64, 1);         // a scan takes at least that many objects,
  static constexpr std::size_t scan_at_per_slot = P::scaled(2, 0);  // and that many for each slot
  static constexpr std::size_t chunk = P::scaled(64, 2);            // slots that a scan looks at together
  static constexpr std::size_t most_free_slots = P::scaled(8, 1);   // that a thread keeps, unless it prepared for more

  enum class ownership : std::uint32_t { owned, left, vacant, gone };

  struct alignas(64) slot {
    explicit slot(hazard_domain& d) noexcept : domain(d) {}
    atomic<retired<P> const*> announced{nullptr};  // written by the holder only
    atomic<std::uint32_t> taken{1U};               // 0: the thread that sets it to 1 holds the slot
    hazard_domain& domain;
    plain<slot*> next{nullptr};       // in the domain's list, set before it is there
    plain<slot*> next_free{nullptr};  // in a thread's store
  };

  struct alignas(64) record {
    explicit record(std::int64_t domain) noexcept : domain_id(domain) {}
    /// Only lets a checker see that the end of a record comes after every other access.
    ~record() {
      next.set(nullptr);
      next_of_thread.set(nullptr);
    }
    atomic<ownership> owner{ownership::owned};
    std::int64_t const domain_id;
    plain<record*> next{nullptr};            // in the domain's list, set before it is there
    plain<record*> next_of_thread{nullptr};  // the owner's, as all below
    plain<slot*> free_slots{nullptr};
    plain<std::size_t> free_count{0};
    plain<std::size_t> keeps{most_free_slots};
    plain<bool> scanning{false};
    retired_list<P> waiting;
  };

  /// Numbers domains, because a domain may be made where another one was.
  struct identities {
    // relaxed: only so that no two numbers are the same.
    [[nodiscard]] std::int64_t take() noexcept { return next.fetch_add(1, P::relaxed); }
    atomic<std::int64_t> next{1};
  };

  /// A thread's call that scans without a record. It lies in this call's frame.
  struct alone_scan {
    hazard_domain const* domain;
    bool again;         // a deleter has retired to the domain meanwhile
    alone_scan* outer;  // another domain's scan, whose deleter made this call
  };

  /// A thread's records. Trivial, so that it can be used until the thread's very end.
  struct attachments {
    record* first;
    bool over;  // the thread's storage is being destroyed, so it gets no record any more
    alone_scan* scans;
  };
  struct leaver {
    ~leaver();
  };

  [[nodiscard]] std::size_t threshold() const noexcept { return std::max(scan_at, scan_at_per_slot * slots()); }

  [[nodiscard]] slot& take_slot();
  [[nodiscard]] slot& make_slot();
  void put_back(slot& s) noexcept;

  [[nodiscard]] record* attached() noexcept;
  [[nodiscard]] record* attach();
  [[nodiscard]] record* attach_if_possible() noexcept;
  [[nodiscard]] record* adopt() noexcept;
  static void forget_gone(attachments& mine) noexcept;

  enum class scope : std::uint8_t { enough, all };

  void scan(record& mine, scope until) noexcept;
  void scan_alone(scope until) noexcept;
  bool take_left(retired_list<P>& work) noexcept;
  void take_alone(retired_list<P>& work) noexcept;
  void push_alone(retired<P>& r) noexcept;
  void reclaim_unheld(retired_list<P>& work) noexcept;

  template <class Node> static void push(atomic<Node*>& head, Node& n) noexcept {
    // relaxed: a guess for the exchange.
    Node* first = head.load(P::relaxed);
    do {
      n.next.set(first);
      // release [D1]: publishes the node with its link, pairs with [D2], [D3], [D4]. On failure relaxed: the next
      // guess.
    } while (!head.compare_exchange_weak(first, &n, P::release, P::relaxed));
  }

  std::int64_t const id_;
  atomic<slot*> slots_{nullptr};
  atomic<record*> records_{nullptr};
  atomic<retired<P>*> alone_{nullptr};  // retired by threads without a record
  atomic<std::size_t> slot_count_{0};
  atomic<std::size_t> record_count_{0};
};

/// Returns the domain that is used where none is named.
template <platform P> [[nodiscard]] hazard_domain<P>& hazard_pointer_default_domain() noexcept {
  return P::template shared<hazard_domain<P>>();
}

/// Reclaims now what can be reclaimed of `domain`; see hazard_domain::clean_up.
template <platform P>
void hazard_pointer_clean_up(hazard_domain<P>& domain = hazard_pointer_default_domain<P>()) noexcept {
  domain.clean_up();
}

// Slots ---------------------------------------------------------------------------------------------------------------

template <platform P> auto hazard_domain<P>::take_slot() -> slot& {
  record* mine = attached();
  if (mine == nullptr) mine = attach();
  if (mine != nullptr) {
    if (slot* const s = mine->free_slots.get()) {
      mine->free_slots.set(s->next_free.get());
      mine->free_count.set(mine->free_count.get() - 1);
      return *s;
    }
  }
  // acquire [D2]: sees the slots, pairs with [D1].
  for (slot* s = slots_.load(P::acquire); s != nullptr; s = s->next.get()) {
    // relaxed: a guess for the exchange.
    if (s->taken.load(P::relaxed) != 0U) continue;
    std::uint32_t free = 0U;
    // acquire [D5]: what its last holder wrote into it is over, pairs with [D6]. On failure relaxed: another thread
    // took it.
    if (s->taken.compare_exchange_strong(free, 1U, P::acquire, P::relaxed)) return *s;
  }
  return make_slot();
}

template <platform P> auto hazard_domain<P>::make_slot() -> slot& {
  slot& s = *platform_new<slot, P>(*this);
  // relaxed: an estimate, see slots().
  slot_count_.fetch_add(1, P::relaxed);
  push(slots_, s);
  return s;
}

template <platform P> void hazard_domain<P>::put_back(slot& s) noexcept {
  if (record* const mine = attached(); mine != nullptr && mine->free_count.get() < mine->keeps.get()) {
    s.next_free.set(mine->free_slots.get());
    mine->free_slots.set(&s);
    mine->free_count.set(mine->free_count.get() + 1);
  } else {
    // release [D6]: the next holder comes after this one, pairs with [D5].
    s.taken.store(0U, P::release);
  }
}

// Records -------------------------------------------------------------------------------------------------------------

template <platform P> auto hazard_domain<P>::attached() noexcept -> record* {
  record* r = P::template local<attachments>().first;
  while (r != nullptr && r->domain_id != id_) r = r->next_of_thread.get();
  return r;
}

/// Returns this thread's new record, or null if the thread's storage is being destroyed.
template <platform P> auto hazard_domain<P>::attach() -> record* {
  attachments& mine = P::template local<attachments>();
  if (mine.over) return nullptr;
  static_cast<void>(P::template local<leaver>());
  forget_gone(mine);
  record* r = adopt();
  if (r == nullptr) {
    r = platform_new<record, P>(id_);
    // relaxed: for monitoring.
    record_count_.fetch_add(1, P::relaxed);
    push(records_, *r);
  }
  r->keeps.set(most_free_slots);
  r->next_of_thread.set(mine.first);
  mine.first = r;
  return r;
}

template <platform P> void hazard_domain<P>::prepare_thread(std::size_t slots) {
  record* mine = attached();
  if (mine == nullptr) mine = attach();
  if (mine == nullptr) return;  // the thread ends
  mine->keeps.set(std::max(slots, mine->keeps.get()));
  while (mine->free_count.get() < slots) put_back(make_slot());
}

template <platform P> auto hazard_domain<P>::attach_if_possible() noexcept -> record* {
  if (record* const r = attached()) return r;
  try {
    return attach();
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

/// Returns a record that its thread left, with what waits in it; null if there is none.
template <platform P> auto hazard_domain<P>::adopt() noexcept -> record* {
  // acquire [D3]: sees the records, pairs with [D1].
  for (record* r = records_.load(P::acquire); r != nullptr; r = r->next.get()) {
    // relaxed: a guess for the exchange.
    ownership now = r->owner.load(P::relaxed);
    while (now == ownership::left || now == ownership::vacant) {
      // acquire [D7]: sees the lists as their last owner left them, pairs with [D8], [D9]. On failure relaxed: the next
      // guess.
      if (r->owner.compare_exchange_strong(now, ownership::owned, P::acquire, P::relaxed)) return r;
    }
  }
  return nullptr;
}

template <platform P> hazard_domain<P>::leaver::~leaver() {
  attachments& mine = P::template local<attachments>();
  mine.over = true;
  while (record* const r = mine.first) {
    mine.first = r->next_of_thread.get();
    // acq_rel [D8]: as release, the lists go to the thread that adopts them, pairs with [D7], [D10], [D11]; as acquire,
    // the domain has done with a record that is gone, pairs with [D11].
    if (r->owner.exchange(ownership::left, P::acq_rel) == ownership::gone) platform_delete<P>{}(r);
  }
}

/// Drops the records of domains that have ended.
template <platform P> void hazard_domain<P>::forget_gone(attachments& mine) noexcept {
  record* behind = nullptr;
  for (record* r = mine.first; r != nullptr;) {
    record* const next = r->next_of_thread.get();
    // acquire [D12]: the domain has done with it, pairs with [D11].
    if (r->owner.load(P::acquire) != ownership::gone) {
      behind = r;
    } else {
      behind != nullptr ? behind->next_of_thread.set(next) : void(mine.first = next);
      platform_delete<P>{}(r);
    }
    r = next;
  }
}

// Reclaiming ----------------------------------------------------------------------------------------------------------

template <platform P> void hazard_domain<P>::retire(retired<P>& r) noexcept {
  if (record* const mine = attach_if_possible()) {
    mine->waiting.push(r);
    if (mine->waiting.size() >= threshold() && !mine->scanning.get()) scan(*mine, scope::enough);
  } else {
    push_alone(r);
    scan_alone(scope::enough);
  }
}

template <platform P> void hazard_domain<P>::clean_up() noexcept {
  record* const mine = attach_if_possible();
  if (mine == nullptr) return scan_alone(scope::all);
  if (!mine->scanning.get()) scan(*mine, scope::all);  // otherwise a deleter calls it: I4
}

template <platform P> void hazard_domain<P>::scan(record& mine, scope until) noexcept {
  mine.scanning.set(true);
  for (bool again = true; again;) {
    retired_list<P> work;
    work.take(mine.waiting);
    bool const took_left = take_left(work);
    if (until == scope::all) take_alone(work);
    reclaim_unheld(work);
    bool const more = !mine.waiting.empty();  // retired by deleters
    again = until == scope::all ? more || took_left : more && mine.waiting.size() + work.size() >= threshold();
    mine.waiting.take(work);
  }
  mine.scanning.set(false);
}

/// Reclaims the objects of threads without a record; those of threads that left as well, if `until` says so.
template <platform P> void hazard_domain<P>::scan_alone(scope until) noexcept {
  attachments& mine = P::template local<attachments>();
  for (alone_scan* s = mine.scans; s != nullptr; s = s->outer) {
    if (s->domain == this) return void(s->again = true);  // I4
  }
  alone_scan here{this, true, mine.scans};
  mine.scans = &here;
  while (std::exchange(here.again, false)) {
    retired_list<P> work;
    if (until == scope::all) here.again = take_left(work);
    take_alone(work);
    if (!work.empty()) reclaim_unheld(work);
    while (retired<P>* const r = work.pop()) push_alone(*r);
  }
  mine.scans = here.outer;
}

/// Takes the objects of one thread that left into `work`. Returns whether there was such a thread.
template <platform P> bool hazard_domain<P>::take_left(retired_list<P>& work) noexcept {
  // acquire: as [D3].
  for (record* r = records_.load(P::acquire); r != nullptr; r = r->next.get()) {
    // relaxed: a guess for the exchange.
    ownership now = r->owner.load(P::relaxed);
    // acquire [D10]: sees the list as the thread left it, pairs with [D8]. On failure relaxed: another thread's now.
    if (now != ownership::left || !r->owner.compare_exchange_strong(now, ownership::owned, P::acquire, P::relaxed))
      continue;
    work.take(r->waiting);
    // release [D9]: the next owner finds the list as it is now, pairs with [D7], [D11].
    r->owner.store(ownership::vacant, P::release);
    return true;
  }
  return false;
}

template <platform P> void hazard_domain<P>::push_alone(retired<P>& r) noexcept {
  // relaxed: a guess for the exchange.
  retired<P>* first = alone_.load(P::relaxed);
  do {
    r.link_to(first);
    // release [D13]: publishes the object and its unlinking, pairs with [D14]. On failure relaxed: the next guess.
  } while (!alone_.compare_exchange_weak(first, &r, P::release, P::relaxed));
}

template <platform P> void hazard_domain<P>::take_alone(retired_list<P>& work) noexcept {
  // relaxed: nearly always there is none; a call that misses an object leaves it to the next call.
  if (alone_.load(P::relaxed) == nullptr) return;
  // acquire [D14]: sees the objects, pairs with [D13].
  for (retired<P>* r = alone_.exchange(nullptr, P::acquire); r != nullptr;) {
    retired<P>* const next = r->next();
    work.push(*r);
    r = next;
  }
}

/// Reclaims what no slot holds and leaves the rest in `work`.
template <platform P> void hazard_domain<P>::reclaim_unheld(retired_list<P>& work) noexcept {
  // seq_cst [D15]: a reader announces and then reads the source; here the source was changed, and then the slots are
  // read. They must not both miss the other (I1), pairs with hazard_pointer.hpp [H3].
  P::heavy_fence(P::seq_cst);
  retired_list<P> held;
  // acquire [D4]: sees the slots, pairs with [D1]. Because of the fence it is not older than any slot that matters.
  for (slot* s = slots_.load(P::acquire); s != nullptr && !work.empty();) {
    std::array<retired<P> const*, chunk> announced;  // in order of address
    auto end = announced.begin();
    for (; s != nullptr && end != announced.end(); s = s->next.get()) {
      // acquire [D16]: the thread that held the object before has done with it, pairs with hazard_pointer.hpp [H2] and
      // hazard_pointer.hpp [H4].
      if (retired<P> const* const p = s->announced.load(P::acquire)) {
        auto const place = std::upper_bound(announced.begin(), end, p, std::less<>{});
        std::move_backward(place, end, end + 1);
        *place = p;
        ++end;
      }
    }
    retired_list<P> unheld;
    while (retired<P>* const r = work.pop()) {
      (std::binary_search(announced.begin(), end, r, std::less<>{}) ? held : unheld).push(*r);
    }
    work.take(unheld);
  }
  while (retired<P>* const r = work.pop()) r->reclaim();
  work.take(held);
}

template <platform P> hazard_domain<P>::~hazard_domain() {
  // The domain is not used any more, except by deleters that retire to it, and by threads that end.
  for (bool some = true; some;) {
    retired_list<P> work;
    take_alone(work);
    // relaxed: every use happens before the end, by contract.
    for (record* r = records_.load(P::relaxed); r != nullptr; r = r->next.get()) work.take(r->waiting);
    some = !work.empty();
    while (retired<P>* const r = work.pop()) r->reclaim();
  }
  // relaxed: as above.
  for (record* r = records_.load(P::relaxed); r != nullptr;) {
    record* const next = r->next.get();
    // acq_rel [D11]: as release, a thread that ends later frees a record that nothing else uses, pairs with [D8],
    // [D12]; as acquire, a thread that has ended is not in it any more, pairs with [D8], [D9].
    if (r->owner.exchange(ownership::gone, P::acq_rel) != ownership::owned) platform_delete<P>{}(r);
    r = next;
  }
  // relaxed: as above.
  for (slot* s = slots_.load(P::relaxed); s != nullptr;) {
    slot* const next = s->next.get();
    platform_delete<P>{}(s);
    s = next;
  }
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
