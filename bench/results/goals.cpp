#include <surewake/bench/results/goals.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace surewake::bench {
namespace {

constexpr char const* subject = "intrusive_list/hand_off";  // the default semaphore
constexpr char const* no_peer = "no peer";
constexpr char const* no_row = "its row was not run";

std::string row_name(std::string_view workload, std::string_view scenario) {
  return fmt::format("{} / {}", workload, scenario);
}

/// A comparison of the best of ours with another contestant of the same row.
goal best_against(results const& r, char const* group, std::string_view workload, std::string_view scenario,
                  std::string against, double limit, quantity what = &row::time_ns_per_operation) {
  goal g{.group = group, .what = row_name(workload, scenario), .against = std::move(against), .limit = limit};
  g.subject = r.best_of(workload, scenario, "strategy", what);
  if (g.subject.empty()) {
    g.missing = no_row;
  } else if (g.against.empty() || r.first(workload, scenario, g.against) == nullptr) {
    g.missing = no_peer;
  } else {
    estimate const e = r.ratio_of(workload, scenario, g.subject, g.against, what);
    g.measured = e.median;
    g.sure = e.sure;
  }
  return g;
}

/// Rows that are to be ahead of every peer, and of tokio by twice.
constexpr std::array<std::string_view, 8> ahead{
    "uncontended", "ping_pong_inline", "ping_pong_executor", "storm", "withdraw", "burst", "oversubscription",
    "memory"};

quantity measure_of(std::string_view workload) {
  return workload == "memory" ? quantity("bytes_per_waiter") : quantity(&row::time_ns_per_operation);
}

/// Whether a contestant of the row can be compared: a row of ours alone is no target.
bool has_peer(results const& r, std::string_view workload, std::string_view scenario, std::string_view peer) {
  return peer.empty() ? !r.best_of(workload, scenario, "peer", measure_of(workload)).empty()
                      : r.first(workload, scenario, peer) != nullptr;
}

/// A target for each row of a workload in which the peer is (empty: any, and then the best), or one that says why not.
void add_rows(std::vector<goal>& all, results const& r, char const* group, std::string_view workload,
              std::string const& peer, double limit) {
  quantity const what = measure_of(workload);
  bool any = false;
  for (std::string const& scenario : r.scenarios(workload)) {
    if (!has_peer(r, workload, scenario, peer)) continue;
    any = true;
    all.push_back(best_against(r, group, workload, scenario,
                               peer.empty() ? r.best_of(workload, scenario, "peer", what) : peer, limit, what));
  }
  if (any) return;
  all.push_back({.group = group,
                 .what = std::string(workload),
                 .limit = limit,
                 .missing = r.scenarios(workload).empty() ? no_row : no_peer});
}

void add_peers(std::vector<goal>& all, results const& r) {
  for (std::string_view const w : ahead) add_rows(all, r, "best of ours beside the best peer of the row", w, "", 1.0);
  for (std::string_view const w : ahead) add_rows(all, r, "best of ours beside tokio, twice as fast", w, "tokio", 0.5);
  struct place {
    char const* workload;
    char const* scenario;
  };
  for (auto const& [workload, scenario] :
       {place{"storm", "add and forget, n = 1000"}, place{"storm", "at once, n = 1000"},
        place{"withdraw_freed", "random, n = 1000"}, place{"withdraw", "random, n = 100000"},
        place{"oversubscription", "yields, M = 8, 2 threads"},
        place{"oversubscription", "yields, M = 1000, 2 threads"}}) {
    all.push_back(best_against(r, "where tokio was ahead", workload, scenario, "tokio", 0.8));
  }
}

void add_floors(std::vector<goal>& all, results const& r) {
  char const* const group = "the default semaphore beside the floor of its shape";
  struct place {
    char const* workload;
    char const* scenario;
    double limit;
  };
  for (auto const& [workload, scenario, limit] :
       {place{"uncontended", "await", 1.05}, place{"uncontended", "blocking", 1.05},
        place{"ping_pong_inline", "one thread", 1.3}, place{"ping_pong_executor", "one thread", 1.6}}) {
    goal g{.group = group, .what = row_name(workload, scenario), .subject = subject, .limit = limit};
    g.against = r.floor_of(workload, scenario, subject);
    estimate const e = r.ratio_of(workload, scenario, subject, g.against);
    g.measured = e.median;
    g.sure = e.sure;
    if (!e.known()) g.missing = g.against.empty() && r.first(workload, scenario) != nullptr ? "no floor" : no_row;
    all.push_back(std::move(g));
  }
}

/// Two threads and one permit: shares under hand_off, and speed under barging, which the fastest thread semaphore has.
void add_fairness(std::vector<goal>& all, results const& r) {
  char const* const scenario = "2 threads, 1 permit";
  char const* const group = "two threads, one permit";
  goal even{.group = group,
            .what = "Jain's index under hand_off",
            .subject = subject,
            .measured = r.summary_of("contended", scenario, subject, &row::fairness_jain_index).median,
            .limit = 0.99,
            .at_least = true,
            .unit = "Jain"};
  if (!even.known()) even.missing = no_row;
  all.push_back(std::move(even));
  goal fast = best_against(r, group, "contended", scenario, r.best_of("contended", scenario, "peer"), 1.0);
  fast.what = "time of an acquisition, best of ours";
  all.push_back(std::move(fast));
}

/// bounded_barging<64>: between hand_off and barging, with a bound that is kept.
void add_bounded(std::vector<goal>& all, results const& r) {
  char const* const bounded = "intrusive_list/bounded_barging_64";
  char const* const group = "bounded_barging, k = 64";
  char const* const crowd = "8 threads, 1 permit";
  char const* const pair = "2 threads, 1 permit";
  auto const beside = [&](char const* scenario, std::string const& against, double limit) {
    estimate const e = r.ratio_of("contended", scenario, bounded, against);
    all.push_back({.group = group,
                   .what = row_name("contended", scenario),
                   .subject = bounded,
                   .against = against,
                   .measured = e.median,
                   .sure = e.sure,
                   .limit = limit,
                   .missing = e.known() ? "" : r.first("contended", scenario) == nullptr ? no_row : no_peer});
  };
  beside(crowd, "intrusive_list/barging", 2.0);
  beside(pair, r.best_of("contended", pair, "peer"), 1.25);
  auto const own = [&](std::string what, double measured, double limit, bool at_least, char const* unit) {
    all.push_back({.group = group,
                   .what = std::move(what),
                   .subject = bounded,
                   .measured = measured,
                   .limit = limit,
                   .at_least = at_least,
                   .unit = unit,
                   .missing = std::isnan(measured) ? no_row : ""});
  };
  double const jain = r.summary_of("contended", crowd, bounded, &row::fairness_jain_index).median;
  own("Jain's index, 8 threads", jain, 0.99, true, "Jain");
  double longest = row::none;
  for (std::string const& scenario : r.scenarios("fairness")) {
    longest = std::fmax(longest, r.summary_of("fairness", scenario, bounded, "longest_bypass_of_first").high);
  }
  own("the longest bypass of a first waiter", longest, 64, false, "acquisitions");
}

/// Returns the largest over the smallest of the medians for n ≥ 1,000; none unless n = 1,000,000 is among them.
double flatness(results const& r, std::string const& how) {
  double low = row::none;
  double high = row::none;
  bool million = false;
  for (std::string const& scenario : r.scenarios("storm")) {
    row const* const first = r.first("storm", scenario);
    if (!scenario.starts_with(how) || first->waiters < 1'000) continue;
    double const here = r.summary_of("storm", scenario, subject, &row::ratio_units).median;
    low = std::fmin(low, here);
    high = std::fmax(high, here);
    million = million || first->waiters >= 1'000'000;
  }
  return million ? high / low : row::none;
}

/// Returns the most allocations an operation takes in any workload in which coroutines or threads acquire.
double worst_allocations(results const& r) {
  double worst = row::none;
  for (char const* const workload : {"uncontended", "ping_pong_inline", "ping_pong_executor", "ping_pong_threads",
                                     "enqueue", "storm", "contended"}) {
    for (std::string const& scenario : r.scenarios(workload)) {
      worst = std::fmax(worst, r.summary_of(workload, scenario, subject, &row::allocations_per_operation).high);
    }
  }
  return worst;
}

double worst_extra_memory(results const& r) {
  double worst = row::none;
  for (std::string const& scenario : r.scenarios("memory")) {
    worst = std::fmax(worst, r.summary_of("memory", scenario, subject, &row::heap_bytes_per_waiter).high);
  }
  return worst;
}

void add_own(std::vector<goal>& all, results const& r) {
  char const* const group = "the default semaphore by itself";
  auto const add = [&](std::string what, double measured, double limit, char const* unit) {
    all.push_back({.group = group,
                   .what = std::move(what),
                   .subject = subject,
                   .measured = measured,
                   .limit = limit,
                   .unit = unit,
                   .missing = std::isnan(measured) ? no_row : ""});
  };
  for (char const* const how : {"at once", "one by one"}) {
    add(fmt::format("storm, {}, 1,000 to 1,000,000: slowest by fastest", how), flatness(r, how), 1.5, "×");
  }
  add("allocations in any acquire", worst_allocations(r), 0, "an operation");
  add("memory beyond the coroutine frame", worst_extra_memory(r), 64, "bytes a waiter");
}

/// Rings: a grant beside the bare futex operations, and files beside the fastest of the other strategies.
void add_rings(std::vector<goal>& all, results const& r) {
  char const* const group = "waiting in a ring";
  auto const add = [&](char const* workload, char const* scenario, char const* who, std::string against, double limit) {
    estimate const e = r.ratio_of(workload, scenario, who, against);
    all.push_back({.group = group,
                   .what = row_name(workload, scenario),
                   .subject = who,
                   .against = std::move(against),
                   .measured = e.median,
                   .sure = e.sure,
                   .limit = limit,
                   .missing = e.known() ? "" : no_row});
  };
  for (char const* const who : {"uring_futex", "uring_futex_per_waiter"}) {
    for (char const* const where : {"own ring", "across rings"}) add("uring", where, who, "futex wait + wake", 1.5);
  }
  std::string best;
  double least = std::numeric_limits<double>::infinity();
  for (std::string const& other : r.contestants("tree", "N = 64")) {
    if (other.starts_with("uring_futex") || !other.ends_with("/hand_off")) continue;
    double const here = r.summary_of("tree", "N = 64", other, &row::time_ns_per_operation).median;
    if (here < least) best = other;
    least = std::min(least, here);
  }
  add("tree", "N = 64", "uring_futex/hand_off", best, 1.0);
}

}  // namespace

std::string goal::verdict() const {
  if (!known()) return "not measured: " + missing;
  return reached() ? "reached" : "NOT reached";
}

std::vector<goal> goals_of(results const& r) {
  std::vector<goal> all;
  add_peers(all, r);
  add_floors(all, r);
  add_fairness(all, r);
  add_bounded(all, r);
  add_own(all, r);
  add_rings(all, r);
  return all;
}

std::string tally_of(std::vector<goal> const& goals) {
  auto const unknown = std::ranges::count_if(goals, [](goal const& g) { return !g.known(); });
  auto const reached = std::ranges::count_if(goals, [](goal const& g) { return g.known() && g.reached(); });
  auto const lost = static_cast<std::ptrdiff_t>(goals.size()) - unknown - reached;
  std::string text = fmt::format("{} of {} targets reached", reached, goals.size());
  if (lost != 0) text += fmt::format(", {} lost", lost);
  if (unknown != 0) text += fmt::format(", {} not measured", unknown);
  return text;
}

}  // namespace surewake::bench
