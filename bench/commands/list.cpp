#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/bench/report/descriptions.hpp>
#include <surewake/bench/workloads/scale.hpp>

#include <fnmatch.h>

#include <algorithm>

namespace surewake::bench {
namespace {

using program::out;
using program::usage_error;

bool matches(std::string const& pattern, scenario const& s) {
  std::string const full = s.workload + "/" + s.name;
  return ::fnmatch(pattern.c_str(), s.workload.c_str(), 0) == 0 || ::fnmatch(pattern.c_str(), full.c_str(), 0) == 0;
}

int list() {
  std::string last;
  for (scenario const& s : all_scenarios({})) {
    if (program::interrupted() != 0 || out().broken()) break;
    if (s.workload != last) out().print("{}: {}\n", s.workload, describe(s.workload).title);
    last = s.workload;
    out().print("  {}{}\n", s.name, s.waiters >= 1'000'000 && s.workload != "memory" ? "   (not with --no-large)" : "");
    if (!s.left_out.empty()) out().print("      (left out: {})\n", s.left_out);
    for (contestant const& c : s.contestants) out().print("      {:<40} {}\n", c.name, to_string(c.what));
  }
  out().print("libraries of the peers\n");
  for (peer_package const& p : peer_packages()) {
    out().print("  {:<40} {}\n", p.name, p.left_out.empty() ? p.version : "left out: " + p.left_out);
  }
  return program::as_expected;
}

}  // namespace

scenarios selected(std::vector<std::string> const& patterns, effort const& e) {
  scenarios all = all_scenarios(e);
  add_scale(all, e);
  if (patterns.empty()) {
    std::erase_if(all, [](scenario const& s) { return s.workload == scale_workload; });
    return all;
  }
  for (std::string const& p : patterns) {
    if (p.empty()) throw usage_error("pattern '': it must not be empty; without a pattern all workloads are meant");
    if (std::ranges::none_of(all, [&](scenario const& s) { return matches(p, s); })) {
      throw usage_error(fmt::format("no workload matches '{}' (surewake-bench list shows them)", p));
    }
  }
  std::erase_if(all, [&](scenario const& s) {
    return std::ranges::none_of(patterns, [&](std::string const& p) { return matches(p, s); });
  });
  return all;
}

command add_list(CLI::App& app) {
  return {app.add_subcommand("list", "Show every workload, scenario and contestant"), list};
}

}  // namespace surewake::bench
