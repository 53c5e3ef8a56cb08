// surewake/bench/results/old_file.cpp: reads the CSV of version 1.
#include <surewake/bench/results/file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

namespace surewake::bench {
namespace {

std::vector<std::string> fields_of(std::string const& line) {
  std::vector<std::string> fields(1);
  bool inside = false;
  for (char const c : line) {
    if (c == '"') {
      inside = !inside;
    } else if (c == ',' && !inside) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

/// Sets the field that the column names; a column of no field (version, commit, machine) is passed over.
///
/// Returns  whether the text fits.
bool set(row& r, std::string const& column, std::string const& text) {
  for (auto const& f : text_fields) {
    if (column == f.name) r.*f.field = text;
  }
  if (text.empty()) return true;
  for (auto const& f : number_fields) {
    if (column != f.name) continue;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), r.*f.field);
    return error == std::errc{} && end == text.data() + text.size();
  }
  return true;
}

}  // namespace

std::vector<row> read_csv(std::filesystem::path const& file) {
  std::ifstream in(file);
  if (!in) throw bad_results(fmt::format("cannot read {}", file.string()));
  std::string line;
  std::getline(in, line);
  auto const columns = fields_of(line);
  for (char const* const needed : {"workload", "scenario", "contestant", "kind", "repeat"}) {
    if (std::ranges::find(columns, needed) != columns.end()) continue;
    throw bad_results(fmt::format("{}: its first line does not name the column {}", file.string(), needed));
  }
  std::vector<row> rows;
  for (std::size_t number = 2; std::getline(in, line); ++number) {
    auto const fields = fields_of(line);
    if (fields.size() != columns.size()) {
      throw bad_results(
          fmt::format("{}:{}: {} fields, expected {}", file.string(), number, fields.size(), columns.size()));
    }
    row r;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (set(r, columns[i], fields[i])) continue;
      throw bad_results(
          fmt::format("{}:{}: column {} is not a number: '{}'", file.string(), number, columns[i], fields[i]));
    }
    if (r.preemptions > 0) r.marks.emplace_back("preempted");
    rows.push_back(std::move(r));
  }
  return rows;
}

}  // namespace surewake::bench
