// surewake/bench/measure/workload.hpp: what a workload is made of, as the runner sees it.
//
//   workload "storm"  ⊃  scenario "at once, n = 1,000"  ⊃  contestant "intrusive_list/hand_off"  →  one sample
//
// A contestant's run(n) does at least n operations, times only the part that is to be compared, checks its own result
// and throws wrong_result when a count does not fit. The runner decides n, the order of the contestants and the
// repeats.
#pragma once

#include <surewake/bench/measure/allocation.hpp>
#include <surewake/bench/measure/unit.hpp>
#include <surewake/bench/measure/usage.hpp>
#include <surewake/bench/results/latency_bins.hpp>
#include <surewake/bench/results/metrics.hpp>
#include <surewake/bench/results/swimlane.hpp>
#include <surewake/core/semaphore/waiter_queue.hpp>

#include <sched.h>
#include <sys/resource.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace surewake::bench {

/// Thrown when a count that must hold after a sample does not: a lost permit, a lost wake, a fault in the workload.
class wrong_result : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void expect(bool holds, char const* law) {
  if (!holds) throw wrong_result(law);
}

/// What a memory run measured.
struct memory_outcome {
  double frame_bytes = 0;    // asked for by the waiter's coroutine frame
  double awaiter_bytes = 0;  // of the frame: more than the same coroutine takes that waits for nothing
  double heap_bytes = 0;     // beyond the frame, as malloc rounds it
  double rss_bytes = 0;      // resident memory in all
};

/// What one sample measured.
struct sample {
  double operations = 0;
  double elapsed_ns = 0;
  allocation_count allocated{};  // inside the timed part; only counted in counting runs
  std::optional<double> jain{};
  std::optional<memory_outcome> memory{};
  unsigned pinned = 0;   // threads that were bound to a core of their own
  long preemptions = 0;  // of the timing thread, inside the timed part: the system ran another thread
  long migrations = 0;   // of it: it ended a timed part on another processor than it began on
  std::optional<usage> used{};  // inside the timed parts; none where they are too short for it
  bench::metrics metrics{};     // what else there is: results/metrics.hpp says how to add one
  std::optional<swimlane> lanes{};  // a run that is shown and not timed: it is the record, instead of a row
};

/// Sums up the timed parts of a sample.
class stopwatch {
 public:
  void start() noexcept {
    before_ = allocations();
    preemptions_before_ = preemptions();
    if (total_.used) used_before_ = usage_of_process();
    thread_ = std::this_thread::get_id();
    cpu_ = ::sched_getcpu();
    from_ = bench_clock::now();
  }
  void stop(double operations) noexcept {
    double const part_ns = nanoseconds(bench_clock::now() - from_);
    total_.elapsed_ns += part_ns;
    total_.operations += operations;
    if (std::this_thread::get_id() == thread_) {  // a barrier may let another thread stop the watch
      total_.migrations += ::sched_getcpu() != cpu_ ? 1 : 0;
      total_.preemptions += preemptions() - preemptions_before_;
    }
    add_usage(part_ns);
    allocation_count const d = allocations() - before_;
    total_.allocated.calls += d.calls;
    total_.allocated.bytes += d.bytes;
    total_.allocated.live_bytes += d.live_bytes;
  }
  [[nodiscard]] double operations() const noexcept { return total_.operations; }
  [[nodiscard]] sample const& total() const noexcept { return total_; }

 private:
  static constexpr double long_beside_a_reading_ns = 20'000;

  void add_usage(double part_ns) noexcept {
    if (!total_.used) return;
    if (part_ns < long_beside_a_reading_ns) {
      total_.used.reset();
    } else {
      usage part = usage_of_process() - used_before_ - usage_of_reading();
      if (std::this_thread::get_id() != thread_) part.waited_ns = usage::unknown;
      *total_.used += part;
    }
  }
  static long preemptions() noexcept {
    rusage now{};
    ::getrusage(RUSAGE_THREAD, &now);
    return now.ru_nivcsw;
  }

  sample total_{.used = usage{}};
  allocation_count before_;
  long preemptions_before_ = 0;
  usage used_before_;
  std::thread::id thread_;
  int cpu_ = 0;
  bench_clock::time_point from_;
};

/// strategy: a semaphore of ours; peer: one of another project; floor: what nothing of its kind can go below on this
/// machine; experiment: a part that a strategy might be built from.
enum class kind { strategy, peer, floor, experiment };
[[nodiscard]] constexpr char const* to_string(kind k) noexcept {
  switch (k) {
    case kind::strategy:
      return "strategy";
    case kind::peer:
      return "peer";
    case kind::floor:
      return "floor";
    case kind::experiment:
      return "experiment";
  }
  return "";
}

