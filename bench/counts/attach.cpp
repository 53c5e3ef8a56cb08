// surewake/bench/counts/attach.cpp: gives a strategy's rows the exact counts of their operation.
#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/measure/workload.hpp>

#include <algorithm>
#include <string_view>

namespace surewake::bench {
namespace {

struct column {
  std::string_view counter;
  std::string_view metric;
};
constexpr column columns[] = {{"load", "loads"},
                              {"store", "stores"},
                              {"rmw", "rmws"},
                              {"cas", "cas"},
                              {"failed cas", "failed_cas"},
                              {"weak fence", "weak_fences"},
                              {"full fence", "full_fences"},
                              {"light fence", "light_fences"},
                              {"heavy fence", "heavy_fences"},
                              {"mutex", "mutex_steps"},
                              {"futex wait", "futex_waits"},
                              {"futex wake", "futex_wakes"}};

std::vector<count_row> const& rows() {
  static std::vector<count_row> const all = counted();
  return all;
}

/// "storm/at once" is the operation of the scenarios "at once, n = …" of the workload storm.
bool is_of(std::string_view operation, std::string_view scenario) {
  return scenario == operation || (scenario.starts_with(operation) && scenario.substr(operation.size(), 2) == ", ");
}

metrics counts_of(std::string_view contestant, std::string_view scenario) {
  metrics m;
  for (count_row const& r : rows()) {
    if (r.strategy + "/" + r.discipline != contestant || !is_of(r.operation, scenario)) continue;
    auto const* const c = std::ranges::find(columns, r.counter, &column::counter);
    if (c != std::end(columns)) m.set(c->metric, std::stod(r.value));
  }
  return m;
}

}  // namespace

void attach_counts(scenarios& all) {
  for (scenario& s : all) {
    std::string const full = s.workload + "/" + s.name;
    if (std::ranges::none_of(counted_operations, [&](std::string_view o) { return is_of(o, full); })) continue;
    for (contestant& c : s.contestants) {
      if (c.what != kind::strategy || c.name.starts_with("uring")) continue;
      c.count = [name = c.name, full](std::uint64_t) { return counts_of(name, full); };
    }
  }
}

}  // namespace surewake::bench
