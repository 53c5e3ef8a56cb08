#!/usr/bin/env python3
"""Prints the figures of a run that are worth quoting, from what `surewake-verify run` and `bugs` wrote.

usage: figures.py RESULTS.csv|RESULTS.json…

A scenario is a model over a strategy and a discipline, with its variant, without a bug. However many searches it has,
it counts once, by the best of its passes: exhaustive before bounded before sampled.
"""

import csv
import json
import statistics
import sys
from pathlib import Path

BEST_FIRST = ("exhaustive", "bounded", "sampled")
SLOWEST = 5


def cases_of(path):
    text = Path(path).read_text(encoding="utf-8")
    return json.loads(text)["cases"] if text.startswith("{") else list(csv.DictReader(text.splitlines()))


def scenario_of(case):
    return case["case"].split("@")[0]


def is_true(value):
    return value in (True, "true", "1")


def seconds(value):
    return f"{value:.4f} s"


def scenarios(cases):
    """{scenario: its best pass}; the pass by the graph engine where two are equal."""
    best = {}
    for c in cases:
        if c["bug"] or c["expected"] != "pass" or c["verdict"] != "pass":
            continue
        rank = BEST_FIRST.index(c["coverage"]), c["engine"] != "graph"
        name = scenario_of(c)
        if name not in best or rank < best[name][0]:
            best[name] = rank, c
    return {name: c for name, (_, c) in best.items()}


def without_end(found):
    """The scenarios of two threads under hand_off, in no ring, that no search has ended."""
    return {name: c for name, c in found.items() if int(c["threads"]) == 2 and c["discipline"] == "hand_off" and
            not c["queue"].startswith("uring") and c["coverage"] != "exhaustive"}


def caught_on_graphs(cases):
    """Seconds of those that are caught as expected, of how many."""
    bugs = [c for c in cases if c["bug"] and c["engine"] == "graph" and c["expected"] != "pass"]
    return sorted((float(c["seconds"]), c["case"]) for c in bugs if is_true(c["as_expected"])), len(bugs)


def figures(cases):
    """The lines to print."""
    found = scenarios(cases)
    by = {coverage: [n for n, c in found.items() if c["coverage"] == coverage] for coverage in BEST_FIRST}
    graph = [n for n in by["exhaustive"] if found[n]["engine"] == "graph"]
    lines = [f"{len(found)} scenarios pass: {len(by['exhaustive'])} exhaustive, {len(graph)} of them on graphs; "
             f"{len(by['bounded'])} bounded, {len(by['sampled'])} merely sampled"]
    passes = [c for c in cases if not c["bug"] and c["expected"] == "pass" and c["verdict"] == "pass"]
    lines.append(f"{len(passes)} searches pass: " + ", ".join(
        f"{sum(c['coverage'] == coverage for c in passes)} {coverage}" for coverage in BEST_FIRST))
    left = without_end(found)
    lines.append(f"{len(left)} scenarios of two threads under hand_off, in no ring, have no end:")
    for name in sorted(left):
        on_graphs = [c for c in cases if scenario_of(c) == name and c["engine"] == "graph"] or [left[name]]
        c = on_graphs[0]
        share = f", {100 * float(c['share'] or 0):.2g} % of the tree" if c["engine"] == "graph" else ""
        lines.append(f"  {name}: {c['schedules']} {'executions' if share else 'schedules'}{share}")
    times, of = caught_on_graphs(cases)
    if times:
        lines.append(f"{len(times)} of {of} bugs caught on graphs, in the median in "
                     f"{seconds(statistics.median(t for t, _ in times))}; the slowest:")
        lines += [f"  {name}: {seconds(t)}" for t, name in times[-1:-1 - SLOWEST:-1]]
    return lines


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    print("\n".join(figures([c for path in sys.argv[1:] for c in cases_of(path)])))
