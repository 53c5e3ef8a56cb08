// surewake/core/semaphore/monitor_synchronizer.hpp: hand-off in which permits and waiters share one lock, and a hand-over costs one locked
// RMW.
//
// The word: | visits, 14 bits | count + 2^47, 48 bits | closed | line |
//
//   line = 0   open: count permits are free (less what arriving acquires took too much); nobody waits
//   line = 1   a line has formed: free permits, if any, are in stock_, under lock_; everybody goes through lock_
//
//   open --an acquire found too few, under lock_--> line          what is free moves from count to stock_
//   line --nobody waits, permits left over, no visit pending--> open     they are given back to it, without lock_
//   line --close--> line and closed, for good                     what is free moves back to count
//
// While a line stands, an acquire is lock, push, unlock, and a release is lock, pop, unlock: one RMW each, where a
// counter beside a locked list (core/semaphore/counter_synchronizer.hpp) needs two each. A line that is empty stays until a permit is
// left over, so two tasks that hand one permit to and fro never write the word.
//
// Invariants
//   I1  Nobody waits while line = 0. line changes under lock_ only.
//   I2  take and give_back add their part and one visit to the word by one RMW, whose result tells what they hit. What
//       hits the open gate is final, but for a take of too much. What hits a line is taken back under lock_, by the one
//       who did it.
//   I3  The gate opens only when every visit that hit the line has passed lock_ (the visits since it formed = passed_).
//       So a part that hit a line never meets another line, nor an open gate, and nobody else can have spent it: the
//       permit of a release goes out when that release, under lock_, says so. visits wraps out of the word's top: 2^14
//       threads at most.
//   I4  Parts of takes that hit the open gate may hide free permits when the line forms: deficit_ is minus those parts.
//       As each comes back, under lock_, what rises above 0 was a free permit, and goes to stock_.
//   I5  At rest: stock_ > 0 implies line = 0, and only the first waiter is partly fed. No grant is ever on its way: a
//       withdrawal finds its waiter in the line or handed over, and nothing has to be refused (semaphore.hpp,
//       law 3).
//   I6  A waiter is handed over by whoever took it out of the line, with lock_ released, and never touched again.
//       Permits that are due after it stay with the giver meanwhile: nobody else can deliver them, so somebody still
//       waits for them, and the gate is there when the giver comes back. The last one handed over may destroy it.
// Progress  open: take and give_back wait-free in 1 step; many: take wait-free in 2 steps; many: give_back blocking
//           under spin_lock; wait, withdraw and close blocking under spin_lock; try_take and reduce lock-free. Open:
//           permits suffice. Many: a line stands, and a thread that has met it looks again before its RMW.
// Fairness  FIFO in the order of lock_; try_take never overtakes.   Errors  none.
// Range     2^14 - 1 threads inside at once, of at most 2^31 - 1 permits each: |count| < 2^46. Waiters are not on the
//           word.
// Source    ours. The lock under contention of tokio's batch_semaphore, entered by what one fetch_sub found (as in
//           CQS), not on every release; a line that outlives its last waiter is biased towards the next.
// Checked   models/ under hand_off over intrusive_list. `surewake-verify weaken core/semaphore/monitor_synchronizer.hpp`: lowering any of
//           G1 to G5 is caught (G3 by try_acquire_against_waiter, G5 by work_of_all_holders).
#pragma once

#include <surewake/core/semaphore/waiter_queue.hpp>

#include <algorithm>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// What I3 and I4 rest on, so that models/ can take it away and see what breaks. Nobody else changes it.
struct line_gate_rules {
  bool counts_visits = true;  // false: the gate opens although a visit is pending
  bool reveals = true;        // false: a hidden permit that comes to light stays on the word
};

