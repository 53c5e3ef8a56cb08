// surewake/core/semaphore/monitor_synchronizer.hpp: hand-off in which permits and waiters share one lock, so that a
// hand-over costs one locked RMW.
//
// The word: | arrivals, 14 bits | count + 2^47, 48 bits | closed | contended |
//
// Terms
//   open       contended = 0: count permits are free, and nobody waits
//   contended  contended = 1: every operation passes lock_; the free permits, if any, are in free_
//   arrival    a take() or give_back() that changed the word
//   part       what an arrival adds to count: -n or n. A take that meets the open word with too few permits adds its
//              part *in vain*, and gives it back under lock_
//   departed_  while contended: the arrivals that met the open word, and those that have passed lock_ since
//   recalled_  permits that are out, and that nobody gets: of what comes back, the first that many cease to exist
//   hidden_    ≤ 0, while contended and not closed: by how much the parts added in vain and not given back exceed the
//              permits that were free as the word became contended. While no arrival is pending, count = hidden_
//
//   open --an acquire found too few permits, under lock_--> contended     the free permits move from count to free_
//   contended --nobody waits, permits are left, no arrival is pending--> open    they move back, without lock_
//   open or contended --set_total, of less than are out--> contended, until the recalled ones have come back
//   open or contended --close--> contended and closed, for good           the free permits stay in, or go to, count
//
// While the word is contended, an acquire is lock, push, unlock, and a release is lock, pop, unlock: one RMW each. A
// counter beside a locked list (counter_synchronizer.hpp) needs two each. The word stays contended when the last waiter
// has left, until a permit is left over; so two tasks that pass one permit to and fro never write the word.
//
// Invariants
//   I1  Nobody waits while the word is open. `contended` changes under lock_ only.
//   I2  take and give_back add their part and one arrival to the word by one RMW, and its result tells which state they
//       met. A part that met the open word is final, unless it is that of a take which found too few permits. A part
//       that met the contended word is taken back under lock_, by the thread that added it.
//   I3  The word is opened only when every arrival that met it contended has passed lock_ (arrivals = departed_). So
//       such a part never meets the word in a later state, and no other thread can have spent it: the permits of a
//       release become available when that release, under lock_, says so. `arrivals` wraps out of the word's top, which
//       is why at most 2^14 - 1 threads may be inside at once.
//   I4  When the word becomes contended, parts that were added in vain may hide free permits. The free permits that
//       exceed these parts go to free_; otherwise hidden_ is what lacks. Each of these takes gives its part back under
//       lock_. What then rises above 0 was a free permit, and goes to free_. When the word is opened, hidden_ stays in
//       count, below 0, and is counted again when the word becomes contended the next time.
//   I5  At rest, free_ = 0: permits that are free are in count, and the word is open or closed. Only the first waiter
//       may have a part of what it wants assigned. No grant is ever on its way, so a withdrawal finds its waiter in the
//       list, or taken out of it with all that it wants, and no grant has to be refused (semaphore.hpp, law 3).
//   I6  The thread that took a waiter out of the list hands it over with lock_ released, and does not access it
//       afterwards. Permits that are due after it stay with that thread meanwhile: no other thread can deliver them. So
//       a waiter still waits for them, or has given up and nobody has got them; either way the synchronizer exists when
//       the thread comes back (semaphore.hpp, Lifetime). The last waiter that is handed over may destroy it.
//   I7  While recalled_ > 0 the word is contended, so every operation passes lock_, and no permit is free unless it is
//       closed. What comes back is kept first, under lock_, before a waiter or an arriving acquire may have it. The
//       thread that keeps the last recalled permit takes those that wait for it (wait_recalled) out of their list in
//       the same section, and hands them over with lock_ released, from a list of its own. If all permits were
//       recalled, such a waiter, or a thread that passes lock_ later and finds recalled_ = 0, may destroy the
//       synchronizer. There is no permit to give then, so the thread that kept the last one touches nothing after its
//       unlock.
//   I8  Permits that exist, less recalled_, are the total. write_off() lowers the total without lock_ while none is
//       recalled. If set_total() came between its look and its RMW, the total may be too small for n. The missing part
//       is among the permits that set_total() recalled then; write_off() keeps it there and puts it back into the
//       total, which is below 0 meanwhile at the lowest. A set_total() that finds it below 0 leaves room for that.
// Progress  `progress` below. Open: permits suffice. Many: the word is contended, and a thread that has met it so looks
//           again before its RMW.
// Fairness  FIFO in the order of lock_; try_take never overtakes.   Errors  none.
// Range     2^14 - 1 threads inside at once, of at most 2^31 - 1 permits each, so |count| < 2^46. Waiters are not
//           counted in the word.
// Source    ours. The lock under contention is that of tokio's batch_semaphore, entered because of what one fetch_sub
//           found (as in CQS) and not on every release. A contended word that outlives its last waiter is biased
//           towards the next one. [@tokio] [@cqs2023]
// Checked   models/ under hand_off over intrusive_list. `surewake-verify weaken
//           core/semaphore/monitor_synchronizer.hpp`: lowering any of [G1] to [G8] is caught ([G3] by
//           try_acquire_against_waiter, [G5] by work_of_all_holders).
#pragma once

