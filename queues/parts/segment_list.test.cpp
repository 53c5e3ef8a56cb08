// The list on one thread: what is made, found, held and removed. What threads do to each other is for models/.
#include <surewake/core/platform/std_platform.hpp>
#include <surewake/queues/parts/segment_list.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <numeric>
#include <random>
#include <set>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace segment_list_test {

namespace {

using namespace surewake;
using namespace surewake::detail;

/// The machine, with a count of the segments that are there.
struct counting : std_platform {
  static void* allocate(std::size_t n, std::size_t align) {
    segments += n == counted_size ? 1 : 0;
    return std_platform::allocate(n, align);
  }
  static void deallocate(void* p, std::size_t n, std::size_t align) noexcept {
    segments -= n == counted_size ? 1 : 0;
    std_platform::deallocate(p, n, align);
  }
  static inline std::size_t counted_size = 0;
  static inline std::atomic<int> segments{0};
};

using P = counting;
template <std::uint32_t Cells> using list_of = segment_list<P, hazard_reclaimer<P>, Cells>;
using list = list_of<4>;
using segment = list::segment;
[[maybe_unused]] bool const counts = (counting::counted_size = sizeof(segment), true);

/// Makes the segments up to cell n, or walks to them.
void make(list& l, std::uint64_t n) { static_cast<void>(l.find(nullptr, n)); }
void finish(list& l, std::uint64_t n, cell_word how = cell_state::done) {
  segment* const s = l.find_linked(nullptr, n);
  REQUIRE((s != nullptr && s->has(n)));
  (*s)[n].store(how);
  l.finish(*s, n);
}
void finish_segment(list& l, std::uint64_t number) {
  for (std::uint64_t c = 0; c != list::cells; ++c) finish(l, number * list::cells + c);
}

}  // namespace

TEST_CASE("find makes what is missing up to its cell, find_linked nothing") {
  list l;
  CHECK(l.linked() == 0);
  CHECK(l.find_linked(nullptr, 0) == nullptr);
  segment* const third = l.find(nullptr, 9);
  CHECK((third->first() == 8 && third->has(8) && third->has(11) && !third->has(7) && !third->has(12)));
  CHECK(l.linked() == 3);
  CHECK(l.find(nullptr, 9) == third);
  CHECK(l.find_linked(nullptr, 11) == third);
  CHECK(l.find_linked(third, 12) == nullptr);
  CHECK(l.linked() == 3);
  segment* const first = l.find(nullptr, 3);
  CHECK(first->first() == 0);
  CHECK(l.find(first, 4)->first() == 4);
  CHECK(l.find(l.find(nullptr, 4), 11) == third);  // from an earlier segment
}

TEST_CASE("each cell of a segment has a word and a bit of its own") {
  using wide = list_of<128>;
  wide l;
  wide::segment* const s = l.find(nullptr, 128);
  std::set<void*> words, places;
  std::set<std::pair<void*, std::uint64_t>> bits;
  for (std::uint64_t n = 128; n != 256; ++n) {
    words.insert(&(*s)[n]);
    auto const [word, bit] = s->came_while_leaving(n);
    CHECK(std::has_single_bit(bit));
    CHECK(word.load() == 0);
    places.insert(&word);
    bits.insert({&word, bit});
  }
  CHECK((words.size() == 128 && places.size() == 2 && bits.size() == 128));
}

TEST_CASE("step leads to the segment that is next to it, and to none that is gone or not yet there") {
  list l;
  make(l, 15);
  segment* s = l.find(nullptr, 0);
  s = l.step(*s);
  REQUIRE(s != nullptr);
  CHECK(s->first() == 4);
  finish_segment(l, 2);
  make(l, 12);  // unlinks it on the way
  s = l.find(nullptr, 4);
  CHECK(l.step(*s) == nullptr);  // the one next to it is gone
  s = l.find(nullptr, 12);
  CHECK(l.step(*s) == nullptr);  // it is the last one
  segment* const removed = l.find(nullptr, 0);
  for (std::uint64_t n = 0; n != 4; ++n) {
    (*removed)[n].store(cell_state::dead);
    l.finish(*removed, n);
  }
  CHECK(l.step(*removed) == nullptr);  // it is removed itself
}

