// What zero_cost.test.cpp compares, compiled as a release is, in every build: the library, and the same written by
// hand.
#include <surewake/queues/zero_cost_code.test.hpp>
#include <surewake/semaphore.hpp>

#include <atomic>

namespace surewake::zero_cost {

namespace {

/// The least that a counted semaphore with FIFO hand-off and a permit object can be, on std::atomic.
struct by_hand {
  std::atomic<std::int64_t> free{1};  // less than 0: somebody waits

  struct permit {
    by_hand* semaphore;
    std::int64_t n;
    permit(by_hand* s, std::int64_t k) noexcept : semaphore(s), n(k) {}
    permit(permit const&) = delete;
    permit& operator=(permit const&) = delete;
    ~permit() {
      if (semaphore->free.fetch_add(n, std::memory_order_release) < 0) [[unlikely]]
        slow_path();
    }
  };

  permit acquire(std::int64_t n) {
    if (free.fetch_sub(n, std::memory_order_acquire) < n) [[unlikely]]
      slow_path();
    return {this, n};
  }
};

by_hand counter;
semaphore fair(1);
basic_semaphore<intrusive_list, std_platform, barging> unfair(1);

template <class S> void await(S& s) {
  auto a = s.acquire();
  if (!a.await_ready()) [[unlikely]]
    slow_path();
  auto const p = a.await_resume();
}

}  // namespace

void hand_written() { auto const p = counter.acquire(1); }
void awaited() { await(fair); }
void blocking() { auto const p = fair.acquire_blocking(); }
void awaited_barging() { await(unfair); }
void blocking_barging() { auto const p = unfair.acquire_blocking(); }

[[gnu::noinline, gnu::cold]] void slow_path() { std::abort(); }

}  // namespace surewake::zero_cost
