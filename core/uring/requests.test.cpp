// How operations come to their ends, also when the kernel refuses, as it does under memory pressure.
#include <surewake/core/coroutine/coroutines.test.hpp>
#include <surewake/core/uring/faulty_kernel.test.hpp>
#include <surewake/core/platform/child.test.hpp>
#include <surewake/core/uring/support.hpp>

#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <thread>
#include <vector>

namespace requests_test {

using namespace surewake;
using namespace surewake::testing;
using namespace std::chrono_literals;

namespace {

bool const no_ring = !uring_support::probe().ring;
bool const no_futex = !uring_support::probe().futex;

/// Cancels the operation, and waits for its end inside the call or in the loop.
void cancels(faulty_loop& loop, counting_operation& reads, bool at_once) {
  if (at_once) {
    CHECK(loop.cancel_now(reads) == -ECANCELED);
  } else {
    loop.cancel(reads);
    loop.run();
    CHECK(reads.calls == 1);
    CHECK(reads.result() == -ECANCELED);
  }
}

}  // namespace

TEST_CASE("a system call that is interrupted is made again" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  int left = 5;
  faulty_kernel::on_enter = [&](auto) { return left-- > 0 ? -EINTR : 0; };
  CHECK(loop.block_on(loop.nop()).has_value());
  CHECK(loop.counters().interrupted == 5);
}

TEST_CASE("requests that the kernel refuses for a while get through later" * doctest::skip(no_ring)) {
  for (int const error : {-EAGAIN, -ENOMEM, -EBUSY}) {
    faults const f;
    faulty_loop loop;
    faults::refuse(error, 6);
    CHECK(loop.block_on(loop.nop()).has_value());
    CHECK(loop.counters().refused == 6);
    CHECK(loop.counters().given_back == 0);
  }
}

TEST_CASE("a refusal does not keep completions and timers from coming" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  waiting_read const reads(loop);
  faults::refuse(-EAGAIN, 7);
  REQUIRE(::write(reads.ends[1], "x", 1) == 1);
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).has_value());
  CHECK(std_platform::now() - start < 5s);
  CHECK(reads.calls == 1);
}

TEST_CASE("requests that the kernel refuses for good come back with its error, and the loop goes on" *
          doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop({.entries = 4});
  faults::refuse(-ENOMEM, for_ever);
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).error() == std::errc::not_enough_memory);
  auto const took = std_platform::now() - start;
  CHECK(took >= 6ms);
  std::deque<counting_operation> ops(10);  // more than the queue holds
  for (counting_operation& op : ops) {
    ::io_uring_prep_nop(&op.request());
    loop.start(op);
  }
  loop.run();
  for (counting_operation const& op : ops) {
    CHECK(op.calls == 1);
    CHECK(op.result() == -ENOMEM);
  }
  CHECK(loop.counters().given_back >= 11);
  CHECK(loop.block_on(loop.sleep_for(1ms)).has_value());  // asks nothing of the kernel
  faulty_kernel::on_enter = nullptr;
  CHECK(loop.block_on(loop.nop()).has_value());
}

TEST_CASE("where no call gets through, not even one that only waits, the loop does not spin" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  int calls = 0;
  faulty_kernel::on_enter = [&](auto) { return ++calls, -ENOMEM; };
  auto const start = std_platform::now();
  CHECK(loop.block_on(loop.nop()).error() == std::errc::not_enough_memory);
  CHECK(calls < 100);
  CHECK(std_platform::now() - start >= 6ms);
}

TEST_CASE("a futex wake that the kernel would not take is made by a system call" * doctest::skip(no_futex)) {
  faults const f;
  faulty_loop loop;
  std_platform::atomic<std::uint32_t> w{0};
  std::jthread sleeper([&] {
    while (w.load() == 0) std_platform::futex_wait(w, 0);
  });
  std::this_thread::sleep_for(5ms);
  faults::refuse(-EAGAIN, for_ever);
  w.store(1);
  loop.wake_later(&w, 1);
  loop.flush();
  sleeper.join();
  CHECK(loop.counters().given_back >= 1);
}

TEST_CASE("a cancellation that the kernel would not take is sent again" * doctest::skip(no_ring)) {
  for (bool const at_once : {false, true}) {
    faults const f;
    faulty_loop loop;
    waiting_read reads(loop);
    faults::refuse(-EAGAIN, 8);  // one more than is borne: the first cancellation is given back
    cancels(loop, reads, at_once);
    CHECK(loop.counters().given_back >= 1);
  }
}

TEST_CASE("a cancellation that the kernel finds nothing for is sent again while its operation is in flight" *
          doctest::skip(no_ring)) {
  for (bool const at_once : {false, true}) {
    faults const f;
    faulty_loop loop;
    waiting_read reads(loop);
    faulty_kernel::misdirected_cancels = 3;
    cancels(loop, reads, at_once);
    CHECK(faulty_kernel::misdirected_cancels == 0);
  }
}

TEST_CASE("a post wakes the loop although the kernel once refused to watch for it" * doctest::skip(no_ring)) {
  faults const f;
  faulty_loop loop;
  faults::refuse(-ENOMEM, 8);  // the first that the loop submits is the poll of its event
  auto const stays = [&]() -> plain { co_await loop.sleep_for(1h); };
  plain const p = stays();
  std::jthread const stopper([&] {
    std::this_thread::sleep_for(50ms);
    loop.stop();
  });
  loop.run();
  CHECK(loop.counters().given_back >= 1);
}

TEST_CASE("cancel_now ends one operation in the middle of another one's action, and keeps the others" *
          doctest::skip(no_ring)) {
  faulty_loop loop;
  waiting_read waits(loop);
  std::deque<counting_operation> others(20);
  auto const cancels = [&]() -> plain {
    co_await loop.nop();
    for (counting_operation& op : others) {
      ::io_uring_prep_nop(&op.request());
      loop.start(op);
    }
    CHECK(loop.cancel_now(waits) == -ECANCELED);
    CHECK(waits.where() == uring_operation::state::idle);
    CHECK(loop.cancel_now(others[3]) == 0);
  };
  plain const p = cancels();
  loop.run();
  CHECK(waits.calls == 0);
  for (std::size_t i = 0; i < others.size(); ++i) CHECK(others[i].calls == (i == 3 ? 0 : 1));
  loop.start(waits);  // and it can be started again
  REQUIRE(::write(waits.ends[1], "x", 1) == 1);
  loop.run();
  CHECK(waits.calls == 1);
  CHECK(waits.result() == 1);
}

TEST_CASE("lost completions end the process: nobody could say whose they were" * doctest::skip(no_ring)) {
  std::string const said = in_a_child([] {
    faulty_loop loop;
    faulty_kernel::on_enter = [](auto) { return -EBADR; };
    static_cast<void>(loop.block_on(loop.nop()));
    return std::string("nothing");
  });
  CHECK(said.find("the kernel had no memory for completions and dropped some") != std::string::npos);
  CHECK(said.ends_with("[signal 6]"));
}

}  // namespace requests_test
