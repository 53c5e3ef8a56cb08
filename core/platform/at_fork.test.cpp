#include <surewake/core/platform/at_fork.hpp>
#include <surewake/core/platform/child.test.hpp>

#include <doctest/doctest.h>

#include <memory>

namespace at_fork_test {

namespace {

struct told : surewake::detail::at_fork {
  told() { join_list(); }
  told(told const&) = delete;
  told& operator=(told const&) = delete;
  virtual ~told() { leave_list(); }
  int before = 0, after = 0, child = 0;

 private:
  void before_fork() noexcept override { ++before; }
  void after_fork() noexcept override { ++after; }
  void in_child() noexcept override { ++child; }
};

}  // namespace

TEST_CASE("each listed object is told before a fork, and after it in the parent or in the child") {
  told first, second;
  {
    told const gone;
  }
  CHECK(surewake::testing::status_of([&] {
    bool const right = first.before == 1 && first.child == 1 && first.after == 0 && second.child == 1;
    return right ? 0 : 1;
  }) == 0);
  for (told const* t : {&first, &second}) {
    CHECK(t->before == 1);
    CHECK(t->after == 1);
    CHECK(t->child == 0);
  }
}

TEST_CASE("an object that has left the list is told nothing, wherever it was in it") {
  told last;
  auto middle = std::make_unique<told>();
  auto first = std::make_unique<told>();
  middle.reset();
  CHECK(surewake::testing::status_of([&] { return first->child == 1 && last.child == 1 ? 0 : 1; }) == 0);
  first.reset();
  CHECK(surewake::testing::status_of([&] { return last.child == 1 ? 0 : 1; }) == 0);
  CHECK(last.before == 2);
}

}  // namespace at_fork_test
