// surewake/queues/parts/segment_list.hpp: an endless row of cells, in segments that come when a cell is wanted and go
// when all of their cells are finished.
//
//   first_ -> | 64..95 | -> | 96..127 | -> | 160..191 | -> 0        (128..159 are finished, and gone)
//
//   segment   linked --its last hold is dropped--> removed (bit 0 of `next`) --unlink--> retired
//   hold      1 while a cell is unfinished, 1 while it is the last of the list, 1 for each hint that leads to it
//   scan      c: the baton waits for cell c to be finished. Begins at the last cell, goes on from the first one; after
//             the last one once all are finished
//
// Invariants
//   I1  A cell, once finished, stays so. The finishing thread calls finish() right after, and before anything that lets
//       the queue be destroyed, because finish() may unlink, and unlinking accesses the list.
//   I2  The thread that finishes the cell where the baton is looks at the next ones in order; where one is unfinished
//       it leaves the baton there and looks once more. A thread that finishes a cell by an RMW looks for the baton
//       afterwards. One of the two sees the other ([S5], [S7]), so the baton is never forgotten, and the RMW that a
//       count of cells would need is saved. A cell that will be finished by a store is made `leaving` before that, by
//       an RMW of the same thread. A thread that leaves the baton and does not find the cell `leaving` has left it
//       before that RMW; if it does, it looks a third time, after a heavy fence ([S15]).
//   I3  hold is never raised from 0, and reaches it once. So a removed segment has all cells finished, is not the last,
//       and no hint leads to it or ever will: the list is never empty, and from a hint every later cell can be reached.
//   I4  A segment is retired by the one whose CAS unlinked it from a predecessor that was not removed. What a segment
//       that is not removed leads to is linked; so a walker that announces it and then sees the link unchanged holds it
//       (hazard_pointer.hpp, I1). Where it finds a removed one under its feet it starts again from first_.
//   I5  Removed segments at the front are unlinked at once. The others are swept out by a walk through all of the list,
//       once half as many were removed as the last one left: linked segments <= 2 x those in use + 8, for amortised
//       O(1) each.
//   I6  The thread that drops the last hold, the one that unlinks and the one that scans may be three. A thread that
//       withdraws announces a segment, and then looks, relaxed, at how far the grants and close() have come
//       (segmented_queue.hpp, I7). If the scan has missed its announcement, the scan's fence comes before its own, and
//       it must see in that look what has led to the segment's end. So that has to come before the scan's fence, by
//       this chain: the ticket or the eviction; the finished cell, and the baton that finds it ([S12], [S5], [S7]);
//       each hold, and the last one ([S11]); the mark, and the thread that finds it ([S4], [S10]); the fence.
// Progress  lock-free: a walk starts again only because somebody removed a segment.
// Errors    std::bad_alloc from find(), which noexcept callers turn into std::terminate.
// Cost      finish(): a load and a comparison, and for each segment one scan. find(), once a segment: a few RMWs.
// Source    the linked segments of Michael & Scott's queue [@michael1996] as in CQS [@cqs2023]; removal by a mark in
//           the link, Harris (DISC 2001), Michael (SPAA 2002); hazard pointers [@michael2004]. The baton is ours.
// Checked   models/ over segmented_queue with segments of 1, 2 and 3 cells, over hazard pointers and over reclaimers
//           whose announcements are no fences (models/segments/segment_plays.hpp); models/bugs/*.bug;
//           `surewake-verify weaken queues/parts/segment_list.hpp`: verify/orders.csv.
// Survived  [S4], [S11] and [S12], each lowered alone: I6, of which no search has met a breach. The past of a thread
//           that has announced the segment comes before its end by the hazard pointer's orders; a thread that gives up,
//           and announces too late, has only I6.
//           [S11], [S4]: the granters' hint holds its segment. The thread that moves it on has a later ticket than
//           those of the segment, and drops a hold. [S11] brings that ticket to the thread that drops the last hold,
//           [S4] to another one that unlinks. As acquire, [S11] is needed where the scan is not by the thread that
//           retired; otherwise the scan's fence acquires.
//           [S12]: where the hint never led to the segment, and where close() ended its waits, only the thread with the
//           baton comes after the ends of all its cells.
#pragma once

