#!/usr/bin/env python3
"""clang's -Wthread-safety accepts what the headers say of their locks, and refuses mistakes that are seeded here.

usage: locks.py CLANG

Each mistake replaces one line of a header, in a copy of the headers, by another one. (macros_push.hpp has the words in
which the headers say who holds a lock. What a constructor or destructor does, clang does not look at.)
"""

import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sources import ROOT, finish

PROGRAM = """
#include <surewake/semaphore.hpp>
#include <surewake/queues/waker_hybrid.hpp>
template <class S> void use() {
  S limit(2);
  auto const held = limit.try_acquire_for(std::chrono::seconds(1)), one_more = limit.try_acquire();
  limit.close();
}
int main() {
  use<surewake::semaphore>();
  use<surewake::basic_semaphore<surewake::mutex_deque>>();
  use<surewake::basic_semaphore<surewake::waker_hybrid, surewake::std_platform, surewake::barging>>();
}
"""
# The header, the function, the line in it, and what replaces the line.
MISTAKES = [
    ("core/semaphore/monitor_synchronizer.hpp", "wait(waiter<P>& w", "lock_.unlock();", ""),
    ("core/semaphore/monitor_synchronizer.hpp", "withdraw(waiter<P>& w", "lock_.lock();", ""),
    ("core/semaphore/monitor_synchronizer.hpp", "supply(std::int64_t n) noexcept", "lock_.unlock();", ""),
    ("core/semaphore/monitor_synchronizer.hpp", "try_take(std::int64_t n)", "return false;",
     "take_back(n); return false;"),
    ("queues/parts/locked_queue.hpp", "withdraw(waiter<P>& w", "lock_hold const hold(lock_);", ""),
    ("queues/parts/locked_wait_list.hpp", "close(Lock& lock, HandOver", "lock.lock();", ""),
    ("queues/waker_hybrid.hpp", "enqueue_in_list(waiter<P>& w", "leave();", ""),
]


def seeded(text, function, line, instead):
    """`text` with the first such line of the function replaced; None if there is none."""
    start = re.search(rf"{re.escape(function)}.*\{{\n", text)
    end = text.find("\n  }\n", start.end()) if start else -1
    at = text.find(line, start.end(), end) if start else -1
    return None if at < 0 else text[:at] + instead + text[at + len(line):]


def main(clang):
    def accepts(place):
        command = [clang, "-std=c++20", "-fsyntax-only", "-Wthread-safety", "-I", str(place), "-x", "c++", "-"]
        return subprocess.run(command, input=PROGRAM, capture_output=True, text=True, check=False)

    def refused(mistake):
        header, function, line, instead = mistake
        text = seeded((ROOT / header).read_text(encoding="utf-8"), function, line, instead)
        if text is None:
            return [f"{header}: no `{line}` in {function}"]
        with tempfile.TemporaryDirectory() as place:
            copy(Path(place), header, text)
            said = accepts(place)
        if said.returncode or "[-Wthread-safety" not in said.stderr:
            return [f"{header}: {function} without its `{line}`:", said.stderr or "not a word from clang"]
        return []

    def copy(place, header=None, text=""):
        for folder in ("core", "queues"):
            shutil.copytree(ROOT / folder, place / "surewake" / folder, ignore=shutil.ignore_patterns("*.cpp"))
        for door in (ROOT / "queues/doors").glob("*.hpp"):
            shutil.copy(door, place / "surewake")
        if header:
            (place / "surewake" / header).write_text(text, encoding="utf-8")

    with tempfile.TemporaryDirectory() as place:
        copy(Path(place))
        clean = accepts(place)
    problems = [clean.stderr] if clean.returncode or clean.stderr else []
    with ThreadPoolExecutor() as pool:
        for found in pool.map(refused, MISTAKES):
            problems += found
    finish(problems, f"locks: {len(MISTAKES)} mistakes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