#include <surewake/core/semaphore/synchronizer.hpp>
#include <surewake/core/semaphore/wait_list.hpp>

#include <algorithm>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <platform P, class Lock, wait_list<P> WaitList> class monitor_synchronizer {
 public:
  using platform_type = P;
  using waiter_type = waiter<P>;
  static constexpr char const* progress =
      "open: take and give_back wait-free in 1 step; many: take wait-free in 2 steps; many: give_back blocking under "
      "spin_lock; wait, withdraw and close blocking under spin_lock; try_take and reduce lock-free";

  explicit constexpr monitor_synchronizer(std::int64_t permits) noexcept : word_(parts(permits + bias)) {
    shown_as<P>(word_, "permits", [](std::uint64_t v) { return text_of(v); });
  }

  /// The word in words, for traces: "open, 1 free", "contended, 2 arrivals", "contended, closed, 1 free".
  [[nodiscard]] static std::string text_of(std::uint64_t v) {
    std::string text = (v & contended) != 0 ? "contended" : "open";
    if ((v & closed) != 0) text += ", closed";
    if ((v & contended) == 0 || count(v) != 0) text += ", " + std::to_string(count(v)) + " free";
    if (arrivals(v) != 0) text += ", " + std::to_string(arrivals(v)) + (arrivals(v) == 1 ? " arrival" : " arrivals");
    return text;
  }

  /// The token tells wait() whether this call changed the word, and which state it met.
  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    if (expects_contention()) [[unlikely]]
      return take_result::must_wait(not_on_word);
    // acquire [G1]: sees what the releasers of these permits did, pairs with [G2].
    std::uint64_t const old = word_.fetch_add(arrival - parts(n), P::acquire);
    if ((old & contended) == 0 && count(old) >= n) [[likely]]
      return take_result::granted();
    return take_result::must_wait((old & contended) == 0 ? on_word_open : on_word_contended);
  }

  void give_back(std::int64_t n) noexcept {
    if (!expects_contention()) [[likely]] {
      if (put_on_word(n)) [[likely]]
        return;  // the last touch: the permits are out
      expect_contention();
      lock_.lock();
      take_back(-n);
      supply(n);
    } else {
      give_back_contended(n);
    }
  }

  [[nodiscard]] enqueued wait(waiter<P>& w, std::int64_t n, take_result taken) noexcept {
    lock_.lock();
    // relaxed: `contended` changes under lock_ only.
    if (taken.token() != not_on_word || (word_.load(P::relaxed) & contended) == 0 || rare_.get() != 0 ||
        free_.get() != 0) [[unlikely]] {
      return arrive(w, n, taken.token());
    }
    w.missing(static_cast<std::uint32_t>(n));
    append(w);
    lock_.unlock();
    return enqueued::waiting;
  }

  [[nodiscard]] enqueued after_grant(waiter<P>& w, std::int64_t n, then next) noexcept {
    if (w.closed()) [[unlikely]] {
      give_back_assigned(w, n);
      return enqueued::closed;
    }
    if (next != then::decline) return enqueued::granted;
    give_back(n);
    return enqueued::waiting;
  }

  [[nodiscard]] bool withdraw(waiter<P>& w, std::int64_t n) noexcept {
    lock_.lock();
    if (!w.registered()) {
      lock_.unlock();
      return false;
    }
    take_out(w);
    n -= w.missing();
    w.missing(0);  // not registered() any more
    if (n == 0 && free_.get() == 0 && rare_.get() == 0) return lock_.unlock(), true;  // nothing for supply() to do
    supply(n);
    return true;
  }

  [[nodiscard]] bool try_take(std::int64_t n) noexcept {
    // relaxed: a guess for the CAS, which carries the order.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & contended) == 0 && count(now) >= n) {
      // acquire [G3]: as [G1], pairs with [G2]. On failure relaxed: only the next guess.
      if (word_.compare_exchange_weak(now, now - parts(n), P::acquire, P::relaxed)) return true;
    }
    return false;
  }

  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
    // relaxed: the permits cease to exist, nobody takes over what their holders did.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & (contended | closed)) != contended && count(now) > 0) {  // once closed, what is free is on the word
      std::int64_t const taken = std::min(count(now), n);
      // relaxed: as above; a failure is the next guess.
      if (word_.compare_exchange_weak(now, now - parts(taken), P::relaxed, P::relaxed)) return taken;
    }
    return 0;
  }

  void close() noexcept {
    lock_.lock();
    if (!shut()) {
      rare_.set(static_cast<std::uint8_t>(rare_.get() | shut_bit));
      // relaxed: decided by the RMW's atomicity; a thread that finds the word contended passes lock_.
      std::uint64_t const old = word_.fetch_or(contended | closed, P::relaxed);
      if ((old & contended) == 0) departed_.set(arrivals(old));
      // relaxed: nobody takes them any more.
      word_.fetch_add(parts(free_.get()), P::relaxed);
      free_.set(0);
    }
    for (bool more = !list_.empty(); more;) {
      waiter<P>& w = list_.front();
      take_out(w);
      w.set_closed();
      more = !list_.empty();  // I6
      lock_.unlock();
      w.hand_over();
      if (!more) return;
      lock_.lock();
      more = !list_.empty();  // the waiter that was handed over may have ended the wait of others
    }
    lock_.unlock();
  }

  /// Makes `total` n. Where that is less than it was, takes the rest out of existence: those that are free now, and for
  /// those that are out the next ones that come back, before anybody gets them. Of a closed semaphore as well.
  void set_total(std::int64_t n, typename P::template atomic<std::int64_t>& total) noexcept {
    lock_.lock();
    // acquire [G8]: a drain sees what the holders of permits that were written off did, pairs with [G7].
    std::int64_t const old = total.exchange(n, P::acquire);
    // relaxed: a count of its own.
    if (old < 0) total.fetch_add(old, P::relaxed);  // I8
    std::int64_t const more = n - std::max<std::int64_t>(old, 0);
    if (more < 0) recall(-more);
    lock_.unlock();
    if (more > 0) give_back(more);
  }
  /// n permits that are not free cease to exist: recalled ones first, and otherwise of the `total` (I8).
  void write_off(std::int64_t n, typename P::template atomic<std::int64_t>& total) noexcept {
    bool const counted = recalled() == 0;
    if (counted) {
      // release [G7]: publishes the holder's work to a drain that does not wait for these permits, pairs with [G8].
      std::int64_t const old = total.fetch_sub(n, P::release);
      if (old >= n) return;
      n -= std::max<std::int64_t>(old, 0);
    }
    work_list<P> of_recall;
    lock_.lock();
    std::int64_t const kept = keep(n, of_recall);
    // relaxed: a count of its own.
    total.fetch_add(counted ? n : kept - n, P::relaxed);
    lock_.unlock();
    hand_over_all(of_recall);
  }
  /// Registers w, which waits until no recalled permit is out. False: none is.
  [[nodiscard]] bool wait_recalled(waiter<P>& w) noexcept {
    lock_.lock();
    bool const waits = (rare_.get() & recalls) != 0;
    if (waits) {
      w.missing(1);
      of_recall_.push_back(w);
    }
    lock_.unlock();
    return waits;
  }
  /// As withdraw(), of such a waiter.
  [[nodiscard]] bool withdraw_recalled(waiter<P>& w) noexcept {
    lock_.lock();
    bool const waits = w.registered();
    if (waits) {
      of_recall_.erase(w);
      w.missing(0);
    }
    lock_.unlock();
    return waits;
  }

  /// Snapshots.
  // relaxed: monitoring only.
  [[nodiscard]] std::int64_t recalled() const noexcept { return recalled_.load(P::relaxed); }
  // relaxed: monitoring only.
  [[nodiscard]] bool is_closed() const noexcept { return (word_.load(P::relaxed) & closed) != 0; }
  [[nodiscard]] std::int64_t available() const noexcept {
    // relaxed: monitoring only.
    std::uint64_t const now = word_.load(P::relaxed);
    return (now & (contended | closed)) == contended ? 0 : std::max<std::int64_t>(count(now), 0);
  }
  // relaxed: monitoring only.
  [[nodiscard]] std::size_t waiters() const noexcept { return size_.load(P::relaxed); }

 private:
  static constexpr std::uint64_t contended = 1, closed = 2, arrival = std::uint64_t{1} << 50;
  static constexpr std::int64_t bias = std::int64_t{1} << 47;
  static constexpr std::int64_t not_on_word = 1, on_word_open = 2,
                                on_word_contended = 3;  // the tokens of take

  static constexpr std::uint64_t parts(std::int64_t n) noexcept { return static_cast<std::uint64_t>(n) << 2; }
  static constexpr std::int64_t count(std::uint64_t word) noexcept {
    return static_cast<std::int64_t>(word << 14 >> 16) - bias;
  }
  static constexpr std::uint64_t arrivals(std::uint64_t word) noexcept { return word >> 50; }

  /// Whether this thread found the word contended the last time it looked, and it is so now: then the word need not be
  /// written. The thread's memory is asked first, because a load of the word after the last RMW costs an uncontended
  /// acquire 2 ns.
  [[nodiscard]] bool expects_contention() noexcept {
    bool& met_contention = P::template local<hint>().met_contention;
    if (!met_contention) [[likely]]
      return false;
    // relaxed: a hint which way to go; lock_ or the RMW decides.
    if ((word_.load(P::relaxed) & contended) != 0) return true;
    return met_contention = false;
  }
  static void expect_contention() noexcept { P::template local<hint>().met_contention = true; }
  struct hint {
    bool met_contention = false;
  };

  /// Whether it is closed.
  [[nodiscard]] bool shut() const noexcept SUREWAKE_NEEDS(lock_) { return (rare_.get() & shut_bit) != 0; }

  void recall(std::int64_t n) noexcept SUREWAKE_NEEDS(lock_) {
    if (!contend(n, false)) return;  // all of them were free
    std::int64_t const found = shut() ? take_of_closed(n) : std::min(free_.get(), n);
    if (!shut()) free_.set(free_.get() - found);
    if (found == n) return;
    rare_.set(static_cast<std::uint8_t>(rare_.get() | recalls));
    // relaxed: written under lock_ only, read as a snapshot.
    recalled_.store(recalled_.load(P::relaxed) + n - found, P::relaxed);
  }

  /// Contended: takes back a part that met the contended word (I2).
  void take_back(std::int64_t n) noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: a part that met the contended word belongs to this thread alone; lock_ orders what follows.
    word_.fetch_add(parts(n), P::relaxed);
    departed_.set(departed_.get() + 1);
  }

  /// What a wait does unless the word is contended, take() did not change it, and no permit is free.
  [[gnu::noinline]] enqueued arrive(waiter<P>& w, std::int64_t n, std::int64_t on_word) noexcept
      SUREWAKE_UNLOCKS(lock_) {
    enqueued r = enter(n, on_word);
    if ((rare_.get() & recalls) != 0) [[unlikely]] {
      keep_found();
      if (r == enqueued::waiting && shut()) r = enqueued::closed;
    }
    if (r != enqueued::waiting) {
      lock_.unlock();
      return r;
    }
    w.missing(static_cast<std::uint32_t>(n));
    if (free_.get() == 0) {
      append(w);
      lock_.unlock();
      return enqueued::waiting;
    }
    if (list_.empty()) free_.set(free_.get() - w.assign(free_.get()));
    bool const granted = w.missing() == 0;
    if (!granted) append(w);
    supply(0);  // completes a waiter before w, or opens the word
    return granted ? enqueued::granted : enqueued::waiting;
  }

  /// `waiting`: the acquire may enter the list.
  [[nodiscard]] enqueued enter(std::int64_t n, std::int64_t on_word) noexcept SUREWAKE_NEEDS(lock_) {
    if (on_word != not_on_word) expect_contention();
    if (on_word == on_word_contended) take_back(n);
    if (!contend(n, on_word == on_word_open)) return enqueued::granted;
    return shut() ? enqueued::closed : enqueued::waiting;
  }

  /// Makes the word contended. False: it took the n permits, which are there after all.
  [[nodiscard]] bool contend(std::int64_t n, bool on_word) noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: `contended` changes under lock_ only.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & contended) == 0) {
      std::int64_t const free = count(now) + (on_word ? n : 0);
      std::int64_t const hidden = std::min<std::int64_t>(free, 0);
      if (free >= n) {
        // acquire [G4]: as [G1], pairs with [G2]. On failure relaxed: the next guess.
        if (word_.compare_exchange_weak(now, now + parts(free - n - count(now)), P::acquire, P::relaxed)) return false;
        // acquire [G5]: as [G1], for what moves to free_, pairs with [G2]. On failure relaxed: the next
        // guess.
      } else if (word_.compare_exchange_weak(now, (now + parts(hidden - count(now))) | contended, P::acquire,
                                             P::relaxed)) {
        departed_.set(arrivals(now));
        hidden_.set(hidden);
        free_.set(std::max<std::int64_t>(free, 0));
        return true;
      }
    }
    if (on_word) reveal(n);
    return true;
  }

  /// Contended: gives back the part of a take that met the open word (I4).
  void reveal(std::int64_t n) noexcept SUREWAKE_NEEDS(lock_) {
    std::int64_t const level = hidden_.get() + n;
    std::int64_t const found = shut() ? 0 : std::clamp<std::int64_t>(level, 0, n);
    // relaxed: what was hidden was on the word before it became contended, so [G5] has seen it, and lock_ passes it on.
    word_.fetch_add(parts(n - found), P::relaxed);
    hidden_.set(level - found);
    free_.set(free_.get() + found);
  }

  /// True: n permits are free again, and the synchronizer may have been destroyed. False: they met the contended word,
  /// and have to be taken back.
  [[nodiscard]] bool put_on_word(std::int64_t n) noexcept {
    // release [G2]: publishes the holder's work to the thread that takes these permits, pairs with [G1], [G3], [G4],
    // [G5], [G6].
    return (word_.fetch_add(arrival + parts(n), P::release) & contended) == 0;
  }

  /// Gives n permits back while the word is contended; apart from give_back(), which is part of each release's code.
  [[gnu::noinline]] void give_back_contended(std::int64_t n) noexcept {
    lock_.lock();
    if (waiter<P>* const w = wants_just(n)) {
      lock_.unlock();
      return w->hand_over();
    }
    supply(n);
  }

  /// Takes out the first waiter, and returns it, if n permits complete it and none is left over. That is the usual
  /// release while the word is contended, and supply() would do no more.
  [[nodiscard]] waiter<P>* wants_just(std::int64_t n) noexcept SUREWAKE_NEEDS(lock_) {
    if (rare_.get() != 0 || free_.get() != 0 || list_.empty()) return nullptr;
    waiter<P>& w = list_.front();
    if (w.missing() != n) return nullptr;
    w.missing(0);
    take_out(w);
    return &w;
  }

  /// n more permits are there. Hands over the waiters that they complete; what is left over opens the word. Permits
  /// become free with lock_ released, because the thread that takes them may destroy the synchronizer.
  void supply(std::int64_t n) noexcept SUREWAKE_UNLOCKS(lock_) {
    for (;;) {
      if (rare_.get() != 0) [[unlikely]]
        return supply_rarely(n);
      n += free_.get();
      waiter<P>* const w = next_complete(n);
      bool const left_over = n > 0 && list_.empty();
      bool const opened = left_over && open();
      if (std::int64_t const stock = left_over && !opened ? n : 0; stock != free_.get()) free_.set(stock);
      lock_.unlock();
      bool const out = opened && put_on_word(n);
      if (w != nullptr) w->hand_over();
      if (n == 0 || out || left_over != opened) return;
      lock_.lock();
      if (opened) {
        expect_contention();
        take_back(-n);  // the word has become contended again
      }  // otherwise n > 0 is due to others after w (I6)
    }
  }

  /// The same where it is closed, or permits are recalled.
  [[gnu::noinline, gnu::cold]] void supply_rarely(std::int64_t n) noexcept SUREWAKE_UNLOCKS(lock_) {
    work_list<P> of_recall;
    if (shut()) {
      // relaxed: nobody takes them any more.
      word_.fetch_add(parts(n), P::relaxed);
      if ((rare_.get() & recalls) != 0) keep(take_of_closed(recalled()), of_recall);
      n = 0;
    } else {
      n += free_.get();
      free_.set(0);
      n -= keep(n, of_recall);
    }
    n != 0 ? supply(n) : lock_.unlock();
    hand_over_all(of_recall);  // I7
  }

  /// Keeps what an arriving acquire has found, or given back, while permits are recalled.
  void keep_found() noexcept SUREWAKE_NEEDS(lock_) {
    work_list<P> of_recall;
    std::int64_t const kept = keep(shut() ? take_of_closed(recalled()) : free_.get(), of_recall);
    if (!shut()) free_.set(free_.get() - kept);
    if (of_recall.empty()) return;
    lock_.unlock();
    hand_over_all(of_recall);  // the acquire is inside, so the synchronizer exists
    lock_.lock();
  }

  /// Closed: takes up to n permits that are free on the word. While an arrival is pending its part is on the word too,
  /// so none is taken, and that arrival looks again when it has passed lock_.
  [[nodiscard]] std::int64_t take_of_closed(std::int64_t n) noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: a guess for the CAS.
    std::uint64_t now = word_.load(P::relaxed);
    while (count(now) > 0 && arrivals(now - departed_.get() * arrival) == 0) {
      std::int64_t const taken = std::min(count(now), n);
      // acquire [G6]: a wait for the recall sees what the holders of these permits did, pairs with [G2]. On failure
      // relaxed: the next guess.
      if (word_.compare_exchange_weak(now, now - parts(taken), P::acquire, P::relaxed)) return taken;
    }
    return 0;
  }

  /// Keeps up to n permits for the recall. Returns how many; after the last one, `of_recall` has those that wait for
  /// it.
  std::int64_t keep(std::int64_t n, work_list<P>& of_recall) noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: written under lock_ only.
    std::int64_t const before = recalled_.load(P::relaxed);
    std::int64_t const kept = std::min(n, before);
    // relaxed: as above.
    recalled_.store(before - kept, P::relaxed);
    if (kept != before) return kept;
    rare_.set(static_cast<std::uint8_t>(rare_.get() & ~recalls));
    while (!of_recall_.empty()) {
      waiter<P>& w = of_recall_.front();
      of_recall_.erase(w);
      w.missing(0);
      of_recall.push_back(w);
    }
    return kept;
  }

  static void hand_over_all(work_list<P>& of_recall) noexcept {
    while (work<P>* const w = of_recall.pop_front()) w->run();
  }

  /// While nobody waits and permits are left: opens the word, unless an arrival is pending, which opens it later (I3).
  [[nodiscard]] bool open() noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: `contended` changes under lock_ only, and put_on_word publishes what is left over.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & contended) != 0) {
      if (arrivals(now - departed_.get() * arrival) != 0) return false;
      // relaxed: as above; on failure the next guess.
      if (word_.compare_exchange_weak(now, now - contended, P::relaxed, P::relaxed)) break;
    }
    return true;
  }

  /// Assigns the n permits to the first waiter, and takes it out if they complete it.
  waiter<P>* next_complete(std::int64_t& n) noexcept SUREWAKE_NEEDS(lock_) {
    if (n == 0 || list_.empty()) return nullptr;
    waiter<P>& w = list_.front();
    n -= w.assign(n);
    if (w.missing() != 0) return nullptr;
    take_out(w);
    return &w;
  }

  [[gnu::noinline, gnu::cold]] void give_back_assigned(waiter<P>& w, std::int64_t n) noexcept {
    if (std::int64_t const assigned = n - w.missing(); assigned > 0) give_back(assigned);
  }

  void append(waiter<P>& w) noexcept SUREWAKE_NEEDS(lock_) {
    list_.push_back(w);
    resize(1);
  }

  void take_out(waiter<P>& w) noexcept SUREWAKE_NEEDS(lock_) {
    list_.erase(w);
    resize(-1);
  }

  void resize(int change) noexcept SUREWAKE_NEEDS(lock_) {
    // relaxed: written under lock_ only, read as a snapshot.
    size_.store(size_.load(P::relaxed) + static_cast<std::size_t>(change), P::relaxed);
  }

  typename P::template atomic<std::uint64_t> word_;  // see the top
  Lock lock_;
  static constexpr std::uint8_t shut_bit = 1, recalls = 2;
  typename P::template plain<std::uint8_t> rare_ SUREWAKE_GUARDED_BY(lock_){std::uint8_t{0}};  // closed; recalled_ > 0
  typename P::template plain<std::int64_t> free_ SUREWAKE_GUARDED_BY(lock_){std::int64_t{0}};  // while contended
  typename P::template plain<std::int64_t> hidden_ SUREWAKE_GUARDED_BY(lock_){std::int64_t{0}};  // ≤ 0: I4
  typename P::template plain<std::uint64_t> departed_ SUREWAKE_GUARDED_BY(lock_){std::uint64_t{0}};  // see Terms
  WaitList list_ SUREWAKE_GUARDED_BY(lock_);
  typename P::template atomic<std::size_t> size_{std::size_t{0}};  // waiters in list_; read without lock_
  WaitList of_recall_ SUREWAKE_GUARDED_BY(lock_);                  // wait_recalled
  typename P::template atomic<std::int64_t> recalled_{std::int64_t{0}};  // see Terms; read without lock_
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
