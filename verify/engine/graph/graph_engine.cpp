#include <surewake/verify/engine/crash.hpp>
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

}  // namespace

search_result run_graph(test_case const& c, engine_options const& options) {
  catch_crashes({.ends_stack = &ends_stack, .report = &report_crash});
  bounds const& limits = options.limits;
  graph::runtime search(c.type, {.memory = model_of(limits.model), .runs = limits.schedules,
                                 .seconds = limits.seconds});
  graph::search_outcome const o = search.search({.progress = options.progress});
  search_result r{.result = o.result, .schedules = o.complete + o.spurious, .blocked = o.blocked,
                  .seconds = o.seconds, .steps = o.events, .message = o.message};
  if (o.result != verdict::pass) r.schedules = std::max<std::uint64_t>(r.schedules, 1);  // the one that was not ended
  r.covered = o.result != verdict::pass ? coverage::found
              : !o.finished             ? coverage::sampled
              : o.cut != 0              ? coverage::bounded
                                        : coverage::exhaustive;
  return r;
}

}  // namespace surewake::verify
