// surewake/verify/engine/graph/litmus.hpp: small programs as text, to compare the engine with other tools.
//
// A program is a list of threads, a thread a list of statements with semicolons between them:
//
//   W x 1 rel          store                        R r0 x acq      load
//   A r0 x 1 ar        fetch_add                    X r0 x 5 sc     exchange
//   C r0 x 0 8 sc acq  compare-exchange with its success and failure orders; r0 = 1 on success, r0_o the value seen
//   F sc               fence                        ? r0 1 S        S if r0 == 1
//   F lt, F hv         light and heavy fence        L r0 x          the look at a futex's word (request::is_current)
//   V r0 2             a choice: 0 or 1             V r0 2 rare     but 0 in all other threads where it is 1 in one
//   WN x 1, RN r0 x    plain accesses               AW r0 x 1 acq   waits until x == 1
//   N r0               a new block: fresh memory, or a freed one (freed_blocks.hpp)    D r0    frees the block r0
//
// A block is named by the thread that had it fresh and by its number there: 11, 12 … of thread 0, 21 of thread 1.
// Orders: rlx acq rel ar sc. Locations and registers are words; locations begin as 0, registers as 9, so that one shows
// that was never set. Values are whole numbers of 64 bits.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>
#include <surewake/verify/engine/graph/execution.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify::graph {

struct statement {
  request what{};
  bool waits = false;
  bool frees = false;    // no event: it frees the block in the register `result`
  unsigned result = 0;   // the register that gets the result
  unsigned seen = 0;     // of a compare-exchange: the register that gets the value it saw
  struct condition {
    unsigned reg;
    value equals;
  };
  std::vector<condition> conditions{};
};

struct program {
  std::vector<std::string> locations{};
  std::vector<bool> is_plain{};  // of each location
  struct thread {
    std::vector<statement> statements{};
    std::vector<std::string> registers{};  // the first is for results that nobody asked for
  };
  std::vector<thread> threads{};
};

/// A program is not understood, or goes beyond a limit.
class bad_program : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// What a program may have at most, beside max_threads. An RMW is two events.
inline constexpr std::size_t most_events_of_a_thread = 65'535;
inline constexpr std::size_t most_locations = 65'535;
inline constexpr value most_ways_of_a_choice = 1'000;

/// Reads a program. `locations` are shown in final states even where no statement names them, but for those that have
/// plain accesses or are in `plain`.
///
/// Errors  bad_program, which names the thread, the statement and what is wrong with it, or the limit.
[[nodiscard]] program parse_program(std::vector<std::string> const& threads,
                                    std::vector<std::string> const& locations = {},
                                    std::vector<std::string> const& plain = {});

/// What an exploration of a program came to.
struct exploration {
  std::uint64_t executions = 0;
  std::uint64_t blocked = 0;
  std::uint64_t runs = 0;
  std::uint64_t duplicates = 0;
  bool race = false;
  bool whole = true;  // false: it was stopped, by most_runs or stop
  std::map<std::string, std::uint64_t> states{};  // final registers and atomics, and in how many executions
};

/// What else is to be found out, at some cost.
struct wanted {
  bool states = true;
  bool duplicates = true;
  std::uint64_t most_runs = ~std::uint64_t{0};
  bool axioms = false;  // throws std::logic_error where an execution does not satisfy the definition of its model
  bool filter = false;  // counts only executions that satisfy it
  std::function<bool()> stop{};  // asked now and then
};

[[nodiscard]] exploration explore(program const& p, memory_model model, wanted const& what = {});

class explorer;
/// Runs the program once, along the explorer's graph and on.
void run_once(program const& p, explorer& e);

}  // namespace surewake::verify::graph
