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
  std::atomic<double> seconds{0};            // of processor time
  std::atomic<double> left{0};               // weight of what it is doing
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

/// Searches what comes from `leader`, until nothing will come any more. Returns its exit status.
int work(make_runnable const& make, line_channel leader, worker_board& board);

}  // namespace surewake::verify::graph
