#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/node/work.hpp>

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace work_test {

namespace {

using namespace surewake;
using node = work<std_platform>;
using list = detail::work_list<std_platform>;

std::vector<node*> drain(list& l) {
  std::vector<node*> seen;
  while (node* const n = l.pop_front()) seen.push_back(n);
  return seen;
}

}  // namespace

TEST_CASE("a list gives its nodes back in the order they came") {
  list l;
  std::array<node, 3> n;
  CHECK(l.empty());
  CHECK(l.pop_front() == nullptr);
  for (auto& x : n) l.push_back(x);
  CHECK_FALSE(l.empty());
  CHECK(l.front() == &n[0]);
  CHECK(drain(l) == std::vector<node*>{&n[0], &n[1], &n[2]});
  CHECK(l.empty());
}

TEST_CASE("a node leaves from any place, and may come back") {
  for (std::size_t gone = 0; gone < 3; ++gone) {
    list l;
    std::array<node, 3> n;
    for (auto& x : n) l.push_back(x);
    l.erase(n[gone]);
    std::vector<node*> expected;
    for (std::size_t i = 0; i < 3; ++i) {
      if (i != gone) expected.push_back(&n[i]);
    }
    l.push_back(n[gone]);
    expected.push_back(&n[gone]);
    CHECK(drain(l) == expected);
  }
}

TEST_CASE("the only node of a list leaves it empty and usable") {
  list l;
  node a, b;
  l.push_back(a);
  l.erase(a);
  CHECK(l.empty());
  CHECK(l.front() == nullptr);
  l.push_back(b);
  l.push_back(a);
  CHECK(drain(l) == std::vector<node*>{&b, &a});
}

TEST_CASE("a node runs its action, with itself") {
  struct counter : node {
    counter() : node([](node& w) noexcept { ++static_cast<counter&>(w).runs; }) {}
    int runs = 0;
  };
  counter c;
  CHECK_FALSE(c.only_resumes());
  c.run();
  c.run();
  CHECK(c.runs == 2);
  c.set_action(&node::resume_handle);
  CHECK(c.only_resumes());
}

}  // namespace work_test
