#include <surewake/verify/engine/case.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>

namespace surewake::verify {

namespace {

/// How far the graph engine searches a model, unless it is asked for more.
constexpr bounds graph_search{.search = scheduler::graph, .schedules = 1'000'000'000, .seconds = 0.1};

struct registry {
  std::vector<test_case> cases{};
  std::set<std::string, std::less<>> names{};
  std::vector<std::string> errors{};
};
registry& registered() {
  static registry r;
  return r;
}

/// Returns the search of the same model instance by the graph engine. What is searched in interleavings alone, and must
/// pass there, is so because weak memory breaks it, unless the bounds say otherwise.
[[nodiscard]] test_case on_graphs(test_case c, std::string const& instance) {
  bool const sequential =
      c.limits.model == memory::sequential && !c.limits.weak_on_graphs && c.what.expect == verdict::pass;
  c.name = instance + '@' + std::string(to_string(scheduler::graph));
  c.what.expect = c.what.on_graphs.value_or(c.what.expect);
  double const seconds =
      c.what.expect == verdict::pass ? graph_search.seconds : std::max(graph_search.seconds, c.limits.seconds);
  bool const reuse = c.limits.reuse;
  c.limits = graph_search;
  c.limits.seconds = seconds;
  c.limits.reuse = reuse;
  if (sequential) {
    c.limits.model = memory::sequential;
    c.name += '@' + std::string(to_string(memory::sequential));
  }
  if (reuse) c.name += "@reuse";
  return c;
}

[[nodiscard]] bool is_named(std::string_view name) { return registered().names.contains(name); }

/// Returns what the cases of `model` ask that say it; empty where none does.
std::string question_of(std::string const& model) {
  auto const says = [&](test_case const& c) { return c.model == model && !c.what.question.empty(); };
  auto const found = std::ranges::find_if(registered().cases, says);
  return found == registered().cases.end() ? std::string() : found->what.question;
}

}  // namespace

std::string_view to_string(verdict v) noexcept {
  switch (v) {
    case verdict::pass: return "pass";
    case verdict::deadlock: return "deadlock";
    case verdict::livelock: return "livelock";
    case verdict::data_race: return "data race";
    case verdict::broken_law: return "broken law";
    case verdict::use_after_free: return "use after free";
    case verdict::out_of_range: return "out of range";
    case verdict::double_free: return "double free";
    case verdict::leak: return "leak";
    case verdict::uninitialised: return "uninitialised read";
    case verdict::mutex_misuse: return "mutex misuse";
    case verdict::exception: return "exception";
    case verdict::crash: return "crash";
    case verdict::blocked: return "blocked";
    case verdict::too_many_steps: return "too many steps";
    case verdict::weak_claim: return "weak claim";
  }
  return "?";
}

std::string_view to_string(coverage c) noexcept {
  switch (c) {
    case coverage::exhaustive: return "exhaustive";
    case coverage::bounded: return "bounded";
    case coverage::sampled: return "sampled";
    case coverage::found: return "found";
  }
  return "?";
}

std::string_view to_string(scheduler s) noexcept {
  switch (s) {
    case scheduler::random: return "random";
    case scheduler::bound: return "bound";
    case scheduler::full: return "full";
    case scheduler::graph: return "graph";
  }
  return "?";
}

std::string_view to_string(memory m) noexcept {
  switch (m) {
    case memory::cxx: return "c++";
    case memory::sequential: return "sc";
    case memory::rc11: return "rc11";
  }
  return "?";
}

suite::suite(std::string model, std::string question) : model_(std::move(model)), question_(std::move(question)) {}

void suite::enter(model_type type, labels what, bounds limits) {
  test_case c{.name = model_, .model = model_, .what = std::move(what), .limits = limits, .type = std::move(type)};
  if (c.what.question.empty()) c.what.question = question_;
  for (std::string const* part : {&c.what.queue, &c.what.discipline, &c.what.variant}) {
    if (!part->empty()) c.name += '/' + *part;
  }
  if (!c.what.bug.empty()) {
    c.name += '#' + c.what.bug;
    // The search ends when the bug is found: on a slow machine it may take its time.
    c.limits.seconds = std::max(c.limits.seconds, bounds{}.seconds);
  }
  std::string const instance = c.name;
  if (limits.search != scheduler::random) c.name += '@' + std::string(to_string(limits.search));
  if (limits.model != memory::cxx) c.name += '@' + std::string(to_string(limits.model));
  if (limits.search == scheduler::graph && limits.reuse) c.name += "@reuse";

  test_case graph = on_graphs(c, instance);
  bool const fit = c.type.operations.empty() && c.type.interleavings_only == nullptr;
  if (add(std::move(c)) && fit && !is_named(graph.name)) add(std::move(graph));
}

bool suite::add(test_case c) {
  registry& r = registered();
  std::size_t const errors = r.errors.size();
  if (c.what.question.empty()) r.errors.push_back("the case " + c.name + " has no question");
  try {
    std::array const scenes{c.what.variant, c.what.discipline};
    if (!c.type.operations.empty() && c.what.claims.empty())
      throw std::invalid_argument("nothing is claimed of its operations: `progress` of a strategy claims it");
    if (!c.type.operations.empty()) c.claims = parse_claims(c.what.claims, scenes, c.type.operations);
  } catch (std::invalid_argument const& e) {
    r.errors.push_back("the case " + c.name + ": " + e.what());
  }
  if (is_named(c.name)) {
    r.errors.push_back("two cases are named " + c.name);
  } else if (!c.what.bug.empty() && c.what.expect == verdict::pass && !c.what.on_graphs) {
    r.errors.push_back("the case " + c.name + " has a bug, so it must name the verdict that catches it");
  } else {
    r.names.insert(c.name);
    r.cases.push_back(std::move(c));
  }
  return r.errors.size() == errors;
}

std::vector<test_case> const& all_cases() {
  std::vector<test_case>& cases = registered().cases;
  if (!std::ranges::is_sorted(cases, {}, &test_case::name)) std::ranges::sort(cases, {}, &test_case::name);
  for (test_case& c : cases) {
    if (c.what.question.empty()) c.what.question = question_of(c.model);
  }
  return cases;
}
std::vector<std::string> const& registration_errors() { return registered().errors; }

}  // namespace surewake::verify
