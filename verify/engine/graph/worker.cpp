#include <surewake/verify/engine/graph/frontier_json.hpp>
#include <surewake/verify/engine/graph/outcome_json.hpp>
#include <surewake/verify/engine/graph/worker.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace surewake::verify::graph {

namespace {

using nlohmann::json;

std::string to_line(json const& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace) + "\n"; }

constexpr std::uint64_t runs_between_gifts = 64;

/// One part of a search.
class part {
 public:
  part(runnable& what, frontier const& f, line_channel& leader, worker_board& board, execution_count& count)
      : what_(what), leader_(leader), board_(board), count_(count), runs_before_(board.runs),
        executions_before_(board.executions) {
    what_.outcome() = {};
    what_.graphs().go_on_from(f);
  }
  /// Searches it, and tells the leader what came of it.
  bool search() {
    search_outcome& o = what_.outcome();
    o.ended = visit(what_, [this] { return look(); });
    bool const stopped = o.ended == ended_by::stop;
    if (o.ended == ended_by::finding) o.token = what_.token_of_last_run();
    tell();
    if (!stopped) board_.left = 0;  // otherwise the leader does not have it yet
    return leader_.write(to_line({{"outcome", o}, {"left", stopped ? what_.graphs().rest() : frontier{}}}));
  }

 private:
  std::optional<ended_by> look() {
    search_outcome const& o = what_.outcome();
    board_.runs.store(runs_before_ + o.runs, std::memory_order::relaxed);
    if (board_.stop.load(std::memory_order::relaxed) || is_limit_reached()) return ended_by::stop;
    if ((o.runs & 255U) == 0) tell();
    if (board_.wanted.load(std::memory_order::relaxed) && o.runs >= next_gift_ && !give()) return ended_by::stop;
    return {};
  }
  [[nodiscard]] bool is_limit_reached() {
    if (!count_.is_limited()) return false;
    std::uint64_t const more = what_.outcome().executions() - counted_;
    counted_ += more;
    if (more != 0) count_.all.fetch_add(more, std::memory_order::relaxed);
    return count_.is_reached();
  }
  void tell() {
    search_outcome const& o = what_.outcome();
    double const now = processor_seconds();
    board_.runs.store(runs_before_ + o.runs, std::memory_order::relaxed);
    board_.executions.store(executions_before_ + o.executions(), std::memory_order::relaxed);
    if (now - told_ < 0.02) return;
    told_ = now;
    board_.bytes.store(own_bytes(), std::memory_order::relaxed);
    board_.left.store(what_.graphs().left(), std::memory_order::relaxed);
  }
  /// Gives something away, if there is enough. Returns false where the leader is gone.
  bool give() {
    next_gift_ = what_.outcome().runs + runs_between_gifts;
    frontier const f = what_.graphs().give_away();
    if (f.empty()) return true;
    board_.wanted.store(false, std::memory_order::relaxed);
    board_.given.store(board_.given.load(std::memory_order::relaxed) + f.weight(), std::memory_order::relaxed);
    // release: a leader that sees that less is left sees what was given, pairs with leader::left().
    board_.left.store(what_.graphs().left(), std::memory_order::release);
    return leader_.write(to_line({{"gives", f}}));
  }

  runnable& what_;
  line_channel& leader_;
  worker_board& board_;
  execution_count& count_;
  std::uint64_t counted_ = 0;  // of the executions, in count_
  std::uint64_t runs_before_;
  std::uint64_t executions_before_;
  std::uint64_t next_gift_ = runs_between_gifts;
  double told_ = 0;
};

}  // namespace

bool line_channel::write(std::string const& text) noexcept {
  for (std::size_t done = 0; done != text.size();) {
    ssize_t const n = ::send(file_, text.data() + done, text.size() - done, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool line_channel::read() noexcept {
  char buffer[65536];
  ssize_t n = 0;
  do n = ::read(file_, buffer, sizeof buffer);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  buffer_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

std::optional<std::string> line_channel::line() {
  auto const end = buffer_.find('\n');
  if (end == std::string::npos) return {};
  std::string result = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  return result;
}

int work(make_runnable const& make, line_channel leader, worker_board& board, execution_count& count) {
  try {
    std::unique_ptr<runnable> const what = make();
    for (;;) {
      while (auto const line = leader.line()) {
        if (!part(*what, json::parse(*line).get<frontier>(), leader, board, count).search()) return 0;
      }
      if (!leader.read()) return 0;
    }
  } catch (std::exception const& e) {
    return leader.write(to_line({{"error", e.what()}})) ? 0 : 1;
  }
}

}  // namespace surewake::verify::graph
