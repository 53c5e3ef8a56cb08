#include <surewake/verify/engine/graph/frontier_json.hpp>
#include <surewake/verify/engine/graph/outcome_json.hpp>
#include <surewake/verify/engine/graph/processes.hpp>

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <list>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace surewake::verify::graph {

namespace {

using nlohmann::json;

[[noreturn]] void throw_errno(char const* what) { throw std::system_error(errno, std::generic_category(), what); }

/// The boards of the workers, and what they count together, in memory that all processes have.
class boards {
 public:
  boards(unsigned n, std::uint64_t most) : bytes_(sizeof(execution_count) + n * sizeof(worker_board)) {
    void* const p = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw_errno("mmap");
    count_ = new (p) execution_count{.most = most};
    at_ = reinterpret_cast<worker_board*>(count_ + 1);
    for (unsigned i = 0; i != n; ++i) new (at_ + i) worker_board;
  }
  ~boards() { munmap(count_, bytes_); }
  boards(boards const&) = delete;
  boards& operator=(boards const&) = delete;
  [[nodiscard]] worker_board& operator[](std::size_t i) const noexcept { return at_[i]; }
  [[nodiscard]] execution_count& count() const noexcept { return *count_; }

 private:
  std::size_t bytes_;
  execution_count* count_ = nullptr;
  worker_board* at_ = nullptr;
};

/// A part of the search, in the order in which one process would visit the parts.
struct item {
  frontier left{};
  search_outcome found{};
  bool done = false;
};
using items = std::list<item>;

struct worker {
  pid_t id = -1;
  line_channel channel{-1};
  worker_board* board = nullptr;
  items::iterator at{};  // what it searches
  bool busy = false;
  double received = 0;     // weight of what it has given, and is in the list
  std::uint64_t runs = 0;  // the last count seen,
  double since = 0;        // and its processor time then

  [[nodiscard]] double processor_seconds() const noexcept {
    clockid_t its{};
    timespec t{};
    if (clock_getcpuclockid(id, &its) != 0 || clock_gettime(its, &t) != 0) return since;
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
};

/// The workers of a search, which end with it.
class crew {
 public:
  crew(make_runnable const& make, unsigned n, std::uint64_t most_executions) : boards_(n, most_executions) {
    std::fflush(nullptr);
    for (unsigned i = 0; i != n; ++i) start(make, boards_[i]);
  }
  ~crew() {
    for (worker& w : all) {
      close(w.channel.file());
      if (w.id > 0) kill(w.id, SIGKILL);
    }
    for (worker& w : all) static_cast<void>(wait(w));
  }
  crew(crew const&) = delete;
  crew& operator=(crew const&) = delete;

  /// Throws what is to be said of a worker that has ended.
  [[noreturn]] static void died(worker& w) {
    int const status = wait(w);
    w.id = -1;
    std::string const how = WIFSIGNALED(status) ? std::string("died of signal ") + std::to_string(WTERMSIG(status)) +
                                                      " (" + strsignal(WTERMSIG(status)) + ")"
                                                : "ended with status " + std::to_string(WEXITSTATUS(status));
    throw std::runtime_error("a process of the search " + how);
  }

  [[nodiscard]] execution_count const& count() const noexcept { return boards_.count(); }

  std::vector<worker> all{};

 private:
  [[nodiscard]] static int wait(worker const& w) noexcept {
    int status = 0;
    while (w.id > 0 && waitpid(w.id, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }
  void start(make_runnable const& make, worker_board& board) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw_errno("socketpair");
    pid_t const leader = getpid();
    pid_t const id = fork();
    if (id < 0) throw_errno("fork");
    if (id == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (int const signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);  // the leader decides
      if (getppid() != leader) _exit(1);  // it ended before it could be named
      for (worker const& w : all) close(w.channel.file());
      close(ends[0]);
      int const status = work(make, line_channel(ends[1]), board, boards_.count());
      std::fflush(nullptr);
      _exit(status);
    }
    close(ends[1]);
    all.push_back({.id = id, .channel = line_channel(ends[0]), .board = &board});
  }

  boards boards_;
};

class leader {
 public:
  leader(make_runnable const& make, std::vector<frontier> const& left, search_limits const& limits,
         search_control const& control, unsigned workers)
      : limits_(limits), control_(control), begin_(processor_seconds()), crew_(make, workers, limits.executions) {
    for (frontier const& f : left) items_.push_back({.left = f});
    end_ = items_.end();
  }
  /// Searches until nothing is left that is before a finding, or a limit is reached.
  void lead() {
    while (true) {
      if (!ended_) hand_out();
      if (!any_busy()) return;
      if (!ended_) ask();
      wait_for_news();
      look_at_limits();
      look_at_runs();
    }
  }
  [[nodiscard]] search_outcome outcome(std::vector<frontier>& left);

 private:
  [[nodiscard]] bool any_busy() const noexcept {
    return std::any_of(crew_.all.begin(), crew_.all.end(), [](worker const& w) { return w.busy; });
  }
  void hand_out();
  void ask();
  void wait_for_news();
  void read(worker& w);
  void hear(worker& w, json const& said);
  [[nodiscard]] bool is_wanted(items::const_iterator part) const;
  void found(items::iterator at);
  void look_at_limits();
  void look_at_runs();
  void stop(ended_by why);
  [[nodiscard]] double left() const;

  search_limits limits_;
  search_control control_;
  double begin_;
  crew crew_;
  items items_{};
  items::iterator end_{};  // what is to be visited ends here: after the first finding
  std::optional<ended_by> ended_{};
  double share_ = 0;
};

/// Gives parts to the workers that have nothing to do, the first parts first.
void leader::hand_out() {
  auto next = items_.begin();
  for (worker& w : crew_.all) {
    if (w.busy) continue;
    while (next != end_ && (next->done || next->left.empty())) ++next;
    if (next == end_) return;
    w.at = next;
    w.busy = true;
    w.board->wanted = false;
    w.board->stop = false;
    w.board->left = next->left.weight();
    frontier const f = std::exchange(next->left, {});
    if (!w.channel.write(json(f).dump() + "\n")) crew::died(w);
  }
}

/// Asks as many workers to give something away as have nothing to do, those first that have most left.
void leader::ask() {
  std::vector<worker*> busy;
  std::size_t idle = 0;
  std::size_t asked = 0;
  for (worker& w : crew_.all) {
    if (!w.busy) ++idle;
    else if (w.board->wanted) ++asked;
    else busy.push_back(&w);
  }
  std::sort(busy.begin(), busy.end(), [](worker* a, worker* b) { return a->board->left > b->board->left; });
  for (std::size_t i = 0; i != busy.size() && asked < idle; ++i, ++asked) busy[i]->board->wanted = true;
}

void leader::wait_for_news() {
  std::vector<pollfd> waits;
  for (worker const& w : crew_.all) waits.push_back({.fd = w.channel.file(), .events = POLLIN, .revents = 0});
  if (poll(waits.data(), waits.size(), 20) < 0 && errno != EINTR) throw_errno("poll");
  for (std::size_t i = 0; i != waits.size(); ++i) {
    if (waits[i].revents != 0) read(crew_.all[i]);
  }
}

void leader::read(worker& w) {
  if (!w.channel.read()) crew::died(w);
  while (auto const line = w.channel.line()) hear(w, json::parse(*line));
}

void leader::hear(worker& w, json const& said) {
  if (said.contains("error")) {
    std::string const text = said.at("error");
    if (text == does_not_fit().what()) throw does_not_fit();
    throw std::runtime_error(text);
  }
  if (said.contains("gives")) {
    auto const gift = items_.insert(std::next(w.at), {.left = said.at("gives").get<frontier>()});
    w.received += gift->left.weight();
    return;
  }
  w.at->found = said.at("outcome").get<search_outcome>();
  w.at->left = said.at("left").get<frontier>();
  w.at->done = w.at->left.empty();
  w.busy = false;
  if (w.at->found.result != verdict::pass && is_wanted(w.at)) found(w.at);
}

/// Returns whether a part is before the first finding, or has it.
bool leader::is_wanted(items::const_iterator part) const {
  for (auto i = items_.begin(); i != end_; ++i) {
    if (i == part) return true;
  }
  return false;
}

/// Something was found: what is after it would not have been visited.
void leader::found(items::iterator at) {
  end_ = std::next(at);
  for (worker& w : crew_.all) {
    if (w.busy && !is_wanted(w.at)) w.board->stop = true;
  }
}

double leader::left() const {
  double result = 0;
  for (item const& i : items_) result += i.left.weight();
  for (worker const& w : crew_.all) {
    if (w.busy) result += w.board->left.load(std::memory_order::acquire);
    result += w.board->given.load(std::memory_order::relaxed) - w.received;  // on its way
  }
  return result;
}

void leader::look_at_limits() {
  std::uint64_t runs = 0;
  std::uint64_t executions = 0;
  std::uint64_t bytes = own_bytes();
  double seconds = processor_seconds() - begin_;
  for (worker const& w : crew_.all) {
    runs += w.board->runs;
    executions += w.board->executions;
    bytes += w.board->bytes;
    seconds += w.processor_seconds();
  }
  share_ = std::max(share_, 1 - left());
  if (control_.progress != nullptr) *control_.progress = control_.runs_before + runs;
  if (control_.share != nullptr) *control_.share = share_;
  if (control_.stop != nullptr && *control_.stop) stop(ended_by::stop);
  if (control_.goes_on && !control_.goes_on({executions, share_})) stop(ended_by::stop);
  if (runs >= limits_.runs) stop(ended_by::runs);
  if (crew_.count().is_reached()) stop(ended_by::executions);
  if (seconds > limits_.seconds) stop(ended_by::seconds);
  if (bytes > limits_.bytes) stop(ended_by::memory);
}

/// Throws where a run does not end.
void leader::look_at_runs() {
  for (worker& w : crew_.all) {
    std::uint64_t const runs = w.board->runs;
    double const now = w.processor_seconds();
    if (!w.busy || runs != w.runs) {
      w.runs = runs;
      w.since = now;
    } else if (now - w.since > limits_.longest_run) {
      throw std::runtime_error(fmt::format(
          "one execution did not end within {} s: does a destructor wait, or a loop do no step of the platform?",
          limits_.longest_run));
    }
  }
}

void leader::stop(ended_by why) {
  if (ended_) return;
  ended_ = why;
  for (worker& w : crew_.all) w.board->stop = true;
}

/// Returns what came of it, and what is left.
search_outcome leader::outcome(std::vector<frontier>& left) {
  search_outcome result;
  left.clear();
  double weight = 0;
  for (item const& i : items_) {
    result.add(i.found);
    if (i.found.result != verdict::pass) {
      result.result = i.found.result;
      result.message = i.found.message;
      result.token = i.found.token;
      result.ended = ended_by::finding;
      break;
    }
    weight += i.left.weight();
    if (!i.left.empty()) left.push_back(i.left);
  }
  bool const is_found = result.ended == ended_by::finding;
  if (is_found) left.clear();
  result.finished = !is_found && left.empty();
  if (!is_found && !result.finished) result.ended = *ended_;
  result.share = result.finished ? 1 : is_found ? share_ : 1 - weight;
  result.seconds = processor_seconds() - begin_;
  for (worker const& w : crew_.all) result.seconds += w.processor_seconds();
  return result;
}

}  // namespace

search_outcome search_in_processes(make_runnable const& make, std::vector<frontier>& left, search_limits const& limits,
                                   search_control const& control, unsigned workers) {
  leader l(make, left, limits, control, workers);
  l.lead();
  return l.outcome(left);
}

}  // namespace surewake::verify::graph
