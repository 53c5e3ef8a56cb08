#include <surewake/bench/measure/affinity.hpp>
#include <surewake/bench/measure/blocks.hpp>
#include <surewake/bench/measure/disturbance.hpp>
#include <surewake/bench/measure/runner.hpp>
#include <surewake/bench/measure/topology.hpp>
#include <surewake/verify/shared/program.hpp>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

namespace surewake::bench {
namespace {

using program::interrupted;

/// Writes to standard error, which may be closed: that must not end a measurement.
void say(std::string const& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

std::string text_of(failure const& f) {
  return fmt::format("{} / {} / {}: {}", f.workload, f.scenario, f.contestant, f.why);
}

/// Ends the program, and says in which scenario, when one sample takes longer than any can: a thread that was never
/// woken blocks its sample for ever, and cannot be cancelled, nor can a loop of a strategy: so the others cannot go on.
class watchdog {
 public:
  explicit watchdog(result_writer& out) : out_(out), thread_([this](std::stop_token stop) { watch(stop); }) {}

  void enter(failure what) {
    std::lock_guard const hold(mutex_);
    what_ = std::move(what);
    since_ = bench_clock::now();
  }
  void leave() { enter({}); }

 private:
  static constexpr std::chrono::seconds limit{60};

  void watch(std::stop_token stop) {
    std::unique_lock hold(mutex_);
    while (!changed_.wait_for(hold, stop, std::chrono::seconds{1}, [&] { return stop.stop_requested(); })) {
      if (what_.contestant.empty() || bench_clock::now() - since_ < limit) continue;
      what_.why = fmt::format("a sample did not end within {} s: a lost wakeup, or far too slow", limit.count());
      say(fmt::format(
          "\nsurewake-bench: {}.\nIt cannot be stopped, so that the run ends here. To measure the rest: run "
          "--resume, which leaves this contestant out.\n",
          text_of(what_)));
      out_.add(what_);  // the thread that writes otherwise is in the sample
      ::_exit(1);
    }
  }

  result_writer& out_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  failure what_;
  bench_clock::time_point since_ = bench_clock::now();
  std::jthread thread_;
};

/// Shows, on a terminal, one line that changes, with an estimate; otherwise one line per scenario.
class progress {
 public:
  progress(double seconds, std::size_t scenarios, bool quiet)
      : seconds_(seconds), scenarios_(scenarios), quiet_(quiet), terminal_(!quiet && ::isatty(2) != 0) {}

  void begin(scenario const& s) {
    ++number_;
    what_ = s.workload + " / " + s.name;
    if (quiet_) return;
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
  bool quiet_;
  bool terminal_;
  bench_clock::time_point start_ = bench_clock::now();
};

/// A contestant on its way through a scenario.
struct entrant {
  contestant const* who;
  std::uint64_t batch = 1;  // operations a sample
  bool out = false;         // it failed
};

/// Returns the floor of the contestant's shape: the one that it names, or the first of the scenario.
std::string floor_of(scenario const& s, contestant const& c) {
  if (!c.floor.empty()) return c.floor;
  auto const first = std::ranges::find(s.contestants, kind::floor, &contestant::what);
  return first == s.contestants.end() ? std::string() : first->name;
}

/// Returns how near the first two of the processors are to which threads of a sample are bound, one a core.
std::string const& placement_of_bound_threads() {
  static std::string const placement = [] {
    auto const cpus = one_cpu_per_core();
    return cpus.size() < 2 ? std::string("one core") : distance_of(cpus[0], cpus[1]);
  }();
  return placement;
}

row row_of(scenario const& s, contestant const& c, char const* measures, sample const& o) {
  row r;
  r.workload = s.workload;
  r.scenario = s.name;
  r.contestant = c.name;
  r.kind = to_string(c.what);
  r.measures = measures;
  r.order = s.order;
  if (c.what != kind::floor) r.floor = floor_of(s, c);
  r.threads = s.threads;
  r.pinned_threads = o.pinned;
  if (o.pinned >= 2) r.placement = placement_of_bound_threads();
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

void add_time(row& r, sample const& o, double unit_before, double unit_after) {
  r.elapsed_ns = o.elapsed_ns;
  r.time_ns_per_operation = o.elapsed_ns / o.operations;
  r.preemptions = static_cast<double>(o.preemptions);
  r.unit_before_ns = unit_before;
  r.unit_after_ns = unit_after;
  r.ratio_units = r.time_ns_per_operation / (0.5 * (unit_before + unit_after));
  if (o.jain) {
    r.throughput_operations_per_s = o.operations / o.elapsed_ns * 1e9;
    r.fairness_jain_index = *o.jain;
  }
  add_metrics(r, o);
}

void add_memory(row& r, memory_outcome const& m) {
  r.frame_bytes_per_waiter = m.frame_bytes;
  r.awaiter_bytes_per_waiter = m.awaiter_bytes;
  r.heap_bytes_per_waiter = m.heap_bytes;
  r.rss_bytes_per_waiter = m.rss_bytes;
}

/// What all scenarios of a run share.
struct shared {
  run_options const& options;
  result_writer& out;
  recorded_run const& before;
  run_report report{};
  watchdog dog{out};
  disturbance noise{};
  progress shown;
  std::function<double()> clock =
      options.clock ? options.clock : [] { return nanoseconds(bench_clock::now().time_since_epoch()) * 1e-9; };
};

class scenario_run {
 public:
  scenario_run(scenario const& s, shared& all) : scenario_(s), all_(all) {
    for (contestant const& c : s.contestants) {
      entrants_.push_back({.who = &c, .out = std::ranges::any_of(all.before.failures, [&](failure const& f) {
                                        return f.workload == s.workload && f.scenario == s.name &&
                                               f.contestant == c.name;
                                      })});
    }
    for (row const& r : all.before.rows) {  // a block that was broken off keeps its number
      if (r.workload == s.workload && r.scenario == s.name && r.repeat >= first_block_) first_block_ = r.repeat + 1;
    }
  }

  void measure(double budget_s) {
    double const start = all_.clock();
    for (entrant& e : entrants_) guarded(e, [&] { prepare(e); });
    bool const smoke = all_.options.how.smoke;
    unsigned const repeats = smoke ? 1 : std::min(all_.options.repeats, scenario_.max_repeats);
    auto const first = static_cast<unsigned>(first_block_);
    for (unsigned block = first; block < repeats && interrupted() == 0; ++block) {
      if (block >= fewest && all_.clock() - start >= budget_s) break;
      all_.shown.step(block, repeats);
      measure_block(block);
    }
    for (entrant const& e : entrants_) {
      if (!e.who->latencies || e.out) continue;
      for (latency_bins& l : e.who->latencies()) {
        all_.out.add(latency_record{scenario_.workload, scenario_.name, e.who->name, std::move(l)});
      }
    }
    all_.out.add(measured_scenario{scenario_.workload, scenario_.name, all_.clock() - start, interrupted() == 0});
  }

 private:
  static constexpr unsigned fewest = 3;  // blocks, however small the budget: a range needs some

  void measure_block(unsigned block) {
    auto const order =
        order_of_block(all_.options.how.seed, scenario_.workload, scenario_.name, block, entrants_.size());
    for (unsigned position = 0; position < order.size() && interrupted() == 0; ++position) {
      entrant& e = entrants_[order[position]];
      guarded(e, [&] { take_sample(e, block, position); });
    }
  }

  template <class F>
  void guarded(entrant& e, F&& f) {
    if (e.out || interrupted() != 0) return;
    failure what{scenario_.workload, scenario_.name, e.who->name, to_string(e.who->what), ""};
    all_.dog.enter(what);
    try {
      f();
    } catch (wrong_result const& wrong) {
      e.out = true;
      what.why = fmt::format("this must hold and does not: {}", wrong.what());
      auto& failures = e.who->what == kind::peer ? all_.report.peer_failures : all_.report.failures;
      failures.push_back(text_of(what));
      all_.out.add(what);
      all_.shown.end();
      if (!all_.options.quiet) say(failures.back() + "\n");
    }
    all_.dog.leave();
  }

  /// Finds the batch, which also warms up; then counts, in runs that are not timed.
  void prepare(entrant& e) {
    bool const smoke = all_.options.how.smoke;
    e.batch = scenario_.operations;
    if (e.batch == 0) e.batch = smoke ? 64 : batch_of(*e.who);
    if (interrupted() != 0) return;
    if (!smoke) static_cast<void>(e.who->run(e.batch));
    if (interrupted() != 0 || first_block_ > 0) return;
    count_allocations_of(e);
    if (!e.who->count || interrupted() != 0) return;
    row r = row_of(scenario_, *e.who, "counts", {});
    r.metrics = e.who->count(e.batch);
    record(r);
  }

  /// Returns how many operations take long enough.
  [[nodiscard]] std::uint64_t batch_of(contestant const& who) const {
    // Threads take their time to start and to meet, so that their samples are longer.
    double const enough = all_.options.how.sample_ns * (scenario_.threads > 1 ? 6 : 1);
    std::uint64_t batch = 1;
    while (interrupted() == 0) {
      // The better of two, because one stall must not make the batch too small for all samples to come.
      double const elapsed = std::min(who.run(batch).elapsed_ns, who.run(batch).elapsed_ns);
      if (elapsed >= enough) break;
      double const factor = std::clamp(1.1 * enough / std::max(elapsed, 1.0), 1.5, 16.0);
      batch = static_cast<std::uint64_t>(static_cast<double>(batch) * factor) + 1;
    }
    return batch;
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

  void take_sample(entrant& e, unsigned block, unsigned position) {
    all_.noise.before_sample();
    double const before = unit_ns();
    sample const o = e.who->run(e.batch);
    double const after = unit_ns();
    if (o.lanes) return all_.out.add(*o.lanes);
    row r = row_of(scenario_, *e.who, o.memory ? "memory" : "time", o);
    r.marks = all_.noise.after_sample(o, scenario_.threads);
    r.repeat = block;
    r.position = position;
    if (o.memory) {
      add_memory(r, *o.memory);
      r.metrics = o.metrics;
      r.metrics.set("bytes_per_waiter", o.memory->frame_bytes + o.memory->heap_bytes);
    } else {
      add_time(r, o, before, after);
    }
    record(r);
  }

  void record(row const& r) {
    all_.out.add(r);
    ++all_.report.rows;
  }

  scenario const& scenario_;
  shared& all_;
  std::vector<entrant> entrants_;
  double first_block_ = 0;  // those before it were measured in an earlier run
};

/// Returns the time that an earlier run has spent.
double spent_s(recorded_run const& before) {
  double all = 0;
  for (measured_scenario const& s : before.scenarios) all += s.spent_s;
  return all;
}

bool complete_in(recorded_run const& before, scenario const& s) {
  return std::ranges::any_of(before.scenarios, [&](measured_scenario const& m) {
    return m.complete && m.workload == s.workload && m.scenario == s.name;
  });
}

}  // namespace

run_report run(scenarios what, run_options const& options, result_writer& out, recorded_run const& before) {
  std::erase_if(what, [&](scenario const& s) { return complete_in(before, s); });
  double const seconds = std::max(0.0, options.seconds - spent_s(before));
  shared all{.options = options, .out = out, .before = before, .shown = {seconds, what.size(), options.quiet}};
  double weight_left = 0;
  for (scenario const& s : what) weight_left += s.weight;
  double const end = all.clock() + seconds;
  for (scenario& s : what) {
    if (interrupted() != 0) break;
    all.shown.begin(s);
    scenario_run(s, all).measure((end - all.clock()) * s.weight / weight_left);
    weight_left -= s.weight;
    s.contestants.clear();  // and with them the arenas that they share
  }
  all.shown.end();
  all.report.interrupted = interrupted() != 0;
  return all.report;
}

}  // namespace surewake::bench
