#include <surewake/verify/engine/crash.hpp>
#include <surewake/verify/engine/graph/counterexample.hpp>
#include <surewake/verify/engine/graph/drawing.hpp>
#include <surewake/verify/engine/graph/graph_engine.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <algorithm>

namespace surewake::verify {

namespace {

[[nodiscard]] graph::memory_model model_of(memory m) noexcept {
  switch (m) {
    case memory::cxx: return graph::memory_model::cpp20;
    case memory::sequential: return graph::memory_model::sc;
    case memory::rc11: return graph::memory_model::rc11;
  }
  return graph::memory_model::cpp20;
}

bool ends_stack(void const* p) { return graph::active != nullptr && graph::active->stacks().on_guard(p); }
void report_crash(char const* message) {
  if (graph::active != nullptr) graph::active->crash(message);
}

/// Copies a finding, with the trace where one is asked for.
void tell(graph::runtime& of, graph::search_outcome const& found, engine_options const& options, search_result& r) {
  graph::counterexample const c = explain(of, found, options.trace ? graph::shown_of::notes : graph::shown_of::steps);
  copy_to(c, r);
  if (options.trace) {
    r.graph = json_of(c, of.model());
  } else {
    r.trace.clear();
    r.objects.clear();
    r.notes.clear();
  }
}

/// Runs the execution that options.seed names.
[[nodiscard]] search_result run_token(test_case const& c, engine_options const& options) {
  graph::token const t = graph::parse_token(options.seed);
  graph::runtime one(c.type, limits_for(t));
  graph::search_outcome const o = replay(one, t);
  search_result r{.covered = coverage::found, .schedules = 1, .seed = options.seed};
  tell(one, o, options, r);
  return r;
}

}  // namespace

search_result run_graph(test_case const& c, engine_options const& options) {
  double const begin = graph::processor_seconds();
  catch_crashes({.ends_stack = &ends_stack, .report = &report_crash});
  if (options.replay && graph::is_token(options.seed)) return run_token(c, options);
  bounds const& limits = options.limits;
  graph::runtime search(c.type, {.memory = model_of(limits.model), .runs = limits.schedules,
                                 .seconds = limits.seconds});
  graph::search_outcome const o = search.search({.progress = options.progress});
  search_result r{.result = o.result, .schedules = o.complete + o.spurious, .blocked = o.blocked,
                  .seconds = graph::processor_seconds() - begin, .steps = o.events, .message = o.message};
  if (o.result != verdict::pass) r.schedules = std::max<std::uint64_t>(r.schedules, 1);  // the one that was not ended
  r.covered = o.result != verdict::pass ? coverage::found
              : !o.finished             ? coverage::sampled
              : o.cut != 0              ? coverage::bounded
                                        : coverage::exhaustive;
  if (o.result != verdict::pass) tell(search, o, options, r);
  return r;
}

}  // namespace surewake::verify
