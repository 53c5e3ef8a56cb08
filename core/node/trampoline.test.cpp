#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace trampoline_test {

namespace {

using namespace surewake;
using P = std_platform;
using surewake::testing::plain;
using jumps = trampoline<P>;

/// Calls f when run.
struct call : work<P> {
  explicit call(std::function<void()> g)
      : work<P>([](work<P>& w) noexcept { static_cast<call&>(w).f(); }), f(std::move(g)) {}
  std::function<void()> f;
};

/// A home that is only told apart from others.
struct somewhere : detail::home<P> {
  somewhere() : detail::home<P>(true) {}
  bool post(work<P>&) noexcept override { return false; }
  bool withdraw(work<P>&) noexcept override { return false; }
  void leave_shared() noexcept override {}
  void enter_shared() noexcept override {}
};

/// Suspends, and transfers to what the trampoline says; `node` resumes.
struct suspend : work<P> {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) noexcept { return set_handle(h), jumps::next(); }
  void await_resume() const noexcept {}
};
/// Looks whether it must suspend, and need not.
struct bounce : work<P> {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> h) noexcept {
    set_handle(h);
    return jumps::back_to(*this);
  }
  void await_resume() const noexcept {}
};

}  // namespace

TEST_CASE("outside of a scope a node runs at once, inside of one when the outermost ends, in order") {
  std::string said;
  call a([&] { said += 'a'; }), b([&] { said += 'b'; }), c([&] { said += 'c'; });
  jumps::resume(a);
  CHECK(said == "a");
  {
    jumps::scope const outer;
    jumps::resume(b);
    {
      jumps::scope const inner;
      jumps::resume(c);
    }
    jumps::resume(a);
    CHECK(said == "a");
  }
  CHECK(said == "abca");
  jumps::resume(b);  // no scope is open any more
  CHECK(said == "abcab");
}

TEST_CASE("what a running node makes ready runs after it, not inside of it") {
  std::string said;
  call last([&] { said += 'l'; });
  call inner([&] { said += 'i', jumps::resume(last), said += ')'; });
  call outer([&] { said += "(", jumps::resume(inner), said += ")("; });
  jumps::resume(outer);
  CHECK(said == "()(i)l");
}

TEST_CASE("a chain of resumptions of any length is one frame deep") {
  int depth = 0, deepest = 0, left = 100'000;
  std::vector<std::unique_ptr<call>> nodes(2);
  for (int i = 0; i != 2; ++i) {
    nodes[static_cast<std::size_t>(i)] = std::make_unique<call>([&, i] {
      deepest = std::max(deepest, ++depth);
      if (--left > 0) jumps::resume(*nodes[static_cast<std::size_t>(1 - i)]);
      --depth;
    });
  }
  jumps::resume(*nodes[0]);
  CHECK(left == 0);
  CHECK(deepest == 1);
}

TEST_CASE("a coroutine that suspends transfers to the first that is ready, if that does no more than resume") {
  std::string said;
  suspend first, second;
  auto const coroutine = [&](suspend& at, char name) -> plain {
    co_await at;
    said += name;
    co_await std::suspend_always();
  };
  plain const a = coroutine(first, 'a'), b = coroutine(second, 'b');
  call other([&] { said += 'o'; });
  {
    jumps::scope const here;
    jumps::resume(first);
    jumps::resume(second);
    jumps::next().resume();
    CHECK(said == "a");
    jumps::next().resume();
    CHECK(said == "ab");
    jumps::next().resume();  // none is ready
    jumps::resume(other);
    jumps::next().resume();  // that one the scope runs
    CHECK(said == "ab");
  }
  CHECK(said == "abo");
}

