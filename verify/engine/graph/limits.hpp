// surewake/verify/engine/graph/limits.hpp: what a search is allowed, and what came of it.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>
#include <surewake/verify/engine/model.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace surewake::verify::graph {

/// Limits of one search. What an earlier one used, of which this is the rest, is not counted.
struct search_limits {
  static constexpr std::uint64_t unlimited = ~std::uint64_t{0};
  memory_model memory = memory_model::cpp20;
  std::uint64_t runs = unlimited;
  std::uint64_t executions = unlimited;  // complete ones, with and without what is spurious
  double seconds = 1e9;                  // of processor time
  std::uint64_t bytes = unlimited;       // of memory that the process has for itself
  unsigned rare = 1;                     // at most that many spurious failures and wakes in an execution
  unsigned yields = 3;                   // of a thread in a run
  bool reuse = false;                    // freed memory may be given again (freed_blocks.hpp)
  double longest_run = 20;               // seconds of it; a search in other processes that meets a longer one ends
  bool looks_around = true;              // a long search makes runs at random besides (runnable::run_at_random)
};

/// How far a search is.
struct search_progress {
  std::uint64_t executions = 0;
  double share = 0;  // of the tree that is done
};

/// What others see of a search while it runs, and how they stop it. All of it may lie in memory that processes share.
struct search_control {
  std::atomic<bool> const* stop = nullptr;             // looked at between two runs
  std::atomic<std::uint64_t>* progress = nullptr;      // counts runs,
  std::uint64_t runs_before = 0;                       // from here on
  std::atomic<double>* share = nullptr;                // of the search that is done
  // Asked several times a second by the process that began the search: false stops it.
  std::function<bool(search_progress const&)> goes_on{};
};

enum class ended_by : std::uint8_t { everything, finding, runs, executions, seconds, memory, stop };
[[nodiscard]] constexpr char const* to_string(ended_by e) noexcept {
  switch (e) {
    case ended_by::everything: return "every execution was visited";
    case ended_by::finding: return "something was found";
    case ended_by::runs: return "the limit of runs was reached";
    case ended_by::executions: return "the limit of executions was reached";
    case ended_by::seconds: return "the limit of processor time was reached";
    case ended_by::memory: return "the limit of memory was reached";
    case ended_by::stop: break;
  }
  return "it was stopped";
}
/// Returns one word for it: of a limit, what is limited.
[[nodiscard]] constexpr std::string_view name_of(ended_by e) noexcept {
  switch (e) {
    case ended_by::everything: return "everything";
    case ended_by::finding: return "finding";
    case ended_by::runs: return "schedules";
    case ended_by::executions: return "executions";
    case ended_by::seconds: return "seconds";
    case ended_by::memory: return "memory";
    case ended_by::stop: break;
  }
  return "stopped";
}

struct search_outcome {
  verdict result = verdict::pass;
  bool finished = false;       // every execution was visited
  ended_by ended = ended_by::everything;
  std::string message{};
  std::string token{};         // of what was found in another process (token.hpp)
  std::string unsaved{};       // why what is left could not be saved
  std::uint64_t complete = 0;  // executions in which every thread finished, and nothing spurious happened
  std::uint64_t spurious = 0;  // those in which something did
  std::uint64_t cut = 0;       // runs that ended at the bound of yields
  std::uint64_t blocked = 0;
  std::uint64_t runs = 0;
  std::uint64_t random = 0;    // runs at random besides
  std::uint64_t events = 0;    // of the longest execution
  double seconds = 0;
  double share = 0;            // of the tree that is done (explorer.hpp, I6)

  [[nodiscard]] std::uint64_t executions() const noexcept { return complete + spurious; }
  /// Returns how many executions there would be, if those that are left were as many for their share as those that are
  /// done. It is a guess, too large or too small: branches of equal weight may differ by orders of magnitude.
  [[nodiscard]] double guessed_executions() const noexcept {
    return share > 0 ? static_cast<double>(executions()) / share : 0;
  }
  /// Makes the counts those of two parts.
  void set_counts(search_outcome const& a, search_outcome const& b) noexcept {
    complete = spurious = cut = blocked = runs = random = events = 0;
    seconds = 0;
    add(a);
    add(b);
  }
  /// Adds the counts of another part of the same search.
  void add(search_outcome const& part) noexcept {
    complete += part.complete;
    spurious += part.spurious;
    cut += part.cut;
    blocked += part.blocked;
    runs += part.runs;
    random += part.random;
    events = std::max(events, part.events);
    seconds += part.seconds;
  }
};

}  // namespace surewake::verify::graph
