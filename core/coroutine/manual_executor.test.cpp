#include <surewake/core/coroutine/manual_executor.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/start_detached.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace manual_executor_test {

using namespace surewake;
using P = std_platform;

namespace {

struct logged : work<P> {
  logged(std::vector<int>& l, int i) : work<P>(&write), log(l), id(i) {}
  static void write(work<P>& w) noexcept {
    logged& self = static_cast<logged&>(w);
    self.log.push_back(self.id);
    if (self.then != nullptr) self.then(self);
  }
  std::vector<int>& log;
  int id;
  void (*then)(logged&) = nullptr;
  manual_executor* executor = nullptr;
  logged* next = nullptr;
};

}  // namespace

TEST_CASE("manual_executor runs in the order of the posts, and only when told") {
  manual_executor e;
  std::vector<int> log;
  logged a(log, 1);
  logged b(log, 2);
  logged c(log, 3);
  CHECK(e.empty());
  CHECK_FALSE(e.run_one());
  CHECK(e.run() == 0);
  e.post(a);
  e.post(b);
  e.post(c);
  CHECK(log.empty());
  CHECK(e.run_one());
  CHECK(log == std::vector{1});
  CHECK_FALSE(e.empty());
  CHECK(e.run() == 2);
  CHECK(log == std::vector{1, 2, 3});
}

TEST_CASE("run goes on with what is posted while it runs") {
  manual_executor e;
  std::vector<int> log;
  logged a(log, 1);
  logged b(log, 2);
  a.executor = &e;
  a.next = &b;
  a.then = [](logged& self) { self.executor->post(*self.next); };
  e.post(a);
  CHECK(e.run() == 2);
  CHECK(log == std::vector{1, 2});
}

TEST_CASE("withdrawn work does not run: first, middle, last, only one") {
  for (int out = 0; out < 3; ++out) {
    manual_executor e;
    std::vector<int> log;
    logged a(log, 0);
    logged b(log, 1);
    logged c(log, 2);
    logged* const all[] = {&a, &b, &c};
    for (logged* w : all) e.post(*w);
    CHECK(e.withdraw(*all[out]));
    CHECK_FALSE(e.withdraw(*all[out]));
    CHECK(e.run() == 2);
    CHECK_FALSE(e.withdraw(*all[(out + 1) % 3]));  // it ran
    CHECK(log.size() == 2);
  }
  manual_executor e;
  std::vector<int> log;
  logged only(log, 0);
  CHECK_FALSE(e.withdraw(only));  // never posted
  e.post(only);
  CHECK(e.withdraw(only));
  CHECK(e.empty());
}

TEST_CASE("what a run makes ready on this thread runs before the next of the queue") {
  for (bool const one_by_one : {false, true}) {
    manual_executor e;
    std::vector<int> log;
    logged a(log, 1);
    logged granted(log, 2);
    logged b(log, 3);
    a.next = &granted;
    a.then = [](logged& self) {
      trampoline<P>::resume(*self.next);
      self.log.push_back(0);  // it does not nest
    };
    e.post(a);
    e.post(b);
    if (one_by_one) {
      CHECK(e.run_one());
      CHECK(log == std::vector{1, 0, 2});
      CHECK(e.run_one());
    } else {
      CHECK(e.run() == 2);
    }
    CHECK(log == std::vector{1, 0, 2, 3});
  }
}

TEST_CASE("two coroutines that reschedule themselves take turns") {
  manual_executor e;
  std::vector<int> log;
  auto const f = [](manual_executor& x, std::vector<int>& l, int id) -> task<> {
    for (int i = 0; i < 3; ++i) {
      l.push_back(id);
      co_await schedule(x);
    }
  };
  start_detached(f(e, log, 1));
  start_detached(f(e, log, 2));
  CHECK(e.run() == 6);
  CHECK(log == std::vector{1, 2, 1, 2, 1, 2});
}

}  // namespace manual_executor_test
