// The engine's own check, memory: litmus tests whose answers C++ gives. A blind engine would pass everything else too.
#include <surewake/verify/engine/case.hpp>

namespace cases_of_engine_memory {

using namespace surewake;
using P = verify::checked_platform;
using order = P::order;
using verify::scheduler;
using verify::verdict;

using word = P::atomic<std::uint32_t>;

/// Both threads store to their own word and read the other's. `Fence`: relaxed accesses with a fence of that order
/// between.
template <order Store, order Load, order Fence = order::relaxed> struct store_buffering {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    mine[i].store(1U, Store);
    if constexpr (Fence != order::relaxed) P::fence(Fence);
    saw[i] = mine[1 - i].load(Load);
  }
  void after() {
    if (saw[0] + saw[1] == 0) P::broken("one of the two sees the other's store");
  }
  std::array<word, 2> mine{};
  std::array<std::uint32_t, 2> saw{};
};

enum class kind { full, light, heavy };
template <kind Kind> void fence_of() {
  if constexpr (Kind == kind::full) P::fence(P::seq_cst);
  if constexpr (Kind == kind::light) P::light_fence(P::seq_cst);
  if constexpr (Kind == kind::heavy) P::heavy_fence(P::seq_cst);
}

/// The same with a fence of each kind.
template <kind First, kind Second> struct buffering_between {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    mine[i].store(1U, P::relaxed);
    i == 0 ? fence_of<First>() : fence_of<Second>();
    saw[i] = mine[1 - i].load(P::relaxed);
  }
  void after() {
    if (saw[0] + saw[1] == 0) P::broken("one of the two sees the other's store");
  }
  std::array<word, 2> mine{};
  std::array<std::uint32_t, 2> saw{};
};

/// The taker's fence comes after the giver's, and knows it by a third party that orders nothing: the fences show stores
/// to later loads, and order no plain data.
template <kind Giver, kind Taker, bool Looks = false> struct data_between_fences {
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"giver", "messenger", "taker"};
  void thread(unsigned i) {
    auto const is_set = [](std::uint32_t v) { return v == 1U; };
    if (i == 0) {
      data.set(1);
      x.store(1U, P::relaxed);
      fence_of<Giver>();
      given.store(1U, P::relaxed);
    } else if (i == 1) {
      P::await(given, is_set, P::relaxed);
      taken.store(1U, P::relaxed);
    } else {
      P::await(taken, is_set, P::relaxed);
      fence_of<Taker>();
      if (x.load(P::relaxed) != 1U) P::broken("the later fence shows what was stored before the earlier one");
      if constexpr (Looks) static_cast<void>(data.get());
    }
  }
  void after() {}
  P::plain<int> data{0};
  word x{0U}, given{0U}, taken{0U};
};

/// One thread gives plain data to another through a flag.
template <order Store, order Wait, bool Fences = false> struct message_passing {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"giver", "taker"};
  void thread(unsigned i) {
    if (i == 0) {
      data.set(42);
      if constexpr (Fences) P::fence(P::release);
      flag.store(1U, Store);
    } else {
      P::await(flag, [](std::uint32_t f) { return f == 1U; }, Wait);
      if constexpr (Fences) P::fence(P::acquire);
      if (data.get() != 42) P::broken("the taker sees what was given");
    }
  }
  void after() {}
  P::plain<int> data{0};
  word flag{0U};
};

/// The flag is passed on by a third party: by an RMW, which continues the release, or by a store, which does not.
template <bool Rmw> struct release_sequence {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    if (i == 0) {
      data.set(42);
      flag.store(1U, P::release);
    } else if (i == 1) {
      P::await(flag, [](std::uint32_t f) { return f >= 1U; }, P::relaxed);
      if constexpr (Rmw) {
        flag.fetch_add(1U, P::relaxed);
      } else {
        flag.store(2U, P::relaxed);
      }
    } else {
      P::await(flag, [](std::uint32_t f) { return f == 2U; }, P::acquire);
      static_cast<void>(data.get());
    }
  }
  void after() {}
  P::plain<int> data{0};
  word flag{0U};
};

