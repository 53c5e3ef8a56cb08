#include <surewake/verify/engine/graph/search.test.hpp>
#include <surewake/verify/engine/graph/wide.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cstring>
#include <new>

using namespace surewake;
using verify::verdict;
using verify::graph::from_value;
using verify::graph::passes;
using verify::graph::search;
using verify::graph::to_value;
using P = verify::graph_platform;

namespace {

struct pair {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  bool operator==(pair const&) const = default;
};
struct tagged {
  void* at = nullptr;
  std::uint32_t tag = 0;  // and four bytes of padding
};
struct twelve {
  std::array<std::uint32_t, 3> words{};
  bool operator==(twelve const&) const = default;
};

/// One writer and several readers, which never see a half of one value and a half of another one.
template <class Value, unsigned Readers> struct whole_values {
  static constexpr unsigned threads = 1 + Readers;
  [[nodiscard]] static Value both(std::uint32_t n) {
    if constexpr (std::is_same_v<Value, pair>) return {n, n};
    else return {{n, n, n}};
  }
  void thread(unsigned i) {
    if (i == 0) {
      word.store(both(1), P::relaxed);
      return word.store(both(2), P::relaxed);
    }
    Value const v = word.load(P::relaxed);
    if (v != both(0) && v != both(1) && v != both(2)) P::broken("half a value");
  }
  void after() {
    if (word.load(P::relaxed) != both(2)) P::broken("not the last value");
  }
  P::atomic<Value> word{both(0)};
};

/// Each thread exchanges the value that it finds for one with a version more: a head of a pointer and a tag.
template <unsigned Threads> struct counts_versions {
  static constexpr unsigned threads = Threads;
  void thread(unsigned i) {
    pair seen = word.load(P::relaxed);
    while (!word.compare_exchange_strong(seen, {i + 1, seen.second + 1}, P::acq_rel, P::relaxed)) {}
  }
  void after() {
    pair const last = word.exchange({}, P::relaxed);
    if (last.second != Threads || last.first == 0 || last.first > Threads) P::broken("a version was lost");
  }
  P::atomic<pair> word{};
};

/// Waits for both halves.
struct waits : counts_versions<1> {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      return word.store({1, 2}, P::release);
    }
    static_cast<void>(P::await(word, [](pair p) { return p == pair{1, 2}; }, P::acquire));
    if (data.get() != 1) P::broken("the data is not seen");
  }
  void after() {}
  P::plain<int> data{0};
};

#if __has_builtin(__builtin_clear_padding)
/// Returns a value whose padding is not zero.
[[nodiscard]] tagged with_padding(std::uint32_t tag, int padding) {
  alignas(tagged) std::array<std::byte, sizeof(tagged)> bytes{};
  std::memset(bytes.data(), padding, bytes.size());
  auto* const t = std::launder(reinterpret_cast<tagged*>(bytes.data()));
  t->at = nullptr;
  t->tag = tag;
  tagged result;
  std::memcpy(&result, t, sizeof result);
  return result;
}

struct compares_padding {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    tagged expected = with_padding(7, 0x55);
    if (!word.compare_exchange_strong(expected, with_padding(8, 0x33), P::relaxed, P::relaxed))
      P::broken("padding is no part of a value");
  }
  void after() {
    if (word.load(P::relaxed).tag != 8) P::broken("the exchange is not seen");
  }
  P::atomic<tagged> word{with_padding(7, 0xAA)};
};
#endif

}  // namespace

TEST_CASE("graph wide values: a number stands for a value, and the same one whenever it comes") {
  CHECK(to_value(pair{1, 2}) == to_value(pair{1, 2}));
  CHECK(to_value(pair{1, 2}) != to_value(pair{2, 1}));
  CHECK(from_value<pair>(to_value(pair{5, 6})) == pair{5, 6});
  CHECK(from_value<twelve>(to_value(twelve{{1, 2, 3}})) == twelve{{1, 2, 3}});
  CHECK(to_value(std::uint32_t{7}) == 7);
  CHECK(from_value<std::int8_t>(to_value(std::int8_t{-1})) == -1);
  CHECK(verify::graph::text_of_value(to_value(pair{16, 2}), 16) == "{0x10, 0x2}");
  CHECK(verify::graph::text_of_value(16, 8) == "16");
  CHECK(verify::graph::wide_of(0) == verify::graph::wide{});
}

TEST_CASE("graph wide values: atomics of more than eight bytes have the executions of those of eight") {
  passes(search<whole_values<pair, 1>>(), 3);
  passes(search<whole_values<pair, 2>>(), 9);
  passes(search<whole_values<twelve, 1>>(), 3);
  passes(search<waits>(), 1);
  // One thread after the other, the second with an exchange that fails, or without: two orders of each.
  passes(search<counts_versions<1>>(), 1);
  passes(search<counts_versions<2>>(), 4);
}

#if __has_builtin(__builtin_clear_padding)
TEST_CASE("graph wide values: padding is no part of a value") { passes(search<compares_padding>(), 1); }
#endif
