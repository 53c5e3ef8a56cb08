#include <surewake/verify/engine/graph/data.test.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/frontier_json.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <utility>

using namespace surewake::verify::graph;

namespace {

struct totals {
  std::uint64_t runs = 0;
  std::uint64_t complete = 0;
  bool operator==(totals const&) const = default;
};

struct exploration_of : explorer {
  exploration_of(program const& p, memory_model m, frontier const& f = {.whole = true})
      : explorer(m, static_cast<unsigned>(p.threads.size())), runs(p) {
    allow_rare(1);
    go_on_from(f);
  }
  /// Goes on for that many runs. Returns whether something may be left.
  bool go_on(totals& t, std::uint64_t most) {
    for (std::uint64_t n = 0; n != most;) {
      if (!next_run()) return false;
      run_once(runs, *this);
      if (is_rebuilding()) continue;
      ++n;
      ++t.runs;
      if (complete()) ++t.complete;
    }
    return true;
  }
  program const& runs;
};

constexpr std::uint64_t unlimited = ~std::uint64_t{0};

totals in_one(program const& p, memory_model m) {
  totals result;
  static_cast<void>(exploration_of(p, m).go_on(result, unlimited));
  return result;
}

frontier by_text(frontier const& f) { return nlohmann::json::parse(nlohmann::json(f).dump()).get<frontier>(); }

/// Explores with a new explorer after every `k` runs.
totals in_pieces(program const& p, memory_model m, std::uint64_t k) {
  totals result;
  for (frontier f{.whole = true};;) {
    exploration_of e(p, m, f);
    if (!e.go_on(result, k)) return result;
    f = e.rest();
    CHECK(by_text(f) == f);
    CHECK(f.weight() == doctest::Approx(e.left()).epsilon(1e-12));
  }
}

/// Explores, and gives half of what is left away after every `k` runs.
totals in_halves(program const& p, memory_model m, std::uint64_t k) {
  totals result;
  for (std::vector<frontier> all{{.whole = true}}; !all.empty();) {
    exploration_of e(p, m, all.back());
    all.pop_back();
    while (e.go_on(result, k)) {
      double const before = e.left();
      if (frontier half = e.give_away(); !half.empty()) {
        CHECK(half.weight() + e.left() == doctest::Approx(before).epsilon(1e-12));
        all.push_back(std::move(half));
      }
    }
  }
  return result;
}

/// Returns which share was done after each run.
std::vector<double> shares(std::vector<std::string> const& threads) {
  program const p = parse_program(threads);
  exploration_of e(p, memory_model::cpp20);
  CHECK(e.left() == 1);
  std::vector<double> result;
  for (totals t; e.go_on(t, 1);) result.push_back(1 - e.left());
  CHECK(e.left() == 0);
  return result;
}

/// Saves after a run of one program, and goes on with another one.
void go_on_with(std::vector<std::string> const& saved, std::vector<std::string> const& other) {
  program const p = parse_program(saved);
  program const q = parse_program(other);
  totals t;
  exploration_of e(p, memory_model::cpp20);
  static_cast<void>(e.go_on(t, 3));
  static_cast<void>(exploration_of(q, memory_model::cpp20, e.rest()).go_on(t, unlimited));
}

}  // namespace