/// Two readers of two words that two others write: do they agree on the order?
template <order Store, order Load> struct independent_reads {
  static constexpr unsigned threads = 4;
  void thread(unsigned i) {
    if (i < 2) {
      x[i].store(1U, Store);
    } else {
      saw[i - 2][0] = x[i - 2].load(Load);
      saw[i - 2][1] = x[3 - i].load(Load);
    }
  }
  void after() {
    if (saw[0][0] == 1 && saw[0][1] == 0 && saw[1][0] == 1 && saw[1][1] == 0) P::broken("readers agree on the order");
  }
  std::array<word, 2> x{};
  std::array<std::array<std::uint32_t, 2>, 2> saw{};
};

/// One writer, one reader that looks twice: may it go back in time?
struct coherence {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::relaxed);
      x.store(2U, P::relaxed);
    } else {
      std::uint32_t const first = x.load(P::relaxed);
      if (x.load(P::relaxed) < first) P::broken("a thread reads a word forwards");
    }
  }
  void after() {}
  word x{0U};
};

/// Two threads count; by RMW nothing is lost, by load and store something may be.
template <bool Rmw> struct counting {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    if constexpr (Rmw) {
      x.fetch_add(1U, P::relaxed);
    } else {
      x.store(x.load(P::relaxed) + 1, P::relaxed);
    }
  }
  void after() {
    if (x.load(P::relaxed) != 2U) P::broken("both were counted");
  }
  word x{0U};
};

/// A weak compare-exchange may fail for no reason; a strong one may not.
template <bool Weak> struct compare_exchange {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    std::uint32_t expected = 0;
    bool const done = Weak ? x.compare_exchange_weak(expected, 1U, P::relaxed, P::relaxed)
                           : x.compare_exchange_strong(expected, 1U, P::relaxed, P::relaxed);
    if (!done) P::broken("an unchanged value is exchanged");
  }
  void after() {}
  word x{0U};
};

/// A compare-exchange that fails may have read an old value.
struct stale_failure {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::relaxed);
      x.store(2U, P::relaxed);
      done.store(1U, P::seq_cst);
    } else {
      bool const late = done.load(P::relaxed) == 1U;
      std::uint32_t expected = 7;
      x.compare_exchange_strong(expected, 8U, P::relaxed, P::relaxed);
      if (late && expected != 2U) P::broken("a failed compare-exchange reads the newest value");
    }
  }
  void after() {}
  word x{0U};
  word done{0U};
};

/// The value is the expected one again: a compare-exchange may read the one before it, and fail. `Known`: a thread that
/// knows of the newest value reads no older one.
template <bool Known> struct stale_failure_of_expected {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::relaxed);
      x.store(0U, P::relaxed);
      done.store(1U, P::release);
    } else if (P::await(done, [](std::uint32_t v) { return v == 1U; }, Known ? P::acquire : P::relaxed) == 1U) {
      std::uint32_t expected = 0;
      if (!x.compare_exchange_strong(expected, 2U, P::relaxed, P::relaxed))
        P::broken("a value that is there is exchanged");
    }
  }
  void after() {}
  word x{0U};
  word done{0U};
};

/// What a failed compare-exchange sees depends on its second order.
template <order Failure> struct failure_order {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      x.store(1U, P::release);
    } else {
      std::uint32_t expected = 0;
      if (!x.compare_exchange_strong(expected, 2U, P::relaxed, Failure)) static_cast<void>(data.get());
    }
  }
  void after() {}
  P::plain<int> data{0};
  word x{0U};
};

/// Neither end orders anything: two threads and a plain variable.
struct plain_race {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) { data.set(static_cast<int>(i)); }
  void after() {}
  P::plain<int> data{0};
};

