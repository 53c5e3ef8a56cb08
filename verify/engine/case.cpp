#include <surewake/verify/engine/case.hpp>

#include <algorithm>
#include <stdexcept>

namespace surewake::verify {

namespace {

struct registry {
  std::vector<test_case> cases{};
  std::vector<std::string> errors{};
};
registry& registered() {
  static registry r;
  return r;
}

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
  }
  return "?";
}

std::string_view to_string(memory m) noexcept { return m == memory::cxx ? "c++" : "sc"; }

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
  if (limits.search != scheduler::random) c.name += '@' + std::string(to_string(limits.search));
  if (limits.model != memory::cxx) c.name += '@' + std::string(to_string(limits.model));

  registry& r = registered();
  if (c.what.question.empty()) r.errors.push_back("the case " + c.name + " has no question");
  try {
    std::array const scenes{c.what.variant, c.what.discipline};
    if (!c.type.operations.empty() && c.what.claims.empty())
      throw std::invalid_argument("nothing is claimed of its operations: `progress` of a strategy claims it");
    if (!c.type.operations.empty()) c.claims = parse_claims(c.what.claims, scenes, c.type.operations);
  } catch (std::invalid_argument const& e) {
    r.errors.push_back("the case " + c.name + ": " + e.what());
  }
  auto const at = std::ranges::lower_bound(r.cases, c.name, {}, &test_case::name);
  if (at != r.cases.end() && at->name == c.name) {
    r.errors.push_back("two cases are named " + c.name);
  } else if (!c.what.bug.empty() && c.what.expect == verdict::pass) {
    r.errors.push_back("the case " + c.name + " has a bug, so it must name the verdict that catches it");
  } else {
    r.cases.insert(at, std::move(c));
  }
}

std::vector<test_case> const& all_cases() {
  for (test_case& c : registered().cases) {
    if (c.what.question.empty()) c.what.question = question_of(c.model);
  }
  return registered().cases;
}
std::vector<std::string> const& registration_errors() { return registered().errors; }

}  // namespace surewake::verify
