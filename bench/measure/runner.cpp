#include <surewake/bench/measure/runner.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <random>
#include <thread>

namespace surewake::bench {
namespace {

using program::interrupted;

/// Writes to standard error, which may be closed: that must not end a measurement.
void say(std::string const& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

/// Ends the program, and says in which scenario, when one sample takes longer than any can: a thread that was never
/// woken blocks its sample for ever, and cannot be cancelled, nor can a loop of a strategy: so the others cannot go on.
class watchdog {
 public:
  watchdog() : thread_([this](std::stop_token stop) { watch(stop); }) {}

  void enter(std::string what) {
    std::lock_guard const hold(mutex_);
    what_ = std::move(what);
    since_ = bench_clock::now();
  }

 private:
  static constexpr std::chrono::seconds limit{60};

  void watch(std::stop_token stop) {
    std::unique_lock hold(mutex_);
    while (!changed_.wait_for(hold, stop, std::chrono::seconds{1}, [&] { return stop.stop_requested(); })) {
      if (what_.empty() || bench_clock::now() - since_ < limit) continue;
      say(fmt::format("\nsurewake-bench: {}: a sample did not end within {} s: a lost wakeup, or far too slow.\n"
                      "It cannot be stopped, so that the run ends here; results.csv has what was measured before.\n"
                      "To measure the rest, name other scenarios, or take the strategy out of queues/strategies.hpp.\n",
                      what_, limit.count()));
      ::_exit(1);
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::string what_;
  bench_clock::time_point since_ = bench_clock::now();
  std::jthread thread_;
};

/// Shows, on a terminal, one line that changes, with an estimate; otherwise one line per scenario.
class progress {
 public:
  explicit progress(double seconds, std::size_t scenarios) : seconds_(seconds), scenarios_(scenarios) {}

  void begin(scenario const& s) {
    ++number_;
    what_ = s.workload + " / " + s.name;
    if (!terminal_) say(fmt::format("[{}/{}] {}\n", number_, scenarios_, what_));
    if (!s.left_out.empty()) say(fmt::format("{}{}: left out: {}\n", terminal_ ? "\r\033[K" : "", what_, s.left_out));
  }

  void step(unsigned repeat, unsigned repeats) {
    if (!terminal_) return;
    double const passed = nanoseconds(bench_clock::now() - start_) * 1e-9;
    say(fmt::format("\r\033[K[{}/{}] {}  {}/{}  {:.0f} s, at most {:.0f} s left", number_, scenarios_, what_, repeat,
                    repeats, passed, std::max(0.0, seconds_ - passed)));
  }

  void end() {
    if (terminal_) say("\r\033[K");
  }

 private:
  double seconds_;
  std::size_t scenarios_;
  std::size_t number_ = 0;
  std::string what_;
  bool terminal_ = ::isatty(2) != 0;
  bench_clock::time_point start_ = bench_clock::now();
};

/// A contestant on its way through a scenario.
struct entrant {
  contestant const* who;
  std::uint64_t batch = 1;  // operations a sample
  bool out = false;         // it failed
};

row row_of(scenario const& s, contestant const& c, char const* measures, sample const& o) {
  row r;
  r.workload = s.workload;
  r.scenario = s.name;
  r.contestant = c.name;
  r.kind = to_string(c.what);
  r.measures = measures;
  r.order = s.order;
  r.threads = s.threads;
  r.pinned_threads = o.pinned;
  r.permits = static_cast<double>(s.permits);
  if (s.waiters != 0) r.waiters = static_cast<double>(s.waiters);
  r.operations = o.operations;
  return r;
}

/// Adds what the sample measured, and what it used, an operation.
void add_metrics(row& r, sample const& o) {
  r.metrics = o.metrics;
  if (!o.used) return;
  auto const each = [&](char const* name, double all) {
    if (!std::isnan(all)) r.metrics.set(name, std::max(0.0, all) / o.operations);
  };
  each("cpu_ns", o.used->cpu_ns);
  each("voluntary_switches", o.used->voluntary);
  each("involuntary_switches", o.used->involuntary);
  each("cycles", o.used->cycles);
  each("instructions", o.used->instructions);
}

class scenario_run {
 public:
  scenario_run(scenario const& s, run_options const& options, csv_writer& out, run_report& report, watchdog& dog,
               progress& shown)
      : scenario_(s), options_(options), out_(out), report_(report), dog_(dog), progress_(shown) {
    for (contestant const& c : s.contestants) entrants_.push_back({.who = &c});
  }

  void measure(double budget_s, std::mt19937_64& random) {
    auto const end =
        bench_clock::now() + std::chrono::duration_cast<bench_clock::duration>(std::chrono::duration<double>(budget_s));
    for (entrant& e : entrants_) guarded(e, [&] { prepare(e); });
    unsigned const repeats = options_.how.smoke ? 1 : std::min(options_.repeats, scenario_.max_repeats);
    for (unsigned repeat = 0; repeat < repeats && interrupted() == 0; ++repeat) {
      if (repeat >= fewest && bench_clock::now() >= end) break;
      progress_.step(repeat, repeats);
      std::ranges::shuffle(entrants_, random);
      for (unsigned position = 0; position < entrants_.size() && interrupted() == 0; ++position) {
        guarded(entrants_[position], [&] { take_sample(entrants_[position], repeat, position); });
      }
    }
  }

 private:
  static constexpr unsigned fewest = 3;  // repeats, however small the budget: a range needs some

  template <class F>
  void guarded(entrant& e, F&& f) {
    if (e.out || interrupted() != 0) return;
    std::string const what = fmt::format("{} / {} / {}", scenario_.workload, scenario_.name, e.who->name);
    dog_.enter(what);
    try {
      f();
    } catch (wrong_result const& wrong) {
      e.out = true;
      auto& failures = e.who->what == kind::peer ? report_.peer_failures : report_.failures;
      failures.push_back(fmt::format("{}: this must hold and does not: {}", what, wrong.what()));
      progress_.end();
      say(failures.back() + "\n");
    }
    dog_.enter("");
  }

  /// Finds the batch, which also warms up; then counts, in runs that are not timed.
  void prepare(entrant& e) {
    // Threads take their time to start and to meet, so that their samples are longer.
    double const enough = options_.how.sample_ns * (scenario_.threads > 1 ? 6 : 1);
    e.batch = scenario_.operations;
    if (e.batch == 0) {
      e.batch = options_.how.smoke ? 64 : 1;
      while (!options_.how.smoke && interrupted() == 0) {
        // The better of two, because one stall must not make the batch too small for all samples to come.
        double const elapsed = std::min(e.who->run(e.batch).elapsed_ns, e.who->run(e.batch).elapsed_ns);
        if (elapsed >= enough) break;
        double const factor = std::clamp(1.1 * enough / std::max(elapsed, 1.0), 1.5, 16.0);
        e.batch = static_cast<std::uint64_t>(static_cast<double>(e.batch) * factor) + 1;
      }
    }
    if (interrupted() != 0) return;
    if (!options_.how.smoke) static_cast<void>(e.who->run(e.batch));
    if (interrupted() != 0) return;
    count_allocations_of(e);
    if (!e.who->count || interrupted() != 0) return;
    row r = row_of(scenario_, *e.who, "counts", {});
    r.metrics = e.who->count(e.batch);
    record(r);
  }

  void count_allocations_of(entrant& e) {
    sample const counted = [&] {
      count_allocations const on;
      return e.who->run(e.batch);
    }();
    if (counted.memory || counted.operations == 0) return;
    row r = row_of(scenario_, *e.who, "allocations", counted);
    r.allocations_per_operation = static_cast<double>(counted.allocated.calls) / counted.operations;
    r.allocated_bytes_per_operation = static_cast<double>(counted.allocated.bytes) / counted.operations;
    record(r);
  }

  void take_sample(entrant& e, unsigned repeat, unsigned position) {
    double const before = unit_ns();
    sample const o = e.who->run(e.batch);
    double const after = unit_ns();
    row r = row_of(scenario_, *e.who, o.memory ? "memory" : "time", o);
    r.repeat = repeat;
    r.position = position;
    if (o.memory) {
      r.frame_bytes_per_waiter = o.memory->frame_bytes;
      r.awaiter_bytes_per_waiter = o.memory->awaiter_bytes;
      r.heap_bytes_per_waiter = o.memory->heap_bytes;
      r.rss_bytes_per_waiter = o.memory->rss_bytes;
    } else {
      r.elapsed_ns = o.elapsed_ns;
      r.time_ns_per_operation = o.elapsed_ns / o.operations;
      r.preemptions = static_cast<double>(o.preemptions);
      r.unit_before_ns = before;
      r.unit_after_ns = after;
      r.ratio_units = r.time_ns_per_operation / (0.5 * (before + after));
      if (o.jain) {
        r.throughput_operations_per_s = o.operations / o.elapsed_ns * 1e9;
        r.fairness_jain_index = *o.jain;
      }
      add_metrics(r, o);
    }
    record(r);
  }

  void record(row const& r) {
    out_.add(r);
    ++report_.rows;
  }

  scenario const& scenario_;
  run_options const& options_;
  csv_writer& out_;
  run_report& report_;
  watchdog& dog_;
  progress& progress_;
  std::vector<entrant> entrants_;
};

}  // namespace

run_report run(scenarios what, run_options const& options, csv_writer& out) {
  run_report report;
  watchdog dog;
  progress shown(options.seconds, what.size());
  std::mt19937_64 random(options.how.seed);
  double weight_left = 0;
  for (scenario const& s : what) weight_left += s.weight;
  auto const end = bench_clock::now() +
                   std::chrono::duration_cast<bench_clock::duration>(std::chrono::duration<double>(options.seconds));
  for (scenario& s : what) {
    if (interrupted() != 0) break;
    shown.begin(s);
    double const left_s = nanoseconds(end - bench_clock::now()) * 1e-9;
    scenario_run(s, options, out, report, dog, shown).measure(left_s * s.weight / weight_left, random);
    weight_left -= s.weight;
    s.contestants.clear();  // and with them the arenas that they share
  }
  shown.end();
  report.interrupted = interrupted() != 0;
  return report;
}

}  // namespace surewake::bench