/// A thread reads an object that another one constructs, without an order between them.
struct unpublished {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      word* const w = std::construct_at(static_cast<word*>(P::allocate(sizeof(word), alignof(word))), 7U);
      shared.store(w, P::relaxed);
    } else if (word* const w = shared.load(P::relaxed)) {
      if (w->load(P::relaxed) != 7U) P::broken("the value is there");
    }
  }
  void after() {
    word* const w = shared.load(P::relaxed);
    std::destroy_at(w);
    P::deallocate(w, sizeof(word), alignof(word));
  }
  P::atomic<word*> shared{nullptr};
};

/// A thread writes a word and frees memory; another one gets that memory: it must see the write.
template <bool Freed> struct memory_passed_on {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      void* const mine = P::allocate(sizeof(word), alignof(word));
      x.store(1U, P::relaxed);
      given = mine;
      if (Freed) P::deallocate(mine, sizeof(word), alignof(word));
      done.store(1U, P::relaxed);
      if (!Freed) P::deallocate(mine, sizeof(word), alignof(word));
    } else if (P::await(done, [](std::uint32_t v) { return v == 1U; }, P::relaxed) == 1U) {
      void* const mine = P::allocate(sizeof(word), alignof(word));
      if ((mine == given || !Freed) && x.load(P::relaxed) != 1U) P::broken("memory brings the past of its last owner");
      P::deallocate(mine, sizeof(word), alignof(word));
    }
  }
  void after() {}
  word x{0U};
  word done{0U};
  void* given = nullptr;
};

/// Two blocks are free, each with another past: whichever comes back, in every schedule it is the same one, or a search
/// cannot go the way of an earlier schedule again.
struct memory_of_two {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      P::deallocate(first, sizeof(word), alignof(word));
      x.store(1U, P::relaxed);
      P::deallocate(second, sizeof(word), alignof(word));
      done.store(1U, P::relaxed);
    } else if (P::await(done, [](std::uint32_t v) { return v == 1U; }, P::relaxed) == 1U) {
      void* const mine = P::allocate(sizeof(word), alignof(word));
      static_cast<void>(x.load(P::relaxed));  // a choice, after the block that came back before the store
      std::uint32_t expected = 1U;
      static_cast<void>(done.compare_exchange_weak(expected, 2U, P::relaxed, P::relaxed));  // another choice
      P::deallocate(mine, sizeof(word), alignof(word));
    }
  }
  void after() {}
  void* first = P::allocate(sizeof(word), alignof(word));
  void* second = P::allocate(sizeof(word), alignof(word));
  word x{0U};
  word done{0U};
};

// What C++ allows and this engine does not show: a pass of these is no proof. They are here so that a change is
// noticed.

/// Each thread reads, then writes what the other reads: both may read the other's write.
struct load_buffering {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    saw[i] = x[i].load(P::relaxed);
    x[1 - i].store(1U, P::relaxed);
  }
  void after() {
    if (saw[0] + saw[1] == 2U) P::broken("a read comes before the writes that follow it");
  }
  std::array<word, 2> x{};
  std::array<std::uint32_t, 2> saw{};
};

/// Each thread writes both words, in opposite order: the first write of each may win.
struct two_plus_two_writes {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    x[i].store(1U, P::relaxed);
    x[1 - i].store(2U, P::relaxed);
  }
  void after() {
    if (x[0].load(P::relaxed) == 1U && x[1].load(P::relaxed) == 1U)
      P::broken("stores take effect in the order of the program");
  }
  std::array<word, 2> x{};
};

/// A relaxed store after a release store of the same thread: since C++20 it no longer publishes what the first one did.
struct own_store_after_release {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      data.set(1);
      x.store(1U, P::release);
      x.store(2U, P::relaxed);
    } else {
      P::await(x, [](std::uint32_t v) { return v == 2U; }, P::acquire);
      static_cast<void>(data.get());
    }
  }
  void after() {}
  P::plain<int> data{0};
  word x{0U};
};

