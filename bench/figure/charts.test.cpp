#include <surewake/bench/figure/charts.hpp>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace charts_test {

using namespace surewake::bench;

namespace {

/// Adds three blocks of a contestant, some percent apart.
void add(std::vector<row>& rows, row one, double ns) {
  for (double block = 0; block < 3; ++block) {
    one.measures = one.workload == "memory" ? "memory" : "time";
    one.repeat = block;
    one.threads = 2;
    one.time_ns_per_operation = ns * (1 + 0.02 * block);
    if (one.workload == "contended" || one.workload == "fairness") {
      one.throughput_operations_per_s = 1e9 / one.time_ns_per_operation;
      one.fairness_jain_index = 0.9;
      one.metrics.keep("fairness_jain", 0.9);
    }
    rows.push_back(one);
  }
}

/// A run with rows for every chart: wakes that cost the same for each n, withdrawals that cost n of them.
results a_run() {
  std::vector<row> rows;
  for (auto const& [name, kind] : {std::pair("a_queue/hand_off", "strategy"), std::pair("a_queue/barging", "strategy"),
                                   std::pair("100% peer_1", "peer"), std::pair("floor & more", "floor")}) {
    row r;
    r.contestant = name;
    r.kind = kind;
    for (auto const& [workload, scenario] :
         {std::pair("uncontended", "await"), std::pair("ping_pong_inline", "one thread"),
          std::pair("contended", "2 threads, 1 permit"), std::pair("contended", "8 threads, 1 permit"),
          std::pair("fairness", "2 threads")}) {
      r.workload = workload;
      r.scenario = scenario;
      add(rows, r, 20);
    }
    for (double const n : {1.0, 100.0, 10'000.0}) {
      r.waiters = n;
      r.workload = "storm";
      r.scenario = fmt::format("one by one, n = {}", n);
      add(rows, r, 30);
      r.workload = "withdraw";
      r.scenario = fmt::format("random, n = {}", n);
      add(rows, r, 10 * n);
    }
    r.waiters = 1;
    for (char const* const q : {"p50", "p90", "p99"}) {
      r.metrics.keep(fmt::format("response_{}_ns", q), 1'000);
      r.metrics.keep(fmt::format("wake_{}_ns", q), 500);
    }
    r.workload = "burst";
    r.scenario = "load 0.90";
    add(rows, r, 100);
    r.workload = "paced";
    r.scenario = "thread, 0 to 100 µs apart";
    add(rows, r, 100);
    r.workload = "memory";
    r.scenario = "n = 10";
    r.frame_bytes_per_waiter = 168;
    r.awaiter_bytes_per_waiter = 96;
    r.heap_bytes_per_waiter = 8;
    add(rows, r, row::none);
  }
  using enum lane_step;
  swimlane const lanes{.contestant = "a_queue/barging",
                       .tasks = 3,
                       .permits = 1,
                       .events = {{0, 0, asks},
                                  {1'000, 0, gets},
                                  {2'000, 1, asks},
                                  {2'500, 2, asks},
                                  {4'000, 0, gives_back},
                                  {5'000, 2, gets},
                                  {6'000, 1, gives_up},
                                  {9'000, 2, gives_back}}};
  return results(std::move(rows), {}, 1, {lanes});
}

chart chart_named(std::string_view name, results const& r) {
  for (chart_kind const& k : chart_kinds()) {
    if (k.name == name) return chart_of(k, r);
  }
  FAIL("no chart ", std::string(name));
  return {};
}

chart_series const& series(chart const& c, std::string_view name) {
  auto const at = std::ranges::find_if(c.series, [&](chart_series const& s) { return s.name.starts_with(name); });
  REQUIRE_MESSAGE(at != c.series.end(), std::string(name));
  return *at;
}

/// Whether each brace of the source is closed, and not before it was opened.
bool balanced(std::string const& tex) {
  int depth = 0;
  for (std::size_t i = 0; i < tex.size() && depth >= 0; ++i) {
    if (tex[i] == '\\')
      ++i;  // \{ and \}
    else
      depth += tex[i] == '{' ? 1 : tex[i] == '}' ? -1 : 0;
  }
  return depth == 0;
}

}  // namespace

TEST_CASE("a run that has rows for it gives every chart, and one that has none gives none") {
  results const r = a_run();
  results const nothing{std::vector<row>()};
  for (chart_kind const& k : chart_kinds()) {
    CAPTURE(std::string(k.name));
    chart const c = chart_of(k, r);
    CHECK_FALSE(c.empty());
    CHECK(c.name == k.name);
    CHECK(c.x.low < c.x.high);
    CHECK(c.y.low < c.y.high);
    CHECK((c.height_in > 1 && c.height_in < 9));
    for (chart_series const& s : c.series) {
      for (chart_point const& p : s.points) {
        CHECK((p.x >= c.x.low && p.x <= c.x.high));
        CHECK((p.y >= c.y.low && p.y <= c.y.high));
      }
    }
    CHECK(chart_of(k, nothing).empty());
  }
}

TEST_CASE("a slope is that of the costs: 0 where a waiter costs the same, 1 where it costs n") {
  results const r = a_run();
  CHECK(series(chart_named("storm", r), "a_queue/hand_off").name == "a_queue/hand_off (slope +0.00)");
  CHECK(series(chart_named("withdrawal", r), "100% peer_1").name == "100% peer_1 (slope +1.00)");
  chart_point const points[] = {{1, 3}, {10, 30'000}};
  CHECK(log_log_slope(points) == doctest::Approx(4));
  CHECK(std::isnan(log_log_slope(std::span(points).first(1))));
}

TEST_CASE("series differ without colour: by mark or dash, and a discipline by both") {
  std::vector<row> rows;
  for (char const* const name : {"a/x", "b/x", "c/x", "d/x", "e/x", "f/x", "a/barging", "f/barging"}) {
    row r;
    r.workload = "burst", r.scenario = "load 0.90", r.contestant = name, r.kind = "strategy";
    r.metrics.keep("response_p50_ns", 1'000);
    add(rows, r, 100);
  }
  chart const six = chart_named("percentiles-response", results(std::move(rows)));
  CHECK(six.series.size() == 8);
  for (chart_series const& a : six.series) {
    for (chart_series const& b : six.series) CHECK((&a == &b || a.style.mark != b.style.mark));
  }
  chart const c = chart_named("percentiles-response", a_run());
  for (chart_series const& a : c.series) {
    for (chart_series const& b : c.series) {
      if (&a == &b) continue;
      CHECK((a.style.mark != b.style.mark || a.style.dash != b.style.dash));
    }
  }
  CHECK(series(c, "a_queue/hand_off").style.rgb == series(c, "a_queue/barging").style.rgb);
}

TEST_CASE("of a ladder floors are rulers, and a point has the interval of its median") {
  chart const c = chart_named("cost-ladder", a_run());
  chart_point const floor = series(c, "floors").points.front();
  CHECK(floor.y_sure.high - floor.y_sure.low == doctest::Approx(0.84));
  chart_point const p = series(c, "a_queue/hand_off").points.front();
  CHECK(p.x == doctest::Approx(20.4));
  CHECK((p.x_sure.low <= p.x && p.x <= p.x_sure.high));
  CHECK(p.x_sure.low < p.x_sure.high);
}

TEST_CASE("a swimlane shows who waits, who holds, who gives up and who overtakes") {
  chart const c = chart_named("swimlane", a_run());
  REQUIRE(c.boxes.size() == 2);
  CHECK(c.boxes[0].boxes.size() == 3);  // waits
  CHECK(c.boxes[0].boxes[1].from == 2.5);
  CHECK(c.boxes[0].boxes[1].to == 5);
  CHECK(c.boxes[1].boxes.size() == 2);  // holds
  CHECK(series(c, "overtakes").points.size() == 1);
  CHECK(series(c, "overtakes").points[0].y == -2);
  CHECK(series(c, "gives up").points[0].x == 6);
}

TEST_CASE("the same chart gives the same source, whose braces close and whose text LaTeX takes") {
  for (chart_kind const& k : chart_kinds()) {
    CAPTURE(std::string(k.name));
    std::string const tex = pgfplots_source(chart_of(k, a_run()));
    CHECK(tex == pgfplots_source(chart_of(k, a_run())));
    CHECK(balanced(tex));
    CHECK(tex.find("\\begin{tikzpicture}") < tex.find("\\end{axis}\n\\end{tikzpicture}\n"));
    CHECK(tex.find("nan") == tex.npos);
    std::string const script = gnuplot_script(chart_of(k, a_run()));
    CHECK(script.find("nan") == script.npos);
  }
  CHECK(pgfplots_source(chart_named("contention", a_run())).find("100\\% peer\\_1") != std::string::npos);
}

TEST_CASE("gnuplot draws the same bytes each time") {
  if (std::system("gnuplot --version >/dev/null 2>&1") != 0) return;
  for (chart_kind const& k : chart_kinds()) {
    CAPTURE(std::string(k.name));
    chart const c = chart_of(k, a_run());
    std::string const svg = drawn_by_gnuplot(c, chart_format::svg);
    CHECK(svg.find("<svg") != svg.npos);
    CHECK(svg.find("</svg>") != svg.npos);
    CHECK(svg == drawn_by_gnuplot(c, chart_format::svg));
  }
  chart const c = chart_named("memory", a_run());
  std::string const pdf = drawn_by_gnuplot(c, chart_format::pdf);
  CHECK(pdf.starts_with("%PDF-"));
  CHECK(pdf.find("CreationDate (D:0000") != pdf.npos);
  CHECK(pdf == drawn_by_gnuplot(c, chart_format::pdf));
}

}  // namespace charts_test
