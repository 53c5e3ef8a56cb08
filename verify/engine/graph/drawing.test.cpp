#include <surewake/verify/engine/graph/drawing.hpp>
#include <surewake/verify/engine/graph/search.test.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

using namespace surewake;
using nlohmann::json;
using P = verify::graph_platform;

namespace {

/// The reader sees the flag and not the data; the model's name for its word has what must be escaped.
struct odd_message {
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"wri\"ter", "reader\\"};
  odd_message() { shown_as<P>(flag, "the \"flag\""); }
  void thread(unsigned i) {
    if (i == 0) {
      data.store(1, P::relaxed);
      static_cast<void>(flag.exchange(1, P::relaxed));
    } else if (flag.load(P::acquire) == 1 && data.load(P::relaxed) == 0) {
      P::broken("the message is not seen");
    }
  }
  void after() {}
  P::atomic<int> data{0};
  P::atomic<int> flag{0};
};

std::string drawn() {
  verify::model_type const type = verify::detail::type_of<odd_message>();
  verify::graph::runtime r(type, {});
  verify::graph::search_outcome const found = r.search();
  return json_of(explain(r, found), type);
}

}  // namespace

TEST_CASE("graph drawing: JSON has the events and the relations between them") {
  json const j = json::parse(drawn());
  CHECK(j["verdict"] == "broken law");
  CHECK(j["sequentially_consistent"] == false);
  REQUIRE(j["events"].size() == 7);  // two initial writes, a store, two halves, two loads
  auto const number_of = [&](int thread, char const* kind, std::string const& place) {
    for (json const& e : j["events"]) {
      if (e["thread"] == thread && e["kind"] == kind && e.value("object", "") == place) return e["number"].get<int>();
    }
    return -1;
  };
  int const flag_write = number_of(0, "write", "the \"flag\"");
  int const flag_load = number_of(1, "read", "the \"flag\"");
  REQUIRE(flag_write >= 0);
  REQUIRE(flag_load >= 0);
  auto const has = [&](char const* relation, int from, int to) {
    return std::ranges::any_of(j[relation], [&](json const& e) { return e[0] == from && e[1] == to; });
  };
  CHECK(has("rf", flag_write, flag_load));
  CHECK(j["po"].size() == 3);
  CHECK(j["co"].size() == 2);
  CHECK(j["rf"].size() == 3);
  CHECK(j["fr"].size() == 1);  // the stale read of the data; the exchange reads what it replaces
  CHECK(j["hb"].empty());      // the exchange releases nothing
}

TEST_CASE("graph drawing: dot has a node for each event and an edge for each pair, and quotes what it must") {
  std::string const text = drawn();
  json const j = json::parse(text);
  std::string const dot = verify::graph::dot_of(text);
  auto const count = [&](std::string const& what) {
    std::size_t n = 0;
    for (auto at = dot.find(what); at != dot.npos; at = dot.find(what, at + 1)) ++n;
    return n;
  };
  std::size_t edges = 0;
  for (char const* relation : {"po", "rf", "co", "fr", "hb"}) edges += j[relation].size();
  CHECK(count(" -> ") == edges);
  CHECK(count("[label=\"") == j["events"].size());
  CHECK(count("subgraph cluster_") == 2);
  CHECK(count("label=\"wri\\\"ter\"") == 1);
  CHECK(count("label=\"reader\\\\\"") == 1);
  CHECK(std::ranges::count(dot, '{') == std::ranges::count(dot, '}'));
  CHECK_THROWS_AS(static_cast<void>(verify::graph::dot_of("{}")), std::invalid_argument);
  CHECK_THROWS_AS(static_cast<void>(verify::graph::dot_of("nothing")), std::invalid_argument);
}