/// Sequentially consistent accesses in one thread, a fence in the other: C++20 orders them, this engine does not.
struct accesses_against_fence {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      x[0].store(1U, P::seq_cst);
      saw[0] = x[1].load(P::seq_cst);
    } else {
      x[1].store(1U, P::relaxed);
      P::fence(P::seq_cst);
      saw[1] = x[0].load(P::relaxed);
    }
  }
  void after() {
    if (saw[0] + saw[1] == 0) P::broken("one of the two sees the other's store");
  }
  std::array<word, 2> x{};
  std::array<std::uint32_t, 2> saw{};
};

/// What a fence has shown to its thread, a release and an acquire show to another: in C++20, not here.
struct fence_by_proxy {
  static constexpr unsigned threads = 3;
  void thread(unsigned i) {
    if (i == 0) {
      x.store(1U, P::relaxed);
      P::fence(P::seq_cst);
      saw_y = y.load(P::relaxed);
    } else if (i == 1) {
      y.store(1U, P::relaxed);
      P::fence(P::seq_cst);
      passed_on.store(1U, P::release);
    } else {
      P::await(passed_on, [](std::uint32_t v) { return v == 1U; }, P::acquire);
      saw_x = x.load(P::relaxed);
    }
  }
  void after() {
    if (saw_x + saw_y == 0) P::broken("one of the two sees the other's store");
  }
  word x{0U}, y{0U}, passed_on{0U};
  std::uint32_t saw_x = 0, saw_y = 0;
};

verify::bounds const full{.search = scheduler::full, .schedules = 5'000'000, .seconds = 60};

verify::bounds const looking_back{
    .search = scheduler::full, .schedules = 5'000'000, .seconds = 60, .stale_failures = true};

verify::suite const store_buffers =
    verify::suite("engine/store_buffering", "Each thread stores, then reads the other's word: can both miss?")
        .add<store_buffering<P::seq_cst, P::seq_cst>>({.variant = "seq_cst"}, full)
        .add<store_buffering<P::relaxed, P::relaxed, P::seq_cst>>({.variant = "fences"}, full)
        .add<store_buffering<P::relaxed, P::relaxed>>({.variant = "relaxed"},
                                                      {.search = scheduler::full, .model = verify::memory::sequential})
        .add<store_buffering<P::relaxed, P::relaxed>>({.bug = "relaxed", .expect = verdict::broken_law}, full)
        .add<store_buffering<P::release, P::acquire>>({.bug = "release_acquire", .expect = verdict::broken_law})
        .add<store_buffering<P::relaxed, P::relaxed, P::acq_rel>>(
            {.bug = "acq_rel_fences", .expect = verdict::broken_law});

constexpr auto full_fence = kind::full;
constexpr auto light = kind::light;
constexpr auto heavy = kind::heavy;

verify::suite const pairs =
    verify::suite("engine/fence_pair", "A light fence is free because a heavy one does the work: which pairs order?")
        .add<buffering_between<light, heavy>>({.variant = "light_heavy"}, full)
        .add<buffering_between<heavy, heavy>>({.variant = "heavy_heavy"}, full)
        .add<buffering_between<full_fence, heavy>>({.variant = "full_heavy"}, full)
        .add<buffering_between<light, light>>({.bug = "light_light", .expect = verdict::broken_law}, full)
        .add<buffering_between<light, full_fence>>({.bug = "light_full", .expect = verdict::broken_law}, full)
        .add<data_between_fences<full_fence, full_fence>>({.variant = "shown", .on_graphs = verdict::broken_law})
        .add<data_between_fences<light, heavy>>({.variant = "shown_by_heavy", .on_graphs = verdict::broken_law})
        .add<data_between_fences<full_fence, full_fence, true>>(
            {.bug = "data_between_full_fences", .expect = verdict::data_race})
        .add<data_between_fences<light, heavy, true>>({.bug = "data_between_a_pair", .expect = verdict::data_race});

