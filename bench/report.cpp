#include <surewake/bench/report.hpp>

#include <surewake/bench/table.hpp>

#include <fmt/format.h>

namespace surewake::bench {

void write_report(results const& r, std::filesystem::path const& dir) {
  std::ofstream out(dir / "report.html");
  out << "<!doctype html><meta charset=\"utf-8\"><title>surewake-bench</title><pre>" << table_of(r) << "</pre>\n" << std::flush;
  if (!out) throw bad_results(fmt::format("cannot write {}", (dir / "report.html").string()));
}

}  // namespace surewake::bench