/// Line: empty(), front() → waiter&, push_back(w), erase(w) of one that is in it.
template <platform P, class Lock, class Line, line_gate_rules Rules = line_gate_rules{}> class line_gate {
 public:
  using platform_type = P;

  explicit line_gate(std::int64_t permits) noexcept : word_(parts(permits + bias)) {
    shown_as<P>(word_, "gate", [](std::uint64_t v) { return text_of(v); });
  }

  /// The word in words, for traces: "open, 1 free", "line, 2 visits", "line, closed, 1 free".
  [[nodiscard]] static std::string text_of(std::uint64_t v) {
    std::string text = (v & line) != 0 ? "line" : "open";
    if ((v & closed) != 0) text += ", closed";
    if ((v & line) == 0 || count(v) != 0) text += ", " + std::to_string(count(v)) + " free";
    if (visits(v) != 0) text += ", " + std::to_string(visits(v)) + (visits(v) == 1 ? " visit" : " visits");
    return text;
  }

  /// The token for wait() says how our part of the word came to be there.
  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    if (expects_line()) [[unlikely]]
      return take_result::must_wait(on_word_not);
    // acquire [G1]: sees what the releasers of these permits did, pairs with [G2].
    std::uint64_t const old = word_.fetch_add(visit - parts(n), P::acquire);
    if ((old & line) == 0 && count(old) >= n) [[likely]]
      return take_result::granted();
    return take_result::must_wait((old & line) == 0 ? on_word_since_open : on_word_since_line);
  }

  void give_back(std::int64_t n) noexcept {
    if (!expects_line()) [[likely]] {
      if (put_on_word(n)) [[likely]]
        return;  // the last touch: the permits are out
      expect_line();
      lock_.lock();
      take_back(-n);
    } else {
      lock_.lock();
    }
    supply(n);
  }

  [[nodiscard]] enqueued wait(waiter<P>& w, std::int64_t n, take_result taken) noexcept {
    std::int64_t const on_word = taken.token();
    lock_.lock();
    // relaxed: line changes under lock_ only.
    if (on_word != on_word_not || (word_.load(P::relaxed) & line) == 0 || closed_.get()) {
      if (enqueued const r = arrive(n, on_word); r != enqueued::waiting) {
        lock_.unlock();
        return r;
      }
    }
    w.needs(static_cast<std::uint32_t>(n));
    if (stock_.get() != 0) return wait_with_stock(w);
    line_.push_back(w);
    resize(1);
    lock_.unlock();
    return enqueued::waiting;
  }

  [[nodiscard]] enqueued woken(waiter<P>& w, std::int64_t n) noexcept {
    if (!w.closed()) return enqueued::granted;
    give_back_fed(w, n);
    return enqueued::closed;
  }
  [[nodiscard]] enqueued woken_last_time(waiter<P>& w, std::int64_t n) noexcept { return woken(w, n); }

  void decline(waiter<P>& w, std::int64_t n) noexcept {
    if (woken(w, n) == enqueued::granted) give_back(n);
  }

  [[nodiscard]] bool withdraw(waiter<P>& w, std::int64_t n) noexcept {
    lock_.lock();
    if (!w.registered()) {
      lock_.unlock();
      return false;
    }
    take_out(w);
    n -= w.needs();
    w.needs(0);  // not registered() any more
    supply(n);
    return true;
  }

  [[nodiscard]] bool try_take(std::int64_t n) noexcept {
    // relaxed: a guess for the CAS, which carries the order.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & line) == 0 && count(now) >= n) {
      // acquire [G3]: as [G1], pairs with [G2]. On failure relaxed: only the next guess.
      if (word_.compare_exchange_weak(now, now - parts(n), P::acquire, P::relaxed)) return true;
    }
    return false;
  }

  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
    // relaxed: the permits cease to exist, nobody takes over what their holders did.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & (line | closed)) != line && count(now) > 0) {  // once closed, what is free is on the word
      std::int64_t const taken = std::min(count(now), n);
      // relaxed: as above; a failure is the next guess.
      if (word_.compare_exchange_weak(now, now - parts(taken), P::relaxed, P::relaxed)) return taken;
    }
    return 0;
  }

  void close() noexcept {
    lock_.lock();
    if (!closed_.get()) {
      closed_.set(true);
      // relaxed: decided by the RMW's atomicity; whoever finds a line passes lock_.
      word_.fetch_or(line | closed, P::relaxed);
      // relaxed: nobody takes them any more.
      word_.fetch_add(parts(stock_.get()), P::relaxed);
      stock_.set(0);
    }
    for (bool more = !line_.empty(); more;) {
      waiter<P>& w = line_.front();
      take_out(w);
      w.set_closed();
      more = !line_.empty();  // I6
      lock_.unlock();
      w.hand_over();
      if (!more) return;
      lock_.lock();
      more = !line_.empty();  // who was handed over may have ended the wait of others
    }
    lock_.unlock();
  }

  /// Snapshots.
  // relaxed: monitoring only.
  [[nodiscard]] bool is_closed() const noexcept { return (word_.load(P::relaxed) & closed) != 0; }
  [[nodiscard]] std::int64_t available() const noexcept {
    // relaxed: monitoring only.
    std::uint64_t const now = word_.load(P::relaxed);
    return (now & (line | closed)) == line ? 0 : std::max<std::int64_t>(count(now), 0);
  }
  // relaxed: monitoring only.
  [[nodiscard]] std::size_t waiters() const noexcept { return size_.load(P::relaxed); }

 private:
  static constexpr std::uint64_t line = 1, closed = 2, visit = std::uint64_t{1} << 50;
  static constexpr std::int64_t bias = std::int64_t{1} << 47;
  static constexpr std::int64_t on_word_not = 1, on_word_since_open = 2,
                                on_word_since_line = 3;  // the tokens of take

  static constexpr std::uint64_t parts(std::int64_t n) noexcept { return static_cast<std::uint64_t>(n) << 2; }
  static constexpr std::int64_t count(std::uint64_t word) noexcept {
    return static_cast<std::int64_t>(word << 14 >> 16) - bias;
  }
  static constexpr std::uint64_t visits(std::uint64_t word) noexcept { return word >> 50; }

  /// Whether this thread met a line the last time it looked, and the gate has one: then the word need not be written.
  /// The thread's memory is asked first, because a load of the word behind the last RMW costs an uncontended acquire 2
  /// ns.
  [[nodiscard]] bool expects_line() noexcept {
    bool& met_line = P::template local<hint>().met_line;
    if (!met_line) [[likely]]
      return false;
    // relaxed: a hint which way to go; lock_ or the RMW decides.
    if ((word_.load(P::relaxed) & line) != 0) return true;
    return met_line = false;
  }
  static void expect_line() noexcept { P::template local<hint>().met_line = true; }
  struct hint {
    bool met_line = false;
  };

  /// With lock_, in a line: undoes our visit that hit it (I2).
  void take_back(std::int64_t n) noexcept {
    // relaxed: a part that hit a line is nobody's but ours; lock_ orders what follows.
    word_.fetch_add(parts(n), P::relaxed);
    passed_.set(passed_.get() + 1);
  }

  /// With lock_: what a wait does first, unless a line stands and it wrote nothing to the word. `waiting`: it may join
  /// the line.
  [[gnu::noinline]] enqueued arrive(std::int64_t n, std::int64_t on_word) noexcept {
    if (on_word != on_word_not) expect_line();
    if (on_word == on_word_since_line) take_back(n);
    if (!join_line(n, on_word == on_word_since_open)) return enqueued::granted;
    return closed_.get() ? enqueued::closed : enqueued::waiting;
  }

  /// With lock_, which it releases: joins the line while permits are in stock, as arrive() may have found some.
  [[gnu::noinline]] enqueued wait_with_stock(waiter<P>& w) noexcept {
    if (line_.empty()) stock_.set(stock_.get() - w.feed(stock_.get()));
    bool const granted = w.needs() == 0;
    if (!granted) {
      line_.push_back(w);
      resize(1);
    }
    supply(0);  // completes somebody before us, or opens the gate
    return granted ? enqueued::granted : enqueued::waiting;
  }

  /// With lock_: sees to it that a line stands. False: our n permits were there after all.
  [[nodiscard]] bool join_line(std::int64_t n, bool on_word) noexcept {
    // relaxed: line changes under lock_ only.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & line) == 0) {
      std::int64_t const free = count(now) + (on_word ? n : 0);
      std::int64_t const hidden = std::min<std::int64_t>(free, 0);
      if (free >= n) {
        // acquire [G4]: as [G1], pairs with [G2]. On failure relaxed: the next guess.
        if (word_.compare_exchange_weak(now, now + parts(free - n - count(now)), P::acquire, P::relaxed)) return false;
        // acquire [G5]: as [G1], for what moves to stock_, pairs with [G2]. On failure relaxed: the next
        // guess.
      } else if (word_.compare_exchange_weak(now, now + parts(hidden - count(now)) + line, P::acquire, P::relaxed)) {
        passed_.set(visits(now));
        deficit_.set(hidden);
        stock_.set(std::max<std::int64_t>(free, 0));
        return true;
      }
    }
    if (on_word) reveal(n);
    return true;
  }

  /// With lock_, in a line: our part, which hit the open gate, comes back (I4).
  void reveal(std::int64_t n) noexcept {
    std::int64_t const level = deficit_.get() + n;
    std::int64_t const found = closed_.get() || !Rules.reveals ? 0 : std::clamp<std::int64_t>(level, 0, n);
    // relaxed: what was hidden was on the word before the line formed, so [G5] has seen it, and lock_ passes it on.
    word_.fetch_add(parts(n - found), P::relaxed);
    deficit_.set(level - found);
    stock_.set(stock_.get() + found);
  }

  /// True: n permits are free again, and the gate may be gone. False: they hit a line, and have to be taken back.
  [[nodiscard]] bool put_on_word(std::int64_t n) noexcept {
    // release [G2]: publishes the holder's work to whoever takes these permits, pairs with [G1], [G3], [G4], [G5].
    return (word_.fetch_add(visit + parts(n), P::release) & line) == 0;
  }

  /// With lock_, which it releases: n more permits are there. Hands over whoever they complete; what is left over opens
  /// the gate. Permits become free with lock_ released, because who takes them may destroy the gate.
  void supply(std::int64_t n) noexcept {
    for (;;) {
      if (closed_.get()) {
        lock_.unlock();
        // relaxed: nobody takes them any more.
        word_.fetch_add(parts(n), P::relaxed);
        return;
      }
      n += stock_.get();
      waiter<P>* const w = next_complete(n);
      bool const left_over = n > 0 && line_.empty();
      bool const opened = left_over && open();
      if (std::int64_t const stock = left_over && !opened ? n : 0; stock != stock_.get()) stock_.set(stock);
      lock_.unlock();
      bool const out = opened && put_on_word(n);
      if (w != nullptr) w->hand_over();
      if (n == 0 || out || left_over != opened) return;
      lock_.lock();
      if (opened) {
        expect_line();
        take_back(-n);  // a new line formed meanwhile
      }  // else n > 0 is due to others after this one (I6)
    }
  }

  /// With lock_: nobody waits and permits are left: whether the gate is open now. If a visit is pending it is not, and
  /// that one opens it later (I3).
  [[nodiscard]] bool open() noexcept {
    // relaxed: line changes under lock_ only, and put_on_word publishes what is left over.
    std::uint64_t now = word_.load(P::relaxed);
    while ((now & line) != 0) {
      if (Rules.counts_visits && visits(now - passed_.get() * visit) != 0) return false;
      // relaxed: as above; on failure the next guess.
      if (word_.compare_exchange_weak(now, now - line, P::relaxed, P::relaxed)) break;
    }
    return true;
  }

  /// The first waiter, fed from n permits and taken out, if they complete it.
  waiter<P>* next_complete(std::int64_t& n) noexcept {
    if (n == 0 || line_.empty()) return nullptr;
    waiter<P>& w = line_.front();
    n -= w.feed(n);
    if (w.needs() != 0) return nullptr;
    take_out(w);
    return &w;
  }

  void give_back_fed(waiter<P>& w, std::int64_t n) noexcept {
    if (std::int64_t const fed = n - w.needs(); fed > 0) give_back(fed);
  }

  void take_out(waiter<P>& w) noexcept {
    line_.erase(w);
    resize(-1);
  }

  void resize(int change) noexcept {
    // relaxed: written under lock_ only, read as a snapshot.
    size_.store(size_.load(P::relaxed) + static_cast<std::size_t>(change), P::relaxed);
  }

  typename P::template atomic<std::uint64_t> word_;  // the table at the top
  Lock lock_;
  typename P::template plain<bool> closed_{false};                      // all below: guarded by lock_
  typename P::template plain<std::int64_t> stock_{std::int64_t{0}};     // free permits, while a line stands
  typename P::template plain<std::int64_t> deficit_{std::int64_t{0}};   // ≤ 0: I4
  typename P::template plain<std::uint64_t> passed_{std::uint64_t{0}};  // visits when the line formed, and passed since
  Line line_;
  typename P::template atomic<std::size_t> size_{
      std::size_t{0}};  // waiters in line_; written under lock_, read anywhere
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
