#include <surewake/verify/program/select.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace surewake::verify {

namespace {

/// Counts the insertions, deletions and replacements that lead from a to b.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i != a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j != b.size(); ++j) {
      std::size_t const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

/// Returns "; near it: …", with the cases, and where they would do the models, that look most like `text`.
std::string near_matches(std::vector<test_case> const& all, std::string_view text, bool models_too) {
  if (text.size() > 200) return fmt::format("; `{} list` shows all", program::program_name());  // no name is as long
  std::vector<std::pair<std::size_t, std::string_view>> found;
  for (test_case const& c : all) {
    for (std::string_view const name : {std::string_view(c.name), std::string_view(c.model)}) {
      if (!models_too && name != c.name) continue;
      if (std::ranges::find(found, name, &std::pair<std::size_t, std::string_view>::second) != found.end()) continue;
      // What contains the text, or begins with it, is near, however long the rest is.
      found.emplace_back(name.find(text) != name.npos ? 0 : distance(text, name), name);
    }
  }
  std::ranges::stable_sort(found, {}, &std::pair<std::size_t, std::string_view>::first);
  std::erase_if(found, [&](auto const& f) { return f.first > std::max(text.size(), f.second.size()) / 2; });
  if (found.empty()) return fmt::format("; `{} list` shows all", program::program_name());
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i != std::min<std::size_t>(found.size(), 4); ++i) names.push_back(found[i].second);
  return fmt::format("; near it: {}", fmt::join(names, ", "));
}

bool matches_whole(std::string_view pattern, std::string_view name) {
  // A later star makes up for whatever an earlier one took too little of: only the last one is ever taken back.
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = pattern.npos;  // the last one that was passed,
  std::size_t after = 0;            // and where in the name it ends
  while (n != name.size()) {
    if (p != pattern.size() && pattern[p] == '*') {
      star = p++;
      after = n;
    } else if (p != pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != pattern.npos) {
      p = star + 1;
      n = ++after;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == pattern.npos;
}

}  // namespace

bool matches(std::string_view pattern, std::string_view name) {
  return pattern.find_first_of("*?") == pattern.npos ? name.find(pattern) != name.npos : matches_whole(pattern, name);
}

shard parse_shard(std::string_view text) {
  shard s{0, 0};
  auto const slash = text.find('/');
  auto const number = [](std::string_view part, unsigned& out) {
    auto const [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc{} && end == part.data() + part.size();
  };
  bool const read =
      slash != text.npos && number(text.substr(0, slash), s.index) && number(text.substr(slash + 1), s.count);
  if (!read || s.count == 0 || s.index == 0 || s.index > s.count) {
    throw usage_error(fmt::format("--shard '{}': it must be i/n with i from 1 to n and n from 1 to {}, such as 2/3",
                                  text, std::numeric_limits<unsigned>::max()));
  }
  return s;
}

std::vector<test_case const*> select(std::vector<test_case> const& all, std::vector<std::string> const& patterns,
                                     shard part) {
  std::vector<bool> chosen(all.size(), patterns.empty());
  for (std::string const& pattern : patterns) {
    if (pattern.empty()) throw usage_error("pattern '': it must not be empty; without a pattern all cases are meant");
    bool any = false;
    auto const exact = std::ranges::find(all, pattern, &test_case::name);
    for (std::size_t i = 0; i != all.size(); ++i) {
      if (exact != all.end() ? all[i].name != pattern : !matches(pattern, all[i].name)) continue;
      chosen[i] = any = true;
    }
    if (!any) throw usage_error(fmt::format("no case matches \"{}\"{}", pattern, near_matches(all, pattern, true)));
  }
  std::vector<test_case const*> selected;
  for (std::size_t i = 0; i != all.size(); ++i) {
    if (chosen[i]) selected.push_back(&all[i]);
  }
  if (selected.empty()) throw usage_error("there are no cases");
  std::vector<test_case const*> mine;
  for (std::size_t i = part.index - 1; i < selected.size(); i += part.count) mine.push_back(selected[i]);
  if (mine.empty()) {
    throw usage_error(
        fmt::format("--shard {}/{} is empty: only {} cases are selected", part.index, part.count, selected.size()));
  }
  return mine;
}

test_case const& find_case(std::vector<test_case> const& all, std::string_view name) {
  auto const found = std::ranges::find(all, name, &test_case::name);
  if (found == all.end()) {
    throw usage_error(fmt::format("no case is named \"{}\"{}", name, near_matches(all, name, false)));
  }
  return *found;
}

}  // namespace surewake::verify
