#include <surewake/core/coroutine/outcome.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace outcome_test {

using surewake::outcome;

TEST_CASE("an outcome gives back the value that was set, moved out") {
  outcome<std::unique_ptr<int>> o;
  o.set(std::make_unique<int>(7));
  CHECK(*o.take() == 7);
}

TEST_CASE("an outcome of void only says that it is done") {
  outcome<void> o;
  o.set();
  CHECK_FALSE(o.failed());
  o.take();
}

TEST_CASE("an outcome of a reference refers to the same object") {
  std::string s = "here";
  outcome<std::string&> l;
  l.set(s);
  CHECK(&l.take() == &s);
  outcome<std::string const&> c;
  c.set(s);
  CHECK(&c.take() == &s);
  outcome<std::string&&> r;
  r.set(std::move(s));
  std::string&& same = r.take();
  CHECK(&same == &s);
  CHECK(s == "here");
}

TEST_CASE("an outcome that failed throws what it was given, each time") {
  outcome<int> o;
  o.fail(std::make_exception_ptr(std::runtime_error("broken")));
  CHECK(o.failed());
  CHECK_THROWS_WITH_AS(o.take(), "broken", std::runtime_error);
  CHECK_THROWS_WITH_AS(o.take(), "broken", std::runtime_error);
}

TEST_CASE("an outcome holds a type without default constructor") {
  struct point {
    point(int a, int b) : x(a), y(b) {}
    int x, y;
  };
  outcome<point> o;
  o.set(3, 4);
  point const p = o.take();
  CHECK(p.x == 3);
  CHECK(p.y == 4);
}

TEST_CASE("an outcome holds a type that only copies") {
  struct copies {
    explicit copies(int v) : value(v) {}
    copies(copies const&) = default;
    copies(copies&&) = delete;
    int value;
  };
  outcome<copies> o;
  o.set(1);
  CHECK(o.take().value == 1);
  o.set(copies(2));
  CHECK(o.take().value == 2);
  CHECK(o.take().value == 2);
}

TEST_CASE("what the value's constructor throws comes from set or take, and the outcome can still fail") {
  struct throws {
    throws() = default;
    throws(throws&& other) : left(other.left - 1) {
      if (left < 0) throw std::runtime_error("not moved");
    }
    int left = 0;
  };
  outcome<throws> o;
  CHECK_THROWS_WITH_AS(o.set(throws()), "not moved", std::runtime_error);
  o.fail(std::make_exception_ptr(std::logic_error("reported")));
  CHECK_THROWS_WITH_AS(o.take(), "reported", std::logic_error);
  o.set();
  CHECK_THROWS_WITH_AS(o.take(), "not moved", std::runtime_error);
}

}  // namespace outcome_test
