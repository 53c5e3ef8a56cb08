#include <surewake/bench/measure/disturbance.hpp>
#include <surewake/bench/measure/doctor.hpp>
#include <surewake/bench/measure/first_line.hpp>
#include <surewake/bench/results/statistics.hpp>

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <optional>
#include <thread>

namespace surewake::bench {
namespace {

constexpr bool sanitized =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    true;
#elif defined(__has_feature)
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
    false;
#endif

constexpr bool optimised =
#if defined(__OPTIMIZE__)
    true;
#else
    false;
#endif

/// The files that facts are read from.
class machine_files {
 public:
  explicit machine_files(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] std::optional<std::string> line(char const* path) const { return first_line(root_ / path); }
  [[nodiscard]] std::optional<double> number(char const* path) const {
    auto const text = line(path);
    double value = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) {
      return std::nullopt;
    }
    return value;
  }
  [[nodiscard]] bool there(char const* path) const { return std::filesystem::exists(root_ / path); }

 private:
  std::filesystem::path root_;
};

/// Counts the processors of a list such as "0-3,8".
unsigned processors_in(std::string const& list) {
  unsigned n = 0;
  for (char const* at = list.data(); at < list.data() + list.size(); ++at) {
    unsigned first = 0;
    auto const end = list.data() + list.size();
    at = std::from_chars(at, end, first).ptr;
    unsigned last = first;
    if (at < end && *at == '-') at = std::from_chars(at + 1, end, last).ptr;
    n += last - first + 1;
  }
  return n;
}

finding processors(machine_files const& m) {
  auto const online = m.line("sys/devices/system/cpu/online");
  if (!online) return {"processors", health::unknown, "", ""};
  unsigned const n = processors_in(*online);
  if (n == 1) {
    return {"processors", health::spoils, "a single one",
            "threads cannot run at once: rows of two threads and more measure the scheduler"};
  }
  return {"processors", health::good, fmt::format("{} online", n), ""};
}

finding governor(machine_files const& m) {
  auto const now = m.line("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!now) return {"frequency governor", health::unknown, "the kernel does not manage the frequency", ""};
  if (*now == "performance") return {"frequency governor", health::good, *now, ""};
  return {"frequency governor", health::spoils, *now, "cpupower frequency-set -g performance"};
}

finding turbo(machine_files const& m) {
  struct place {
    char const* file;
    double off;
  };
  for (auto const& [file, off] :
       {place{"sys/devices/system/cpu/intel_pstate/no_turbo", 1}, place{"sys/devices/system/cpu/cpufreq/boost", 0}}) {
    auto const now = m.number(file);
    if (!now) continue;
    if (*now == off) return {"turbo", health::good, "off", ""};
    return {"turbo", health::note, "on",
            fmt::format("the clock falls when other cores work: echo {} > /{}", off, file)};
  }
  return {"turbo", health::unknown, "the kernel does not say", ""};
}

finding siblings(machine_files const& m) {
  auto const list = m.line("sys/devices/system/cpu/cpu0/topology/thread_siblings_list");
  if (!list) return {"SMT siblings", health::unknown, "", ""};
  if (processors_in(*list) == 1) return {"SMT siblings", health::good, "none", ""};
  return {"SMT siblings", health::note, fmt::format("processors {} share a core", *list),
          "threads of a workload are bound to a core each; whatever runs on the sibling still slows them: echo off > "
          "/sys/devices/system/cpu/smt/control"};
}

finding load(machine_files const& m) {
  auto const minute = m.number("proc/loadavg");
  if (!minute) return {"load", health::unknown, "", ""};
  if (*minute < 0.5) return {"load", health::good, fmt::format("{:.2f}", *minute), ""};
  return {"load", health::spoils, fmt::format("{:.2f} in the last minute", *minute),
          "end other programs, or wait: samples that meet them are marked"};
}

finding pressure(machine_files const& m) {
  auto const some = m.line("proc/pressure/cpu");
  auto const at = some ? some->find("avg10=") : std::string::npos;
  if (at == std::string::npos) return {"pressure", health::unknown, "the kernel does not account it (psi=1)", ""};
  double share = 0;
  std::from_chars(some->data() + at + 6, some->data() + some->size(), share);
  if (share < 5) return {"pressure", health::good, fmt::format("{:.1f} % of 10 s", share), ""};
  return {"pressure", health::spoils, fmt::format("in {:.0f} % of the last 10 s a task waited for a processor", share),
          "end other programs, or wait"};
}

finding steal(machine_files const& m) {
  auto const stat = m.line("proc/stat");
  auto const uptime = m.number("proc/uptime");
  auto const online = m.line("sys/devices/system/cpu/online");
  double const ticks = stat ? steal_ticks(*stat) : usage::unknown;
  if (std::isnan(ticks) || !uptime || !online) return {"steal", health::unknown, "", ""};
  double const share = ticks / (*uptime * 100 * processors_in(*online));
  std::string const seen = fmt::format("{:.2f} % since the start", share * 100);
  if (share < 0.001) return {"steal", health::good, seen, ""};
  return {
      "steal", share < 0.02 ? health::note : health::spoils, seen,
      "the host runs other machines on these processors: dedicated ones have none; samples that meet it are marked"};
}

finding quota(machine_files const& m) {
  for (char const* const path : {"sys/fs/cgroup/cpu.max", "sys/fs/cgroup/cpu/cpu.cfs_quota_us"}) {
    auto const limit = m.line(path);
    if (!limit) continue;
    if (limit->starts_with("max") || limit->starts_with("-1")) break;
    return {"CPU limit of the group", health::spoils, *limit,
            "the group is stopped when it has used its share of a period: start the container without --cpus"};
  }
  return {"CPU limit of the group", health::good, "none", ""};
}

finding container(machine_files const& m) {
  bool const inside = m.there(".dockerenv") || m.there("run/.containerenv");
  if (!inside) return {"container", health::good, "none", ""};
  return {"container", health::note, "yes",
          "system calls pass its filter: futex rows cost more (--security-opt seccomp=unconfined)"};
}

finding huge_pages(machine_files const& m) {
  auto const now = m.line("sys/kernel/mm/transparent_hugepage/enabled");
  if (!now) return {"transparent huge pages", health::unknown, "", ""};
  if (now->find("[always]") == std::string::npos) return {"transparent huge pages", health::good, *now, ""};
  return {"transparent huge pages", health::note, *now,
          "rows of 1,000,000 waiters depend on whether a huge page was free: echo madvise > "
          "/sys/kernel/mm/transparent_hugepage/enabled"};
}

finding counters(machine_files const& m) {
  auto const paranoid = m.number("proc/sys/kernel/perf_event_paranoid");
  std::string const why = why_no_cycles();
  if (why.empty()) return {"cycles and instructions", health::good, "counted", ""};
  return {"cycles and instructions", health::note, why,
          paranoid && *paranoid > 2 ? "sysctl kernel.perf_event_paranoid=2" : ""};
}

finding timer(machine_files const& m) {
  auto const source = m.line("sys/devices/system/clocksource/clocksource0/current_clocksource");
  if (!source) return {"clock", health::unknown, "", ""};
  bool const quick = *source == "tsc" || *source == "kvm-clock" || *source == "arch_sys_counter";
  if (quick) return {"clock", health::good, *source, ""};
  return {"clock", health::spoils, *source, "reading it is a system call: the timed parts of small samples grow by it"};
}

finding randomised(machine_files const& m) {
  auto const now = m.number("proc/sys/kernel/randomize_va_space");
  return {"address randomisation", health::good, now && *now == 0 ? "off" : "on",
          "of no matter: all contestants of a run share one process"};
}

}  // namespace

std::string unfit_build() {
  if (sanitized) return "a sanitizer is compiled in";
  if (!optimised) return "it was compiled without optimisation";
  return "";
}

std::vector<finding> examine(std::filesystem::path const& root) {
  machine_files const m(root);
  std::string const unfit = unfit_build();
  std::vector<finding> all{{"this build", unfit.empty() ? health::good : health::spoils,
                            unfit.empty() ? "optimised" : unfit, unfit.empty() ? "" : "build the preset release"}};
  for (auto* const look : {&processors, &load, &pressure, &steal, &quota, &governor, &turbo, &siblings, &timer,
                           &huge_pages, &container, &counters, &randomised}) {
    all.push_back(look(m));
  }
  return all;
}

finding examine_clock() {
  std::vector<double> units;
  for (auto const end = bench_clock::now() + std::chrono::milliseconds{250}; bench_clock::now() < end;) {
    units.push_back(unit_ns());
  }
  double const middle = median(units);
  double const spread = (quantile(units, 0.95) - quantile(units, 0.05)) / middle;
  std::string const seen =
      fmt::format("a unit is {:.2f} ns, and moves by {:.1f} % within 0.25 s", middle, spread * 100);
  if (spread < 0.05) return {"steadiness", health::good, seen, ""};
  return {"steadiness", spread < 0.2 ? health::note : health::spoils, seen,
          "ratios within a block cancel most of it; nanoseconds of two blocks are not comparable"};
}

std::vector<finding> examine_this_machine() {
  std::vector<finding> all = examine();
  all.push_back(examine_clock());
  return all;
}

char const* to_string(health h) noexcept {
  switch (h) {
    case health::good:
      return "good";
    case health::note:
      return "note";
    case health::spoils:
      return "SPOILS";
    case health::unknown:
      return "unknown";
  }
  return "";
}

}  // namespace surewake::bench
