#include <surewake/core/semaphore/barging.hpp>
#include <surewake/core/semaphore/hand_off.hpp>
#include <surewake/models/giving_up/withdraw_against_grant.hpp>
#include <surewake/models/waking/grant_before_registration.hpp>
#include <surewake/models/waking/mutual_exclusion.hpp>
#include <surewake/models/waking/release_of_several.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/segmented_queue.hpp>
#include <surewake/queues/waker_hybrid.hpp>
#include <surewake/verify/engine/graph/bench.hpp>
#include <surewake/verify/engine/graph/synchronisers.test.hpp>
#include <surewake/verify/engine/graph/whole_search.hpp>

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <stdexcept>

namespace surewake::verify::graph {

namespace {

using P = graph_platform;

/// N threads that exchange 0 for 1 and store 2, in this order or the other.
template <unsigned N, bool StoreFirst> struct exchanges {
  static constexpr unsigned threads = N;
  void thread(unsigned) {
    if (StoreFirst) word.store(2, P::relaxed);
    int expected = 0;
    word.compare_exchange_strong(expected, 1, P::relaxed, P::relaxed);
    if (!StoreFirst) word.store(2, P::relaxed);
  }
  void after() {}
  P::atomic<int> word{0};
};

/// Independent reads of independent writes.
template <P::order Order> struct iriw {
  static constexpr unsigned threads = 4;
  void thread(unsigned i) {
    if (i < 2) return words[i].store(1, Order);
    static_cast<void>(words[i % 2].load(Order));
    static_cast<void>(words[1 - i % 2].load(Order));
  }
  void after() {}
  std::array<P::atomic<int>, 2> words{P::atomic<int>(0), P::atomic<int>(0)};
};

/// Threads that increment four words in turn: (4!)⁴ executions.
struct counters {
  static constexpr unsigned threads = 4;
  void thread(unsigned) {
    for (P::atomic<int>& w : words) w.fetch_add(1, P::relaxed);
  }
  void after() {}
  std::array<P::atomic<int>, 4> words{P::atomic<int>(0), P::atomic<int>(0), P::atomic<int>(0), P::atomic<int>(0)};
};

constexpr std::uint64_t events_of_large = 90;  // about a hundred, or more,
constexpr double bar_of_large = 50'000;        // where that many executions a second are asked for

struct subject {
  std::string name;
  model_type type;
  double bar = 0;
};

template <class M> void add(std::vector<subject>& all, std::string name, double bar = 0) {
  all.push_back({std::move(name), verify::detail::type_of<M>(), bar});
}

template <template <class> class Queue> void add_models(std::vector<subject>& all) {
  std::string const queue = std::string("/") + Queue<P>::name;
  add<models::grant_before_registration<P, Queue>>(all, "grant_before_registration" + queue);
  add<models::mutual_exclusion<P, Queue, hand_off>>(all, "mutual_exclusion" + queue + "/hand_off");
  add<models::mutual_exclusion<P, Queue, barging>>(all, "mutual_exclusion" + queue + "/barging");
  add<models::withdraw_against_grant<P, Queue, hand_off>>(all, "withdraw_against_grant" + queue + "/hand_off");
}

std::vector<subject> subjects() {
  std::vector<subject> all;
  add<exchanges<5, false>>(all, "exchange_then_store/5", 1'000'000);
  add<exchanges<4, true>>(all, "store_then_exchange/4");
  add<iriw<P::relaxed>>(all, "iriw/relaxed", 1'000'000);
  add<iriw<P::seq_cst>>(all, "iriw/seq_cst", 300'000);
  add<synchronisers::msq<0, 3>>(all, "michael_scott_queue/3");
  add<synchronisers::futex_mutex<0, 3>>(all, "futex_mutex/3");
  add_models<intrusive_list>(all);
  add_models<mutex_deque>(all);
  add_models<waker_hybrid>(all);
  add_models<segmented_queue>(all);
  return all;
}

/// The searches that are worth a second process.
std::vector<subject> large_subjects() {
  std::vector<subject> all;
  add<counters>(all, "two_processes/four_counters/4");
  add<models::release_of_several<P, intrusive_list, hand_off>>(all, "two_processes/release_of_several/intrusive_list");
  return all;
}

[[nodiscard]] std::vector<subject> chosen(std::vector<subject> all, bench_options const& options) {
  std::erase_if(all, [&](subject const& s) { return s.name.find(options.only) == std::string::npos; });
  return all;
}
[[nodiscard]] bool stops(bench_options const& options) { return options.stop && options.stop(); }

/// Returns the most memory that the process has had resident since forget_peak(), in bytes.
std::size_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) << 10;
  }
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

class measured {
 public:
  measured(subject s, std::uint64_t runs) : subject_(std::move(s)), limits_{.runs = runs} {}

