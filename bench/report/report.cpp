#include <surewake/bench/report/descriptions.hpp>
#include <surewake/bench/report/figures.hpp>
#include <surewake/bench/results/gains.hpp>
#include <surewake/bench/results/goals.hpp>
#include <surewake/bench/report/page.hpp>
#include <surewake/bench/report/report.hpp>
#include <surewake/bench/results/table.hpp>
#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>

#include <nlohmann/json.hpp>


namespace surewake::bench {
namespace {

using json = nlohmann::ordered_json;

std::string escaped(std::string_view text) {
  std::string out;
  for (char const c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

/// Escapes the text; what is in `back quotes` becomes code.
std::string prose(std::string_view text) {
  std::string out;
  bool code = false;
  for (char const c : escaped(text)) {
    if (c == '`') {
      out += code ? "</code>" : "<code>";
      code = !code;
    } else {
      out += c;
    }
  }
  return out;
}

std::string goals_table(std::vector<goal> const& goals) {
  std::string html =
      "<div class=\"scroll\"><table><tr><th>target</th><th>of</th><th>beside</th><th>measured</th><th>interval</th>"
      "<th>limit</th><th></th></tr>\n";
  std::string group;
  for (goal const& g : goals) {
    if (std::exchange(group, g.group) != g.group) {
      html += fmt::format("<tr class=\"group\"><td colspan=\"7\">{}</td></tr>\n", escaped(g.group));
    }
    std::string const sure =
        std::isnan(g.sure.low) ? std::string() : fmt::format("{}–{}", brief(g.sure.low), brief(g.sure.high));
    html += fmt::format(
        "<tr><td>{}</td><td class=\"text\">{}</td><td class=\"text\">{}</td><td>{} {}</td><td>{}</td><td>{} {}</td>"
        "<td class=\"{}\">{}</td></tr>\n",
        escaped(g.what), escaped(g.subject), escaped(g.against), brief(g.measured), g.known() ? escaped(g.unit) : "",
        sure, g.at_least ? "≥" : "≤", brief(g.limit), !g.known() ? "soft" : g.reached() ? "good" : "bad",
        escaped(g.verdict()));
  }
  return html + "</table></div>\n";
}

std::string gains_table(gain_comparison const& c) {
  std::string html = fmt::format("<div class=\"scroll\"><table><tr><th>{}</th>", escaped(c.discipline));
  for (std::string const& s : c.strategies) html += fmt::format("<th>{}</th>", escaped(s));
  html += "</tr>\n<tr class=\"soft\"><td>as published</td>";
  for (std::string const& p : c.published) html += fmt::format("<td>{}</td>", escaped(p.empty() ? "–" : p));
  html += "</tr>\n";
  for (gains const& line : c.lines) {
    html += fmt::format("<tr><td>{}</td>", escaped(line.scenario));
    for (double const g : line.measured) html += fmt::format("<td>{}</td>", brief_gain(g));
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string timings_table(results const& r, std::string const& workload) {
  bool const windows = workload == "contended";
  std::string html =
      "<div "
      "class=\"scroll\"><table><tr><th>contestant</th><th>units</th><th>median</th><th>lowest</th><th>highest</th>";
  if (windows) html += "<th>per second</th><th>Jain</th>";
  html += "<th>vs sem_t</th><th>vs std</th><th>allocations</th><th>bytes</th><th>repeats</th></tr>\n";
  for (std::string const& scenario : r.scenarios(workload)) {
    html += fmt::format("<tr class=\"group\"><td colspan=\"12\">{}</td></tr>\n", escaped(scenario));
    auto const units_of = [&](char const* peer) {
      return r.summary_of(workload, scenario, peer, &row::ratio_units).median;
    };
    for (std::string const& c : r.contestants(workload, scenario)) {
      auto const of = [&](double row::*what) { return r.summary_of(workload, scenario, c, what); };
      auto const time = of(&row::time_ns_per_operation);
      auto const units = of(&row::ratio_units);
      html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>", escaped(c),
                          brief(units.median), brief_time(time.median), brief_time(time.low), brief_time(time.high));
      if (windows) {
        html += fmt::format("<td>{}</td><td>{}</td>", brief(of(&row::throughput_operations_per_s).median),
                            brief(of(&row::fairness_jain_index).median));
      }
      for (char const* const peer : {"sem_t", "std::counting_semaphore"}) {
        double const ratio = units.median / units_of(peer);
        html += fmt::format("<td>{}</td>", std::isnan(ratio) ? "" : brief(ratio) + " ×");
      }
      html += fmt::format("<td>{}</td><td>{}</td><td>{}</td></tr>\n", brief(of(&row::allocations_per_operation).median),
                          brief(of(&row::allocated_bytes_per_operation).median), time.count);
    }
  }
  return html + "</table></div>\n";
}

std::string memory_table(results const& r, std::string const& workload) {
  std::string html =
      "<div class=\"scroll\"><table><tr><th>bytes a waiter</th><th>frame</th><th>of it: acquire</th>"
      "<th>heap beyond</th><th>resident</th></tr>\n";
  for (std::string const& scenario : r.scenarios(workload)) {
    for (std::string const& c : r.contestants(workload, scenario)) {
      auto const cell = [&](double row::*what) { return brief(r.summary_of(workload, scenario, c, what).median); };
      html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n", escaped(c),
                          cell(&row::frame_bytes_per_waiter), cell(&row::awaiter_bytes_per_waiter),
                          cell(&row::heap_bytes_per_waiter), cell(&row::rss_bytes_per_waiter));
    }
  }
  return html + "</table></div>\n";
}

std::string text_of(json const& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string machine_table(json const& about) {
  std::string html = "<div class=\"scroll\"><table>\n";
  auto const line = [&](std::string const& key, std::string const& value) {
    html += fmt::format("<tr><td>{}</td><td class=\"text\">{}</td></tr>\n", escaped(key), escaped(value));
  };
  for (auto const& [key, value] : about.at("machine").items()) {
    if (!value.is_object()) {
      line(key, text_of(value));
      continue;
    }
    for (auto const& [name, version] : value.items()) line(name, text_of(version));
  }
  for (char const* const key : {"command_line", "started", "ended", "state", "seed", "seconds_budget",
                                "unit_ns_at_start", "load_average_before", "load_average_after"}) {
    if (about.contains(key)) line(key, text_of(about[key]));
  }
  if (about.contains("provenance")) line("version", text_of(about["provenance"].at("version")));
  line("page by", program::provenance_line());
  line("figures by", gnuplot_version());
  return html + "</table></div>\n";
}

}  // namespace

std::string heading_of(json const& about) {
  json const& machine = about.at("machine");
  std::string const version =
      about.contains("provenance") ? " " + text_of(about["provenance"].at("version")) : std::string();
  return fmt::format("measured {} by surewake-bench{}, commit {}, {} {}, {}, {}, seed {}, {}: {}\ntable by {}\n\n",
                     text_of(about.at("started")), version, text_of(machine.at("commit")),
                     text_of(machine.at("compiler")), text_of(machine.at("flags")), text_of(machine.at("cpu")),
                     text_of(machine.at("kernel")), text_of(about.at("seed")), about.value("state", "unknown"),
                     text_of(about.at("command_line")), program::provenance_line());
}

void write_report(results const& r, json const& about, std::filesystem::path const& dir) {
  json const& machine = about.at("machine");
  auto const goals = goals_of(r);
  auto const figures = figures_of(r);

  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>surewake-bench {}</title><style>{}</style></head><body>\n",
      escaped(text_of(machine.at("commit"))), page_style);
  html += fmt::format(
      "<h1>How should a semaphore keep the tasks that wait?</h1>\n<p class=\"soft\">surewake-bench, commit {}. {}, {} "
      "processors{}, {}, {}</p>\n",
      escaped(text_of(machine.at("commit"))), escaped(text_of(machine.at("cpu"))), text_of(machine.at("cpus_online")),
      machine.at("virtual_machine").get<bool>() ? " of a virtual machine" : "",
      escaped(text_of(machine.at("compiler"))), escaped(text_of(about.at("started"))));
  if (about.value("smoke", false)) html += "<p class=\"bad\">A smoke run: the numbers mean nothing.</p>\n";
  if (about.value("state", "") != "complete") {
    html += fmt::format("<p class=\"bad\">The run is {}: what is missing was not measured.</p>\n",
                        escaped(about.value("state", "")));
  }
  for (failure const& f : r.failures()) {
    html += fmt::format("<p class=\"bad\">Wrong result: {} / {} / {}: {}</p>\n", escaped(f.workload),
                        escaped(f.scenario), escaped(f.contestant), escaped(f.why));
  }
  html += "<nav>";
  for (std::string const& w : r.workloads())
    html += fmt::format("<a href=\"#{}\">{}</a> ", w, escaped(describe(w).title));
  html +=
      "<a href=\"#reading\">How to read it</a><a href=\"#method\">Method and limits</a><a "
      "href=\"#machine\">Machine</a></nav>\n";

  html += fmt::format(
      "<h2>Targets: {}</h2>\n<p class=\"soft\">Ratios within the same "
      "block of this run.</p>\n{}",
      escaped(tally_of(goals)), goals_table(goals));
  if (auto const comparisons = gains_of(r); !comparisons.empty()) {
    html +=
        "<h2>What the strategies gain over mutex + deque</h2>\n<p class=\"soft\">How many more operations in a time "
        "than <code>mutex_deque</code>, in this run, beside what the design this project starts from promised for "
        "each; it came without measurements. A dash: one of the two was not measured; a withdrawal from a deque is "
        "linear.</p>\n";
    for (gain_comparison const& c : comparisons) html += gains_table(c);
  }
  html += page_reading;
  for (std::string const& w : r.workloads()) {
    description const d = describe(w);
    html += fmt::format("<h2 id=\"{}\">{}</h2>\n<p>{}</p>\n", w, escaped(d.title), prose(d.question));
    for (figure const& f : figures) {
      if (f.workload != w) continue;
      html += fmt::format("<figure>{}{}</figure>\n",
                          f.caption.empty() ? "" : fmt::format("<figcaption>{}</figcaption>", f.caption), f.svg);
    }
    html += fmt::format("<p class=\"soft\">{}</p>\n<details><summary>Numbers</summary>{}</details>\n", prose(d.reading),
                        w == "memory" ? memory_table(r, w) : timings_table(r, w));
  }
  html += page_limits;
  html += "<h2 id=\"machine\">Machine and run</h2>\n" + machine_table(about);
  html += fmt::format("<details><summary>The same as text</summary><pre>{}</pre></details>\n</body></html>\n",
                      escaped(table_of(r)));

  if (program::interrupted() == 0) program::output_file(dir / "report.html").commit(html);
}

}  // namespace surewake::bench
