#include <surewake/verify/engine/graph/token.hpp>
#include <surewake/verify/engine/seed.hpp>

#include <fmt/format.h>

#include <charconv>
#include <sstream>
#include <stdexcept>

namespace surewake::verify {

namespace {

constexpr std::string_view kinds =
    "slcmu";  // schedule, load, compare-exchange failure, memory, other: Relacy's numbers 0–4
constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";

[[noreturn]] void refuse(std::string_view seed) {
  throw std::invalid_argument(fmt::format(
      "\"{}\" is no seed: a number from 1 on for the random search, or what a run reported (b2.…, f.…, sc.…, graph.…)",
      seed));
}

/// Returns what the token of an execution says of its search; the engine takes the rest from the token itself.
[[nodiscard]] schedule_name of_token(std::string_view token) {
  schedule_name s{.search = scheduler::graph, .state = std::string(token)};
  switch (graph::parse_token(token).memory) {
    case graph::memory_model::sc: s.model = memory::sequential; break;
    case graph::memory_model::rc11: s.model = memory::rc11; break;
    case graph::memory_model::cpp20: s.model = memory::cxx; break;
  }
  return s;
}

}  // namespace

std::string to_seed(schedule_name const& s) {
  std::string text = s.model == memory::sequential ? "sc." : "";
  if (s.search == scheduler::random) {
    std::istringstream in(s.state);
    std::uint64_t iteration = 0;
    in >> iteration;
    return text + std::to_string(iteration);
  }
  text += s.search == scheduler::bound ? fmt::format("b{}.", s.context_bound) : "f.";
  std::istringstream in(s.state);
  std::uint64_t iteration = 0;
  std::size_t size = 0;
  in >> iteration >> size;
  for (std::size_t i = 0; i != size; ++i) {
    std::size_t count = 0;
    std::size_t index = 0;
    std::size_t kind = 0;
    if (!(in >> count >> index >> kind) || count >= digits.size() || index >= count || kind >= kinds.size()) {
      throw std::logic_error("a state of Relacy's search is not understood: " + s.state);
    }
    text += {kinds[kind], digits[count], digits[index]};
  }
  return text;
}

schedule_name parse_seed(std::string_view const seed) {
  if (graph::is_token(seed)) return of_token(seed);
  schedule_name s;
  std::string_view rest = seed;
  if (rest.starts_with("sc.")) {
    s.model = memory::sequential;
    rest.remove_prefix(3);
  }
  if (rest.starts_with("b") || rest.starts_with("f.")) {
    s.search = rest[0] == 'b' ? scheduler::bound : scheduler::full;
    auto const dot = rest.find('.');
    if (dot == rest.npos) refuse(seed);
    if (s.search == scheduler::bound) {
      auto const [end, error] = std::from_chars(rest.data() + 1, rest.data() + dot, s.context_bound);
      if (error != std::errc{} || end != rest.data() + dot) refuse(seed);
    }
    rest.remove_prefix(dot + 1);
    if (rest.empty() || rest.size() % 3 != 0) refuse(seed);
    s.state = fmt::format("1 {}", rest.size() / 3);
    for (; !rest.empty(); rest.remove_prefix(3)) {
      auto const kind = kinds.find(rest[0]);
      auto const count = digits.find(rest[1]);
      auto const index = digits.find(rest[2]);
      if (kind == kinds.npos || count == digits.npos || index == digits.npos || index >= count) refuse(seed);
      s.state += fmt::format(" {} {} {}", count, index, kind);
    }
    return s;
  }
  std::uint64_t iteration = 0;
  auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), iteration);
  if (error != std::errc{} || end != rest.data() + rest.size() || iteration == 0) refuse(seed);
  s.state = std::to_string(iteration);
  return s;
}

}  // namespace surewake::verify
