// surewake/bench/conformance/conformance.test.cpp: each probe before a semaphore that is right, and one that breaks
// what the probe asks for.
#include <surewake/bench/conformance/probes.hpp>
#include <surewake/bench/measure/unit.hpp>
#include <surewake/bench/peers/mutex_condvar.hpp>
#include <surewake/bench/peers/thread_peer.hpp>
#include <surewake/core/platform/sanitizers.test.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace surewake::bench::conformance_test {
namespace {

enum class fault { none, wakes_one, last_come_first, nests, stops, takes_memory, searches };

/// Tasks without coroutines: a list of places, and a flag for each that it has ended.
template <fault Fault>
class crowd_of {
 public:
  static peer_crowd const table;

 private:
  crowd_of(std::size_t n, crowd_ending ending) : ending_(ending), ended_(n) { waiting_.reserve(n); }
  static crowd_of& of(void* c) noexcept { return *static_cast<crowd_of*>(c); }

  static void work() {
    if constexpr (Fault == fault::takes_memory) keep(std::vector<int>(8).data());
  }

  void enqueue() {
    for (std::size_t place = 0; place < ended_.size(); ++place) {
      work();
      waiting_.push_back(place);
    }
  }

  void release(std::uint64_t n) {
    while (n-- != 0 && first_ < waiting_.size()) {
      std::uint64_t const more = wake();
      if constexpr (Fault == fault::nests) {
        if (more != 0) nest(more);
      } else if constexpr (Fault != fault::stops) {
        n += more;
      }
    }
  }

  /// The call of a waiter within the call of the one before it, as where each resumes the next.
  [[gnu::noinline]] void nest(std::uint64_t n) {
    char volatile frame[64] = {};
    release(n);
    frame[0] = frame[1];  // so that the call above is not its last act
  }

  /// Wakes one. Returns how many permits it gives back at once.
  std::uint64_t wake() {
    work();
    std::size_t place = waiting_[first_];
    if constexpr (Fault == fault::last_come_first) {
      place = waiting_.back();
      waiting_.pop_back();
    } else {
      ++first_;
    }
    ++woken_;
    ended_[place] = ending_ != crowd_ending::holds;
    return ending_ == crowd_ending::releases ? 1 : 0;
  }

  void leave() {
    for (std::uint64_t const place : leaving_) {
      if constexpr (Fault == fault::searches) {
        waiting_.erase(std::ranges::find(waiting_, place));
      } else {
        ended_[place] = true;
      }
    }
  }