verify::suite const messages =
    verify::suite("engine/message_passing",
                  "One thread gives plain data to another through a flag: does the other see it?")
        .add<message_passing<P::release, P::acquire>>({}, full)
        .add<message_passing<P::relaxed, P::relaxed, true>>({.variant = "fences"}, full)
        .add<message_passing<P::relaxed, P::acquire>>({.bug = "relaxed_store", .expect = verdict::data_race}, full)
        .add<message_passing<P::release, P::relaxed>>({.bug = "relaxed_wait", .expect = verdict::data_race}, full)
        .add<release_sequence<true>>({.variant = "passed_on_by_rmw"}, full)
        .add<release_sequence<false>>({.bug = "passed_on_by_store", .expect = verdict::data_race});

verify::suite const order_of_writes =
    verify::suite("engine/independent_reads",
                  "Two readers watch two words that others write: do they agree on the order?")
        .add<independent_reads<P::seq_cst, P::seq_cst>>()
        .add<independent_reads<P::release, P::acquire>>({.bug = "release_acquire", .expect = verdict::broken_law});

verify::suite const single_words =
    verify::suite("engine/one_word", "Is a single atomic word coherent, and an RMW one step?")
        .add<coherence>({.variant = "coherence"}, full)
        .add<counting<true>>({.variant = "fetch_add"}, full)
        .add<counting<false>>({.bug = "load_then_store", .expect = verdict::broken_law}, full)
        .add<compare_exchange<false>>({.variant = "compare_exchange_strong"}, full)
        .add<compare_exchange<true>>({.bug = "weak_is_not_strong", .expect = verdict::broken_law}, full)
        .add<stale_failure>({.bug = "stale_failure", .expect = verdict::broken_law}, looking_back)
        .add<stale_failure_of_expected<true>>({.variant = "fails_by_nothing_older"}, looking_back)
        .add<stale_failure_of_expected<false>>({.bug = "fails_by_older", .expect = verdict::broken_law}, looking_back)
        .add<failure_order<P::acquire>>({.variant = "failure_order"}, full)
        .add<failure_order<P::relaxed>>({.bug = "failure_order", .expect = verdict::data_race}, full);

verify::suite const plain_data =
    verify::suite("engine/plain", "Are unordered accesses to plain data and unpublished objects seen?")
        .add<memory_passed_on<true>>({.variant = "memory_passed_on"}, full)
        .add<memory_of_two>({.variant = "memory_of_two"}, full)
        .add<memory_passed_on<false>>({.bug = "memory_not_passed_on", .expect = verdict::broken_law}, full)
        .add<plain_race>({.bug = "race", .expect = verdict::data_race}, full)
        .add<unpublished>({.bug = "unpublished", .expect = verdict::uninitialised, .on_graphs = verdict::data_race});

verify::suite const blind_spots =
    verify::suite("engine/blind_spot", "C++ allows what this model's law forbids: is it still invisible to Relacy?")
        .add<load_buffering>({.variant = "load_buffering"}, full)
        .add<two_plus_two_writes>({.variant = "two_plus_two_writes", .on_graphs = verdict::broken_law}, full)
        .add<own_store_after_release>({.variant = "own_store_after_release", .on_graphs = verdict::data_race}, full)
        .add<stale_failure>({.variant = "stale_failure_by_default", .on_graphs = verdict::broken_law}, full);

verify::suite const inventions =
    verify::suite("engine/invention", "C++20 forbids what is found here: is the false alarm still raised?")
        .add<accesses_against_fence>(
            {.bug = "seq_cst_access_with_fence", .expect = verdict::broken_law, .on_graphs = verdict::pass}, full)
        .add<fence_by_proxy>({.bug = "fence_by_proxy", .expect = verdict::broken_law, .on_graphs = verdict::pass});

}  // namespace cases_of_engine_memory
