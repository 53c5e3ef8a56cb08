#include <surewake/verify/engine/graph/search_loop.hpp>

#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace surewake::verify::graph {

namespace {

constexpr std::uint64_t first_look_around = 2'000;  // runs; again after ten times as many

}  // namespace

double processor_seconds() noexcept {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

std::uint64_t own_bytes() noexcept {
  std::FILE* const file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0;
  unsigned long long resident = 0;
  unsigned long long shared = 0;
  bool const read = std::fscanf(file, "%llu %llu %llu", &size, &resident, &shared) == 3;
  std::fclose(file);
  return read && resident > shared ? (resident - shared) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

limit_watch::limit_watch(search_limits const& limits, search_control const& control)
    : limits_(limits), control_(control), begin_(processor_seconds()), now_(begin_), told_(begin_) {}

std::optional<ended_by> limit_watch::reached(search_outcome const& so_far) {
  if (control_.progress != nullptr)
    control_.progress->store(control_.runs_before + so_far.runs + so_far.random, std::memory_order::relaxed);
  if (control_.stop != nullptr && control_.stop->load(std::memory_order::relaxed)) return ended_by::stop;
  if (so_far.runs >= limits_.runs) return ended_by::runs;
  if (so_far.executions() >= limits_.executions) return ended_by::executions;
  std::uint64_t const runs = so_far.runs + so_far.random;
  if ((runs & 63U) != 0) return {};
  now_ = processor_seconds();
  if (now_ - begin_ > limits_.seconds) return ended_by::seconds;
  bool const measures = limits_.bytes != search_limits::unlimited && (runs & 1023U) == 0;
  if (measures && own_bytes() > limits_.bytes) return ended_by::memory;
  return {};
}

bool limit_watch::is_time_to_tell() noexcept {
  if (now_ - told_ < 0.1) return false;
  told_ = now_;
  return true;
}

ended_by visit(runnable& what, std::function<std::optional<ended_by>()> const& look) {
  explorer& e = what.graphs();
  search_outcome& o = what.outcome();
  while (e.next_run()) {
    bool const counts = !e.is_rebuilding();
    if (counts) ++o.runs;
    what.run_once();
    if (o.result != verdict::pass) return ended_by::finding;
    if (!counts) continue;
    o.events = std::max(o.events, static_cast<std::uint64_t>(e.graph().size()));
    auto const why = look();
    if (o.result != verdict::pass) return ended_by::finding;
    if (why) return e.is_done() ? ended_by::everything : *why;
  }
  return ended_by::everything;
}

search_outcome search_parts(runnable& what, std::vector<frontier>& left, search_limits const& limits,
                            search_control const& control) {
  limit_watch watch(limits, control);
  explorer& e = what.graphs();
  search_outcome& o = what.outcome();
  o = {};
  double later = 0;  // the weight of the other parts
  for (frontier const& f : left) later += f.weight();
  std::uint64_t around = first_look_around;
  bool const tells = control.share != nullptr || control.goes_on;
  auto const look = [&] {
    if (limits.looks_around && o.runs == around) {
      around *= 10;
      what.run_at_random(o.runs / 2, [&] { return !watch.reached(o); });
      if (o.result != verdict::pass) return std::optional(ended_by::finding);
    }
    if (tells && watch.is_time_to_tell()) {
      double const share = 1 - later - e.left();
      if (control.share != nullptr) control.share->store(share, std::memory_order::relaxed);
      if (control.goes_on && !control.goes_on({o.executions(), share})) return std::optional(ended_by::stop);
    }
    return watch.reached(o);
  };
  while (!left.empty() && o.ended == ended_by::everything) {
    later -= left.front().weight();
    e.go_on_from(left.front());
    o.ended = visit(what, look);
    left.erase(left.begin());
  }
  o.finished = o.ended == ended_by::everything;
  o.share = o.finished ? 1 : 1 - later - e.left();
  if (o.ended == ended_by::finding) {
    o.token = what.token_of_last_run();
    left.clear();
  } else if (!o.finished) {
    left.insert(left.begin(), e.rest());
  }
  o.seconds = watch.seconds();
  return o;
}

}  // namespace surewake::verify::graph
