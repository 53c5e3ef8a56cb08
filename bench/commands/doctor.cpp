#include <surewake/bench/commands/command.hpp>
#include <surewake/bench/measure/doctor.hpp>
#include <surewake/bench/results/grid.hpp>

#include <algorithm>

namespace surewake::bench {
namespace {

int doctor() {
  std::vector<finding> const all = examine_this_machine();
  grid g{.title = "what spoils measurements on this machine", .head = {"", "", "seen"}};
  for (finding const& f : all) {
    g.lines.push_back({f.what, to_string(f.is), f.seen});
    if (!f.mend.empty()) g.notes.push_back(fmt::format("{}: {}", f.what, f.mend));
  }
  auto const bad = std::ranges::count(all, health::spoils, &finding::is);
  g.notes.push_back(bad == 0 ? std::string("Nothing here spoils a measurement.")
                             : fmt::format("{} of {} spoil measurements here.", bad, all.size()));
  program::out().write(written({g}, table_format::text));
  return bad == 0 ? program::as_expected : program::differs;
}

}  // namespace

command add_doctor(CLI::App& app) {
  return {app.add_subcommand("doctor", "Say what on this machine spoils measurements, and how to mend it"), doctor};
}

}  // namespace surewake::bench
