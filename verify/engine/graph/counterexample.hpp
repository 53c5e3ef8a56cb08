// surewake/verify/engine/graph/counterexample.hpp: a finding, so that a student can follow it.
//
// A finding is an execution graph. It is run again while it is watched, put into an order that is easy to read
// (schedule.hpp), and questioned:
//
//   stale reads     which newer store each misses, and why nothing orders the two
//   the missing end of a wait     the last read that missed what the waiter stored; a wake that found no sleeper
//   races           the other access, and the step that should have ordered the two
//   weak memory     whether the same execution is sequentially consistent, and fails there as well
//   raises          which single order of the source, were it stronger, forbids this execution or what fails in it
//
// Notes are text in which {s4} is the fourth step of the trace, from 0 on, and {o2} the object with the number 2: the
// report knows what it calls them.
#pragma once

#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/graph/token.hpp>
#include <surewake/verify/engine/relacy_engine.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify::graph {

struct counterexample {
  search_outcome found{};  // with a message that names both sides
  std::vector<step> trace{};
  std::vector<traced_object> objects{};
  std::vector<std::string> notes{};
  std::string token{};
  execution graph{};
  std::vector<int> step_of{};  // of each event: its step, or -1
  bool sequential = false;     // the graph is sequentially consistent
};

/// How much is found out: the steps, the message and the token; or the notes too, which cost a run for each order that
/// is raised.
enum class shown_of : std::uint8_t { steps, notes };

/// Explains what the last run came to: that of a search which found something, or of replay().
///
/// Errors  not_deterministic; std::logic_error where the same execution comes to something else when it is run again
[[nodiscard]] counterexample explain(runtime& of, search_outcome const& found, shown_of how = shown_of::notes);

/// Copies what the report shows: verdict, message, token as the seed, trace, objects and notes.
void copy_to(counterexample const& c, search_result& r);

/// Runs what the token says. Its limits are those that the search had; the runtime must have them.
///
/// Errors  std::invalid_argument where the token is of another model, or the model has changed since
[[nodiscard]] search_outcome replay(runtime& with, token const& t);
/// Returns the limits with which a token is replayed.
[[nodiscard]] search_limits limits_for(token const& t);

}  // namespace surewake::verify::graph