TEST_CASE("a segment goes when all its cells are finished, in whatever order, and not before") {
  std::vector<std::uint64_t> order(4);
  std::iota(order.begin(), order.end(), 0U);
  do {
    list l;
    make(l, 4);
    for (std::uint64_t const n : order) {
      CHECK(l.linked() == 2);
      finish(l, n, n % 2 == 0 ? cell_state::done : cell_state::dead);
      if (n != order.back()) CHECK(l.no_baton_left());
    }
    CHECK(l.linked() == 1);
    CHECK(l.find(nullptr, 2)->first() == 4);  // the first one after it
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a cell that is finished without a word of it keeps its segment, and is told by no_baton_left") {
  list l;
  make(l, 4);
  for (std::uint64_t n = 0; n != 3; ++n) finish(l, n);
  segment& s = *l.find_linked(nullptr, 3);
  s[3].store(cell_state::done);
  CHECK_FALSE(l.no_baton_left());
  CHECK(l.linked() == 2);
  l.finish(s, 3);
  CHECK(l.no_baton_left());
  CHECK(l.linked() == 1);
}

TEST_CASE("a cell that is being left holds the baton up until its withdrawal has ended") {
  list l;
  make(l, 4);
  segment& s = *l.find_linked(nullptr, 0);
  s[1].store(cell_state::leaving);
  for (std::uint64_t const n : {3U, 0U, 2U}) {
    s[n].store(cell_state::done);
    l.finish(s, n);
  }
  CHECK(l.linked() == 2);
  s[1].store(cell_state::dead);
  l.finish(s, 1);
  CHECK(l.linked() == 1);
}

TEST_CASE("the last segment stays, finished or not, until there is another one after it") {
  list l;
  make(l, 3);
  finish_segment(l, 0);
  CHECK(l.linked() == 1);
  CHECK(l.no_baton_left());
  CHECK(l.find(nullptr, 3)->first() == 0);
  CHECK(l.find(nullptr, 4)->first() == 4);
  CHECK(l.linked() == 1);
}

TEST_CASE("what a hint leads to stays linked until the hint leads elsewhere") {
  list l;
  list::hint h{nullptr};
  make(l, 8);
  segment* const first = l.find(nullptr, 0);
  l.advance(h, nullptr, *first);
  CHECK(h.load() == first);
  finish_segment(l, 0);
  CHECK(l.linked() == 3);
  segment* const second = l.find(nullptr, 4);
  l.advance(h, first, *second);
  CHECK(h.load() == second);
  CHECK(l.linked() == 2);
}

TEST_CASE("a hint that another one has moved, or that would lead to a removed segment, is left alone") {
  list l;
  list::hint h{nullptr}, other{nullptr};
  make(l, 12);
  segment* const third = l.find(nullptr, 8);
  l.advance(h, nullptr, *third);
  segment* const second = l.find(nullptr, 4);
  l.advance(h, nullptr, *second);  // expects what is no longer there
  CHECK(h.load() == third);
  finish_segment(l, 1);
  make(l, 12);
  CHECK(l.linked() == 3);  // no hold of it was left
  segment* const first = l.find(nullptr, 0);
  for (std::uint64_t n = 0; n != 4; ++n) {
    (*first)[n].store(cell_state::done);
    l.finish(*first, n);
  }
  l.advance(other, nullptr, *first);
  CHECK(other.load() == nullptr);
}

TEST_CASE("segments that go in any order leave no more linked than are needed, within the sweep's share") {
  constexpr std::uint64_t all = 400;
  std::vector<std::uint64_t> order(all);
  std::iota(order.rbegin(), order.rend(), 0U);  // the last one first: no walk passes what has gone
  for (bool const shuffled : {false, true}) {
    std::minstd_rand random(7);
    if (shuffled) std::shuffle(order.begin(), order.end(), random);
    list l;
    make(l, all * list::cells);
    std::size_t live = all + 1;
    for (std::uint64_t const s : order) {
      finish_segment(l, s);
      --live;
      CHECK(l.linked() <= live + std::max<std::size_t>(live, 16));
    }
    CHECK(l.linked() == 1);
  }
}

TEST_CASE("every segment that was made is destroyed, by its removal or with the list") {
  hazard_reclaimer<P>::default_domain().clean_up();
  int const before = counting::segments;  // those that this thread's guards hold
  std::thread([&] {
    list l;
    make(l, 40 * list::cells);
    CHECK(counting::segments == before + 41);
    for (std::uint64_t s = 0; s != 20; ++s) finish_segment(l, s);
    hazard_reclaimer<P>::default_domain().clean_up();
    CHECK(counting::segments <= before + 21 + 4);  // this thread's guards hold some
  }).join();
  hazard_reclaimer<P>::default_domain().clean_up();
  CHECK(counting::segments == before);
}

}  // namespace segment_list_test
