#include <surewake/bench/results/grid.hpp>

#include <doctest/doctest.h>

namespace grid_test {

using namespace surewake::bench;

namespace {

std::vector<grid> one() {
  return {{.title = "storm_1", .head = {"", "median"}, .lines = {{"a|b", "1.5 µs"}, {"long name"}}, .notes = {"5 %"}}};
}

}  // namespace

TEST_CASE("text has columns of equal width, by what a terminal shows") {
  CHECK(written(one(), table_format::text) ==
        "storm_1\n"
        "             median\n"
        "  a|b        1.5 µs\n"
        "  long name\n"
        "  5 %\n\n");
}

TEST_CASE("Markdown escapes the bar between cells") {
  CHECK(written(one(), table_format::markdown) ==
        "### storm_1\n\n"
        "|  | median |\n"
        "| --- | ---: |\n"
        "| a\\|b | 1.5 µs |\n"
        "| long name |  |\n"
        "\n5 %\n\n");
}

TEST_CASE("LaTeX has a table, with its special characters escaped") {
  CHECK(written(one(), table_format::latex) ==
        "\\begin{table}\n\\caption{storm\\_1}\n\\begin{tabular}{lr}\n\\hline\n"
        " & median \\\\\n\\hline\n"
        "a|b & 1.5 \\textmu{}s \\\\\n"
        "long name &  \\\\\n"
        "\\hline\n\\end{tabular}\n"
        "\n{\\footnotesize 5 \\%}\n"
        "\\end{table}\n\n");
  CHECK(latex_of("2 × 10^3 – {~}\\") ==
        "2 $\\times$ 10\\textasciicircum{}3 -- \\{\\textasciitilde{}\\}\\textbackslash{}");
}

}  // namespace grid_test
