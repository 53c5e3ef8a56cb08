// surewake/queues/segmented_queue.hpp: first come, first served, without a lock: the n-th ticket of a waiter and the
// n-th ticket of a grant lead to the same cell, where they meet in either order.
//
//   enqueued_ --fetch_add(n)--> n cells in a row     granted_ --fetch_add(1)--> one cell
//   (queues/parts/segment_list.hpp)
//
// Terms
//   ticket     a number that a fetch_add returned: it names a cell, and its thread owns it
//   token      a grant that came to its cell before its waiter
//   leaving    the waiter of the cell is being withdrawn, and refund() has not answered yet
//   beside     a grant that finds `leaving` is parked beside the cell: a bit in came_while_leaving
//   dead       the cell is used by no grant: one that comes takes another ticket
//   refuse     the cell drops the grant that comes
//   the baton  which unfinished cell a segment waits for (queues/parts/segment_list.hpp)
//   hint       enqueue_hint_, grant_hint_: a segment at which the search for a ticket's cell begins
//   several    more than one grant for one request. Each of its cells but the last one is a *part*. A cell is *ready*
//              when all cells of the request before it have their grants (of the last cell: all_before)
//   delegated  as leaving, of a last cell that had its grant (its_grant) while its request lacked others: the thread
//              that ends the request has that grant
//
// One permit. A request for one grant is one cell:
//
//              enqueue, owns the ticket    grant, owns the ticket         withdraw, owns the waiter w
//   empty      -> waiter                   -> token                       –
//   waiter     –                           -> done, hands w over          -> leaving, then r = refund(1)
//   token      -> done, `granted`          –                              –
//   leaving    –                           is parked beside the cell      r = 0: -> dead     r = 1: -> refuse, or
//                                                                                            done if one is parked
//   dead       –                           takes another ticket           –
//   refuse     –                           -> done, drops its grant       –
//
//   Law 3 (semaphore.hpp). The grant and the withdrawal race by one CAS on `waiter`.
//     The grant wins: withdraw() returns false, refund() is not called, and w owns its permit.
//     The withdrawal wins: refund() adds the debt back to the counter, and learns its value `old` before that.
//       old < 0:  a debt is still unpaid, and that one is cancelled (r = 0). The cell becomes dead. A grant that is
//                 parked beside it pays for another request, so the withdrawing thread passes it on.
//       old >= 0: every debt is paid, ours too (r = 1), so that one grant is on its way which nobody is owed. Grants
//                 take tickets in order and skip dead cells only, so one of them reaches this cell, or is parked beside
//                 it already, and is dropped.
//   Why may `leaving` be seen before refund() is called, while waiter_queue.hpp wants refund() before w is gone?
//     `leaving` tells a granter only that there is no answer yet, and the granter that sees it uses its grant for
//     nothing. An enqueue never sees it, because its ticket names another cell. If `dead` could be seen before
//     refund(), a granter would take another ticket with a grant that the answer r = 1 wants dropped.
//   Two debts, of which one is paid: a and b wait, a release has paid one debt, and its grant has a's ticket. Now a
//     withdraws: old = -1, so r = 0, and a's cell becomes dead. The grant finds it dead, or was parked beside it:
//     either way it takes another ticket, b's, and b is served. Tickets taken less dead cells among them = grants
//     issued.
//
// Several permits. A request for several is the cells f..l in a row: the last one has the waiter, the others are parts
//   of it. Letters: e enqueue, g the granter with the ticket, w withdraw, c close, m the propagating thread, which goes
//   from a cell with its grant to the next one.
//     f..l-1:  empty --e--> part --g--> part_granted           f, installed last of all: empty --e--> part_ready
//              part --m--> part_ready --g--> part_granted      and g goes on as m
//     l:       empty --e--> waiter --g--> waiter|its_grant     --m--> done, handed over
//                           waiter --m--> waiter|all_before    --g--> done, handed over
//              any of these but `done` --w, c--> leaving; if it had its grant, delegated --w, c--> dead or done
//     token --e--> part_granted, or waiter|its_grant; where f had a token, e goes on as m
//     part, part_ready --w, c, once l is theirs--> leaving; part_granted stays. Then all as for one permit
//
// Close. It sets a bit in enqueued_, so that later tickets are void. Then it withdraws the waiters one at a time, from
//   the first cell without a grant to the ticket that was next when the bit was set. It hands each over before it
//   withdraws the next one: there is no list of waiters that could dangle (tokio #2340). Grants that are on their way
//   find dead cells, and after those cells that no waiter takes.
//
// Invariants
//   I1  A ticket has one owner, so two grants never meet in a cell, nor do two waiters.
//   I2  A request is ended by one CAS on its last cell: to `done` by the thread that hands it over, or to leaving or
//       delegated by the thread that withdraws it. That thread alone finishes the other cells, which keep their
//       segments alive until then. All cells are there before the first one is ready, so no thread hands over a request
//       that is still being installed.
//   I3  At any time one cell of a live request is ready, or one thread propagates. Until it wins the last cell, the
//       propagating thread accesses only segments that it protects, because meanwhile the request may be withdrawn and
//       the queue destroyed.
//   I4  A grant is bound to its ticket, and grants issued = tickets taken - dead cells among them. Let a withdrawn
//       request lack m grants, and let r be what refund() returned: the grants already issued for it. Then r of its
//       cells become `refuse` (each drops one grant) and m - r become `dead` (a grant that comes takes another ticket).
//       If r > 0, no debt is unpaid once refund() has added ours to the counter. Then a grant is on its way to each
//       cell that has none and is not dead, so to these r as well, whichever of the m they are.
//       A grant that comes between `leaving` and the answer waits beside the cell for what the answer will be.
//   I5  A granter's last access is the RMW that makes the cell token, granted or ready, or the hand-over, or the RMW
//       that puts its grant beside the cell, after which it looks at a segment that it protects (I9); a cell is
//       finished before that. The granter that drops a refused grant ends with refused_, for which the destructor
//       waits. A grant that is still undelivered is owed to a waiter, so the queue exists while a call has grants left.
//       After close() it may be owed to none; then the semaphore's contract keeps the queue (semaphore.hpp, Lifetime: a
//       release runs whose permit nobody got).
//   I6  A hint is read before the ticket is taken, and it was moved for an earlier ticket, so it never leads to a
//       segment after ours.
//   I7  In withdraw(): as long as granted_ <= l, and no close() has come to l, the request is not over, so its first
//       cell is unfinished and its segment is not retired. withdraw() checks that after it has announced the segment
//       (hazard_pointer.hpp, I1), and what led to a retirement comes before the scan (segment_list.hpp, I6). Once
//       granted_ > l, a grant for each of its cells is on its way: the answer is false without a look at the cells.
//       close() says how far it has come before it ends a wait.
//   I8  A thread that looks at the counter again (barging) has its ticket by then. If no wake has come to its cell, a
//       wake that is issued after that look goes to an earlier ticket or to its own, never to a later one, because
//       tickets of grants are taken in order. So the look need not exclude grants.
//   I9  A thread that ends `leaving` stores the end and then looks for a grant beside the cell, with a light fence in
//       between. A granter that finds `leaving` sets the bit and then looks at the cell again, with a heavy fence in
//       between. So at least one of them sees the other, and the thread whose RMW clears the bit has the grant. The
//       granter pays, because it finds that seldom; otherwise every withdrawal would need an RMW more.
// Reclaim   A thread has one hazard slot for each of its three roles (enqueuer, granter, leaver), which serves every
//           queue of the type, and four more for walks through the list (segment_list.hpp). That is enough, because no
//           operation runs inside another one, but for what a hand-over resumes, and the grants that a withdrawal
//           passes on: both come after the last access. close() looks for its place anew after a hand-over.
//           A slot keeps its announcement for the next call. reset_protection() of the segment that the slot already
//           holds therefore makes no fence, and I7 relies on the fence of the announcement that is there. It suffices:
//           a scan whose heavy fence came before that fence is seen with all that led to the retirement; a scan that
//           comes after it finds the slot, which has not changed since. An object that was reclaimed before may have
//           left its address in the slot, and a segment that is made there later is then protected from its birth.
// Progress  `progress` below. A constant number of steps while nobody withdraws or makes segments; close() waits for
//           the threads that are between ticket and cell.
// Contended Under hand_off, an enqueuing thread may find that another one took a ticket between its look at enqueued_
//           and its RMW, a few ns apart. Before it enqueues next it backs off until nobody has enqueued for 1.5 µs, for
//           12 µs at most, so that the cache lines stay with one thread for a while (bench/workloads/queue_alone.cpp,
//           two threads). A granter never waits.
// Fairness  FIFO in the order of tickets. A request for n takes n cells by one fetch_add, so two never interleave.
// Errors    std::terminate where a segment finds no memory. At most 2^20 grants a request (`max_request`), because it
//           takes that many cells. 2^63 tickets in a lifetime.
// Cost      enqueue, grant: two RMWs each, 8 bytes a waiter, 1/128 allocation. withdraw: one RMW and the refund; its
//           granter: one, and nothing for a segment that was unlinked; size(): a look at each cell. A lock and a list
//           are cheaper where nobody contends.
// Source    CQS (Koval, Khalanskiy, Alistarh, PLDI 2023): tickets, cells, delegation and refusal. Ours: requests for
//           several, withdrawal by I7, close, reclamation. [@cqs2023] [@michael1996] [@michael2004]
// Orders    A look at a cell is a guess. The RMW that acts on it expects the word that was seen, and acquires what came
//           with it. The thread that completes a request ends all of its cells by [C6], and so sees what the
//           releaser of each grant did; RMWs in between keep that in the cell (they continue its release sequence).
// Checked   models/ over both disciplines, with segments of 1, 2 and 3 cells, over hazard pointers and over a reclaimer
//           that makes no fences, because those hide orders that are missing here (models/segments/segment_plays.hpp,
//           semaphore_destroyed_after_giving_up); models/bugs/*.bug; on real threads
//           queues/segmented_queue_stress.test.cpp. `surewake-verify weaken queues/segmented_queue.hpp`:
//           verify/orders.csv.
// Survived  [C9], lowered alone: it belongs to a chain for a thread that gives up too late (segment_list.hpp, I6 and
//           Survived, [S12]).
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>
#include <surewake/queues/parts/segment_list.hpp>

