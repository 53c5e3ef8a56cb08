#include <surewake/verify/program/each_program.hpp>
#include <surewake/verify/program/litmus.hpp>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace surewake::verify;

namespace {

/// A file with some text, for one test.
class scratch {
 public:
  explicit scratch(std::string const& text)
      : path_(std::filesystem::temp_directory_path() / ("litmus." + std::to_string(::getpid()))) {
    std::ofstream(path_) << text;
  }
  scratch(scratch const&) = delete;
  scratch& operator=(scratch const&) = delete;
  ~scratch() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string name() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("litmus: a line has the names of the fields of the data, and its states in their form") {
  graph::program const p = graph::parse_program({"A r x 1 rlx", "A r x 1 rlx"});
  graph::exploration const found = graph::explore(p, graph::memory_model::cpp20);
  CHECK(litmus_line("two", "cpp20", found) ==
        R"({"name":"two","model":"cpp20","executions":2,"blocked":0,"states":["0:r=0 1:r=1 x=2","0:r=1 1:r=0 x=2"],)"
        R"("counts":[1,1],"race":false,"duplicates":0})");
  auto const with = [&](std::string const& differs) {
    return nlohmann::json::parse(litmus_line("two", "cpp20", found, differs));
  };
  CHECK(with("").at("as_expected") == true);
  CHECK_FALSE(with("").contains("differs"));
  CHECK(with("one").at("as_expected") == false);
  CHECK(with("one").at("differs") == "one");
}

TEST_CASE("litmus: programs are read one after the other, and what is wrong is not the end") {
  scratch const file("{\"name\": \"a\", \"threads\": [\"W x 1 rlx\"]}\n\nno program\n{\"threads\": [\"\"]}");
  std::vector<std::string> names;
  auto const enter = [&](program_of_file const& p) { names.push_back(p.known.name); };
  CHECK(for_each_program(file.name(), enter) == 2);
  CHECK(names == std::vector<std::string>{"a", "line 4"});
}

TEST_CASE("litmus: of a file without programs, and of none, nothing is read") {
  auto const never = [](program_of_file const&) { FAIL("there is no program"); };
  CHECK(for_each_program(scratch("\n").name() + ".none", never) == 2);
  scratch const empty("\n");
  CHECK(for_each_program(empty.name(), never) == 2);
  std::string text;
  for (int i = 0; i != 50; ++i) text += "x\n";
  scratch const wrong(text + "{\"threads\": [\"\"]}\n");
  CHECK(for_each_program(wrong.name(), never) == 2);  // its program comes after too much
}
