#include <surewake/bench/conformance/conformance.hpp>
#include <surewake/bench/conformance/own_peer.hpp>
#include <surewake/bench/measure/strategies.hpp>
#include <surewake/bench/peers/peers.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace surewake::bench {
namespace {

conformance_row ask(peer const& p, kind what, probe_options const& options) {
  conformance_row row{.semaphore = p.name, .kind = to_string(what), .withdrawal = p.withdrawal};
  for (conformance_probe const& asked : conformance_probes) row.seen.push_back(asked.run(p, options));
  return row;
}

std::string heading() {
  std::string line = fmt::format("{:<34}", "semaphore");
  for (conformance_probe const& asked : conformance_probes) line += fmt::format(" {:<13}", asked.name);
  return line + " waiters leave by\n";
}

std::string line_of(conformance_row const& row) {
  std::string line = fmt::format("{:<34}", row.semaphore);
  for (observation const& o : row.seen) {
    line += fmt::format(" {:<13}", o.what == probe_verdict::fails ? "! " + o.cell : o.cell);
  }
  return line + " " + row.withdrawal + "\n";
}

}  // namespace

std::vector<conformance_row> ask_all(probe_options const& options) {
  std::vector<conformance_row> rows;
  for_each_semaphore([&]<class M>(M const& m) {
    if (program::interrupted() != 0) return;
    rows.push_back(ask(own_peer<typename M::semaphore>(m.name.c_str()), kind::strategy, options));
  });
  for (peer const& p : peers()) {
    if (program::interrupted() == 0 && p.make != nullptr) rows.push_back(ask(p, kind::peer, options));
  }
  return rows;
}

std::string conformance_text(std::vector<conformance_row> const& rows) {
  std::string text;
  for (conformance_probe const& asked : conformance_probes) text += fmt::format("{:<12} {}\n", asked.name, asked.asks);
  text += "\n" + heading();
  for (conformance_row const& row : rows) text += line_of(row);
  text += "\n!: what the probe asks for does not hold. What was seen:\n";
  for (conformance_row const& row : rows) {
    for (std::size_t i = 0; i < row.seen.size(); ++i) {
      if (row.seen[i].what != probe_verdict::fails) continue;
      text += fmt::format("  {}, {}: {}\n", row.semaphore, conformance_probes[i].name, row.seen[i].saw);
    }
  }
  return text;
}

nlohmann::ordered_json conformance_json(std::vector<conformance_row> const& rows) {
  auto all = nlohmann::ordered_json::array();
  for (conformance_row const& row : rows) {
    nlohmann::ordered_json one{{"semaphore", row.semaphore}, {"kind", row.kind}, {"withdrawal", row.withdrawal}};
    for (std::size_t i = 0; i < row.seen.size(); ++i) {
      observation const& o = row.seen[i];
      one["probes"][conformance_probes[i].name] = {{"verdict", to_string(o.what)}, {"cell", o.cell}, {"saw", o.saw}};
    }
    all.push_back(std::move(one));
  }
  return all;
}

bool ours_conform(std::vector<conformance_row> const& rows) {
  return std::ranges::all_of(rows, [](conformance_row const& row) {
    if (row.kind != to_string(kind::strategy)) return true;
    for (std::size_t i = 0; i < row.seen.size(); ++i) {
      std::string_view const name = conformance_probes[i].name;
      if ((name == "wakes" || name == "chain") && row.seen[i].what == probe_verdict::fails) return false;
    }
    return true;
  });
}

}  // namespace surewake::bench