TEST_CASE("explorer: a search that was interrupted, or divided, visits what one search visits") {
  std::vector<known_program> programs = read_data("litmus.jsonl");
  std::vector<known_program> random = read_data("random.jsonl");
  for (std::size_t i = 0; i < random.size(); i += 8) programs.push_back(std::move(random[i]));
  for (known_program const& known : programs) {
    CAPTURE(known.name);
    program const p = parse_program(known.threads, known.locations);
    for (auto const& [name, model] : memory_models) {
      totals const expected = in_one(p, model);
      if (expected.runs > 2'000) continue;
      for (std::uint64_t const k : {1, 3, 10}) {
        CHECK(in_pieces(p, model, k) == expected);
        CHECK(in_halves(p, model, k) == expected);
      }
    }
  }
}

TEST_CASE("explorer: choices and awaits come back too") {
  for (std::vector<std::string> const& threads :
       {std::vector<std::string>{"V r 3;W x 1 rlx", "V r 2;R s x rlx", "V s 2 rare;A t x 1 rlx"},
        std::vector<std::string>{"W x 1 rlx;AW r y 1 rlx;W x 2 rlx", "AW r x 1 rlx;W y 1 rlx;R s x rlx"}}) {
    program const p = parse_program(threads);
    totals const expected = in_one(p, memory_model::cpp20);
    CHECK(expected.complete != 0);
    for (std::uint64_t const k : {1, 2, 3}) {
      CHECK(in_pieces(p, memory_model::cpp20, k) == expected);
      CHECK(in_halves(p, memory_model::cpp20, k) == expected);
    }
  }
}

TEST_CASE("explorer: the share that is done grows to 1") {
  std::vector<std::string> writer_first(5, "R r x rlx");
  writer_first.insert(writer_first.begin(), "W x 1 rlx");
  // No leaf of these is dead, so the last run makes it whole.
  for (auto const& threads : {writer_first, std::vector<std::string>(3, "W x 1 rlx;W y 2 rlx;R r x rlx")}) {
    std::vector<double> const done = shares(threads);
    CHECK(std::is_sorted(done.begin(), done.end()));
    CHECK(done.back() == doctest::Approx(1).epsilon(1e-9));
  }
  std::vector<double> const half = shares(writer_first);
  CHECK(half.size() == 32);
  double n = 0;
  for (double const share : half) CHECK(share == doctest::Approx(++n / 32).epsilon(1e-9));
  // Here some are.
  std::vector<double> const rmw = shares(std::vector<std::string>(5, "A r x 1 rlx"));
  CHECK(rmw.size() == 120);
  CHECK(std::is_sorted(rmw.begin(), rmw.end()));
}

TEST_CASE("explorer: a search does not go on with another program") {
  std::vector<std::string> const saved{"W x 1 rlx;W y 1 rel", "R r y acq;R s x rlx", "W y 2 rlx"};
  CHECK_NOTHROW(go_on_with(saved, saved));
  for (std::vector<std::string> const& other :
       {std::vector<std::string>{"W x 1 rlx;W y 1 rlx", "R r y acq;R s x rlx", "W y 2 rlx"},  // an order
        std::vector<std::string>{"W x 1 rlx;W y 3 rel", "R r y acq;R s x rlx", "W y 2 rlx"},  // a value
        std::vector<std::string>{"W x 1 rlx;W y 1 rel", "R r x acq;R s y rlx", "W y 2 rlx"},  // locations
        std::vector<std::string>{"W x 1 rlx", "R r y acq;R s x rlx", "W y 2 rlx"},            // fewer steps
        std::vector<std::string>{"W x 1 rlx;W y 1 rel", "R r y acq;F sc;R s x rlx", "W y 2 rlx"}}) {
    CHECK_THROWS_AS(go_on_with(saved, other), does_not_fit);
  }
}

TEST_CASE("explorer: what was written is refused where it is no frontier") {
  nlohmann::json j = exploration_of(parse_program({"W x 1 rlx"}), memory_model::cpp20).rest();
  j["levels"].push_back({{"revisits", -1}});
  CHECK_THROWS_AS(static_cast<void>(j.get<frontier>()), nlohmann::json::exception);
  nlohmann::json level{{"revisits", -1}, {"after", -1}, {"size", 1}, {"print", 1}, {"done", nlohmann::json::array()}};
  level["todo"] = {{0, 0, 0}};
  level["weights"] = nlohmann::json::array();
  j["levels"] = nlohmann::json::array({level});
  CHECK_THROWS_AS(static_cast<void>(j.get<frontier>()), std::invalid_argument);
  level["todo"] = {{9, 0, 0}};
  level["weights"] = {1.0};
  j["levels"] = nlohmann::json::array({level});
  CHECK_THROWS_AS(static_cast<void>(j.get<frontier>()), std::invalid_argument);
}
