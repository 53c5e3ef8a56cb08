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

template <class T> using by_case = std::map<std::string, T, std::less<>>;

/// Returns the words of a line "case,…", of which only the last N - 1 have no comma; nothing where they are not there.
template <std::size_t N> std::optional<std::array<std::string_view, N>> words_of(std::string_view line) {
  std::array<std::string_view, N> words;
  for (std::size_t i = N - 1; i != 0; --i) {
    std::size_t const comma = line.rfind(',');
    if (comma == line.npos) return std::nullopt;
    words[i] = line.substr(comma + 1);
    line = line.substr(0, comma);
  }
  words[0] = line;
  return words;
}

template <class T> bool read(std::string_view text, T& n) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  return error == std::errc{} && end == text.data() + text.size();
}

template <class T> std::optional<T> found(by_case<T> const& all, std::string_view name) {
  auto const at = all.find(name);
  return at == all.end() ? std::nullopt : std::optional(at->second);
}

}  // namespace

std::optional<search_count> recorded_count(std::string_view name) {
  static by_case<search_count> const all = [] {
    by_case<search_count> recorded;
    std::string const file = "verify/cases/counts.csv";
    for (std::string const& line : source_lines(file)) {
      search_count c;
      if (auto const w = words_of<3>(line); w && read((*w)[1], c.schedules) && read((*w)[2], c.blocked))
        recorded.emplace((*w)[0], c);
    }
    return recorded;
  }();
  return found(all, name);
}

std::optional<unsigned> recorded_preemptions(std::string_view name) {
  static by_case<unsigned> const all = [] {
    by_case<unsigned> recorded;
    std::string const file = "verify/cases/preemptions.csv";
    for (std::string const& line : source_lines(file)) {
      unsigned n = 0;
      if (auto const w = words_of<2>(line); w && read((*w)[1], n)) recorded.emplace((*w)[0], n);
    }
    return recorded;
  }();
  return found(all, name);
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
