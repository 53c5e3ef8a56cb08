// surewake/bench/counts/ring_counts.cpp: io_uring_enter calls of a wait in a ring, which the loop counts.
//
// Here are those that no machine changes: of coroutines of one loop. Between two loops it depends on time how many
// completions an enter brings; and how many enters a withdrawal takes, where each wait is the kernel's, depends on the
// kernel: since Linux 6.13 one enter brings at most 20 completions.
#include <surewake/bench/counts/counts.hpp>
#include <surewake/bench/measure/ring_runs.hpp>

namespace surewake::bench {

void add_ring_counts(std::vector<count_row>& rows) {
  if (!uring_support::probe().futex) return;
  constexpr std::uint64_t operations = 1'024;
  auto const add = [&](char const* strategy, char const* operation, sample const& s) {
    auto const enters = static_cast<std::uint64_t>(s.metrics.get("ring_enters") * s.operations + 0.5);
    rows.push_back({strategy, hand_off::name, operation, std::string(ring_counter),
                    steps_of_one(enters, static_cast<std::uint64_t>(s.operations))});
  };
  for_both_layouts([&]<class S>(char const* name) { add(name, "uring/own ring", own_ring<S>(operations - 2)); });
  frame_arena arena(operations * 1'024);
  add("uring_futex", "uring/withdraw", withdraw_all<basic_semaphore<uring_futex>>(arena, operations, operations));
}

}  // namespace surewake::bench