struct contestant {
  std::string name;  // "intrusive_list/hand_off", "sem_t"
  kind what = kind::strategy;
  std::function<sample(std::uint64_t operations)> run;
  // The same on instruments that would disturb a timing, such as a platform that counts: run once, untimed, of which
  // only the metrics are kept. Empty: there is nothing to count.
  std::function<bench::metrics(std::uint64_t operations)> count{};
  std::string floor{};  // the floor of its shape, by name; empty: the first one of the scenario
  // The latencies of all its samples so far, asked for when the scenario is over. Empty: it stamps none one by one.
  std::function<std::vector<latency_bins>()> latencies{};
};

struct scenario {
  std::string workload{};
  std::string name{};  // unique within the workload
  unsigned threads = 1;
  std::uint64_t permits = 1;
  std::uint64_t waiters = 0;     // n of a storm or withdrawal; 0: does not apply
  std::string order{};           // "fifo", "lifo", "random"; empty: does not apply
  std::uint64_t operations = 0;  // per sample; 0: as many as a sample of `sample_ns` takes
  double weight = 1;             // share of the time budget, relative to others
  unsigned max_repeats = ~0U;
  std::vector<contestant> contestants{};
  std::string left_out{};  // which contestants, and why; empty: none
};

/// Says how much to do.
struct effort {
  bool smoke = false;  // seconds matter, numbers do not: everything runs once, small
  bool large = true;   // also n = 1,000,000
  double sample_ns = 500'000;
  std::uint64_t seed = 1;
};

/// Whether n waiters that leave, the oldest first or in another order, cost n² steps, and n is too large for that: a
/// queue that serves first come, first served looks for its oldest waiter first, another one anywhere.
[[nodiscard]] constexpr bool leaves_too_slowly(withdrawal_cost cost, bool first_come_first_served, std::uint64_t n,
                                               bool oldest_first) noexcept {
  constexpr std::uint64_t most_when_linear = 10'000;
  return cost == withdrawal_cost::linear && n > most_when_linear && !(first_come_first_served && oldest_first);
}

using scenarios = std::vector<scenario>;

// One per file in workloads/.
void add_uncontended(scenarios&, effort const&);
void add_ping_pong(scenarios&, effort const&);
void add_ping_pong_threads(scenarios&, effort const&);
void add_storm(scenarios&, effort const&);
void add_withdraw(scenarios&, effort const&);
void add_contended(scenarios&, effort const&);
void add_memory(scenarios&, effort const&);
void add_queue_alone(scenarios&, effort const&);
void add_list_decision(scenarios&, effort const&);
void add_oversubscription(scenarios&, effort const&);
void add_pipeline(scenarios&, effort const&);
void add_paced(scenarios&, effort const&);
void add_burst(scenarios&, effort const&);
void add_fairness(scenarios&, effort const&);
void add_withdraw_race(scenarios&, effort const&);
void add_wake_chain(scenarios&, effort const&);
void add_stalled_reader(scenarios&, effort const&);
void add_hazard(scenarios&, effort const&);
void add_swimlane(scenarios&, effort const&);
void add_primitives(scenarios&, effort const&);
#ifdef SUREWAKE_BENCH_URING  // liburing and libcrypto were there
void add_ring(scenarios&, effort const&);
void add_tree(scenarios&, effort const&);
void add_uring(scenarios&, effort const&);
#endif

/// Gives the strategies' rows the exact counts of their operations (bench/counts).
void attach_counts(scenarios&);

[[nodiscard]] inline scenarios all_scenarios(effort const& e) {
  scenarios all;
  for (auto* const add : {&add_uncontended, &add_ping_pong, &add_ping_pong_threads, &add_storm, &add_withdraw,
                          &add_contended, &add_memory, &add_queue_alone, &add_list_decision, &add_oversubscription,
                          &add_pipeline, &add_paced, &add_burst, &add_fairness, &add_withdraw_race,
                          &add_wake_chain, &add_stalled_reader, &add_hazard, &add_swimlane, &add_primitives}) {
    add(all, e);
  }
#ifdef SUREWAKE_BENCH_URING
  add_ring(all, e);
  add_tree(all, e);
  add_uring(all, e);
#endif
  attach_counts(all);
  return all;
}

}  // namespace surewake::bench
