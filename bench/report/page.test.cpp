#include <surewake/bench/report/page.hpp>
#include <surewake/bench/report/unpacked.test.hpp>
#include <surewake/bench/report/page_template.hpp>
#include <surewake/bench/results/file.hpp>

#include <doctest/doctest.h>

#include <regex>

namespace surewake::bench::page_test {
namespace {

using json = nlohmann::ordered_json;

row sample_of(std::string contestant, std::string kind, double repeat, double ns) {
  row r;
  r.workload = "uncontended", r.scenario = "await", r.contestant = std::move(contestant), r.kind = std::move(kind);
  r.measures = "time";
  r.threads = 1, r.permits = 4, r.repeat = repeat, r.operations = 100'000;
  r.time_ns_per_operation = ns, r.elapsed_ns = ns * r.operations, r.unit_before_ns = r.unit_after_ns = 10;
  r.position = repeat * 7;
  r.metrics.set("cpu_ns", ns);
  if (repeat == 2) r.marks = {"steal", "pressure"};
  return r;
}

results three_blocks(unsigned blocks = 3) {
  std::vector<row> rows;
  for (unsigned b = 0; b < blocks; ++b) {
    rows.push_back(sample_of("intrusive_list/hand_off", "strategy", b, 10.123456 + b));
    rows.push_back(sample_of("tokio", "peer", b, 30.5 + b));
  }
  return results(std::move(rows), {{"uncontended", "await", "sem_t", "peer", "two woke </script><!-- <script>"}});
}

page_facts facts() {
  return {.about = {{"machine", {{"cpu", "a </SCRIPT> processor"}, {"commit", "abc"}}}, {"seed", 7}}};
}

/// The block of data of a page.
std::string_view block_of(std::string_view html) {
  std::string_view const begin = "<script id=\"surewake-results\" type=\"application/json\">";
  auto const from = html.find(begin) + begin.size();
  return html.substr(from, html.find("</script>", from) - from);
}

}  // namespace

TEST_CASE("the template has one place for the results, which is a script of data") {
  std::string_view const page = page_template();
  auto const at = page.find(page_marker);
  REQUIRE(at != page.npos);
  CHECK(page.find(page_marker, at + 1) == page.npos);
  CHECK(page.substr(0, at).ends_with("<script id=\"surewake-results\" type=\"application/json\">"));
  CHECK(page.substr(at + page_marker.size()).starts_with("</script>"));
  CHECK(page.size() < 600'000);
}

TEST_CASE("the template names the licences of what it bundles") {
  std::string_view const page = page_template();
  for (char const* const name : {"@observablehq/plot", "d3-scale", "d3-shape", "Permission to use, copy, modify"}) {
    INFO(name);
    CHECK(page.find(name) != page.npos);
  }
}

TEST_CASE("the page has the swimlanes of the results, as the file has them") {
  swimlane const lanes{.contestant = "intrusive_list/hand_off",
                       .tasks = 2,
                       .permits = 1,
                       .events = {{0, 1, lane_step::asks}, {40, 1, lane_step::gives_up}}};
  json const data = page_data(results({}, {}, 1, {lanes}), facts());
  REQUIRE(data.at("swimlanes").size() == 1);
  CHECK(data.at("swimlanes").at(0) == json_of(lanes));
  CHECK(data.at("swimlanes").at(0).at("events").at(1) == json({{"t", 40}, {"task", 1}, {"what", "gives_up"}}));
}

TEST_CASE("the page refers to nothing outside itself") {
  std::string const html = page_of(three_blocks(), facts());
  // What would be loaded: an element with an address, a style's url() or @import, a fetch, a worker.
  std::regex const loads(
      R"re(<(link|script|img|iframe|object|embed|source|use)[^>]*\s(src|href)\s*=\s*["']?(?!data:)[^"'\s>]+)re",
      std::regex::icase);
  std::string const outside_scripts = html.substr(0, html.find("<script>"));
  CHECK_FALSE(std::regex_search(outside_scripts, loads));
  CHECK(html.find("@import") == html.npos);
  CHECK(outside_scripts.find("url(http") == html.npos);
  for (char const* const call :
       {"fetch(", "XMLHttpRequest", "new Worker(", "importScripts", "WebSocket", "sendBeacon"}) {
    INFO(call);
    CHECK(html.find(call) == html.npos);
  }
  CHECK(html.find("default-src 'none'") != html.npos);  // and the browser is told to load nothing
}

