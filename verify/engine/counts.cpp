// surewake/verify/engine/counts.cpp: reads what the build put into the program.
#include <surewake/verify/engine/counts.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>

namespace surewake::verify {

namespace {

/// How long a search goes on that is known not to reach one preemption, and one that is known to end.
constexpr double seconds_in_vain = 0.1;
constexpr double seconds_to_end = 10;

template <std::size_t N> using table = std::map<std::string, std::array<std::uint64_t, N>, std::less<>>;

/// Reads lines "case,…" that end in N numbers; others, as the first one, are passed over.
template <std::size_t N> table<N> read_table(std::string const& file) {
  table<N> all;
  for (std::string const& text : source_lines(file)) {
    std::string_view line = text;
    std::array<std::uint64_t, N> numbers{};
    bool are_there = true;
    for (std::size_t i = N; i-- != 0 && are_there;) {
      std::size_t const comma = std::min(line.rfind(','), line.size());
      std::string_view const word = line.substr(std::min(comma + 1, line.size()));
      auto const [end, error] = std::from_chars(word.data(), word.data() + word.size(), numbers[i]);
      are_there = error == std::errc{} && end == word.data() + word.size();
      line = line.substr(0, comma);
    }
    if (are_there) all.emplace(line, numbers);
  }
  return all;
}

}  // namespace

std::optional<search_count> recorded_count(std::string_view name) {
  static table<2> const all = read_table<2>("verify/cases/counts.csv");
  auto const at = all.find(name);
  if (at == all.end()) return std::nullopt;
  return search_count{.schedules = at->second[0], .blocked = at->second[1]};
}

std::optional<unsigned> recorded_preemptions(std::string_view name) {
  static table<1> const all = read_table<1>("verify/cases/preemptions.csv");
  auto const at = all.find(name);
  return at == all.end() ? std::nullopt : std::optional(static_cast<unsigned>(at->second[0]));
}

bounds as_recorded(test_case const& c) {
  bounds b = c.limits;
  if (b.search != scheduler::bound || !c.what.bug.empty()) return b;
  auto const reached = recorded_preemptions(c.name);
  if (reached == 0U) {
    b.seconds = seconds_in_vain;
  } else if (reached || recorded_count(c.name)) {
    b.seconds = std::max(b.seconds, seconds_to_end);
    b.context_bound = std::min(b.context_bound, reached.value_or(b.context_bound));
  }
  return b;
}

bool visited_on_graphs(std::string_view name) {
  return recorded_count(std::string(name.substr(0, name.find('@'))) + "@graph").has_value();
}

}  // namespace surewake::verify