#include <surewake/core/reclaim/reclaimer.hpp>
#include <surewake/queues/parts/segment_cell.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// Segments have `Cells` cells.
template <platform P, reclaimer R, std::uint32_t Cells> class segment_list {
  template <class T> using atomic = typename P::template atomic<T>;
  using link = atomic<std::uintptr_t>;  // a segment, and bit 0: the one that this link is in has been removed

 public:
  static constexpr std::uint64_t cells = Cells;

  struct segment : R::template object<segment> {
    explicit segment(std::uint64_t first) noexcept : first_cell(first) {}

    link next{std::uintptr_t{0}};
    atomic<std::uint32_t> hold{2U};
    atomic<std::uint32_t> scan{static_cast<std::uint32_t>(cells - 1)};
    typename P::template plain<std::uint64_t> first_cell;  // its number
    std::array<atomic<std::uint64_t>, (cells + 63) / 64> came{};  // a bit a cell: a grant came while it was `leaving`
    std::array<atomic<cell_word>, cells> row{};

    using cell = atomic<cell_word>;
    [[nodiscard]] std::uint64_t first() const noexcept { return first_cell.get(); }
    [[nodiscard]] bool has(std::uint64_t n) const noexcept { return n - first() < cells; }
    [[nodiscard]] cell& operator[](std::uint64_t n) noexcept { return row[index(n)]; }
    /// Where the bit of cell n is, and the bit.
    [[nodiscard]] std::pair<atomic<std::uint64_t>&, std::uint64_t> came_while_leaving(std::uint64_t n) noexcept {
      return {came[index(n) / 64], std::uint64_t{1} << index(n) % 64};
    }

   private:
    [[nodiscard]] std::uint64_t index(std::uint64_t n) const noexcept {
      std::uint64_t const i = n - first();
      if constexpr (requires { P::within(i, cells); }) P::within(i, cells);
      return i;
    }
  };
  using hint = atomic<segment*>;

  segment_list() {
    if constexpr (requires { P::prepare_fences(); }) P::prepare_fences();
  }
  segment_list(segment_list const&) = delete;
  segment_list& operator=(segment_list const&) = delete;
  /// A thread that still walks (a granter after its last RMW on a cell) finds every segment removed, and stops.
  ~segment_list() {
    // relaxed: appending and unlinking come before the operations' last RMWs on cells, and this thread after those.
    for (segment* s = pointer(first_.load(P::relaxed)); s != nullptr;) {
      // relaxed: likewise. A thread that walks on has protected s; it finds s removed by the fence of its next
      // announcement, if the scan that ends the next segment misses that (hazard_pointer.hpp, I1).
      segment* const behind = pointer(s->next.fetch_or(removed, P::relaxed));
      s->retire();
      s = behind;
    }
  }

  /// Returns the segment of cell n, made where it does not exist yet; or the first one after it, if it is gone. `from`
  /// is where to start: not after n, and protected, or kept by an unfinished cell of ours; null: from the front. The
  /// segment is protected until this thread's next find() or step().
  [[nodiscard]] segment* find(segment* from, std::uint64_t n) {
    std::size_t passed = 0;
    return walk(from, n, P::template local<walkers>(), true, passed);
  }

  /// As find(), but makes none: null after the last one.
  [[nodiscard]] segment* find_linked(segment* from, std::uint64_t n) {
    std::size_t passed = 0;
    return walk(from, n, P::template local<walkers>(), false, passed);
  }

  /// From a protected segment to the one that is next to it: null where s is removed or that one is gone.
  [[nodiscard]] segment* step(segment& s) noexcept {
    guards& mine = P::template local<walkers>();
    std::uintptr_t const v = mine.ahead.protect(s.next, &pointer);
    segment* const behind = pointer(v);
    if ((v & removed) != 0 || behind == nullptr) return nullptr;
    if (behind->first() != s.first() + cells) return nullptr;
    mine.ahead.swap(mine.here);
    return behind;
  }

  /// Makes `h` lead to `to`, which is protected and later than `from`, what it led to.
  void advance(hint& h, segment* from, segment& to) {
    if (!keep(to)) return;
    segment* expected = from;
    // release [S9]: publishes the tickets that led to `to`, pairs with the caller's acquire.
    // On failure relaxed: somebody else has moved it.
    bool const moved = h.compare_exchange_strong(expected, &to, P::release, P::relaxed);
    segment* const left = moved ? from : &to;
    if (left != nullptr) drop(*left);
  }

  /// Cell n of the protected segment s is finished, by us (I1), by a seq_cst RMW, or by a store and a light fence (I2).
  void finish(segment& s, std::uint64_t n) {
    // seq_cst [S5]: the cell was finished, now the baton is looked for; a thread that leaves it stores it and then
    // looks at the cell; not both may miss the other (I2), pairs with [S7].
    if (s.scan.load(P::seq_cst) == n - s.first()) [[unlikely]]
      run_with_baton(s, static_cast<std::uint32_t>(n - s.first()));
  }

  /// Linked segments, by a walk. While nobody else is here.
  [[nodiscard]] std::size_t linked() const noexcept {
    std::size_t n = 0;
    for_each_at_rest([&](segment const&) noexcept { ++n; });
    return n;
  }

  /// Whether I2 holds of every linked segment: the hold of its cells is dropped if they are finished. While nobody else
  /// is here.
  [[nodiscard]] bool no_baton_left() const noexcept {
    bool none = true;
    for_each_at_rest([&](segment const& s) noexcept {
      // relaxed: at rest.
      auto const finished = [](auto const& c) { return is_finished(c.load(P::relaxed)); };
      // relaxed: at rest.
      none &= s.scan.load(P::relaxed) == cells || !std::all_of(s.row.begin(), s.row.end(), finished);
    });
    return none;
  }

 private:
  static constexpr std::uintptr_t removed = 1;
  static constexpr std::size_t sweep_least = P::scaled(8, 1);

  struct guards {
    typename R::guard here = R::make_guard();   // the segment that was found
    typename R::guard ahead = R::make_guard();  // the next one; before that, the last one
  };
  struct walkers : guards {};
  struct sweepers : guards {};  // of finish(), which does not disturb its caller's walk

  template <class F> void for_each_at_rest(F f) const noexcept {
    // relaxed: at rest; and relaxed: at rest.
    for (segment* s = pointer(first_.load(P::relaxed)); s != nullptr; s = pointer(s->next.load(P::relaxed))) f(*s);
  }

  static segment* pointer(std::uintptr_t v) noexcept { return reinterpret_cast<segment*>(v & ~removed); }

  /// Returns the first segment that ends after n; unlinks what is removed on the way, counts the others. Null at the
  /// end, unless it may extend the list.
  segment* walk(segment* at, std::uint64_t n, guards& mine, bool extend, std::size_t& passed) {
    for (;;) {
      link& out = at != nullptr ? at->next : first_;
      std::uintptr_t const v = mine.ahead.protect(out, &pointer);
      segment* const ahead = pointer(v);
      if ((v & removed) != 0) {
        at = nullptr;  // I4
      } else if (ahead == nullptr) {
        if (!extend) return nullptr;
        append(at, out);
      } else {
        // acquire [S10]: sees what the removed one leads to, pairs with [S2], [S3], [S4].
        std::uintptr_t const behind = ahead->next.load(P::acquire);
        if ((behind & removed) != 0) {
          unlink(out, *ahead, behind);
        } else {
          mine.ahead.swap(mine.here);
          if (ahead->has(n) || ahead->first() > n) return ahead;
          at = ahead;
          ++passed;
        }
      }
    }
  }

  void append(segment* last, link& out) {
    segment* const s = platform_new<segment, P>(last != nullptr ? last->first() + cells : 0);
    std::uintptr_t none = 0;
    // release [S2]: publishes the segment, pairs with [S10], and what protect() acquires.
    // On failure relaxed: somebody else has appended, or `last` was removed.
    if (out.compare_exchange_strong(none, reinterpret_cast<std::uintptr_t>(s), P::release, P::relaxed)) {
      if (last != nullptr) drop(*last);
    } else {
      platform_delete<P>{}(s);
    }
  }

  void unlink(link& out, segment& s, std::uintptr_t behind) noexcept {
    auto expected = reinterpret_cast<std::uintptr_t>(&s);
    // release [S3]: passes on what [S10] has seen of the next segment, pairs with [S10], and what protect() acquires.
    // On failure relaxed: somebody else has unlinked it.
    if (out.compare_exchange_strong(expected, behind & ~removed, P::release, P::relaxed)) s.retire();
  }

  /// One more hold of s, unless it has none (I3).
  static bool keep(segment& s) noexcept {
    // relaxed: a guess for the CAS.
    std::uint32_t now = s.hold.load(P::relaxed);
    while (now != 0) {
      // relaxed: counts; what a hold protects is ordered by [S11] when it is dropped.
      if (s.hold.compare_exchange_weak(now, now + 1, P::relaxed, P::relaxed)) return true;
    }
    return false;
  }

  void drop(segment& s) {
    // acq_rel [S11]: as release, what was done under this hold is over; as acquire, the last one sees that of all,
    // and how far the grants and close() have come (I6), pairs with [S11].
    if (s.hold.fetch_sub(1, P::acq_rel) == 1) remove(s);
  }

  void remove(segment& s) {
    // release [S4]: the thread that unlinks s, and retires it, comes after all that was done with it, and after what
    // has led to that (I6), pairs with [S10].
    s.next.fetch_or(removed, P::release);
    guards& mine = P::template local<sweepers>();
    std::size_t in_use = 0;
    static_cast<void>(walk(nullptr, 0, mine, false, in_use));
    // relaxed: counts, and decides when to sweep, no more.
    std::uint64_t const n = removals_.fetch_add(1, P::relaxed) + 1;
    // relaxed: as above.
    if (n < sweep_at_.load(P::relaxed)) return;
    static_cast<void>(walk(nullptr, ~std::uint64_t{0}, mine, false, in_use = 0));
    // relaxed: as above.
    sweep_at_.store(n + std::max<std::size_t>(in_use / 2, sweep_least), P::relaxed);
  }

  /// Cell `at` is finished, where the baton is: it goes to the next cell that is not, and waits there.
  [[gnu::noinline]] void run_with_baton(segment& s, std::uint32_t at) {
    for (;;) {
      std::uint32_t c = at == cells - 1 ? 0 : at + 1;
      // acquire [S12]: what the finisher did in this segment is over, pairs with segmented_queue.hpp [C6] and
      // segmented_queue.hpp [C9].
      while (c < cells && is_finished(s.row[c].load(P::acquire))) ++c;
      // seq_cst [S7]: the baton is left at c, then that cell is looked at once more (I2), pairs with [S5],
      // segmented_queue.hpp [C15]; as acq_rel, sees the cells that were looked at before, and keeps them for the next,
      // pairs with [S7]. On failure relaxed: another thread, which found the same cell finished, has it.
      if (!s.scan.compare_exchange_strong(at, c, P::seq_cst, P::relaxed)) return;
      if (c == cells) return drop(s);
      // seq_cst: as [S7].
      cell_word now = s.row[c].load(P::seq_cst);
      if (now == cell_state::leaving) [[unlikely]] {
        // seq_cst [S15]: the baton is left here, then the cell is looked at; a thread that ends a withdrawal ends the
        // cell and then looks for the baton, pairs with segmented_queue.hpp [C14].
        P::heavy_fence(P::seq_cst);
        // acquire: as [S12].
        now = s.row[c].load(P::acquire);
      }
      if (!is_finished(now)) return;
      at = c;
    }
  }

  link first_{std::uintptr_t{0}};
  atomic<std::uint64_t> removals_{std::uint64_t{0}};
  atomic<std::uint64_t> sweep_at_{std::uint64_t{sweep_least}};  // that many removals
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
