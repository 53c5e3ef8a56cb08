// What a semaphore runs on if the kernel is asked for the first time under a filter. So nothing in this program may ask
// before the children do; each test is a child.
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/semaphore/semaphore.hpp>
#include <surewake/core/coroutine/start_detached.hpp>
#include <surewake/queues/mutex_deque.hpp>
#include <surewake/queues/uring_futex.hpp>

#include <doctest/doctest.h>

namespace uring_fallback_test {

using namespace surewake;
using namespace surewake::testing;

namespace {

template <class S> task<> visit(S& s, typename S::permit& kept) { kept = co_await s.acquire(); }

/// Returns the semaphore's backend, and whether a coroutine gets its permit.
template <class S> std::string tried() {
  S s(1);
  typename S::permit kept;
  auto held = s.try_acquire();
  start_detached(visit(s, kept));
  bool const waited = !kept && s.waiters() == 1;
  held.reset();
  return s.backend() + (waited && kept && s.waiters() == 0 ? ", works" : ", fails");
}

template <template <class> class Fallback>
using semaphore_or = basic_semaphore<uring_futex_or<Fallback, waits_per_waiter>::template queue>;

bool const has_futex = in_a_child([] { return std::string(uring_support::probe().futex ? "yes" : "no"); }) == "yes";

}  // namespace

TEST_CASE("where io_uring is forbidden the other strategy does the work, and its name comes with the reason" *
          doctest::skip(!has_futex)) {
  auto const under_filter = [](auto f) {
    return in_a_child([f] {
      forbid(EPERM, {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register});
      return f();
    });
  };
  CHECK(under_filter([] { return tried<basic_semaphore<uring_futex>>(); }) ==
        "intrusive_list: io_uring_setup: EPERM (seccomp), works");
  CHECK(under_filter([] { return tried<semaphore_or<mutex_deque>>(); }) ==
        "mutex_deque: io_uring_setup: EPERM (seccomp), works");
}

TEST_CASE("where io_uring does not exist the reason says so" * doctest::skip(!has_futex)) {
  CHECK(in_a_child([] {
          forbid(ENOSYS, {SYS_io_uring_setup});
          return tried<basic_semaphore<uring_futex>>();
        }) == "intrusive_list: io_uring_setup: ENOSYS, works");
}

TEST_CASE("where only the futex2 calls are forbidden the rings do the work" * doctest::skip(!has_futex)) {
  CHECK(in_a_child([] {
          forbid(EPERM, {uring_abi::sys_futex_wake, uring_abi::sys_futex_wait, uring_abi::sys_futex_requeue});
          return tried<basic_semaphore<uring_futex>>();
        }) == "io_uring (per ring), works");
}

}  // namespace uring_fallback_test
