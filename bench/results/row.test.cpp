#include <surewake/bench/results/row.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

namespace row_test {

using namespace surewake::bench;

TEST_CASE("every field has a name of its own, which no metric has") {
  std::set<std::string> names{"marks", "metrics", "record"};  // the others of a line in the file
  for (auto const& f : text_fields) CHECK_MESSAGE(names.insert(f.name).second, f.name);
  for (auto const& f : number_fields) CHECK_MESSAGE(names.insert(f.name).second, f.name);
  for (auto const& m : known_metrics) CHECK_MESSAGE(names.insert(std::string(m.name)).second, m.name);
}

TEST_CASE("a quantity is a field, or a metric by its name") {
  row r;
  r.elapsed_ns = 7;
  r.metrics.set("cpu_ns", 8);
  CHECK(quantity(&row::elapsed_ns).of(r) == 7);
  CHECK(quantity("cpu_ns").of(r) == 8);
  CHECK(std::isnan(quantity("cycles").of(r)));
  CHECK(std::isnan(quantity(&row::permits).of(r)));
}

}  // namespace row_test
