#include <surewake/verify/engine/source_text.hpp>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace surewake::verify {

namespace {

source_file const* built(std::string_view file) {
  auto const all = built_sources();
  auto const found = std::ranges::find(all, file, &source_file::name);
  return found == all.end() ? nullptr : &*found;
}

struct folders {
  std::string ours{};
  std::string yours{};  // with a slash at its end, unless it is unknown
  std::string compiler{};
};
folders& known() {
  static folders f;
  return f;
}

/// Returns where `file` would be now.
std::filesystem::path now(std::string const& file) {
  std::filesystem::path const ours = std::filesystem::path(known().ours) / file;
  if (built(file) != nullptr) return ours;
  std::error_code error;
  for (std::filesystem::path const& at : {std::filesystem::path(known().yours) / file, ours}) {
    if (std::filesystem::exists(at, error)) return at;
  }
  return file;
}

bool is_part_of_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Returns the last name in an expression such as `p->next`, `w.home()` or `cells_[i].state`; empty where there is
/// none.
std::string last_name(std::string_view expression) {
  std::size_t end = expression.size();
  while (end != 0 && (expression[end - 1] == ' ' || expression[end - 1] == '\t')) --end;
  for (char const open : {'(', '['}) {  // what a call or an index has in its brackets says little
    char const close = open == '(' ? ')' : ']';
    if (end == 0 || expression[end - 1] != close) continue;
    std::size_t depth = 0;
    do {
      --end;
      depth += expression[end] == close ? 1U : 0U;
      depth -= expression[end] == open ? 1U : 0U;
    } while (end != 0 && depth != 0);
  }
  std::size_t begin = end;
  while (begin != 0 && is_part_of_name(expression[begin - 1])) --begin;
  std::string_view const name = expression.substr(begin, end - begin);
  bool const is_number = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0;
  return is_number ? std::string() : std::string(name);
}

}  // namespace

bool sources_are(std::string_view header, std::string_view root, std::string_view compiler) {
  if (!header.empty()) known().ours = std::filesystem::path(header).parent_path().string();
  if (!root.empty()) known().yours = std::string(root) + (root.ends_with('/') ? "" : "/");
  known().compiler = compiler;
  return true;
}

std::string_view cases_built_by() noexcept { return known().compiler; }

char const* name_of_source(char const* path) noexcept {
  char const* found = path;
  if (char const* const cases = std::strstr(path, "/verify/cases/")) found = cases + 1;
  for (char const* next = path; (next = std::strstr(next, "/surewake/")) != nullptr;) {
    next += std::strlen("/surewake/");
    // A checkout may itself be called surewake: the last one counts that a folder of ours follows.
    for (char const* const folder : {"core/", "queues/", "models/", "verify/"}) {
      if (std::strncmp(next, folder, std::strlen(folder)) == 0) found = next;
    }
  }
  std::string const& yours = known().yours;
  bool const is_yours = !yours.empty() && built(found) == nullptr && std::string_view(path).starts_with(yours);
  return is_yours ? path + yours.size() : found;
}

std::vector<std::string> const& source_lines(std::string const& file) {
  static std::map<std::string, std::vector<std::string>> read;
  auto const [at, fresh] = read.try_emplace(file);
  if (!fresh) return at->second;
  auto const split = [&](std::istream& in) {
    for (std::string line; std::getline(in, line);) at->second.push_back(line);
  };
  if (source_file const* const f = built(file)) {
    std::istringstream in{std::string(f->text)};
    split(in);
  } else {
    std::ifstream in(now(file));
    split(in);
  }
  return at->second;
}

bool changed_since_build(std::string const& file) {
  std::ifstream in(now(file), std::ios::binary);
  if (!in) return false;
  if (source_file const* const f = built(file))
    return std::string(std::istreambuf_iterator<char>(in), {}) != f->text;
  std::error_code error;
  auto const edited = std::filesystem::last_write_time(now(file), error);
  if (error) return false;
  auto const program = std::filesystem::last_write_time("/proc/self/exe", error);
  return !error && edited > program;
}

std::string variable_at(std::string const& file, unsigned line, unsigned column) {
  auto const& lines = source_lines(file);
  if (line == 0 || line > lines.size()) return {};
  std::string const& text = lines[line - 1];
  if (column == 0 || column > text.size()) return {};
  // The column is that of the parenthesis, or, of an object that is constructed, of its name.
  std::size_t open = column - 1;
  while (open != text.size() && is_part_of_name(text[open])) ++open;
  if (open == text.size() || text[open] != '(') return {};
  std::size_t begin = open;
  while (begin != 0 && is_part_of_name(text[begin - 1])) --begin;
  if (begin == open) return {};
  std::string before = text.substr(0, begin);
  auto const trim = [&before] {
    auto const last = before.find_last_not_of(" \t");
    before.resize(last == before.npos ? 0 : last + 1);
  };
  auto const ends_in_access = [&] {
    trim();
    std::size_t const access = before.ends_with("->") ? 2 : before.ends_with('.') ? 1 : 0;
    before.resize(before.size() - access);
    return access != 0;
  };
  bool access = ends_in_access();
  trim();
  if (before.empty() && line > 1) {  // the expression began on the line before
    before = lines[line - 2];
    access = access || ends_in_access();
  }
  if (access) return last_name(before);
  // P::await(word_, …), a guard of a lock: its first argument.
  std::string_view rest = std::string_view(text).substr(open + 1);
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t&*"), rest.size()));
  std::size_t end = 0;
  for (std::size_t depth = 0; end != rest.size(); ++end) {
    char const c = rest[end];
    if (depth == 0 && (c == ',' || c == ')')) break;
    depth += c == '(' || c == '[' ? 1U : 0U;
    depth -= c == ')' || c == ']' ? 1U : 0U;
  }
  return last_name(rest.substr(0, end));
}

}  // namespace surewake::verify