  crowd_ending ending_;
  std::uint64_t woken_ = 0;
  std::size_t first_ = 0;
  std::vector<std::size_t> waiting_{};
  std::vector<bool> ended_;
  std::vector<std::uint64_t> leaving_{};
};

template <fault Fault>
constexpr peer_crowd crowd_of<Fault>::table{
    .frame_bytes = 0,
    .bare_frame_bytes = 0,
    .make = [](std::size_t n, std::size_t, bool, crowd_ending ending) -> void* { return new crowd_of(n, ending); },
    .enqueue = [](void* c) { of(c).enqueue(); },
    .woken = [](void* c) { return of(c).woken_; },
    .wake_at_once = [](void* c) { of(c).release(Fault == fault::wakes_one ? 1 : of(c).ended_.size()); },
    .wake_one_by_one = [](void* c) { of(c).release(of(c).ended_.size()); },
    .wake_one = [](void* c) { of(c).release(1); },
    .ended = [](void* c, std::size_t place) { return bool{of(c).ended_[place]}; },
    .arrange = [](void* c, std::uint64_t const* p, std::size_t count) { of(c).leaving_.assign(p, p + count); },
    .leave = [](void* c) { of(c).leave(); },
    .end = [](void*) -> std::uint64_t { return 0; },
    .destroy = [](void* c) { delete &of(c); }};

template <fault Fault>
peer semaphore_with() {
  peer p{};
  p.crowd = &crowd_of<Fault>::table;
  return p;
}

probe_options const quick{.rounds = 50, .patience_ms = 100, .chain_seconds = 20};

/// Wakes one thread however many permits come.
struct wakes_one_thread : mutex_condvar_peer {
  using mutex_condvar_peer::mutex_condvar_peer;
  void release(unsigned = 1) { mutex_condvar_peer::release(1); }
};

struct releases_in_parts : mutex_condvar_peer {
  using mutex_condvar_peer::mutex_condvar_peer;
  void release(unsigned n = 1) {
    mutex_condvar_peer::release(n / 2);
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
    mutex_condvar_peer::release(n - n / 2);
  }
};

TEST_CASE("wakes: one release of n") {
  CHECK(probe_wakes(semaphore_with<fault::none>(), quick).what == probe_verdict::holds);
  observation const broken = probe_wakes(semaphore_with<fault::wakes_one>(), quick);
  CHECK(broken.what == probe_verdict::fails);
  CHECK(broken.cell == "1 of 8");
  CHECK(probe_wakes(thread_peer<mutex_condvar_peer>(), {}).what == probe_verdict::holds);
  observation const threads = probe_wakes(thread_peer<wakes_one_thread>(), quick);
  CHECK(threads.what == probe_verdict::fails);
  CHECK(threads.cell == "1 of 4");
}

TEST_CASE("order: first come, first served") {
  CHECK(probe_order(semaphore_with<fault::none>(), quick).cell == "FIFO");
  observation const reversed = probe_order(semaphore_with<fault::last_come_first>(), quick);
  CHECK(reversed.what == probe_verdict::fails);
  CHECK(reversed.cell == "LIFO");
  CHECK(reversed.saw.ends_with("served 8 7 6 5 4 3 2 1"));
  CHECK(probe_order(thread_peer<mutex_condvar_peer>(), quick).what == probe_verdict::absent);
}

// A sanitizer ends a process in its own way.
TEST_CASE("chain: the stack stays as it is" *
          doctest::skip(surewake::testing::asan || surewake::testing::tsan)) {
  CHECK(probe_chain(semaphore_with<fault::none>(), quick).what == probe_verdict::holds);
  observation const nested = probe_chain(semaphore_with<fault::nests>(), quick);
  CHECK(nested.what == probe_verdict::fails);
  CHECK(nested.cell == "overflows");
  observation const stopped = probe_chain(semaphore_with<fault::stops>(), quick);
  CHECK(stopped.what == probe_verdict::fails);
  CHECK(stopped.cell == "stops");
}

TEST_CASE("withdrawal: its cost does not grow") {
  CHECK(probe_withdrawal(semaphore_with<fault::none>(), quick).what == probe_verdict::holds);
  observation const searching = probe_withdrawal(semaphore_with<fault::searches>(), quick);
  CHECK(searching.what == probe_verdict::fails);
  CHECK(searching.cell.ends_with("grows"));
}

TEST_CASE("allocation: of a wait and of a release") {
  CHECK(probe_allocation(semaphore_with<fault::none>(), quick).what == probe_verdict::holds);
  observation const greedy = probe_allocation(semaphore_with<fault::takes_memory>(), quick);
  CHECK(greedy.what == probe_verdict::fails);
  CHECK(greedy.cell == "1.00 / 1.00");
}

TEST_CASE("release(n): one step") {
  CHECK(probe_one_step(thread_peer<mutex_condvar_peer>(), {.rounds = 50}).what == probe_verdict::holds);
  CHECK(probe_one_step(thread_peer<releases_in_parts>(), {.rounds = 50}).cell == "in parts");
  observation const lossy = probe_one_step(thread_peer<wakes_one_thread>(), {.rounds = 1, .patience_ms = 20});
  CHECK(lossy.what == probe_verdict::fails);
  CHECK(lossy.cell == "loses");
}

}  // namespace
}  // namespace surewake::bench::conformance_test
