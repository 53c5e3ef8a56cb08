#include <surewake/verify/engine/crash.hpp>
#include <surewake/verify/engine/graph/counterexample.hpp>
#include <surewake/verify/engine/graph/drawing.hpp>
#include <surewake/verify/engine/graph/graph_engine.hpp>
#include <surewake/verify/engine/graph/orders.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

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

[[nodiscard]] graph::search_limits limits_of(engine_options const& o) noexcept {
  bounds const& b = o.limits;
  return {.memory = model_of(b.model), .runs = b.schedules, .executions = o.on_graphs.executions,
          .seconds = b.seconds, .bytes = o.on_graphs.bytes,
          .reuse = b.reuse};
}

[[nodiscard]] search_result result_of(graph::search_outcome const& o) {
  search_result r{.result = o.result, .schedules = o.executions(), .blocked = o.blocked, .seconds = o.seconds,
                  .steps = o.events, .seed = o.token, .message = o.message, .share = o.share, .ended = o.ended};
  if (o.result != verdict::pass) r.schedules = std::max<std::uint64_t>(r.schedules, 1);  // the one that was not ended
  r.covered = o.result != verdict::pass ? coverage::found
              : !o.finished             ? coverage::sampled
              : o.cut != 0              ? coverage::bounded
                                        : coverage::exhaustive;
  return r;
}

/// Returns what tells builds apart that may visit other executions.
[[nodiscard]] std::string built_from() {
  std::uint64_t digest = 0xCBF2'9CE4'8422'2325;  // FNV-1a
  auto const add = [&](std::string_view text) {
    for (char const c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3;
  };
  for (source_file const& f : built_sources()) {
    if (f.name.ends_with(".csv")) continue;
    add(f.name);
    add(f.text);
  }
#ifdef NDEBUG
  return fmt::format("sources {:016x}", digest);
#else
  return fmt::format("sources {:016x}, with assertions", digest);
#endif
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

constexpr std::uint64_t runs_for_sites = 1'000;
constexpr std::uint64_t random_runs_for_sites = 300;

/// Runs a few executions, and says which operations of the source they have.
[[nodiscard]] search_result find_sites(test_case const& c, graph::search_limits limits,
                                       graph::search_control const& control) {
  limits.runs = std::min(limits.runs, runs_for_sites);
  graph::runtime search(c.type, limits);
  std::vector<graph::executed_site> seen;
  graph::watch w;
  w.takes_notes = false;
  w.executed = &seen;
  graph::search_outcome o = search.search(w, control);
  if (o.result == verdict::pass && !o.finished) {
    search.run_at_random(w, random_runs_for_sites);
    o = search.outcome();
  }
  search_result r = result_of(o);
  for (graph::executed_site const& x : seen)
    r.sites.push_back({name_of_source(x.at.file_name()), x.at.line(), x.at.column(), x.what, x.on_failure, x.with});
  return r;
}

/// Searches with the orders that options.weaken names.
[[nodiscard]] graph::search_outcome search_lowered(graph::runtime& search, std::vector<lowered> const& all,
                                                   graph::search_control const& control) {
  graph::watch w;
  w.takes_notes = false;
  for (lowered const& l : all)
    w.others.push_back({l.at.what, l.at.on_failure, l.at.file, l.at.line, l.at.column, graph::to_graph(l.to)});
  return search.search(w, control);
}

}  // namespace

search_result run_graph(test_case const& c, engine_options const& options) {
  double const begin = graph::processor_seconds();
  catch_crashes({.ends_stack = &ends_stack, .report = &report_crash});
  if (options.replay && graph::is_token(options.seed)) return run_token(c, options);
  graph::search_limits const limits = limits_of(options);
  graph::search_control const control{.progress = options.progress};
  if (options.sites) return find_sites(c, limits, control);
  graph::runtime search(c.type, limits);
  graph::search_outcome const o =
      options.weaken.empty() ? search.search(control) : search_lowered(search, options.weaken, control);
  search_result r = result_of(o);
  r.seconds = graph::processor_seconds() - begin;
  if (!options.weaken.empty()) {
    r.seed.clear();  // it would be that of an execution with other orders
  } else if (o.result != verdict::pass) {
    tell(search, o, options, r);
  }
  return r;
}

search_result search_graph(test_case const& c, engine_options const& options, graph::search_options how,
                           std::string& unsaved) {
  catch_crashes({.ends_stack = &ends_stack, .report = &report_crash});
  how.limits = limits_of(options);
  how.limits.looks_around = false;
  how.built_from = built_from();
  graph::search_outcome o = graph::search_model(c.type, c.name, how);
  unsaved = std::move(o.unsaved);
  return result_of(o);
}

}  // namespace surewake::verify
