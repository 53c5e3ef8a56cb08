#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/references.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace surewake::program {

namespace {

/// Returns the text without the braces and backslashes that are BibTeX's.
std::string bare(std::string_view text) {
  std::string all(text);
  std::erase_if(all, [](char c) { return c == '{' || c == '}' || c == '\\'; });
  return all;
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    std::size_t const end = std::min(text.find(separator, at), text.size());
    if (end != at) parts.emplace_back(text.substr(at, end - at));
    at = end + separator.size();
  }
  return parts;
}

void set_field(source& s, std::string_view name, std::string_view value) {
  if (name == "author") {
    for (std::string const& author : split(value, " and ")) s.authors.push_back(bare(author));
  } else if (name == "url") {
    s.url = value;
  } else {
    std::string& field = name == "title" ? s.title : name == "year" ? s.year : name == "note" ? s.note : s.venue;
    field = bare(value);
  }
}

/// Reads an entry: `@type{key,`, then a field a line, `  name = {value},`, then `}`.
source source_in(std::string const& entry) {
  source s{.text = entry};
  std::vector<std::string> const lines = split(entry, "\n");
  std::string_view const head = lines.front();
  std::size_t const brace = head.find('{');
  s.type = head.substr(1, brace - 1);
  s.key = head.substr(brace + 1, head.size() - brace - 2);
  for (std::string_view const line : lines) {
    std::size_t const equals = line.find(" = {");
    if (!line.starts_with("  ") || equals == line.npos) continue;
    std::size_t const begin = equals + 4;
    set_field(s, line.substr(2, equals - 2), line.substr(begin, line.rfind('}') - begin));
  }
  return s;
}

char const* cff_type(std::string_view type) {
  return type == "article"         ? "article"
         : type == "inproceedings" ? "conference-paper"
         : type == "techreport"    ? "report"
         : type == "book"          ? "book"
                                   : "generic";
}

std::string yaml(std::string_view text) {
  std::string out = "\"";
  for (char const c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + '"';
}

std::string cff_author(std::string_view name) {
  auto const comma = name.find(", ");
  if (comma == name.npos) return fmt::format("      - name: {}\n", yaml(name));  // a group
  return fmt::format("      - family-names: {}\n        given-names: {}\n", yaml(name.substr(0, comma)),
                     yaml(name.substr(comma + 2)));
}

std::string cff_venue(source const& s) {
  if (s.venue.empty()) return "";
  if (s.type == "article") return fmt::format("    journal: {}\n", yaml(s.venue));
  if (s.type == "inproceedings") return fmt::format("    collection-title: {}\n", yaml(s.venue));
  return fmt::format("    {}:\n      name: {}\n", s.type == "techreport" ? "institution" : "publisher", yaml(s.venue));
}

}  // namespace

std::vector<source> const& all_sources() {
  static std::vector<source> const all = [] {
    std::vector<source> read;
    for (std::string const& entry : split(detail::bibliography(), "\n\n")) read.push_back(source_in(entry));
    if (!read.empty() && read.back().text.ends_with('\n')) read.back().text.pop_back();
    return read;
  }();
  return all;
}

source const& source_of(std::string_view key) {
  auto const at = std::ranges::find(all_sources(), key, &source::key);
  if (at == all_sources().end()) throw std::out_of_range(fmt::format("references.bib has no {}", key));
  return *at;
}

std::vector<source> cited_by(std::string_view header) {
  std::vector<source> all;
  for (detail::citing const& c : detail::citing_headers()) {
    if (c.header == header) add_sources(all, {source_of(c.key)});
  }
  return all;
}

std::set<std::string> citing_headers() {
  std::set<std::string> all;
  for (detail::citing const& c : detail::citing_headers()) all.emplace(c.header);
  return all;
}

void add_sources(std::vector<source>& all, std::vector<source> const& more) {
  for (source const& s : more) {
    if (std::ranges::find(all, s.key, &source::key) == all.end()) all.push_back(s);
  }
}

std::string bibtex_of(std::vector<source> const& all, std::string_view version, std::string_view commit) {
  std::string out = fmt::format(
      "@misc{{surewake,\n  author = {{{{The surewake authors}}}},\n  title = {{{{surewake: waiter-queue strategies "
      "behind one semaphore, model-checked and measured}}}},\n  note = {{version {}, commit {}}}\n}}\n",
      version, commit);
  for (source const& s : all) out += '\n' + s.text + '\n';
  return out;
}

std::string cff_of(std::vector<source> const& all, std::string_view version, std::string_view commit) {
  std::string out = fmt::format(
      "cff-version: 1.2.0\nmessage: {}\ntitle: {}\ntype: software\nauthors:\n  - name: surewake authors\nversion: "
      "{}\ncommit: {}\n",
      yaml("If you use these results, please cite surewake and the sources of the rows you use."),
      yaml("surewake: waiter-queue strategies behind one semaphore, model-checked and measured"), yaml(version),
      yaml(commit));
  if (!all.empty()) out += "references:\n";
  for (source const& s : all) {
    out += fmt::format("  - type: {}\n    title: {}\n    authors:\n", cff_type(s.type), yaml(s.title));
    for (std::string const& name : s.authors) out += cff_author(name);
    if (!s.year.empty()) out += fmt::format("    year: {}\n", s.year);
    out += cff_venue(s);
    if (!s.note.empty()) out += fmt::format("    notes: {}\n", yaml(s.note));
    if (!s.url.empty()) out += fmt::format("    url: {}\n", yaml(s.url));
  }
  return out;
}

std::string citations_of(std::vector<source> const& all, std::string_view format, std::string_view version,
                         std::string_view commit) {
  if (format == "bibtex") return bibtex_of(all, version, commit);
  if (format == "cff") return cff_of(all, version, commit);
  throw usage_error(fmt::format("--format '{}': it must be bibtex or cff", format));
}

}  // namespace surewake::program
