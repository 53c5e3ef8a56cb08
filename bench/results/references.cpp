#include <surewake/bench/results/references.hpp>

#include <algorithm>
#include <array>

namespace surewake::bench {
namespace {

/// A family of contestants, and the keys of its sources.
struct origin {
  std::string_view family;
  std::array<std::string_view, 3> keys;
};

constexpr std::array origins{origin{"spin_locked_list", {}},
                             origin{"stack_push_list", {"treiber1986"}},
                             origin{"exchange_push_list", {"vyukov2010"}},
                             origin{"futex", {"drepper2011"}},
                             origin{"tokio", {"tokio"}},
                             origin{"async-lock", {"asynclock"}},
                             origin{"event-listener", {"asynclock"}},
                             origin{"parking_lot", {"parkinglot"}},
                             origin{"crossbeam", {"crossbeam"}},
                             origin{"moodycamel", {"moodycamel"}},
                             origin{"libcds", {"libcds"}},
                             origin{"oneTBB", {"onetbb"}},
                             origin{"tbb", {"onetbb"}},
                             origin{"liburcu", {"liburcu"}},
                             origin{"urcu", {"liburcu"}},
                             origin{"Concurrency", {"concurrencykit"}},
                             origin{"ck", {"concurrencykit"}},
                             origin{"Vyukov", {"vyukov2010"}},
                             origin{"Boost.Fiber", {"boostfiber"}},
                             origin{"Asio", {"asio"}},
                             origin{"asio", {"asio"}},
                             origin{"QSemaphore", {"qt"}},
                             origin{"std", {"iso14882"}},
                             origin{"sem_t", {"posix2017"}}};

/// What the tables themselves stand on.
constexpr std::array method{std::string_view("efron1979"), std::string_view("jain1984"),
                            std::string_view("gunther2007")};

/// Returns what the header of a strategy cites, where the family is one.
std::vector<source> of_strategy(std::string_view family) {
  if (family == "uring_futex_per_waiter") family = "uring_futex";  // one header has both layouts
  return program::cited_by("queues/" + std::string(family) + ".hpp");
}

}  // namespace

std::vector<source> sources_of(std::string_view contestant) {
  std::string_view const family = contestant.substr(0, contestant.find_first_of("/ :"));
  std::vector<source> all = of_strategy(family);
  auto const* const at = std::ranges::find(origins, family, &origin::family);
  if (at == origins.end()) return all;
  for (std::string_view const key : at->keys) {
    if (!key.empty()) all.push_back(program::source_of(key));
  }
  return all;
}

std::vector<source> sources_of(results const& r) {
  std::vector<source> all;
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      for (std::string const& c : r.contestants(workload, scenario)) program::add_sources(all, sources_of(c));
    }
  }
  for (std::string_view const key : method) {
    if (key != "gunther2007" || !r.scenarios("scale").empty()) program::add_sources(all, {program::source_of(key)});
  }
  return all;
}

}  // namespace surewake::bench