  void first() {
    result_.name = subject_.name;
    forget_peak();
    search_outcome const found = runtime(subject_.type, limits_).search();
    result_.peak_bytes = peak_bytes();
    if (found.result != verdict::pass) throw std::runtime_error(subject_.name + ": " + found.message);
    result_.finished = found.finished;
    result_.executions = found.complete + found.spurious;
    result_.blocked = found.blocked;
    result_.events = found.events;
    result_.bar = found.events < events_of_large ? subject_.bar : bar_of_large;
  }
  void round(double seconds) {
    runtime searcher(subject_.type, limits_);
    std::uint64_t executions = 0;
    double spent = 0;
    do {
      search_outcome const found = searcher.search();
      executions += found.complete + found.spurious;
      spent += found.seconds;
    } while (spent < seconds);
    rates_.push_back(static_cast<double>(executions) / spent);
  }
  [[nodiscard]] bench_result const& result() {
    result_.executions_per_second = median(rates_);
    result_.least = std::ranges::min(rates_);
    result_.most = std::ranges::max(rates_);
    return result_;
  }

 private:
  subject subject_;
  search_limits limits_;
  bench_result result_{};
  std::vector<double> rates_{};
};

/// A search in one process and in two.
class compared {
 public:
  explicit compared(subject s) : subject_(std::move(s)) { result_.name = subject_.name; }
  void round() {
    one_.push_back(searched(1));
    two_.push_back(searched(2));
  }
  [[nodiscard]] processes_result const& result() {
    result_.one = median(one_);
    result_.two = median(two_);
    return result_;
  }

 private:
  /// Returns how long it takes.
  [[nodiscard]] double searched(unsigned processes) {
    auto const begin = std::chrono::steady_clock::now();
    search_outcome const found = search_model(subject_.type, subject_.name, {.processes = processes});
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
    if (found.result != verdict::pass) throw std::runtime_error(subject_.name + ": " + found.message);
    if (std::exchange(result_.executions, found.executions()) != found.executions() && !one_.empty())
      throw std::runtime_error(subject_.name + ": two searches visited not as many executions");
    return took.count();
  }

  subject subject_;
  processes_result result_{};
  std::vector<double> one_{};
  std::vector<double> two_{};
};

}  // namespace

double median(std::vector<double> all) {
  auto const middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

void bench(bench_options const& options, std::function<void(bench_result const&)> const& out) {
  std::vector<measured> all;
  for (subject& s : chosen(subjects(), options)) all.emplace_back(std::move(s), options.runs);
  for (measured& m : all) {
    if (stops(options)) return;
    m.first();
  }
  for (unsigned r = 0; r != std::max(options.rounds, 1U); ++r) {
    for (measured& m : all) {
      if (stops(options)) return;
      m.round(options.seconds);
    }
  }
  for (measured& m : all) out(m.result());
}

void bench_processes(bench_options const& options, std::function<void(processes_result const&)> const& out) {
  std::vector<compared> all;
  for (subject& s : chosen(large_subjects(), options)) all.emplace_back(std::move(s));
  for (unsigned r = 0; r != std::max(options.rounds, 1U); ++r) {
    for (compared& c : all) {
      if (stops(options)) return;
      c.round();
    }
  }
  for (compared& c : all) out(c.result());
}

std::string bench_header() {
  return fmt::format("{:48} {:>10} {:>9} {:>6} {:>12} {:>22} {:>8}  {}", "subject", "executions", "blocked", "events",
                     "a second", "range", "memory", "asked for");
}

std::string bench_line(bench_result const& r) {
  std::string const bar =
      r.bar == 0 ? "" : fmt::format("  {:.0f}: {}", r.bar, r.executions_per_second >= r.bar ? "met" : "not met");
  return fmt::format("{:48} {:>9}{} {:>9} {:>6} {:>12.0f} {:>22} {:>5.1f} MB{}", r.name, r.executions,
                     r.finished ? " " : "+", r.blocked, r.events, r.executions_per_second,
                     fmt::format("{:.0f} to {:.0f}", r.least, r.most), static_cast<double>(r.peak_bytes) / 1e6, bar);
}

}  // namespace surewake::verify::graph
