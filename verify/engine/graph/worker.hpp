// surewake/verify/engine/graph/worker.hpp: a process that searches parts which another one, the leader, sends to it.
//
// Leader and worker send each other lines of JSON:
//
//   leader  a frontier         the next part; the worker has nothing to do
//   worker  {"gives": f}       a part of what it was doing, as the leader asked (worker_board::wanted)
//           {"outcome": o, "left": f}   it is done with its part, but for `left`
//           {"error": text}    the part cannot be searched
#pragma once

#include <surewake/verify/engine/graph/search_loop.hpp>

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace surewake::verify::graph {

/// Makes the program, in the process that is to run it.
using make_runnable = std::function<std::unique_ptr<runnable>()>;

/// What a worker and its leader see of each other at any time: memory that both have.
struct alignas(64) worker_board {
  std::atomic<bool> wanted{false};  // the worker is to give something away
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> runs{0};        // of all its parts
  std::atomic<std::uint64_t> executions{0};
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<double> given{0};              // weight of all that it has given away; changes before `left` does
  std::atomic<double> left{0};               // weight of what it is doing
};

/// How many executions all workers may count together, and have counted; where there is a limit.
struct alignas(64) execution_count {
  std::uint64_t most = search_limits::unlimited;
  std::atomic<std::uint64_t> all{0};
  [[nodiscard]] bool is_limited() const noexcept { return most != search_limits::unlimited; }
  [[nodiscard]] bool is_reached() const noexcept { return all.load(std::memory_order::relaxed) >= most; }
};

/// Lines to and from another process, by a socket.
class line_channel {
 public:
  explicit line_channel(int file) noexcept : file_(file) {}
  /// Returns whether all of it was written.
  bool write(std::string const& text) noexcept;
  /// Reads what is there, and waits for something where nothing is. Returns false where nothing will come any more.
  bool read() noexcept;
  /// Returns the next line of what was read.
  [[nodiscard]] std::optional<std::string> line();
  [[nodiscard]] int file() const noexcept { return file_; }

 private:
  int file_;
  std::string buffer_{};
};

/// Searches what comes from `leader`, until nothing will come any more. `count` is that of all workers. Returns its
/// exit status.
int work(make_runnable const& make, line_channel leader, worker_board& board, execution_count& count);

}  // namespace surewake::verify::graph
