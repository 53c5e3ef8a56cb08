#include <surewake/verify/engine/graph/graph_engine.hpp>
#include <surewake/verify/engine/seed.hpp>
#include <surewake/verify/program/runner.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>

namespace surewake::verify {

namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;

json to_json(search_result const& o) {
  json trace = json::array();
  for (step const& s : o.trace) {
    trace.push_back({s.thread, static_cast<int>(s.what), static_cast<int>(s.with), s.object, s.before, s.after, s.stale,
                     s.failed, s.file, s.line, s.column, s.near});
  }
  json objects = json::array();
  for (traced_object const& x : o.objects) objects.push_back({x.number, x.owner, x.name, x.among, x.inside});
  json sites = json::array();
  for (site const& s : o.sites) {
    sites.push_back({s.file, s.line, s.column, static_cast<int>(s.what), s.on_failure, static_cast<int>(s.with)});
  }
  return {{"result", static_cast<int>(o.result)},
          {"covered", static_cast<int>(o.covered)},
          {"context_bound", o.context_bound},
          {"schedules", o.schedules},
          {"blocked", o.blocked},
          {"seconds", o.seconds},
          {"steps", o.steps},
          {"seed", o.seed},
          {"message", o.message},
          {"trace", std::move(trace)},
          {"notes", o.notes},
          {"share", o.share},
          {"ended", static_cast<int>(o.ended)},
          {"graph", o.graph},
          {"objects", std::move(objects)},
          {"sites", std::move(sites)}};
}

search_result from_json(json const& j) {
  search_result o{.result = static_cast<verdict>(j.at("result").get<int>()),
            .covered = static_cast<coverage>(j.at("covered").get<int>()),
            .context_bound = j.at("context_bound"),
            .schedules = j.at("schedules"),
            .blocked = j.at("blocked"),
            .seconds = j.at("seconds"),
            .steps = j.at("steps"),
            .seed = j.at("seed"),
            .message = j.at("message"),
            .share = j.at("share"),
            .ended = static_cast<graph::ended_by>(j.at("ended").get<int>()),
            .graph = j.at("graph"),
            .notes = j.at("notes")};
  for (json const& s : j.at("trace")) {
    o.trace.push_back({.thread = s.at(0), .what = static_cast<relacy::action>(s.at(1).get<int>()),
                       .with = static_cast<relacy::order>(s.at(2).get<int>()), .object = s.at(3), .before = s.at(4),
                       .after = s.at(5), .stale = s.at(6), .failed = s.at(7), .file = s.at(8), .line = s.at(9),
                       .column = s.at(10), .near = s.at(11)});
  }
  for (json const& x : j.at("objects")) {
    o.objects.push_back(
        {.number = x.at(0), .owner = x.at(1), .name = x.at(2), .among = x.at(3), .inside = x.at(4)});
  }
  for (json const& s : j.at("sites")) {
    o.sites.push_back({.file = s.at(0), .line = s.at(1), .column = s.at(2),
                       .what = static_cast<relacy::action>(s.at(3).get<int>()), .on_failure = s.at(4),
                       .with = static_cast<relacy::order>(s.at(5).get<int>())});
  }
  return o;
}

[[noreturn]] void throw_errno(char const* what) { throw std::system_error(errno, std::generic_category(), what); }

[[nodiscard]] search_result searched(test_case const& c, engine_options const& options) {
  return options.limits.search == scheduler::graph ? run_graph(c, options) : run_relacy(c, options);
}

/// Searches once, or again and again. Returns what the process answers.
[[nodiscard]] json answer_of(job const& j, engine_options const& options) {
  search_result found = searched(*j.tested, options);
  double const first = found.seconds;
  double sum = first;
  for (unsigned n = 1; found.result == verdict::pass && sum < j.repeat_for; found.seconds = sum / ++n) {
    found = searched(*j.tested, options);
    sum += found.seconds;
  }
  json answer = to_json(found);
  answer["first_seconds"] = first;
  return answer;
}

/// Writes all of it. Returns false where the reader is gone.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t const n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Counters that the searching processes write and this one reads.
class shared_counters {
 public:
  explicit shared_counters(std::size_t n) : bytes_(n * sizeof(counter)) {
    void* const p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw_errno("mmap");
    at_ = static_cast<counter*>(p);
    for (std::size_t i = 0; i != n; ++i) std::construct_at(at_ + i, 0U);
  }
  ~shared_counters() { munmap(at_, bytes_); }
  shared_counters(shared_counters const&) = delete;
  shared_counters& operator=(shared_counters const&) = delete;
  std::atomic<std::uint64_t>& operator[](std::size_t i) const { return at_[i]; }

