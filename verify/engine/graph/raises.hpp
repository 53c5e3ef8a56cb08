// surewake/verify/engine/graph/raises.hpp: which order of the source, were it stronger, would forbid an execution.
//
// One place of the source is raised at a time, and all of its operations in the execution with it. The execution is
// forbidden where the graph is not consistent any more. It may also stay possible and be right: then what fails in it
// does not fail any more, when the program runs along the raised graph. (A race is one: the values stay the same, and
// the accesses are ordered.)
#pragma once

#include <surewake/verify/engine/graph/runtime.hpp>

namespace surewake::verify::graph {

/// Operations at a place of the source that get a stronger order.
struct raise {
  verify::action what{};
  bool on_failure = false;  // of a compare-exchange
  where at{};
  order to{};

  [[nodiscard]] other_order as_other() const noexcept {
    return {what, on_failure, at.file_name(), at.line(), at.column(), to};
  }
};

/// A raise that forbids the execution, and the step where its place is executed first: its number in watch::steps.
struct forbidding {
  raise by{};
  order from{};
  std::size_t step = 0;
};

/// Returns for each place the weakest order that forbids the execution `g`, which was watched by `w` and came to
/// `found`, where an order of it does.
///
/// Cost  a run for each place and stronger order
[[nodiscard]] std::vector<forbidding> find_raises(runtime& of, execution const& g, watch const& w, verdict found);

}  // namespace surewake::verify::graph
