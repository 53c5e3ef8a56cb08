#!/usr/bin/env python3
"""Every strategy whose header claims an order is searched for it: it has a case in each model of order.

usage: order.py SUREWAKE_VERIFY [ROOT]

A header of queues/ claims an order where its Fairness line begins with FIFO. The strategies in it are those that it
asserts to be a waiter_queue; a header without any is a part, and belongs to a strategy that includes it. Which cases
there are is asked of the program, `SUREWAKE_VERIFY list MODEL`: they are made from the strategies' own claims
(first_come_first_served), so a strategy that is in no list, or whose claim was taken back, is found here.
"""

import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT, finish

MODELS = ("first_come", "order_after_withdrawal")
# Strategies over the kernel's futexes run over a modelled kernel, under the name of their layout.
MODELLED = {"uring_futex": "uring_per_ring", "uring_futex_per_waiter": "uring_per_waiter"}
FAIRNESS = re.compile(r"^//(?:.*\s{2,})?\s*Fairness\s+(.*)$", re.M)
STRATEGY = re.compile(r"static_assert\(waiter_queue<(\w+)<")
INCLUDE = re.compile(r"^#include <surewake/(queues/(?:parts/)?\w+\.hpp)>", re.M)


def covered_in(listed):
    """The strategies that have a case without a bug, from what `surewake-verify list` prints."""
    names = [line.split()[0].split("@")[0] for line in listed.splitlines() if line.startswith("  ")]
    return {n.split("/")[1] for n in names if "#" not in n and "/" in n}


def problems_of(headers, covered):
    """headers: {path: text}. covered: {model: strategies}."""
    problems, served = [], set()
    for path, text in headers.items():
        fairness = FAIRNESS.search(text)
        strategies = STRATEGY.findall(text)
        if strategies and fairness is None:
            problems.append(f"{path}: a strategy without a Fairness line")
        if fairness is None or not fairness.group(1).startswith("FIFO") or not strategies:
            continue
        served.add(path)
        for strategy in strategies:
            for model, there in covered.items():
                if MODELLED.get(strategy, strategy) not in there:
                    problems.append(f"{path}: {strategy} claims FIFO, and has no case in {model}")
    for _ in headers:  # what a strategy includes, and what that includes
        served |= {p for s in served for p in INCLUDE.findall(headers.get(s, ""))}
    for path, text in headers.items():
        fairness = FAIRNESS.search(text)
        if fairness is not None and fairness.group(1).startswith("FIFO") and path not in served:
            problems.append(f"{path}: claims FIFO, and is part of no strategy that is searched for it")
    return problems


def main(program, root):
    headers = {str(p.relative_to(root)): p.read_text(encoding="utf-8")
               for folder in ("queues", "queues/parts") for p in sorted((root / folder).glob("*.hpp"))
               if not p.name.endswith(".test.hpp")}
    covered = {}
    for model in MODELS:
        listed = subprocess.run([program, "list", model + "/*"], capture_output=True, text=True, check=True)
        covered[model] = covered_in(listed.stdout)
    problems = problems_of(headers, covered)
    if not any(STRATEGY.search(text) for text in headers.values()):
        problems.append("queues/ is not understood: no strategy was found")
    finish(problems, "order")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT)
