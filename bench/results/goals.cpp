#include <surewake/bench/results/goals.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace surewake::bench {
namespace {

constexpr char const* subject = "intrusive_list/hand_off";  // the default semaphore
constexpr char const* lock_free = "segmented_queue/hand_off";

/// Divides median by median of the same interleaved run.
double ratio_of(results const& r, char const* workload, char const* scenario, char const* other,
                char const* who = subject) {
  return r.summary_of(workload, scenario, who, &row::ratio_units).median /
         r.summary_of(workload, scenario, other, &row::ratio_units).median;
}

double units_of(results const& r, char const* workload, std::string_view scenario, char const* who = subject) {
  return r.summary_of(workload, scenario, who, &row::ratio_units).median;
}

/// Returns the largest over the smallest of the medians for n ≥ 1,000; none unless n = 1,000,000 is among them.
double flatness(results const& r, std::string const& how) {
  double low = row::none;
  double high = row::none;
  bool million = false;
  for (std::string const& scenario : r.scenarios("storm")) {
    row const* const first = r.first("storm", scenario);
    if (!scenario.starts_with(how) || first->waiters < 1'000) continue;
    double const here = units_of(r, "storm", scenario);
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

/// Compares `who` with the fastest of the other strategies in a scenario.
double against_best(results const& r, char const* workload, char const* scenario, std::string_view who) {
  double best = row::none;
  for (std::string const& other : r.contestants(workload, scenario)) {
    if (other.starts_with("uring_futex") || !other.ends_with("/hand_off")) continue;
    best = std::fmin(best, r.summary_of(workload, scenario, other, &row::ratio_units).median);
  }
  return r.summary_of(workload, scenario, std::string(who), &row::ratio_units).median / best;
}

}  // namespace

std::vector<goal> goals_of(results const& r) {
  std::vector<goal> goals;
  auto const add = [&](std::string what, double measured, double limit, std::string unit, std::string best_peer = "") {
    goals.push_back({std::move(what), subject, measured, limit, std::move(unit), std::move(best_peer)});
  };
  add("uncontended, by hand in a plain loop = 1", ratio_of(r, "uncontended", "await", "hand-written"), 1.15, "×");
  add("uncontended, by hand in a coroutine = 1", ratio_of(r, "uncontended", "await", "hand-written, coroutine"), 1.15,
      "×");
  add("uncontended acquire + release", units_of(r, "uncontended", "await"), 1.4, "units", "1.3 and 1.4");
  add("hand-off on one thread, by executor", units_of(r, "ping_pong_executor", "one thread"), 2.7, "units", "2.9");
  add("hand-off on one thread, symmetric transfer", units_of(r, "ping_pong_inline", "one thread"), 2.0, "units", "2.1");
  for (char const* const how : {"at once", "one by one"}) {
    add(fmt::format("storm of 100,000, {}, a waiter", how), units_of(r, "storm", fmt::format("{}, n = 100000", how)),
        2.5, "units");
    add(fmt::format("storm, {}, 1,000 to 1,000,000: flat", how), flatness(r, how), 1.5, "× (slowest / fastest)");
  }
  for (char const* const order : {"fifo", "lifo", "random"}) {
    add(fmt::format("withdrawal of 1,000, {}", order), units_of(r, "withdraw", fmt::format("{}, n = 1000", order)), 2.0,
        "units", "2.8");
  }
  add("allocations in any acquire", worst_allocations(r), 0, "an operation");
  add("memory beyond the coroutine frame", worst_extra_memory(r), 64, "bytes a waiter");
  auto const add_for = [&](char const* who, std::string what, char const* workload, std::string const& scenario,
                           double limit, std::string best_peer = "") {
    goals.push_back({std::move(what), who, units_of(r, workload, scenario, who), limit, "units", std::move(best_peer)});
  };
  for (char const* const how : {"at once", "one by one"}) {
    add_for(subject, fmt::format("storm of 1,000, {}, a wake", how), "storm", fmt::format("{}, n = 1000", how), 3.0,
            "5");
  }
  add_for("segmented_queue", "its queue alone, one thread, push + pop", "queue_alone", "1 thread, empty", 3.0, "2.8");
  add_for("segmented_queue", "its queue alone, two threads, push + pop", "queue_alone", "2 threads, empty", 4.3, "4");
  add_for("segmented_queue", "…, behind 64 that wait", "queue_alone", "2 threads, 64 waiting", 4.3, "4");
  for (char const* const n : {"1,000", "100,000"}) {
    for (char const* const how : {"at once", "one by one"}) {
      add_for(lock_free, fmt::format("storm of {}, {}, a wake", n, how), "storm",
              fmt::format("{}, n = {}", how, std::string_view(n) == "1,000" ? "1000" : "100000"), 3.0, "5");
    }
  }
  for (char const* const order : {"fifo", "lifo", "random"}) {
    add_for(lock_free, fmt::format("withdrawal of 1,000, {}", order), "withdraw", fmt::format("{}, n = 1000", order),
            2.0, "3");
  }
  for (char const* const who : {"uring_futex", "uring_futex_per_waiter"}) {
    for (char const* const where : {"own ring", "across rings"}) {
      goals.push_back({fmt::format("grant, {}, bare futex wait + wake = 1", where), who,
                       ratio_of(r, "uring", where, "futex wait + wake", who), 1.5, "×", ""});
    }
  }
  goals.push_back({"tree, 64 files in flight, best other strategy = 1", "uring_futex/hand_off",
                   against_best(r, "tree", "N = 64", "uring_futex/hand_off"), 1.0, "×", ""});
  return goals;
}

std::string tally_of(std::vector<goal> const& goals) {
  auto const unknown = std::ranges::count_if(goals, [](goal const& g) { return !g.known(); });
  std::string text =
      fmt::format("{} of {} targets reached", std::ranges::count_if(goals, &goal::reached), goals.size());
  if (unknown != 0) text += fmt::format(", {} not measured", unknown);
  return text;
}

}  // namespace surewake::bench
