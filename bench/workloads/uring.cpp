// surewake/bench/workloads/uring.cpp: what a wait in a ring costs, beside the kernel's own futex operations.
//
// `own ring`: two coroutines of one loop pass a permit to and fro; one operation = one grant to the one that waits. The
// floor is a bare ring on which a futex wait is submitted together with the wake that ends it. `across rings`: a
// coroutine on each of two loops, on a thread each, passes a permit there and waits for the one that comes back; one
// operation = there and back. The floor are two bare rings, each of which submits a wake for the other one together
// with its own wait. `withdraw`: n coroutines wait on one loop, and are destroyed, the oldest first; one operation =
// one leaves, and the kernel knows it.
#include <surewake/bench/measure/ring_runs.hpp>
#include <surewake/bench/measure/two_threads.hpp>

#include <fmt/format.h>

#include <barrier>
#include <memory>
#include <thread>
#include <vector>

namespace surewake::bench {
namespace {

using bare_ring = detail::uring_ring<uring_kernel>;
using futex_word = std_platform::atomic<std::uint32_t>;

void add_wait(bare_ring& ring, futex_word const& word, std::uint32_t expected) {
  io_uring_sqe& sqe = *ring.next();
  uring_abi::prepare_futex(sqe, uring_abi::op_futex_wait, &word, expected);
  sqe.user_data = 1;
}
void add_wake(bare_ring& ring, futex_word const& word) {
  io_uring_sqe& sqe = *ring.next();
  uring_abi::prepare_futex(sqe, uring_abi::op_futex_wake, &word, 1);
  sqe.user_data = 0;
  sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
}
/// Submits until one more wait is over.
void finish_wait(bare_ring& ring) {
  for (std::uint64_t over = 0; over == 0;) {
    ring.enter(1, nullptr);
    ring.reap([&](std::uint64_t what, int, unsigned) { over += what; });
  }
}

sample bare_pair(std::uint64_t n) {
  bare_ring ring(8, 0);
  futex_word word{0};
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < n; ++i) {
    add_wait(ring, word, 0);
    add_wake(ring, word);
    finish_wait(ring);
  }
  watch.stop(static_cast<double>(n));
  return watch.total();
}

sample bare_cross_pair(std::uint64_t n) {
  struct alignas(64) line {
    futex_word word{0};
  };
  line words[2];
  std::barrier ready(2);
  // The word counts what has come; the party that waits for the i-th sleeps while it is i.
  auto const party = [&](std::size_t me) {
    bare_ring ring(8, 0);
    auto const send = [&] {
      words[1 - me].word.fetch_add(1, std::memory_order_release);
      add_wake(ring, words[1 - me].word);
    };
    auto const receive = [&](std::uint32_t i) {
      // The first submit takes the wake along.
      do {
        add_wait(ring, words[me].word, i);
        finish_wait(ring);
      } while (words[me].word.load(std::memory_order_acquire) == i);
    };
    ready.arrive_and_wait();
    stopwatch watch;
    watch.start();
    for (std::uint32_t i = 0; i < n; ++i) {
      if (me == 0) send();
      receive(i);
      if (me == 1) send();
    }
    watch.stop(static_cast<double>(n));
    ring.enter(0, nullptr);
    ready.arrive_and_wait();
    return watch.total();
  };
  return on_two_threads([&] { return party(0); }, [&] { static_cast<void>(party(1)); });
}

template <class S> sample across(std::uint64_t n) {
  S there(0);
  S back(0);
  std::barrier ready(2);
  auto const asks = [&] {
    uring_loop loop;
    std::uint64_t passed = 0;
    ready.arrive_and_wait();
    stopwatch watch;
    watch.start();
    loop.block_on([](S& t, S& b, std::uint64_t times, std::uint64_t& count) -> task<> {
      for (std::uint64_t i = 0; i < times; ++i) {
        t.add_permits(1);
        auto permit = co_await b.acquire();
        permit.forget();
        ++count;
      }
    }(there, back, n, passed));
    watch.stop(static_cast<double>(n));
    expect(passed == n, "every permit came back");
    ready.arrive_and_wait();
    return watch.total();
  };
  auto const answers = [&] {
    uring_loop loop;
    std::uint64_t passed = 0;
    ready.arrive_and_wait();
    loop.block_on(pass_to_and_fro(there, back, n, passed));
    ready.arrive_and_wait();
  };
  return on_two_threads(asks, answers);
}

}  // namespace

void add_uring(scenarios& all, effort const& e) {
  if (!uring_support::probe().futex) return;
  scenario own{.workload = "uring", .name = "own ring", .waiters = 1};
  own.contestants.push_back({"futex wait + wake", kind::floor, &bare_pair});
  for_both_layouts([&]<class S>(char const* name) { own.contestants.push_back({name, kind::strategy, &own_ring<S>}); });
  own.contestants.push_back(
      {"intrusive_list", kind::strategy, &own_ring<basic_semaphore<intrusive_list>>});
  all.push_back(std::move(own));

  scenario two{.workload = "uring", .name = "across rings", .threads = 2, .waiters = 1};
  two.contestants.push_back({"futex wait + wake", kind::floor, &bare_cross_pair});
  for_both_layouts([&]<class S>(char const* name) { two.contestants.push_back({name, kind::strategy, &across<S>}); });
  all.push_back(std::move(two));

  std::vector<std::uint64_t> sizes{100, 1'000, 5'000};
  if (e.smoke) sizes = {20};
  for (std::uint64_t const n : sizes) {
    scenario leave{.workload = "uring",
                   .name = fmt::format("withdraw, fifo, n = {}", n),
                   .waiters = n,
                   .order = "fifo",
                   .operations = e.smoke ? 1 : std::max<std::uint64_t>(n, 2'000)};
    auto const arena = std::make_shared<frame_arena>(n * 1024);
    for_both_layouts([&]<class S>(char const* name) {
      leave.contestants.push_back(
          {name, kind::strategy, [=](std::uint64_t operations) { return withdraw_all<S>(*arena, n, operations); }});
    });
    all.push_back(std::move(leave));
  }
}

}  // namespace surewake::bench
