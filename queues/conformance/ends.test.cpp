// The ends of threads, of the process, of what fork() leaves behind, and of libraries: the table in core/README.md.
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>
#include <surewake/queues/conformance/all_semaphores.test.hpp>
#include <surewake/queues/conformance/ends_plugin.test.hpp>

#include <doctest/doctest.h>

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace ends_test {

namespace {

using namespace surewake;
using namespace surewake::testing;
using P = std_platform;

/// Runs `body` in a process of its own, which ends as programs do; its answer.
template <class Body> int in_child(Body body) { return status_of(std::move(body), std::exit); }

/// Calls a function when static objects end, and ends the process with its answer.
struct at_end_of_process {
  std::function<int()> call;
  ~at_end_of_process() {
    if (call) std::_Exit(call());
  }
};
at_end_of_process last_of_process;

template <class S> task<> wait(S& s, int& woken) {
  auto p = co_await s.acquire();
  ++woken;
  p.forget();
}

template <class S> plain wait_plainly(S& s) { static_cast<void>(co_await s.acquire()); }

/// Waits that are granted and waits that are given up, enough of them for several segments; whether it went well.
template <class S = segmented> bool use_semaphore() {
  S s(0);
  int woken = 0;
  for (int n = 0; n != 300; ++n) {
    start_detached(wait(s, woken));
    s.add_permits(1);
  }
  for (int n = 0; n != 300; ++n) {
    plain const given_up = wait_plainly(s);
    if (s.waiters() != 1) return false;
  }
  return woken == 300 && s.waiters() == 0;
}

/// Holds as many objects as a thread keeps slots for; another thread takes them for its own.
class holder {
 public:
  holder() {
    for (auto& b : burns_) {
      held_.push_back(make_hazard_pointer<P>());
      lamps_.push_back(new lamp(b));
      std::atomic<lamp*> const source{lamps_.back()};
      static_cast<void>(held_.back().protect(source));
    }
  }
  [[nodiscard]] bool all_burn_once_retired() {
    for (lamp* const l : lamps_) l->retire();
    hazard_pointer_clean_up<P>();
    bool all = true;
    for (bool const b : burns_) all = all && b;
    held_.clear();
    hazard_pointer_clean_up<P>();
    for (bool const b : burns_) all = all && !b;
    return all;
  }

 private:
  std::vector<basic_hazard_pointer<P>> held_;
  std::vector<lamp*> lamps_;
  std::array<bool, 12> burns_{};
};

/// Another thread takes the slots that this one no longer has, this one waits and releases, and nothing of the other
/// one's has ended.
bool others_keep_what_they_hold() {
  bool kept = false;
  std::atomic<int> step{0};
  std::thread other([&] {
    holder h;
    step = 1;
    while (step != 2) std::this_thread::yield();
    kept = h.all_burn_once_retired();
  });
  while (step != 1) std::this_thread::yield();
  bool const well = use_semaphore();
  step = 2;
  other.join();
  return well && kept;
}

plugin const* open_plugin(void*& library) {
  library = ::dlopen(SUREWAKE_TEST_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  REQUIRE_MESSAGE(library != nullptr, ::dlerror());
  auto const* const p = static_cast<plugin const*>(::dlsym(library, "surewake_test_plugin"));
  REQUIRE(p != nullptr);
  return p;
}

}  // namespace

TEST_CASE("a semaphore is used while a thread's storage ends: nobody else's hazard pointers are touched") {
  bool well = false;
  std::thread([&] {
    first_of_thread().call = [&] { well = others_keep_what_they_hold(); };
    CHECK(use_semaphore());
  }).join();
  CHECK(well);
}

TEST_CASE("and while static objects end, on main()'s thread and on one that they make") {
  CHECK(in_child([] {
          last_of_process.call = [] {
            bool burns = false;
            (new lamp(burns))->retire();
            if (burns) return 6;  // main()'s thread has no record any more: it scans at once
            if (!others_keep_what_they_hold()) return 2;
            bool well = false;
            std::thread([&] {
              first_of_thread().call = [&] { well = others_keep_what_they_hold(); };
              if (!use_semaphore()) std::_Exit(3);
            }).join();
            return well ? 0 : 4;
          };
          return use_semaphore() ? 1 : 5;
        }) == 0);
}

FIFO_SEMAPHORE("it is used while a thread's storage ends, while static objects end, and in a child of fork()") {
  bool late = false;
  std::thread([&] {
    first_of_thread().call = [&] { late = use_semaphore<S>(); };
    CHECK(use_semaphore<S>());
  }).join();
  CHECK(late);
  S s(0);
  int woken = 0;
  std::thread([&] { start_detached(wait(s, woken)); }).join();
  plain const suspended = wait_plainly(s);
  CHECK(in_child([&] {
          last_of_process.call = [&] {
            s.add_permits(2);  // the child's copies of the waiters
            return woken == 1 && use_semaphore<S>() ? 0 : 2;
          };
          return use_semaphore<S>() ? 1 : 3;
        }) == 0);
  CHECK(s.waiters() == 2);
  s.add_permits(2);
  CHECK(woken == 1);
}

TEST_CASE("threads that end again and again, with late uses, leave no slot behind") {
  auto const once = [] {
    std::thread([] {
      first_of_thread().call = [] { static_cast<void>(use_semaphore()); };
      static_cast<void>(use_semaphore());
    }).join();
  };
  once();
  auto const slots = hazard_pointer_default_domain<P>().slots();
  for (int n = 0; n != 20; ++n) once();
  CHECK(hazard_pointer_default_domain<P>().slots() == slots);
}

TEST_CASE("the child of fork() goes on with hazard pointers and semaphores, whatever the parent's threads did") {
  std::atomic<bool> over{false};
  std::vector<std::thread> others;
  // A sanitizer's own locks do not survive a fork() in the middle of an allocation; nor may a child of several threads
  // make one under ThreadSanitizer.
  for (int n = 0; n != (asan || tsan ? 0 : 2); ++n) {
    others.emplace_back([&] {
      while (!over) static_cast<void>(use_semaphore());
    });
  }
  segmented s(0);
  int woken = 0;
  start_detached(wait(s, woken));
  for (int n = 0; n != 10; ++n) {
    CHECK(in_child([&] {
            s.add_permits(1);  // the child's copy
            if (woken != 1 || !use_semaphore()) return 1;
            if (!tsan && !others_keep_what_they_hold()) return 2;
            std::_Exit(0);  // the parent's threads are not there to be joined
          }) == 0);
  }
  over = true;
  for (std::thread& t : others) t.join();
  CHECK(woken == 0);
  s.add_permits(1);
  CHECK(woken == 1);
}

TEST_CASE("in a fresh process: a queue is made, then a thread, and the first use is quick" * doctest::skip()) {
  segmented s(0);
  std::atomic<bool> over{false};
  std::thread other([&] {
    while (!over) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  auto const before = std::chrono::steady_clock::now();
  int woken = 0;
  start_detached(wait(s, woken));
  s.add_permits(1);
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::milliseconds(5));
  over = true;
  other.join();
  CHECK(woken == 1);
}

TEST_CASE("a queue that is made before the threads asks the kernel for its fences, which takes 10 ms later") {
  int quick = 0;
  for (int n = 0; n != 5 && quick == 0; ++n) {
    quick += in_child([] {
               ::execl("/proc/self/exe", "fresh", "--no-skip", "--test-case=in a fresh process*", nullptr);
               return 1;
             }) == 0;
  }
  CHECK(quick == 1);
}

TEST_CASE("a plug-in with hidden visibility has the same domain: what the program holds is not freed there") {
  void* library = nullptr;
  plugin const* const p = open_plugin(library);
  CHECK(p->domain() == &hazard_pointer_default_domain<P>());
  bool burns = false;
  std::atomic<lamp*> source{new lamp(burns)};
  auto held = make_hazard_pointer<P>();
  static_cast<void>(held.protect(source));
  p->replace(source);
  CHECK(burns);
  held.reset_protection();
  hazard_pointer_clean_up<P>();
  CHECK_FALSE(burns);
  ::dlclose(library);
}

TEST_CASE("a semaphore serves a program and its plug-in") {
  void* library = nullptr;
  plugin const* const p = open_plugin(library);
  segmented s(0);
  int woken = 0;
  for (int n = 0; n != 300; ++n) {
    start_detached(wait(s, woken));
    p->release(s, 1);
  }
  CHECK(woken == 300);
  std::thread visitor([&] { p->visit(s); });
  while (s.waiters() == 0) std::this_thread::yield();
  s.add_permits(1);
  visitor.join();
  CHECK(s.available_permits() == 1);
  ::dlclose(library);
}

TEST_CASE("a plug-in is unloaded while a thread that used it lives") {
  std::atomic<int> step{0}, ended{0};
  std::thread user([&] {
    void* library = nullptr;
    plugin const* const p = open_plugin(library);
    segmented s(1);
    p->visit(s);
    p->release(s, 1);
    p->retire_own(ended);
    CHECK(::dlclose(library) == 0);
    step = 1;
    while (step != 2) std::this_thread::yield();
    CHECK(use_semaphore());
  });
  while (step != 1) std::this_thread::yield();
  CHECK(ended == 2);
  step = 2;
  user.join();
  CHECK(use_semaphore());
}

}  // namespace ends_test
