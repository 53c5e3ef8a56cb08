#include <surewake/verify/program/condensed.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

namespace surewake::verify {

namespace {

/// Calls `found(begin, end, kind, number)` for each {s4} and {o2} of a note.
template <class F> void each_name(std::string const& note, F found) {
  for (auto at = note.find('{'); at != note.npos; at = note.find('{', at + 1)) {
    std::size_t number = 0;
    char const* const end = note.data() + note.size();
    if (at + 2 >= note.size() || (note[at + 1] != 's' && note[at + 1] != 'o')) continue;
    auto const [stop, error] = std::from_chars(note.data() + at + 2, end, number);
    if (error != std::errc{} || stop == end || *stop != '}') continue;
    found(at, static_cast<std::size_t>(stop - note.data()) + 1, note[at + 1], number);
  }
}

/// Ranks what is worth showing: 0 always, 1 where several threads meet, 2 the rest.
[[nodiscard]] std::vector<unsigned> ranks(search_result const& o, std::vector<std::size_t> const& steps) {
  std::set<std::size_t> named;
  for (std::string const& note : o.notes) {
    for (std::size_t const s : named_steps(note)) named.insert(s);
  }
  std::map<unsigned, std::set<int>> users;
  std::map<int, std::size_t> last;
  for (std::size_t const s : steps) {
    users[o.trace[s].object].insert(o.trace[s].thread);
    last[o.trace[s].thread] = s;
  }
  std::vector<unsigned> result;
  for (std::size_t const s : steps) {
    step const& x = o.trace[s];
    bool const always = named.contains(s) || x.stale || last[x.thread] == s;
    bool const shared = x.object != 0 && users[x.object].size() > 1;
    result.push_back(always ? 0 : shared ? 1 : 2);
  }
  return result;
}

[[nodiscard]] std::size_t lines_of(std::vector<bool> const& kept) {
  std::size_t lines = 0;
  for (std::size_t i = 0; i != kept.size(); ++i) lines += kept[i] || i == 0 || kept[i - 1] ? 1U : 0U;
  return lines;
}

}  // namespace

std::vector<bool> condensed(search_result const& o, std::vector<std::size_t> const& steps, std::size_t most) {
  std::vector<bool> kept(steps.size(), true);
  std::vector<unsigned> const rank = ranks(o, steps);
  // The least worth goes first, and of that the earliest, until the rest fits.
  for (unsigned worth = 2; worth != 0; --worth) {
    for (std::size_t i = 0; i != steps.size() && lines_of(kept) > most; ++i) {
      if (rank[i] == worth) kept[i] = false;
    }
  }
  return kept;
}

std::vector<std::size_t> named_steps(std::string const& note) {
  std::vector<std::size_t> all;
  each_name(note, [&](std::size_t, std::size_t, char kind, std::size_t number) {
    if (kind == 's') all.push_back(number);
  });
  return all;
}

std::string note_text(std::string const& note, std::function<std::string(std::size_t)> const& step,
                      std::function<std::string(unsigned)> const& object) {
  std::string text;
  std::size_t done = 0;
  each_name(note, [&](std::size_t begin, std::size_t end, char kind, std::size_t number) {
    text += note.substr(done, begin - done);
    text += kind == 's' ? step(number) : object(static_cast<unsigned>(number));
    done = end;
  });
  return text + note.substr(done);
}

std::string wrapped(std::string const& text, std::size_t columns) {
  std::string all;
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find(' ', at), text.size());
    std::string const word = text.substr(at, end - at);
    if (width != 0 && width + 1 + word.size() > columns) {
      all += "\n  ";
      width = 2;
    } else if (width != 0) {
      all += ' ';
      ++width;
    }
    all += word;
    width += word.size();
    at = end + 1;
  }
  return all;
}

}  // namespace surewake::verify
