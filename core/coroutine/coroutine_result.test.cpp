#include <surewake/core/coroutine/coroutine_result.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace coroutine_result_test {

using surewake::detail::coroutine_result;

TEST_CASE("an coroutine_result gives back the value that was set, moved out") {
  coroutine_result<std::unique_ptr<int>> o;
  o.set(std::make_unique<int>(7));
  CHECK(*o.take() == 7);
}

TEST_CASE("an coroutine_result of void only says that it is done") {
  coroutine_result<void> o;
  o.set();
  CHECK_FALSE(o.failed());
  o.take();
}

TEST_CASE("an coroutine_result of a reference refers to the same object") {
  std::string s = "here";
  coroutine_result<std::string&> l;
  l.set(s);
  CHECK(&l.take() == &s);
  coroutine_result<std::string const&> c;
  c.set(s);
  CHECK(&c.take() == &s);
  coroutine_result<std::string&&> r;
  r.set(std::move(s));
  std::string&& same = r.take();
  CHECK(&same == &s);
  CHECK(s == "here");
}

TEST_CASE("an coroutine_result that failed throws what it was given, each time") {
  coroutine_result<int> o;
  o.fail(std::make_exception_ptr(std::runtime_error("broken")));
  CHECK(o.failed());
  CHECK_THROWS_WITH_AS(o.take(), "broken", std::runtime_error);
  CHECK_THROWS_WITH_AS(o.take(), "broken", std::runtime_error);
}

TEST_CASE("an coroutine_result holds a type without default constructor") {
  struct point {
    point(int a, int b) : x(a), y(b) {}
    int x, y;
  };
  coroutine_result<point> o;
  o.set(3, 4);
  point const p = o.take();
  CHECK(p.x == 3);
  CHECK(p.y == 4);
}

TEST_CASE("an coroutine_result holds a type that only copies") {
  struct copies {
    explicit copies(int v) : value(v) {}
    copies(copies const&) = default;
    copies(copies&&) = delete;
    int value;
  };
  coroutine_result<copies> o;
  o.set(1);
  CHECK(o.take().value == 1);
  o.set(copies(2));
  CHECK(o.take().value == 2);
  CHECK(o.take().value == 2);
}

TEST_CASE("what the value's constructor throws comes from set or take, and the coroutine_result can still fail") {
  struct throws {
    throws() = default;
    throws(throws&& other) : left(other.left - 1) {
      if (left < 0) throw std::runtime_error("not moved");
    }
    int left = 0;
  };
  coroutine_result<throws> o;
  CHECK_THROWS_WITH_AS(o.set(throws()), "not moved", std::runtime_error);
  o.fail(std::make_exception_ptr(std::logic_error("reported")));
  CHECK_THROWS_WITH_AS(o.take(), "reported", std::logic_error);
  o.set();
  CHECK_THROWS_WITH_AS(o.take(), "not moved", std::runtime_error);
}

}  // namespace coroutine_result_test