 private:
  using counter = std::atomic<std::uint64_t>;
  std::size_t bytes_;
  counter* at_ = nullptr;
};

/// A search in its own process.
struct search_process {
  std::size_t index = 0;
  pid_t id = -1;
  int answer = -1;  // the reading end of its result
  int noise = -1;   // what it prints
  std::string text{};
  std::uint64_t schedules = 0;    // the last count seen,
  clock::time_point since{};      // and when it was new
  bool killed = false;
};

/// Reads everything that a broken search may have said, shortened.
std::string read_noise(int fd) {
  std::string text(2000, '\0');
  ssize_t const n = pread(fd, text.data(), text.size(), 0);
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  std::ranges::replace(text, '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

search_process start(job const& j, std::size_t index, std::atomic<std::uint64_t>& counter) {
  int ends[2];
  if (pipe(ends) != 0) throw_errno("pipe");
  int const noise = memfd_create("surewake-verify", MFD_CLOEXEC);
  if (noise < 0) throw_errno("memfd_create");
  std::fflush(nullptr);
  pid_t const parent = getpid();
  pid_t const id = fork();
  if (id < 0) throw_errno("fork");
  if (id == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);  // the program that started us decides, and says so with SIGKILL
    if (getppid() != parent) _exit(1);  // it ended before it could be named
    close(ends[0]);
    dup2(noise, STDOUT_FILENO);
    dup2(noise, STDERR_FILENO);
    try {
      engine_options options = j.options;
      options.progress = &counter;
      bool const said = write_all(ends[1], answer_of(j, options).dump());
      _exit(said ? 0 : 1);
    } catch (std::exception const& e) {
      std::fprintf(stderr, "%s\n", e.what());
      std::fflush(nullptr);
      _exit(1);
    }
  }
  close(ends[1]);
  return {.index = index, .id = id, .answer = ends[0], .noise = noise, .since = clock::now()};
}

/// Returns true once the process has said all it will.
bool read_some(search_process& p) {
  char buffer[65536];
  ssize_t const n = read(p.answer, buffer, sizeof buffer);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  if (n > 0) {
    p.text.append(buffer, static_cast<std::size_t>(n));
    return false;
  }
  return true;
}

/// Returns ", the one with seed N," of the schedule that a random search is in, its n-th; nothing of another search.
std::string seed_of_schedule(job const& j, std::uint64_t n) {
  if (j.options.replay || n == 0) return "";
  bool const sequential = j.options.limits.model == memory::sequential;
  schedule_name at = parse_seed(j.options.seed.empty() ? (sequential ? "sc.1" : "1") : j.options.seed);
  if (j.options.limits.search != scheduler::random || at.search != scheduler::random) return "";
  at.state = std::to_string(std::stoull(at.state) + n - 1);
  return fmt::format(", the one with seed {},", to_seed(at));
}

job_result finish(search_process& p, job const& j, std::chrono::seconds hang) {
  int status = 0;
  rusage used{};
  while (wait4(p.id, &status, 0, &used) < 0 && errno == EINTR) {
  }
  std::string const noise = read_noise(p.noise);
  close(p.answer);
  close(p.noise);
  job_result r{.peak_bytes = static_cast<std::uint64_t>(used.ru_maxrss) << 10};
  std::string const said = noise.empty() ? "" : ": " + noise;
  if (p.killed) {
    r.engine_failure = fmt::format("one schedule{} did not end within {} s: does a destructor wait, or a loop do no "
                                   "step of the platform?{}",
                                   seed_of_schedule(j, p.schedules), hang.count(), said);
  } else if (WIFSIGNALED(status)) {
    r.engine_failure =
        fmt::format("the search died of signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)), said);
  } else if (WEXITSTATUS(status) != 0) {
    r.engine_failure = fmt::format("the search ended with status {}{}", WEXITSTATUS(status), said);
  } else {
    try {
      json const answer = json::parse(p.text);
      r.found = from_json(answer);
      r.first_seconds = answer.at("first_seconds");
    } catch (json::exception const& e) {
      r.engine_failure = fmt::format("the search's answer is not understood: {}", e.what());
    }
  }
  return r;
}

}  // namespace

std::vector<job_result> run_jobs(std::vector<job> const& jobs, unsigned parallel, run_hooks const& hooks) {
  std::vector<job_result> results(jobs.size());
  for (job_result& r : results) r.engine_failure = not_run;
  if (jobs.empty()) return results;

  shared_counters const counters(jobs.size());
  auto const begin = clock::now();
  std::vector<search_process> running;
  std::size_t next = 0;
  std::size_t done = 0;

  auto const report = [&] {
    if (!hooks.progress) return;
    progress_report r{
        .done = done, .total = jobs.size(), .seconds = std::chrono::duration<double>(clock::now() - begin).count()};
    for (std::size_t i = 0; i != next; ++i) r.schedules += counters[i].load(std::memory_order::relaxed);
    for (search_process const& p : running) r.running += (r.running.empty() ? "" : ", ") + jobs[p.index].tested->name;
    hooks.progress(r);
  };

  while (true) {
    if (hooks.stop && hooks.stop()) {
      for (search_process& p : running) {
        kill(p.id, SIGKILL);
        static_cast<void>(finish(p, jobs[p.index], hooks.hang));
      }
      running.clear();
      break;
    }
    while (running.size() < std::max(parallel, 1U) && next != jobs.size()) {
      running.push_back(start(jobs[next], next, counters[next]));
      ++next;
    }
    if (running.empty()) break;

    std::vector<pollfd> waits;
    for (search_process const& p : running) waits.push_back({.fd = p.answer, .events = POLLIN, .revents = 0});
    if (poll(waits.data(), waits.size(), 200) < 0 && errno != EINTR) throw_errno("poll");
    for (std::size_t i = running.size(); i-- != 0;) {
      search_process& p = running[i];
      if (std::uint64_t const n = counters[p.index].load(std::memory_order::relaxed); n != p.schedules) {
        p.schedules = n;
        p.since = clock::now();
      } else if (!p.killed && clock::now() - p.since > hooks.hang) {
        p.killed = true;
        kill(p.id, SIGKILL);
      }
      if (waits[i].revents == 0 || !read_some(p)) continue;
      std::size_t const index = p.index;
      results[index] = finish(p, jobs[index], hooks.hang);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      ++done;
      if (hooks.done) hooks.done(index, results[index]);
    }
    report();
  }
  return results;
}

job_result run_job(job const& j, run_hooks const& hooks) {
  std::vector<job_result> results = run_jobs({j}, 1, hooks);
  return std::move(results.front());
}

}  // namespace surewake::verify