TEST_CASE("the page has each sample, its marks, and what the program computed") {
  std::string const html = page_of(three_blocks(), facts());
  json const data = json::parse(block_of(html));
  json const& series = data.at("series");
  REQUIRE(series.size() == 2);
  CHECK(series[0].at("contestant") == "intrusive_list/hand_off");
  json const& part = series[0].at("parts").at(0);
  CHECK(part.at("rows") == 3);
  CHECK(part.at("columns").at("time_ns_per_operation") == json{10.123, 11.123, 12.123});
  CHECK(part.at("columns").at("operations") == 100'000);        // one value for all rows
  CHECK_FALSE(part.at("columns").contains("repeat"));           // 0, 1, 2
  CHECK_FALSE(part.at("columns").contains("elapsed_ns"));       // follows
  CHECK(part.at("columns").at("cpu_ns").size() == 3);
  CHECK(part.at("marks") == json{"", "", "steal pressure"});
  CHECK(data.at("failures").at(0).at("why") == "two woke </script><!-- <script>");
  CHECK(data.at("about").at("seed") == 7);
  CHECK(data.at("conformance").is_null());
  CHECK(data.at("bibtex").get<std::string>().find("@misc{surewake,") == 0);
  bool reached = false;
  for (json const& g : data.at("goals")) {
    if (g.at("what") != "uncontended / await" || g.at("against") != "tokio" || g.at("limit") != 0.5) continue;
    reached = g.at("verdict") == "reached";
    CHECK(g.at("measured").get<double>() == doctest::Approx(11.123 / 31.5).epsilon(0.01));
  }
  CHECK(reached);
  CHECK_FALSE(data.contains("left_out"));
}

TEST_CASE("no text of the results ends the script that holds it") {
  std::string const html = page_of(three_blocks(), facts());
  std::string_view const block = block_of(html);
  CHECK(block.find('<') == block.npos);
  CHECK(json::parse(block).at("about").at("machine").at("cpu") == "a </SCRIPT> processor");
  CHECK(script_safe({{"a", "\xff<"}}) == "{\"a\":\"\xef\xbf\xbd\\u003c\"}");  // nor is a broken text a broken page
}

TEST_CASE("blocks that are numbered with a gap keep their numbers") {
  std::vector<row> rows{sample_of("tokio", "peer", 0, 5), sample_of("tokio", "peer", 3, 6)};
  json const data = page_data(results(std::move(rows)), facts());
  CHECK(data.at("series").at(0).at("parts").at(0).at("columns").at("repeat") == json{0, 3});
}

TEST_CASE("a page stays below its limit: packed first, then columns go, then what was used, then blocks") {
  results const r = three_blocks(400);
  auto const below = [&](std::size_t limit) { return page_of(r, facts(), limit); };
  auto const data_of = [](std::string const& html) {
    json const block = json::parse(block_of(html));
    return block.contains("zlib") ? json::parse(unpacked(block.at("zlib").get<std::string>())) : block;
  };
  auto const part_of = [](json const& data) { return data.at("series").at(0).at("parts").at(0); };
  auto const says = [](json const& data, char const* what) {
    return data.at("left_out").get<std::string>().find(what) != std::string::npos;
  };
  std::string const whole = page_of(r, facts());
  CHECK(whole.size() < largest_page);
  CHECK_FALSE(data_of(whole).contains("left_out"));

  std::string const small = below(whole.size());
  CHECK(json::parse(block_of(small)).size() == 1);
  CHECK(data_of(small) == data_of(whole));

  std::string const no_positions = below(small.size());
  json data = data_of(no_positions);
  CHECK(says(data, "results.jsonl alone"));
  CHECK_FALSE(says(data, "context switches"));
  CHECK(part_of(data).at("rows") == 400);
  CHECK_FALSE(part_of(data).at("columns").contains("position"));
  CHECK(part_of(data).at("columns").contains("cpu_ns"));

  std::string const no_usage = below(no_positions.size());
  data = data_of(no_usage);
  CHECK(says(data, "context switches"));
  CHECK(part_of(data).at("rows") == 400);
  CHECK_FALSE(part_of(data).at("columns").contains("cpu_ns"));

  std::string smaller = below(no_usage.size());
  CHECK(part_of(data_of(smaller)).at("rows") == 48);
  CHECK(says(data_of(smaller), "first 48 blocks"));
  while (part_of(data_of(smaller)).at("rows") != 1) smaller = below(smaller.size());
  CHECK(says(data_of(smaller), "first block,"));
  CHECK_THROWS_WITH_AS(static_cast<void>(below(smaller.size())), doctest::Contains("samples are too many"),
                       bad_results);
}

TEST_CASE("a file of version 1 opens in the page") {
  recorded_run run = read_results(std::filesystem::path(SUREWAKE_SOURCE_FOLDER) / "bench/results/version1");
  json const about = run.about;
  std::string const html = page_of(results(std::move(run)), {.about = about});
  json const data = json::parse(block_of(html));
  CHECK(data.at("series").size() > 3);
  CHECK(data.at("series").at(0).at("workload") == "uncontended");
}

}  // namespace surewake::bench::page_test
