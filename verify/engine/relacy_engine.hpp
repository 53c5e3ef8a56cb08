// surewake/verify/engine/relacy_engine.hpp: searches one case with Relacy [@relacy], in this process, once.
//
// After a finding Relacy's context is dead, with threads left in the middle of their stacks: a program that runs more
// than one case runs each in a process of its own (verify/program/runner.hpp).
#pragma once

#include <surewake/verify/engine/case.hpp>
#include <surewake/verify/engine/graph/limits.hpp>

#include <atomic>
#include <string>
#include <vector>

namespace surewake::verify {

/// One operation of the source, as it was executed.
struct site {
  std::string file{};
  unsigned line = 0;
  unsigned column = 0;
  relacy::action what{};
  bool on_failure = false;  // the second order of a compare-exchange
  relacy::order with{};
  auto operator<=>(site const&) const = default;
};
/// An operation that is executed with another order.
struct lowered {
  site at{};
  relacy::order to{};
};
[[nodiscard]] std::string_view to_string(relacy::action a) noexcept;
[[nodiscard]] std::string_view to_string(relacy::order o) noexcept;

/// A step of the schedule that was traced.
struct step {
  int thread = 0;  // -1: constructor, after() or destructor of the model
  relacy::action what{};
  relacy::order with{};
  unsigned object = 0;  // the same number: the same object; `named_object` with that number, if it has a name
  std::string before{}; // what was read, as text; a pointer is "#n", n the number of the object that it leads to
  std::string after{};  // what was written
  bool stale = false;
  bool failed = false;
  std::string file{};
  unsigned line = 0;
  unsigned column = 0;
  bool near = false;  // the call is in a header of the system: this is the last own step before it
};

/// What the trace knows of an object.
struct traced_object {
  unsigned number = 0;
  int owner = -1;        // the thread on whose stack it lies, or -1
  std::string name{};    // that it was given (shown_as), with what is around it: "waiter"; empty: none
  unsigned among = 0;    // of the objects of that name the among-th, from 1 on
  bool inside = false;   // it is not that object itself, but lies in it
};

/// What a search of the graph engine is limited by besides its bounds.
struct graph_limits {
  std::uint64_t executions = ~std::uint64_t{0};  // at most that many in which every thread ends
  std::uint64_t bytes = ~std::uint64_t{0};       // of memory: about so much, of all its processes
};

struct engine_options {
  bounds limits{};
  graph_limits on_graphs{};
  std::string seed{};  // where the search starts; empty: at its beginning
  bool replay = false; // run the schedule `seed` alone
  bool trace = false;
  bool sites = false;  // report the operations executed
  std::vector<lowered> weaken{};  // all of them at once; where there are some, a finding has no seed on graphs
  std::atomic<std::uint64_t>* progress = nullptr;  // counts schedules
};

struct search_result {
  verdict result = verdict::pass;
  coverage covered = coverage::sampled;
  unsigned context_bound = 0;  // of a bound search: what was searched completely, or where the finding was
  std::uint64_t schedules = 0;  // of a graph search: executions in which every thread ends
  std::uint64_t blocked = 0;    // of a graph search: executions in which one does not
  double seconds = 0;       // of processor time
  std::uint64_t steps = 0;  // of the failing schedule, otherwise of the longest one
  std::string seed{};       // replays the failing schedule
  std::string message{};    // what was found, in words
  std::vector<step> trace{};
  std::vector<traced_object> objects{};  // in the trace, in the order of their numbers
  std::vector<site> sites{};
  double share = 0;                  // of a graph search: of the tree that was visited
  graph::ended_by ended = graph::ended_by::everything;  // of a graph search
  std::string graph{};               // of a traced finding of a graph search: the execution as JSON (graph/drawing.hpp)
  std::vector<std::string> notes{};  // about the trace: {s4} is its fourth step, from 0 on, {o2} the object number 2
};

/// Names the engine: "Relacy 0.0+git20191025, headers 0123456789ab", as packaged, and a digest of what was compiled.
[[nodiscard]] char const* engine_version() noexcept;

/// Progress  ends within about a schedule of limits.seconds of processor time.
[[nodiscard]] search_result run_relacy(test_case const& c, engine_options const& options);

}  // namespace surewake::verify
