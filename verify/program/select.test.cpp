#include <surewake/verify/program/select.hpp>
#include <surewake/verify/shared/provenance.hpp>

#include <doctest/doctest.h>

namespace select_test {

using namespace surewake::verify;

namespace {

std::vector<test_case> cases_named(std::initializer_list<char const*> names) {
  std::vector<test_case> all;
  for (std::string const name : names) all.push_back({.name = name, .model = name.substr(0, name.find('/'))});
  return all;
}

std::vector<std::string> names_of(std::vector<test_case const*> const& cases) {
  std::vector<std::string> names;
  for (test_case const* const c : cases) names.push_back(c->name);
  return names;
}

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a pattern is a part of a name, or the whole of it with wildcards") {
  CHECK(matches("list", "close/intrusive_list"));
  CHECK_FALSE(matches("lists", "close/intrusive_list"));
  CHECK(matches("close/*", "close/intrusive_list"));
  CHECK_FALSE(matches("lose/*", "close/intrusive_list"));
  CHECK(matches("*#*", "close/list#bug"));
  CHECK(matches("clos?/list", "close/list"));
  CHECK_FALSE(matches("clos?", "close/list"));
  CHECK(matches("**", ""));
  CHECK(matches("a*b*c", "a_b_bc"));
  CHECK_FALSE(matches("a*b*c", "a_b_b"));
  CHECK(matches("*?c", "abc"));
  CHECK_FALSE(matches("?*", ""));
}

TEST_CASE("a pattern of many stars is answered at once") {
  std::string const name(200, 'a');
  CHECK_FALSE(matches(std::string(100, '*') + 'x', name));
  std::string often;
  for (int i = 0; i != 50; ++i) often += "*a";
  CHECK(matches(often + '*', name));
  CHECK_FALSE(matches(often + "*x", name));
}

TEST_CASE("an empty pattern is refused: it would mean all cases") {
  CHECK_THROWS_AS(static_cast<void>(select(cases_named({"a"}), {""})), usage_error);
}

TEST_CASE("without a pattern all cases are meant, with several their union, in the order of the cases") {
  auto const all = cases_named({"a/x", "b/x", "b/y"});
  CHECK(names_of(select(all, {})) == names{"a/x", "b/x", "b/y"});
  CHECK(names_of(select(all, {"b/y", "a"})) == names{"a/x", "b/y"});
}

TEST_CASE("a whole name means that case alone, though it is a part of others") {
  auto const all = cases_named({"a", "a#bug", "a@full"});
  CHECK(names_of(select(all, {"a"})) == names{"a"});
}

TEST_CASE("shards are disjoint and together everything") {
  auto const all = cases_named({"a", "b", "c", "d", "e"});
  CHECK(names_of(select(all, {}, {1, 2})) == names{"a", "c", "e"});
  CHECK(names_of(select(all, {}, {2, 2})) == names{"b", "d"});
}

TEST_CASE("an empty selection is an error that names what was asked for") {
  auto const all = cases_named({"mutual_exclusion/list", "close/list"});
  surewake::program::detail::set_command("mine", 0, nullptr);
  CHECK_THROWS_WITH_AS(static_cast<void>(select(all, {"close", "zebra"})),
                       "no case matches \"zebra\"; `mine list` shows all", usage_error);
  CHECK_THROWS_AS(static_cast<void>(select(all, {}, {3, 3})), usage_error);
}

TEST_CASE("an unknown case is answered with the names near it") {
  auto const all = cases_named({"mutual_exclusion/list", "close/list"});
  CHECK_THROWS_WITH_AS(static_cast<void>(find_case(all, "mutual_exlusion/list")),
                       doctest::Contains("near it: mutual_exclusion/list"), usage_error);
  CHECK_THROWS_WITH_AS(static_cast<void>(find_case(all, "mutual")), doctest::Contains("near it: mutual_exclusion/list"),
                       usage_error);
}

TEST_CASE("a model's name, where one case is wanted, is answered with its cases alone") {
  auto const all = cases_named({"close/list", "close/deque"});
  std::string said;
  try {
    static_cast<void>(find_case(all, "close"));
  } catch (usage_error const& e) {
    said = e.what();
  }
  CHECK(said == "no case is named \"close\"; near it: close/list, close/deque");
}

TEST_CASE("a shard is read strictly") {
  CHECK(parse_shard("2/3").index == 2);
  CHECK(parse_shard("2/3").count == 3);
  for (char const* const wrong : {"", "2", "0/3", "4/3", "1/0", "a/b", "1/2x", "-1/2", "1 /2"}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(static_cast<void>(parse_shard(wrong)), usage_error);
  }
}

}  // namespace select_test
