#!/usr/bin/env python3
"""The names that the headers of core/ and queues/ put into `surewake` are those below; everything else is in
`surewake::detail` (core/README.md, Names). And `using namespace surewake` leaves a program its own words.

usage: names.py COMPILER INCLUDE_DIR
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from sources import ROOT, blocks, files, finish, split_comments

# What programs name.
PROGRAMS = """
auto_reset_event basic_auto_reset_event manual_reset_event basic_manual_reset_event latch basic_latch
barrier basic_barrier channel basic_channel channel_status received
semaphore basic_semaphore permit basic_permit optional_permit basic_optional_permit wait_options closed_error
close_reason mutex basic_mutex shared_mutex basic_shared_mutex
guard basic_guard optional_guard condition_variable basic_condition_variable
hand_off barging bounded_barging bound_at_run_time
intrusive_list mutex_deque waker_hybrid segmented_queue segmented_by uring_futex uring_futex_or
uring_futex_per_waiter waits_per_ring waits_per_waiter std_platform
task when_all when_all_settled settled when_any any_result async_scope basic_async_scope
sync_wait start_detached schedule thread_pool inline_executor manual_executor awaitable await_result_t
await_value_t stop_at stop_at_of deadline_at
uring_loop uring_options uring_support io_result
iocp_loop iocp_port iocp_port_or
async_acquire acquire_error make_error_code asio_executor
hazard_pointer hazard_pointer_obj_base hazard_pointer_clean_up hazard_pointer_default_domain make_hazard_pointer swap
hazard_domain
strategies strategy strategy_list included
""".split()
# What the author of a strategy, a discipline, an executor, a platform, a reclaimer, or a model of one names too.
AUTHORS = """
waiter placed_waiter waiter_for waiter_state waiter_queue enqueued withdrawal_cost wait_list discipline refunded
synchronizer synchronizer_for
take_result stop_source_for stop_traits time_limit deadline_after
work executor own_home trampoline
platform platform_atomic platform_counter platform_mutex platform_orders platform_plain platform_storage
platform_waiting platform_new platform_delete platform_default_delete platform_allocator asymmetric_fence_platform
shown_as spin_lock futex_lock lock_hold
reclaimer hazard_reclaimer leaking_reclaimer unguarded_reclaimer retired retired_list retirable
basic_hazard_pointer basic_hazard_pointer_obj_base
uring_operation basic_uring_loop uring_kernel iocp_operation
""".split()
# The parts of which strategies are built, and others may be (queues/parts).
PARTS = """
locked_queue locked_wait_list waiter_list
basic_segmented_queue segment_list cell_word is_finished is_waiter waiter_of waiter_word
futex_ring uring_per_ring uring_per_waiter uring_wait_list may_wait_again wake_sleeper waking_ring
""".split()

PROGRAM = """
#include <surewake/semaphore.hpp>
#include <surewake/barrier.hpp>
#include <surewake/channel.hpp>
#include <surewake/condition_variable.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/event.hpp>
#include <surewake/latch.hpp>
#include <surewake/hazard_pointer.hpp>
#include <surewake/senders.hpp>
#include <surewake/shared_mutex.hpp>
#if __has_include(<liburing.h>)
#include <surewake/uring.hpp>
#endif
#if __has_include(<asio/associated_cancellation_slot.hpp>)
#include <surewake/asio.hpp>
#endif

using namespace surewake;

struct timer {};
struct work_list {};
struct task_list {};
struct home {};
struct instant {};
struct detached {};
struct awaiter {};
struct node {};
struct ring {};
struct cell {};
struct line {};
struct word {};
enum class threads { one };
enum class state { idle };
void then(timer, work_list, task_list, home, instant, detached, awaiter, node, ring, cell, line, word) {}
void deliver(threads, state) {}

namespace app {  // in a namespace of one's own not even the authors' words are in the way
struct waiter {};
struct work {};
struct platform {};
work run(waiter, platform) { return {}; }
}

task<int> one(semaphore& limit) {
  auto const held = co_await limit.acquire();
  then({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {});
  deliver(threads::one, state::idle);
  app::run({}, {});
  co_return 1;
}
"""


def declared(text):
    """The names that a header declares in namespace surewake itself."""
    code = re.sub(r"^[ \t]*#.*$", "", split_comments(text)[0], flags=re.M).replace("{}", "  ")
    found = set()
    for outer, head, _, _ in blocks(code):
        if len(outer) != 1 or not re.search(r"namespace\b.*\bsurewake$", outer[0], re.S):
            continue
        head = re.sub(r"\[\[.*?\]\]|SUREWAKE_\w+(\(\w*\))?|\brequires\s*\(.*?\)\)?", "", head, flags=re.S)
        head = head.lstrip("> \n")
        for pattern in (r"using (\w+)\s*=", r"concept (\w+)", r"(?:class|struct|union|enum class) +(\w+)",
                        r"constexpr [^(]*?(\w+)\s*=", r"^[^()]*?(?<![\w:~])(\w+)\s*\("):
            if head.startswith(("static_assert", "&&", "||", "namespace")):
                break
            if m := re.search(pattern, head):
                found.add(m.group(1))
                break
    return found


def main(compiler, include_dir):
    where = {}
    for path in files(ROOT):
        if str(path).startswith(("core/", "queues/")) and path.suffix == ".hpp" and ".test." not in path.name:
            for name in declared((ROOT / path).read_text(encoding="utf-8")):
                where.setdefault(name, path)
    listed = PROGRAMS + AUTHORS + PARTS
    problems = [f"{where[name]}: {name} is in surewake: a program's or an author's word (names.py), or detail's?"
                for name in sorted(where.keys() - set(listed))]
    problems += [f"names.py: {name} is declared nowhere" for name in sorted(set(listed) - where.keys())]
    problems += [f"names.py: {name} is listed twice" for name in sorted({n for n in listed if listed.count(n) > 1})]
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "program.cpp"
        source.write_text(PROGRAM, encoding="utf-8")
        command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-I", include_dir, source]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            problems += ["using namespace surewake is in the way of a program's own words:", done.stderr]
    finish(problems, f"names: {len(listed)} in surewake")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
