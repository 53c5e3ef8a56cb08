// What verify/checks/machine_code.py runs one instruction at a time under qemu-user, on each machine it knows: every
// function of zero_cost_code.cpp twice, because what happens once only is over after the first call; and pairs of an
// acquire and a release that are dearer than those by hand, each of which it must refuse.
#include <surewake/queues/zero_cost_code.test.hpp>

#include <atomic>
#include <cstdint>

namespace surewake::zero_cost {

namespace {
std::atomic<std::int64_t> count{1};
std::atomic<int> other{0};
}  // namespace

#define SUREWAKE_DEARER [[gnu::noinline]] void
SUREWAKE_DEARER dearer_acquire() {
  if (count.fetch_sub(1, std::memory_order_seq_cst) < 1) slow_path();
  if (count.fetch_add(1, std::memory_order_release) < 0) slow_path();
}
SUREWAKE_DEARER dearer_release() {
  if (count.fetch_sub(1, std::memory_order_acquire) < 1) slow_path();
  if (count.fetch_add(1, std::memory_order_seq_cst) < 0) slow_path();
}
SUREWAKE_DEARER dearer_fence() {
  if (count.fetch_sub(1, std::memory_order_acquire) < 1) slow_path();
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (count.fetch_add(1, std::memory_order_release) < 0) slow_path();
}
SUREWAKE_DEARER dearer_rmw() {
  if (count.fetch_sub(1, std::memory_order_acquire) < 1) slow_path();
  if (other.fetch_add(1, std::memory_order_relaxed) < 0) slow_path();
  if (count.fetch_add(1, std::memory_order_release) < 0) slow_path();
}
SUREWAKE_DEARER dearer_branch() {
  if (count.fetch_sub(1, std::memory_order_acquire) < 1) slow_path();
  if (other.load(std::memory_order_relaxed) < 0) slow_path();
  if (count.fetch_add(1, std::memory_order_release) < 0) slow_path();
}
SUREWAKE_DEARER called() { other.store(1, std::memory_order_relaxed); }
SUREWAKE_DEARER dearer_call() {
  if (count.fetch_sub(1, std::memory_order_acquire) < 1) slow_path();
  called();
  if (count.fetch_add(1, std::memory_order_release) < 0) slow_path();
}
#undef SUREWAKE_DEARER

}  // namespace surewake::zero_cost

int main() {
  using namespace surewake::zero_cost;
  for (auto const run : {hand_written, awaited, blocking, awaited_barging, blocking_barging, dearer_acquire,
                         dearer_release, dearer_fence, dearer_rmw, dearer_branch, dearer_call}) {
    run();
    run();
  }
}
