#include <surewake/verify/shared/output.hpp>
#include <surewake/verify/shared/program.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>

namespace program_test {

using namespace surewake::program;

namespace {

/// A folder that is gone at the end of the test.
struct scratch {
  std::filesystem::path dir =
      std::filesystem::temp_directory_path() / ("surewake-program-test-" + std::to_string(::getpid()));
  scratch() { std::filesystem::create_directories(dir); }
  ~scratch() { std::filesystem::remove_all(dir); }
  scratch(scratch const&) = delete;
  scratch& operator=(scratch const&) = delete;
};

std::string text_of(std::filesystem::path const& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_in(std::filesystem::path const& dir) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(dir), std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("a number is read whole, or refused with the text and the limits") {
  CHECK(number<unsigned>("--n", "0", 0, 7) == 0);
  CHECK(number<unsigned>("--n", "7", 0, 7) == 7);
  CHECK(number<double>("--s", "0.5", 0.5, 2) == 0.5);
  CHECK(number<std::uint64_t>("--seed", "18446744073709551615", 0, ~std::uint64_t{0}) == ~std::uint64_t{0});
  for (char const* const text : {"", " ", "-1", "8", "1 ", " 1", "+1", "1x", "0x1", "1.5", "x",
                               "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(static_cast<void>(number<unsigned>("--n", text, 0, 7)),
                         doctest::Contains((std::string("--n '") + text + "': ").c_str()), usage_error);
    CHECK_THROWS_WITH_AS(static_cast<void>(number<unsigned>("--n", text, 0, 7)),
                         doctest::Contains("it must be from 0 to 7"), usage_error);
  }
  for (char const* const text : {"", "nan", "-nan", "inf", "-inf", "infinity", "-1", "0", "1e999", "-1e999",
                               "2.5", "1s"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(static_cast<void>(number<double>("--s", text, 0.5, 2)),
                         doctest::Contains("it must be from 0.5 to 2"), usage_error);
  }
}

TEST_CASE("a file is in its place when it is whole, and what was there before stays until then") {
  scratch const s;
  auto const file = s.dir / "a.csv";
  { output_file(file).commit("old"); }
  CHECK(text_of(file) == "old");
  {
    output_file f(file);
    CHECK(text_of(file) == "old");
    f.commit("new");
    CHECK(text_of(file) == "new");
  }
  { output_file const given_up(file); }
  CHECK(text_of(file) == "new");
  CHECK(files_in(s.dir) == 1);
}

TEST_CASE("a link stays one: the file that it leads to is replaced") {
  scratch const s;
  output_file(s.dir / "file").commit("old");
  std::filesystem::create_symlink("file", s.dir / "link");
  output_file(s.dir / "link").commit("new");
  CHECK(std::filesystem::is_symlink(s.dir / "link"));
  CHECK(text_of(s.dir / "file") == "new");
}

TEST_CASE("two that write one file: the second is refused, and nothing is mixed") {
  scratch const s;
  output_file first(s.dir / "a.csv");
  CHECK_THROWS_WITH_AS(output_file(s.dir / "a.csv"), doctest::Contains("another program is writing it"),
                       std::runtime_error);
  first.commit("first");
  CHECK(text_of(s.dir / "a.csv") == "first");
}

TEST_CASE("a file that cannot be written says why: at the start, or when the disk is full") {
  scratch const s;
  CHECK_THROWS_WITH_AS(output_file(s.dir / "none" / "a.csv"), doctest::Contains("a.csv: cannot be written: No such"),
                       std::runtime_error);
  CHECK_THROWS_WITH_AS(output_file{s.dir}, doctest::Contains("Is a directory"), std::runtime_error);
  std::filesystem::create_symlink("/dev/full", s.dir / "full.csv");
  output_file full(s.dir / "full.csv");
  CHECK_THROWS_WITH_AS(full.commit("text"), doctest::Contains("No space left"), std::runtime_error);
  CHECK(std::filesystem::is_symlink(s.dir / "full.csv"));
}

TEST_CASE("a folder belongs to one program at a time") {
  scratch const s;
  {
    folder_lock const mine(s.dir);
    CHECK_THROWS_WITH_AS(folder_lock{s.dir}, doctest::Contains("another program"), std::runtime_error);
  }
  folder_lock const again(s.dir);
  CHECK_THROWS_AS(folder_lock{s.dir / "none"}, std::runtime_error);
}

TEST_CASE("provenance names the program, what it was built from, where it runs and how it was called") {
  std::array const command{"prog", "run", "it's", ""};
  detail::set_command("prog", static_cast<int>(command.size()), command.data());
  for (char const* const key : {"program", "version", "commit", "compiler", "flags", "machine", "kernel", "started"}) {
    CAPTURE(key);
    CHECK_FALSE(provenance().at(key).get<std::string>().empty());
    CHECK(provenance_line().find(provenance().at(key).get<std::string>()) != std::string::npos);
  }
  CHECK(provenance().at("command_line") == "prog run 'it'\\''s' ''");
  CHECK(version_text().starts_with("prog " + provenance().at("version").get<std::string>()));
}

}  // namespace program_test
