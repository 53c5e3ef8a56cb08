#include <surewake/core/platform/platform_new.hpp>
#include <surewake/models/published/protected_while_read.hpp>
#include <surewake/verify/engine/graph/search.test.hpp>
#include <surewake/verify/engine/graph/token.hpp>
#include <surewake/verify/engine/graph/whole_search.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <unistd.h>

using namespace surewake;
using models::published::keeping;
using models::published::protected_while_read;
using verify::model_type;
using verify::verdict;
using verify::graph::passes;
using verify::graph::search;
using verify::graph::search_limits;
using verify::graph::search_model;
using verify::graph::search_outcome;
using P = verify::graph_platform;

namespace {

using word = P::atomic<int>;
constexpr search_limits reuse{.reuse = true};

[[nodiscard]] word* make() { return platform_new<word, P>(0); }
void end(word* w) { platform_delete<P>{}(w); }

/// One thread has two blocks after another one.
template <std::size_t Bytes> struct one_after_the_other {
  static constexpr unsigned threads = 1;
  void thread(unsigned) {
    void* const first = P::allocate(24, 8);
    P::deallocate(first, 24, 8);
    void* const second = P::allocate(Bytes, 8);
    same = first == second;
    P::deallocate(second, Bytes, 8);
  }
  void after() {
    if (same) ++times;
  }
  bool same = false;
  static inline int times = 0;
};

/// A thread frees a block and says so; the others, which may know of it, have one each.
template <unsigned Others, P::order Says> struct passed_on {
  static constexpr unsigned threads = 1 + Others;
  void thread(unsigned i) {
    if (i == 0) {
      end(make());
      flag.store(1, Says);
    } else {
      static_cast<void>(flag.load(P::acquire));
      word* const mine = make();
      if (mine->exchange(1, P::relaxed) != 0) P::broken("two threads have the same memory");
      kept[i] = mine;
    }
  }
  void after() {
    for (word* const w : kept) platform_delete<P>{}(w);
  }
  word flag{0};
  std::array<word*, threads> kept{};
};

/// A thread uses what another one has freed and has had again since. Where it knows of that, it is the new object.
template <P::order Says, bool Frees> struct late {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      end(std::exchange(old, nullptr));
      fresh = make();
      flag.store(1, Says);
    } else {
      P::await(flag, [](int f) { return f == 1; }, P::acquire);
      if (was != fresh) return;
      if (!Frees) return static_cast<void>(was->load(P::relaxed));
      end(was);
      fresh = nullptr;
    }
  }
  void after() { platform_delete<P>{}(fresh); }
  word* old = make();
  word* const was = old;
  word* fresh = nullptr;
  word flag{0};
};

template <class M> [[nodiscard]] search_outcome in_parts(std::filesystem::path const& file) {
  model_type const type = verify::detail::type_of<M>();
  verify::graph::search_options how{.limits = reuse, .save = file};
  how.limits.runs = 20;
  search_outcome o = search_model(type, "reuse", how);
  for (how.resume = file; !o.finished && o.result == verdict::pass;) o = search_model(type, "reuse", how);
  return o;
}

