#include <surewake/bench/report/descriptions.hpp>
#include <surewake/bench/report/packed.hpp>
#include <surewake/bench/report/page.hpp>
#include <surewake/bench/report/page_template.hpp>
#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/goals.hpp>
#include <surewake/bench/results/references.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <ranges>

namespace surewake::bench {
namespace {

using json = nlohmann::ordered_json;

/// Five digits, or all of a whole number; null for none.
json number_of(double x) {
  if (!std::isfinite(x)) return nullptr;
  if (std::abs(x) < 9e15 && x == std::trunc(x)) return static_cast<std::int64_t>(x);
  std::string const text = fmt::format("{:.5g}", x);
  double rounded = x;
  std::from_chars(text.data(), text.data() + text.size(), rounded);
  return rounded;
}

/// Fields that all rows of a series share, which stand beside it once, or that follow from the others.
constexpr std::array<std::string_view, 6> no_columns{"threads", "permits",    "waiters",
                                                     "repeat",  "elapsed_ns", "ratio_units"};
/// What charts and verdict read, beside the metrics; the rest is for the raw rows.
constexpr std::array<std::string_view, 9> charted{
    "time_ns_per_operation",    "fairness_jain_index",     "allocations_per_operation",     "frame_bytes_per_waiter",
    "awaiter_bytes_per_waiter", "heap_bytes_per_waiter",   "rss_bytes_per_waiter",          "unit_before_ns",
    "allocated_bytes_per_operation"};

/// Metrics that every sample has, and no chart reads.
constexpr std::array<std::string_view, 5> usage{"cpu_ns", "voluntary_switches", "involuntary_switches", "cycles",
                                                "instructions"};

using samples = std::vector<row const*>;

/// A column: one value where all rows have the same, nothing where none has any.
template <class Value> void add_column(json& columns, std::string const& name, samples const& rows, Value value) {
  json all = json::array();
  for (row const* const r : rows) all.push_back(number_of(value(*r)));
  if (std::ranges::all_of(all, [&](json const& x) { return x == all.front(); })) {
    if (!all.front().is_null()) columns[name] = all.front();
  } else {
    columns[name] = std::move(all);
  }
}

json part_of(std::string const& measures, samples const& rows, page_detail detail) {
  json columns = json::object();
  bool numbered = true;  // from 0, without a gap
  for (std::size_t i = 0; i < rows.size(); ++i) numbered = numbered && rows[i]->repeat == static_cast<double>(i);
  if (!numbered) add_column(columns, "repeat", rows, [](row const& r) { return r.repeat; });
  for (number_field const& f : number_fields) {
    std::string_view const name = f.name;
    if (std::ranges::find(no_columns, name) != no_columns.end()) continue;
    if (!detail.every_column && std::ranges::find(charted, name) == charted.end()) continue;
    add_column(columns, f.name, rows, [&](row const& r) { return r.*f.field; });
  }
  std::vector<std::string> names;
  for (row const* const r : rows) {
    for (auto const& v : r->metrics.all()) {
      if (!detail.usage && std::ranges::find(usage, v.name) != usage.end()) continue;
      if (std::ranges::find(names, v.name) == names.end()) names.push_back(v.name);
    }
  }
  for (std::string const& name : names) {
    add_column(columns, name, rows, [&](row const& r) { return r.metrics.get(name); });
  }
  json part{{"measures", measures}, {"rows", rows.size()}, {"columns", std::move(columns)}};
  if (std::ranges::any_of(rows, [](row const* r) { return !r->marks.empty(); })) {
    json& marks = part["marks"] = json::array();
    for (row const* const r : rows) marks.push_back(fmt::format("{}", fmt::join(r->marks, " ")));
  }
  return part;
}

json series_of(results const& r, page_detail detail) {
  json all = json::array();
  std::map<std::array<std::string_view, 3>, std::map<std::string_view, samples>> by_key;
  std::vector<std::array<std::string_view, 3>> order;  // of first appearance
  for (row const& x : r.rows()) {
    std::array<std::string_view, 3> const key{x.workload, x.scenario, x.contestant};
    auto const [at, added] = by_key.try_emplace(key);
    if (added) order.push_back(key);
    samples& some = at->second[x.measures];
    if (some.size() < detail.blocks) some.push_back(&x);
  }
  for (auto const& key : order) {
    auto const& parts = by_key[key];
    row const& first = *parts.begin()->second.front();
    json one{{"workload", first.workload}, {"scenario", first.scenario}, {"contestant", first.contestant},
             {"kind", first.kind}};
    for (auto const& [name, text] : {std::pair("floor", r.floor_of(first.workload, first.scenario, first.contestant)),
                                     std::pair("order", first.order), std::pair("placement", first.placement)}) {
      if (!text.empty()) one[name] = text;
    }
    for (auto const& [name, x] : {std::pair("threads", first.threads), std::pair("permits", first.permits),
                                  std::pair("waiters", first.waiters)}) {
      if (!std::isnan(x)) one[name] = number_of(x);
    }
    for (auto const& [measures, rows] : parts) {
      one["parts"].push_back(part_of(std::string(measures), rows, detail));
    }
    all.push_back(std::move(one));
  }
  return all;
}

json goals_json(std::vector<goal> const& goals) {
  json all = json::array();
  for (goal const& g : goals) {
    all.push_back({{"group", g.group},
                   {"what", g.what},
                   {"subject", g.subject},
                   {"against", g.against},
                   {"measured", number_of(g.measured)},
                   {"sure", std::isnan(g.sure.low) ? json() : json{number_of(g.sure.low), number_of(g.sure.high)}},
                   {"limit", number_of(g.limit)},
                   {"at_least", g.at_least},
                   {"unit", g.unit},
                   {"verdict", g.verdict()}});
  }
  return all;
}

json gains_json(results const& r) {
  json all = json::array();
  for (gain_comparison const& c : gains_of(r)) {
    json one{{"discipline", c.discipline}, {"strategies", c.strategies}, {"published", json::array()},
             {"lines", json::array()}};
    for (std::string const& p : c.published) one["published"].push_back(p.empty() ? "–" : p);
    for (gains const& line : c.lines) {
      json cells = json::array();
      for (double const g : line.measured) cells.push_back(brief_gain(g));
      one["lines"].push_back({{"scenario", line.scenario}, {"measured", std::move(cells)}});
    }
    all.push_back(std::move(one));
  }
  return all;
}

json descriptions_of(results const& r) {
  json all = json::array();
  for (std::string const& w : r.workloads()) {
    description const d = describe(w);
    all.push_back({{"workload", w}, {"title", d.title}, {"question", d.question}, {"reading", d.reading}});
  }
  return all;
}

json swimlanes_json(results const& r) {
  json all = json::array();
  for (swimlane const& s : r.swimlanes()) all.push_back(json_of(s));
  return all;
}

json metrics_json() {
  json all = json::array();
  for (char const* const name : {"allocations_per_operation", "allocated_bytes_per_operation", "frame_bytes_per_waiter",
                                 "awaiter_bytes_per_waiter", "heap_bytes_per_waiter", "rss_bytes_per_waiter"}) {
    all.push_back({{"name", name}});
  }
  for (metric_description const& m : known_metrics) {
    all.push_back({{"name", m.name}, {"unit", m.unit}, {"what", m.what}});
  }
  return all;
}

std::string fact(json const& about, char const* name) {
  return about.value("provenance", json::object()).value(name, std::string("unknown"));
}

std::string left_out(page_detail detail) {
  if (detail.every_column) return "";
  std::string text = fmt::format(
      "To stay small, this page has of each sample its time, its marks and its metrics{}; what else was recorded "
      "(position in the block, operations, the unit after it) is in results.jsonl alone.",
      detail.usage ? "" : " but processor time, context switches, cycles and instructions");
  if (detail.blocks != page_detail{}.blocks) {
    text += fmt::format(" Of each contestant it has the first {}, so that its medians differ from those of "
                        "surewake-bench table.",
                        detail.blocks == 1 ? "block" : fmt::format("{} blocks", detail.blocks));
  }
  return text;
}

std::string filled(std::string const& data) {
  std::string_view const page = page_template();
  auto const at = page.find(page_marker);
  std::string html(page.substr(0, at));
  html += data;
  html += page.substr(at + page_marker.size());
  return html;
}

}  // namespace

json page_data(results const& r, page_facts const& facts, page_detail detail) {
  auto const goals = goals_of(r);
  json failures = json::array();
  for (failure const& f : r.failures()) {
    failures.push_back({{"workload", f.workload}, {"scenario", f.scenario}, {"contestant", f.contestant},
                        {"kind", f.kind}, {"why", f.why}});
  }
  json data{{"by", facts.by},
            {"about", facts.about},
            {"series", series_of(r, detail)},
            {"failures", std::move(failures)},
            {"goals", goals_json(goals)},
            {"tally", tally_of(goals)},
            {"gains", gains_json(r)},
            {"swimlanes", swimlanes_json(r)},
            {"conformance", facts.conformance},
            {"descriptions", descriptions_of(r)},
            {"metrics", metrics_json()},
            {"bibtex", program::bibtex_of(sources_of(r), fact(facts.about, "version"), fact(facts.about, "commit"))}};
  if (std::string const why = left_out(detail); !why.empty()) data["left_out"] = why;
  return data;
}

std::string script_safe(json const& data) {
  std::string const text = data.dump(-1, ' ', false, json::error_handler_t::replace);
  std::string safe;
  safe.reserve(text.size());
  for (char const c : text) {
    if (c == '<') {
      safe += "\\u003c";
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string page_of(results const& r, page_facts const& facts, std::size_t limit) {
  std::vector<page_detail> details{{}, {.every_column = false}, {.every_column = false, .usage = false}};
  for (std::size_t const blocks : {48, 32, 24, 16, 12, 8, 4, 2, 1}) {
    details.push_back({.every_column = false, .usage = false, .blocks = blocks});
  }
  std::size_t size = 0;
  for (page_detail const& detail : details) {
    std::string const block = script_safe(page_data(r, facts, detail));
    std::string html = filled(block);
    if (html.size() >= limit) html = filled(json{{"zlib", packed(block)}}.dump());
    if (html.size() < limit) return html;
    size = html.size();
  }
  throw bad_results(fmt::format(
      "the page would have {} bytes, and must have less than {}: {} samples are too many for one page; report a run of "
      "fewer workloads",
      size, limit, r.rows().size()));
}

}  // namespace surewake::bench