TEST_CASE("after 64 transfers the stack is unwound to the scope, whichever way they go") {
  for (bool const back : {false, true}) {
    int ran = 0;
    std::vector<std::unique_ptr<plain>> coroutines;
    std::vector<std::unique_ptr<suspend>> nodes;
    for (int i = 0; i != 65; ++i) {
      coroutines.push_back(std::unique_ptr<plain>(new plain([](int& n) -> plain {
        co_await std::suspend_always();
        ++n;
        co_await std::suspend_always();
      }(ran))));
      nodes.push_back(std::make_unique<suspend>());
      nodes.back()->set_handle(coroutines.back()->frame);
    }
    {
      jumps::scope const here;
      call filler([] {});
      jumps::resume(filler);
      jumps::drain();  // from here on all 64 are left
      if (!back) {
        for (auto const& n : nodes) jumps::resume(*n);
      }
      for (auto const& n : nodes) {
        auto const to = back ? jumps::back_to(*n) : jumps::next();
        CHECK((to == n->handle()) == (n != nodes.back()));
      }
      CHECK(ran == 0);
    }
    CHECK(ran == 1);  // the last one, by the scope
  }
}

TEST_CASE("what bounces for ever runs on bounded stack, and lets others run") {
  int bounces = 0, others = 0;
  auto const coroutine = [&]() -> plain {
    for (; bounces != 100'000; ++bounces) {
      bounce b;
      co_await b;
    }
  };
  call other([&] { ++others; });
  call start([&] { jumps::resume(other); });
  jumps::scope const here;
  jumps::resume(start);
  plain const p = coroutine();
  CHECK(bounces < 100'000);  // the stack was unwound to here
  jumps::drain();
  CHECK(bounces == 100'000);
  CHECK(others == 1);
}

TEST_CASE("a node that is forgotten does not run, wherever it is in the list") {
  for (std::size_t forgotten = 0; forgotten != 3; ++forgotten) {
    std::string said;
    call nodes[] = {call([&] { said += 'a'; }), call([&] { said += 'b'; }), call([&] { said += 'c'; })};
    {
      jumps::scope const here;
      for (call& n : nodes) jumps::resume(n);
      jumps::forget(nodes[forgotten]);
    }
    CHECK(said == std::string("abc").erase(forgotten, 1));
  }
}

TEST_CASE("a thread that is about to block runs what is ready, then calls what was registered for that") {
  std::thread([] {
    static thread_local std::string said;
    call a([] { said += 'a'; });
    jumps::scope const here;
    jumps::resume(a);
    jumps::before_blocking();
    CHECK(said == "a");
    jumps::end_before_blocking_with([]() noexcept { said += '!'; });
    jumps::resume(a);
    jumps::drain();
    CHECK(said == "aa");
    jumps::resume(a);
    jumps::before_blocking();
    jumps::before_blocking();
    CHECK(said == "aaa!!");
  }).join();
  jumps::before_blocking();  // nothing: it was another thread's
}

TEST_CASE("a thread's home is what it runs, otherwise where it resides, and none while it blocks") {
  somewhere house, office;
  CHECK(jumps::here() == nullptr);
  CHECK_FALSE(jumps::runs(&house));
  jumps::reside(&house);
  CHECK((jumps::here() == &house && jumps::runs(&house) && !jumps::runs(&office)));
  {
    jumps::at const work(office);
    CHECK((jumps::here() == &office && jumps::runs(&office) && jumps::runs(&house)));
    {
      jumps::away const blocked;
      CHECK(jumps::here() == nullptr);
      CHECK(jumps::runs(&office));  // what lives there may still be resumed here
      {
        jumps::at const again(house);
        CHECK(jumps::here() == &house);  // what runs inside is at home again
      }
      CHECK(jumps::here() == nullptr);
    }
    CHECK(jumps::here() == &office);
    std::thread([&] { CHECK((jumps::here() == nullptr && !jumps::runs(&office))); }).join();
  }
  CHECK((jumps::here() == &house && !jumps::runs(&office)));
  jumps::reside(nullptr);
  CHECK((jumps::here() == nullptr && !jumps::runs(&house)));
}

TEST_CASE("a thread loses a home, and keeps the other one") {
  somewhere house, office;
  jumps::reside(&house);
  {
    jumps::at const work(office);
    jumps::lose(&house);
    CHECK((jumps::here() == &office && !jumps::runs(&house)));
    jumps::reside(&house);
    jumps::lose(&office);
    CHECK((jumps::here() == &house && !jumps::runs(&office)));
  }
  jumps::reside(nullptr);
}

}  // namespace trampoline_test