template <class M> [[nodiscard]] std::string refusal(std::filesystem::path const& file) {
  model_type const type = verify::detail::type_of<M>();
  static_cast<void>(search_model(type, "reuse", {.limits = {.runs = 1, .reuse = true}, .save = file}));
  try {
    static_cast<void>(search_model(type, "reuse", {.limits = {}, .resume = file}));
  } catch (std::runtime_error const& e) {
    return e.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("graph reuse: a block is the freed one or another one, and always another one where reuse is not asked for") {
  one_after_the_other<24>::times = 0;
  passes(search<one_after_the_other<24>>(), 1);
  CHECK(one_after_the_other<24>::times == 0);
  passes(search<one_after_the_other<24>>(reuse), 2);
  CHECK(one_after_the_other<24>::times == 1);
  passes(search<one_after_the_other<32>>(reuse), 1);  // it is of another size
}

TEST_CASE("graph reuse: freed memory goes to one thread that knows of it") {
  passes(search<passed_on<1, P::release>>(), 2);
  passes(search<passed_on<1, P::release>>(reuse), 3);  // one way where the flag is not seen, otherwise two
  passes(search<passed_on<1, P::relaxed>>(reuse), 2);
  passes(search<passed_on<2, P::release>>(reuse), 8);  // 1 + 2 + 2, and 3 where both see the flag
}

TEST_CASE("graph reuse: a thread that knows only the old object uses it after its end") {
  passes(search<late<P::release, false>>(reuse), 2);
  passes(search<late<P::release, true>>(reuse), 2);
  CHECK(search<late<P::relaxed, false>>(reuse).result == verdict::use_after_free);
  CHECK(search<late<P::relaxed, true>>(reuse).result == verdict::double_free);
}

TEST_CASE("graph reuse: the ABA of a stack is found, and its repairs have none") {
  search_outcome const fresh = search<protected_while_read<P, keeping::while_read>>();
  CHECK(fresh.message == "");
  CHECK(fresh.finished);
  CHECK(search<protected_while_read<P, keeping::while_read>>(reuse).result == verdict::broken_law);
  for (search_outcome const& repaired : {search<protected_while_read<P, keeping::until_exchange>>(reuse),
                                         search<protected_while_read<P, keeping::versioned>>(reuse)}) {
    CHECK(repaired.message == "");
    CHECK(repaired.finished);
    CHECK(repaired.complete > fresh.complete);
  }
}

TEST_CASE("graph reuse: a search goes on from a file, and in processes, with the same numbers") {
  using model = protected_while_read<P, keeping::versioned>;
  search_outcome const whole = search<model>(reuse);
  std::filesystem::path const file =
      std::filesystem::temp_directory_path() / ("surewake_reuse_" + std::to_string(getpid()));
  search_outcome const parts = in_parts<model>(file);
  CHECK(parts.finished);
  CHECK(parts.complete == whole.complete);
  CHECK(parts.blocked == whole.blocked);
  model_type const type = verify::detail::type_of<model>();
  search_outcome const several = search_model(type, "reuse", {.limits = reuse, .processes = 2});
  CHECK(several.complete == whole.complete);
  CHECK(refusal<model>(file).ends_with("its reuse of memory is \"yes\" and not \"no\""));
  std::filesystem::remove(file);
}

TEST_CASE("graph reuse: a token brings the reuse back") {
  using model = protected_while_read<P, keeping::while_read>;
  model_type const type = verify::detail::type_of<model>();
  std::string token;
  {
    verify::graph::runtime one(type, reuse);
    CHECK(one.search().result == verdict::broken_law);
    token = one.token_of_last_run();
  }
  verify::graph::token const t = verify::graph::parse_token(token);
  CHECK(t.reuse);
  search_limits again{.memory = t.memory, .rare = t.rare, .yields = t.yields, .reuse = t.reuse};
  auto const follow = [&](std::vector<verify::graph::decision> const& decisions) {
    verify::graph::runtime one(type, again);
    verify::graph::watch w;
    w.decisions = decisions;
    return one.follow(verify::graph::execution(t.memory), w).result;
  };
  CHECK(follow(t.decisions) == verdict::broken_law);
  again.reuse = false;
  CHECK_THROWS_AS(static_cast<void>(follow(t.decisions)), verify::graph::undecided);
}

TEST_CASE("graph reuse: memory that is not free is given to no allocation, whatever a token says") {
  model_type const type = verify::detail::type_of<one_after_the_other<24>>();
  auto const follow = [&](std::uint32_t which) {
    verify::graph::runtime one(type, reuse);
    verify::graph::watch w;
    w.decisions = {{0, 0}, {0, which}};
    return one.follow(verify::graph::execution(verify::graph::memory_model::cpp20), w).result;
  };
  CHECK(follow(0) == verdict::pass);
  CHECK(follow(1) == verdict::pass);  // the first block of thread 0
  for (std::uint32_t const which : {2U, 9U, 1'000'000U})
    CHECK_THROWS_AS(static_cast<void>(follow(which)), verify::graph::undecided);
}