#include <algorithm>
#include <optional>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The strategy with segments of `Cells` cells, a power of two, and any reclaimer.
template <platform P, std::uint32_t Cells, reclaimer R = hazard_reclaimer<P>> class basic_segmented_queue {
  using list = segment_list<P, R, Cells>;
  using segment = typename list::segment;
  template <class T> using atomic = typename P::template atomic<T>;

 public:
  /// The most grants that one waiter may need, because it takes that many cells.
  static constexpr std::int64_t max_request = std::int64_t{1} << 20;
  /// The claim of order that verify/cases/strategies.hpp has checked.
  static constexpr bool first_come_first_served = true;

  basic_segmented_queue() = default;
  basic_segmented_queue(basic_segmented_queue const&) = delete;
  basic_segmented_queue& operator=(basic_segmented_queue const&) = delete;
  /// Waits for the grants that were refused and are still on their way to this queue.
  ~basic_segmented_queue() {
    // acquire [Q3]: the granter has left, pairs with [Q4].
    P::await(refused_, [](std::int64_t n) { return n == 0; }, P::acquire);
  }

  using waiter_type = placed_waiter<P>;

  [[nodiscard]] enqueued enqueue(waiter_type& w) noexcept { return enqueue(w, nullptr); }

  template <class LookAgain> [[nodiscard]] enqueued enqueue(waiter_type& w, LookAgain&& look_again) noexcept {
    std::uint64_t const n = w.missing();
    enqueuer& mine = P::template local<enqueuer>();
    constexpr bool backs_off = looks != 0 && std::is_null_pointer_v<LookAgain>;
    if (backs_off && mine.collided) [[unlikely]] {
      mine.collided = false;
      P::backoff(enqueued_, looks);
    }
    typename R::guard& held = mine.held;
    // relaxed: compared with the ticket, no more; a checker has no use for it.
    std::uint64_t const seen = backs_off ? enqueued_.load(P::relaxed) : 0;
    segment* s = held.protect(enqueue_hint_);
    // acq_rel [Q1]: as release, a thread that takes a later ticket comes after what woke us, so that its look at the
    // counter sees that release (I8), pairs with [Q1]; as acquire, likewise, pairs with [Q1].
    std::uint64_t const t = enqueued_.fetch_add(n, P::acq_rel);
    if (backs_off && t != seen) [[unlikely]]
      mine.collided = true;
    if ((t & closed) != 0) [[unlikely]]
      return enqueued::closed;
    if (s == nullptr || !s->has(t)) [[unlikely]]
      s = &seek_mine(s, t);
    if constexpr (!std::is_null_pointer_v<LookAgain>) {
      if (std::int64_t const refusals = look_again(); refusals >= 0) {
        // relaxed: ours alone; not registered.
        w.strategy_link().store(nullptr, P::relaxed);
        grant(finish_cells(s, t, n, refusals));
        return enqueued::granted;
      }
    }
    // relaxed: the cell publishes it; a withdrawal comes after this call.
    w.strategy_link().store(s, P::relaxed);
    w.strategy_word(t + n - 1);
    if (n != 1) [[unlikely]]
      return enqueue_several(w, n, *s, t);
    cell_word v = cell_state::empty;
    // release [C1]: publishes *w to the granter and the closer, pairs with [C6], [C15]. On failure relaxed: it is the
    // token, and finish() sees the past of its granter.
    if ((*s)[t].compare_exchange_strong(v, waiter_word(w), P::release, P::relaxed)) [[likely]]
      return enqueued::waiting;
    finish(*s, t, cell_state::done);
    return enqueued::granted;
  }

  void grant(std::int64_t n) noexcept {
    for (; n > 0; --n) {
      if (waiter_type* const w = next_granted()) w->hand_over();  // I5
    }
  }

  template <class Refund> [[nodiscard]] bool withdraw(waiter_type& w, Refund&& refund) noexcept {
    // relaxed: a thread may withdraw w only after it has seen w registered, so it reads what enqueue stored.
    auto* const home = static_cast<segment*>(w.strategy_link().load(P::relaxed));
    if (home == nullptr) return false;
    P::template local<leaver>().held.reset_protection(home);
    std::uint64_t const last = w.strategy_word();
    // relaxed: by the fence in reset_protection these are not older than the retirement they must not miss (I7).
    if (granted_.load(P::relaxed) > last || evicting_.load(P::relaxed) > last) return false;
    segment* s = home;
    while (s != nullptr && !s->has(last)) s = list_.step(*s);
    if (s == nullptr || !decide((*s)[last], waiter_word(w))) return false;
    std::int64_t others = 0;
    if (w.missing() != 1) [[unlikely]] {  // ours to look at now: close() writes there
      others = leave(w, refund);
    } else if (refund(std::uint32_t{1}) == 0) [[likely]] {
      others = end_leaving(*s, last);
    } else {
      refuse(*s, last, cell_state::leaving);
    }
    // relaxed: ours alone; not registered any more.
    w.strategy_link().store(nullptr, P::relaxed);
    if (others != 0) [[unlikely]]
      grant(others);
    return true;
  }

  void close() noexcept {
    // relaxed: decides which tickets are void. A waiter comes with its cell, and an acquire that finds the queue closed
    // is promised nothing (semaphore.hpp, close).
    std::uint64_t const end = enqueued_.fetch_or(closed, P::relaxed);
    if ((end & closed) != 0) return;
    place at = first_without_grant(0);
    while (next_waiting(at, end)) {
      waiter_type* const w = evict(*at.s, at.n);
      at = first_without_grant(at.n + 1);
      if (w == nullptr) continue;
      bool const more = next_waiting(at, end);  // known before the hand-over: I5
      w->set_closed();
      w->hand_over();
      if (!more) return;
      at = first_without_grant(at.n);  // w may have ended the wait of others
    }
  }

  /// Counts the waiters, by a walk over the cells without a grant. A snapshot; exact while nobody is inside an
  /// operation.
  ///
  /// Cost  a look at each cell; a counter would be one RMW more for each withdrawal.
  [[nodiscard]] std::size_t size() const noexcept {
    place at = first_without_grant(0);
    // relaxed: a snapshot.
    std::uint64_t const end = enqueued_.load(P::relaxed) & ~closed;
    std::size_t n = 0;
    for (; at.n < end; ++at.n) {
      if (at.s == nullptr || !at.s->has(at.n)) {
        at.s = list_.find_linked(at.s, at.n);
        if (at.s == nullptr) break;
        at.n = std::max(at.n, at.s->first());
      }
      // relaxed: counted, not touched.
      n += is_waiter((*at.s)[at.n].load(P::relaxed)) ? 1 : 0;
    }
    return n;
  }

  /// Counts the linked segments, by a walk. To be called while nobody is inside an operation.
  [[nodiscard]] std::size_t segments() const noexcept { return list_.linked(); }
  /// Returns whether no segment stays for nothing. To be called while nobody is inside an operation.
  [[nodiscard]] bool no_segment_forgotten() const noexcept { return list_.no_baton_left(); }

 private:
  using cell = typename segment::cell;
  static constexpr std::uint64_t closed = std::uint64_t{1} << 63;

  struct guarded {
    typename R::guard held = R::make_guard();
  };
  struct enqueuer : guarded {  // each a thread's own; stays where it was for the next call
    bool collided = false;     // another one took a ticket between our look and our RMW, at the last ticket
  };
  struct granter : guarded {};
  struct leaver : guarded {};
  struct place {
    segment* s;
    std::uint64_t n;
  };

  void finish(segment& s, std::uint64_t n, cell_word as) {
    // seq_cst [C6]: finishing a cell and looking for the baton (segment_list.hpp, I2); as acquire, sees what left the
    // word that stood there, pairs with [C1], [C5], [C8], [C10]; as release, the segment's end comes after all that was
    // done in it, pairs with segment_list.hpp [S12].
    s[n].exchange(as, P::seq_cst);
    list_.finish(s, n);
  }

  /// Returns the segment of the cell of our ticket.
  [[gnu::noinline]] segment& seek_mine(segment* from, std::uint64_t t) {
    segment* const s = list_.find(from, t);
    list_.advance(enqueue_hint_, from, *s);
    return *s;
  }

  /// Returns the segment of a grant's ticket; null where the cell is gone, because it was dead, as are all cells before
  /// the next segment.
  [[gnu::noinline]] segment* seek_granted(segment* from, std::uint64_t t) {
    segment* const s = list_.find(from, t);
    if (!s->has(t)) {
      // relaxed: a guess.
      std::uint64_t now = granted_.load(P::relaxed);
      // relaxed: as in next_granted(). On failure too: a guess.
      while (now < s->first() && !granted_.compare_exchange_weak(now, s->first(), P::relaxed, P::relaxed)) {}
    }
    list_.advance(grant_hint_, from, *s);
    return s->has(t) ? s : nullptr;
  }

  /// Delivers one grant. Returns the waiter that is to be handed over, if the grant completes one.
  waiter_type* next_granted() {
    for (;;) {
      segment* s = P::template local<granter>().held.protect(grant_hint_);
      // relaxed: takes a number. That the hint does not lead to a segment after it (I6) needs no more: the RMW of the
      // ticket for which the hint was moved comes before our look at the hint, and so before this one. What the
      // releaser did goes with the cell.
      std::uint64_t const t = granted_.fetch_add(1, P::relaxed);
      if (s == nullptr || !s->has(t)) [[unlikely]] {
        s = seek_granted(s, t);
        if (s == nullptr) continue;
      }
      // relaxed: a guess for the RMW that acts on it.
      cell_word v = (*s)[t].load(P::relaxed);
      if (is_waiter(v) && (v & cell_state::bits) == 0) [[likely]] {
        // seq_cst: as [C6]. On failure relaxed: the next guess.
        if ((*s)[t].compare_exchange_strong(v, cell_state::done, P::seq_cst, P::relaxed)) [[likely]] {
          list_.finish(*s, t);
          return &waiter_of<P>(v);
        }
      }
      if (auto const met = meet(*s, t, v)) return *met;
    }
  }

  /// As next_granted, for a cell that has the word v. Returns nothing where the cell is dead: the grant takes another
  /// ticket.
  [[gnu::noinline]] std::optional<waiter_type*> meet(segment& s, std::uint64_t t, cell_word v) {
    cell& c = s[t];
    for (;;) {
      cell_word next = cell_state::done;
      switch (v) {
        case cell_state::empty: next = cell_state::token; break;
        case cell_state::part:
        case cell_state::part_ready: next = cell_state::part_granted; break;
        case cell_state::leaving:
          if (put_beside(s, t)) return nullptr;
          // relaxed: as in next_granted().
          v = c.load(P::relaxed);
          continue;
        case cell_state::dead: return std::nullopt;
        case cell_state::refuse:
          finish(s, t, cell_state::done);
          // release [Q4]: the granter's last touch, pairs with [Q3].
          refused_.fetch_sub(1, P::release);
          return nullptr;
        default:
          if ((v & cell_state::several) != 0 && (v & cell_state::all_before) == 0) next = v | cell_state::its_grant;
      }
      cell_word const before = v;
      if (next == cell_state::done) {
        // seq_cst: as [C6]. On failure relaxed: the next guess.
        if (c.compare_exchange_strong(v, next, P::seq_cst, P::relaxed)) return complete(s, t, waiter_of<P>(v));
        continue;
      }
      // acq_rel [C5]: as release, publishes the releaser's past to the thread that gets the permit, pairs with [C6]; as
      // acquire, of a cell that is ready, sees the other cells installed, so that we may go on, pairs with [C8],
      // [C11]. On failure relaxed: the next guess.
      if (c.compare_exchange_strong(v, next, P::acq_rel, P::relaxed)) {
        return before == cell_state::part_ready ? propagate(s, t) : nullptr;
      }
    }
  }

  /// Parks a grant beside a cell that is being left (I9). True: the withdrawing thread has it. False: it is ours again.
  bool put_beside(segment& s, std::uint64_t t) noexcept {
    auto const [word, bit] = s.came_while_leaving(t);
    // release [C17]: publishes the releaser's past to the thread that passes the grant on, and a thread that takes it
    // may destroy the queue, so it comes after all that we did there (I5), pairs with [C18].
    word.fetch_or(bit, P::release);
    // seq_cst [C13]: the bit is set, then the cell is looked at; the withdrawing thread ends the cell, then looks at
    // the bit; not both may miss the other (I9), pairs with [C14].
    P::heavy_fence(P::seq_cst);
    // relaxed: only whether it is over; a grant that is ours again reads the cell once more.
    return s[t].load(P::relaxed) == cell_state::leaving || !take_from_beside(s, t);
  }

  /// Takes the grant that is beside the cell. Returns whether there was one.
  bool take_from_beside(segment& s, std::uint64_t n) noexcept {
    auto const [word, bit] = s.came_while_leaving(n);
    // relaxed: the RMW decides.
    if ((word.load(P::relaxed) & bit) == 0) [[likely]]
      return false;
    // acquire [C18]: sees the past of the releaser; the granter has done with the queue; pairs with [C17].
    return (word.fetch_and(~bit, P::acquire) & bit) != 0;
  }

  /// Makes the next cell ready, since the request's cells up to t have their grants; and so on. Returns the waiter, if
  /// that completes it.
  waiter_type* propagate(segment& from, std::uint64_t t) {
    segment* s = &from;
    for (;;) {
      ++t;
      if (!s->has(t)) s = list_.step(*s);
      if (s == nullptr) return nullptr;  // I3
      cell& c = (*s)[t];
      // relaxed: a guess for the RMW that acts on it.
      cell_word v = c.load(P::relaxed);
      while (v != cell_state::part_granted) {
        if (v == cell_state::part) {
          // release [C11]: the granter of this cell finds the cells after it installed when it goes on, pairs with
          // [C5]. On failure relaxed: the next guess.
          if (c.compare_exchange_strong(v, cell_state::part_ready, P::release, P::relaxed)) return nullptr;
        } else if (!is_waiter(v)) {
          return nullptr;  // withdrawn
        } else if ((v & cell_state::its_grant) == 0) {
          // relaxed: the granter of this cell ends the others, and sees what is in them. On failure: the next guess.
          if (c.compare_exchange_strong(v, v | cell_state::all_before, P::relaxed, P::relaxed)) return nullptr;
        } else if (  // seq_cst: as [C6]. On failure relaxed: the next guess.
            c.compare_exchange_strong(v, cell_state::done, P::seq_cst, P::relaxed)) {
          return complete(*s, t, waiter_of<P>(v));
        }
      }
    }
  }

  /// Finishes the cells of a request whose last cell we have made `done` (I2).
  waiter_type* complete(segment& s, std::uint64_t last, waiter_type& w) {
    list_.finish(s, last);
    // relaxed: published with the last cell.
    auto* at = static_cast<segment*>(w.strategy_link().load(P::relaxed));
    std::uint64_t n = first_of(w);
    if (n != last) P::template local<leaver>().held.reset_protection(at);
    for (; n != last; ++n) {
      segment* const ahead = at->has(n + 1) || n + 1 == last ? at : list_.find(at, n + 1);
      finish(*at, n, cell_state::done);
      at = ahead;
    }
    return &w;
  }

  /// Installs parts first, then the last cell, then the first one (I2).
  [[gnu::noinline]] enqueued enqueue_several(waiter_type& w, std::uint64_t n, segment& first,
                                                 std::uint64_t t) {
    P::template local<leaver>().held.reset_protection(&first);
    segment* s = &first;
    for (std::uint64_t i = t + 1; i != t + n; ++i) {
      if (!s->has(i)) s = list_.find(s, i);
      bool const last = i == t + n - 1;
      cell_word v = cell_state::empty;
      // release [C8]: publishes *w to the thread that completes or evicts it, and of the first cell, that the others
      // are installed, pairs with [C5], [C6], [C15]. On failure relaxed: the exchange is put in the token's place.
      if ((*s)[i].compare_exchange_strong(v, last ? waiter_word(w, cell_state::several) : cell_state::part, P::release,
                                          P::relaxed)) {
        continue;
      }
      // release [C10]: publishes *w, pairs with [C6], [C15]. The past of the token's granter is in the cell still.
      (*s)[i].exchange(last ? waiter_word(w, cell_state::several | cell_state::its_grant) : cell_state::part_granted,
                       P::release);
    }
    return enqueue_first(first, t) ? enqueued::waiting : enqueued::granted;
  }

  /// Installs the first cell. True: another thread will hand the waiter over. False: the request is complete.
  bool enqueue_first(segment& first, std::uint64_t t) {
    cell_word v = cell_state::empty;
    // release: as [C8]. On failure relaxed: the exchange sees the token.
    if (first[t].compare_exchange_strong(v, cell_state::part_ready, P::release, P::relaxed)) return true;
    // relaxed: we go on ourselves; the past of the token's granter is in the cell still.
    first[t].exchange(cell_state::part_granted, P::relaxed);
    return propagate(first, t) == nullptr;
  }

  /// Ends a request by its last cell (I2), in which v is expected. False: it is over, or another thread ends it.
  bool decide(cell& c, cell_word v) noexcept {
    while (is_waiter(v)) {
      cell_word const next = (v & cell_state::its_grant) != 0 ? cell_state::delegated : cell_state::leaving;
      // seq_cst: as [C15]. On failure relaxed: the next guess.
      if (c.compare_exchange_strong(v, next, P::seq_cst, P::relaxed)) return true;
    }
    return false;
  }

  /// Leaves all cells of a request that we have ended. Returns how many grants came that belong to others.
  template <class Refund> std::int64_t leave(waiter_type& w, Refund&& refund) {
    // relaxed: published with the last cell.
    auto* const home = static_cast<segment*>(w.strategy_link().load(P::relaxed));
    std::uint64_t const n = w.missing(), t = first_of(w);
    std::uint64_t granted = 0;
    segment* s = home;
    for (std::uint64_t i = t; i + 1 < t + n; ++i) {
      if (!s->has(i)) s = list_.find(s, i);
      cell& c = (*s)[i];
      // relaxed: a guess for the CAS. A cell that has its grant is looked at by finish_cells().
      cell_word v = c.load(P::relaxed);
      // seq_cst [C15]: a cell that will be ended by a store is left, and its end is followed by a look for the baton;
      // a thread that leaves the baton, and finds the cell not left yet, has left it before (segment_list.hpp, I2),
      // pairs with segment_list.hpp [S7]; as acquire, sees *w and the past of the grants in the cell, pairs with [C1],
      // [C8], [C10]. On failure relaxed: the next guess.
      while (v != cell_state::part_granted &&
             !c.compare_exchange_strong(v, cell_state::leaving, P::seq_cst, P::relaxed)) {}
      granted += v == cell_state::part_granted ? 1 : 0;
    }
    return finish_cells(home, t, n, refund(static_cast<std::uint32_t>(n - granted)));
  }

  /// Ends n cells of ours for which no thread waits. Returns how many grants came that belong to others.
  std::int64_t finish_cells(segment* s, std::uint64_t t, std::uint64_t n, std::int64_t refusals) {
    std::int64_t others = 0;
    for (std::uint64_t i = t; i != t + n; ++i) {
      bool const last = i + 1 == t + n;
      segment* const ahead = last || s->has(i + 1) ? s : list_.find(s, i + 1);
      // relaxed: a guess for the RMW that ends the cell, or what we have left there.
      others += finish_one(*s, i, (*s)[i].load(P::relaxed), refusals);
      s = ahead;
    }
    return others;
  }

  /// Ends cell i, whose word is v.
  std::int64_t finish_one(segment& s, std::uint64_t i, cell_word v, std::int64_t& refusals) {
    cell& c = s[i];
    if (v == cell_state::part_granted) {
      finish(s, i, cell_state::done);
      return 0;
    }
    if (refusals > 0) [[unlikely]] {
      --refusals;
      refuse(s, i, v);
      return 0;
    }
    if (v == cell_state::leaving) return end_leaving(s, i);
    // seq_cst: as [C6].
    v = c.exchange(cell_state::dead, P::seq_cst);
    list_.finish(s, i);
    return v == cell_state::delegated || v == cell_state::token ? 1 : 0;
  }

  /// Ends a cell that we have made `leaving`, and whose grant goes to others. Returns how many have come.
  std::int64_t end_leaving(segment& s, std::uint64_t i) {
    // release [C9]: a thread that finds the cell dead comes after us, pairs with segment_list.hpp [S12].
    s[i].store(cell_state::dead, P::release);
    // seq_cst [C14]: the cell has ended, now we look for a grant beside it, and for the baton; a granter puts the
    // grant there and then looks at the cell, a thread that leaves the baton likewise; not both may miss the other (I9;
    // segment_list.hpp, I2), pairs with [C13], segment_list.hpp [S15].
    P::light_fence(P::seq_cst);
    bool const came = take_from_beside(s, i);
    list_.finish(s, i);
    return came ? 1 : 0;
  }

  /// Drops the cell's grant, which is owed to nobody, or has the granter drop it.
  [[gnu::noinline]] void refuse(segment& s, std::uint64_t i, cell_word v) {
    if (v == cell_state::leaving || v == cell_state::empty) {
      // relaxed: the destructor comes after this, so what it reads counts all that were added. (The granter may have
      // subtracted before.)
      refused_.fetch_add(1, P::relaxed);
      // relaxed: the granter reads no more than the word. On failure too: its grant has come.
      if (s[i].compare_exchange_strong(v, cell_state::refuse, P::relaxed, P::relaxed)) {
        // seq_cst: as [C14].
        P::light_fence(P::seq_cst);
        if (!take_from_beside(s, i)) return;
      }
      // relaxed: no granter has come by it, nor will.
      refused_.fetch_sub(1, P::relaxed);
    }
    finish(s, i, cell_state::done);
  }

  /// For close(): returns the first cell from n on that may be without a grant.
  place first_without_grant(std::uint64_t n) const {
    segment* const s = P::template local<granter>().held.protect(grant_hint_);
    // relaxed: not older than the hint, which was read by an acquire.
    return {s, std::max(n, granted_.load(P::relaxed))};
  }

  /// For close(): goes on to the next cell that has a waiter, or will have one.
  bool next_waiting(place& at, std::uint64_t end) {
    for (; at.n < end; ++at.n) {
      if (at.s == nullptr || !at.s->has(at.n)) {
        at.s = list_.find(at.s, at.n);
        at.n = std::max(at.n, at.s->first());
        if (at.n >= end) return false;
      }
      // relaxed: a guess.
      cell_word const v = (*at.s)[at.n].load(P::relaxed);
      if (is_waiter(v) || v == cell_state::empty) return true;
    }
    return false;
  }

  /// For close(): withdraws the waiter whose last cell this is, once it has come. Returns null if it is granted or
  /// leaves by itself.
  waiter_type* evict(segment& s, std::uint64_t n) {
    // relaxed: a guess for decide().
    cell_word const v = P::await(s[n], [](cell_word x) { return x != cell_state::empty; }, P::relaxed);
    if (!is_waiter(v)) return nullptr;
    // relaxed: comes before the retirement of its segment (I7).
    evicting_.store(n + 1, P::relaxed);
    if (!decide(s[n], v)) return nullptr;
    waiter_type& w = waiter_of<P>(v);
    if (first_of(w) != n) {  // several: the first one may still be missing
      // relaxed: published with the last cell.
      auto* const home = static_cast<segment*>(w.strategy_link().load(P::relaxed));
      P::template local<leaver>().held.reset_protection(home);
      auto const there = [](cell_word x) { return x != cell_state::empty && x != cell_state::token; };
      // relaxed: what else its thread did came before the last cell.
      P::await((*home)[first_of(w)], there, P::relaxed);
    }
    static_cast<void>(leave(w, [](std::uint32_t) noexcept { return std::int64_t{0}; }));
    return &w;
  }

  /// Returns the first cell of a request that we have ended. Before that, close() may be writing missing().
  static std::uint64_t first_of(waiter_type const& w) noexcept { return w.strategy_word() + 1 - w.missing(); }

  static constexpr std::size_t apart = P::scaled(48, 1);
  static constexpr std::size_t looks = P::scaled(8, 0);  // of a thread that backs off

  atomic<std::uint64_t> enqueued_{std::uint64_t{0}};  // the next ticket of a waiter; bit 63: closed
  typename list::hint enqueue_hint_{nullptr};         // a segment that is not behind it
  [[maybe_unused]] std::byte apart_1_[apart];
  atomic<std::uint64_t> granted_{std::uint64_t{0}};  // the next ticket of a grant
  typename list::hint grant_hint_{nullptr};
  [[maybe_unused]] std::byte apart_2_[apart];
  atomic<std::uint64_t> evicting_{std::uint64_t{0}};  // close() has come so far
  atomic<std::int64_t> refused_{std::int64_t{0}};  // cells that will drop a grant
  mutable list list_;                              // a thread that walks unlinks what was removed
};

/// The strategy as it ships.
template <platform P>
class segmented_queue
    : public basic_segmented_queue<P, static_cast<std::uint32_t>(P::scaled(128, 2))> {
 public:
  static constexpr char const* name = "segmented_queue";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::constant;
  static constexpr char const* a_wait_allocates = "a segment for 128 waits";
  static constexpr char const* progress =
      "enqueue, grant and withdraw lock-free; close blocking under segmented_queue";
};

static_assert(waiter_queue<segmented_queue<std_platform>, std_platform>);

/// The same with other segments: `segmented_by<2>::queue` is a strategy. Or with another reclaimer.
template <std::uint32_t Cells, template <class> class R = hazard_reclaimer> struct segmented_by {
  template <platform P> class queue : public basic_segmented_queue<P, Cells, R<P>> {};
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
