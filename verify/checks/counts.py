#!/usr/bin/env python3
"""Records what complete searches have counted, from what `surewake-verify run` wrote: verify/cases/counts.csv.

usage: counts.py RESULTS.json
       counts.py --preemptions RESULTS.json     how many preemptions are reached: verify/cases/preemptions.csv

The results are of a run of every case within its own bounds. Of the graph engine's searches those are recorded that
took three seconds at most: they must end, on slower machines too. Say in the commit why a number has changed.

With --preemptions they are of `surewake-verify run '*@bound*' --bound 4 --seconds 1.6`.
"""

import json
import sys
from pathlib import Path

from sources import ROOT

COUNTS = ROOT / "verify/cases/counts.csv"
PREEMPTIONS = ROOT / "verify/cases/preemptions.csv"


GRAPH_SECONDS = 3

# Searches whose number changes with how functions are compiled together. Which waits of a thread have their words at
# the same place of its stack depends on what the compiler inlines, and a late wake of the one then wakes the other:
# 8,181, 8,231, 8,273 and 8,323 schedules were seen.
BY_PLACE = {f"event_destroyed/uring_per_{part}@bound@sc" for part in ("ring", "waiter")}


def counts_of(cases):
    return sorted((c["case"], f'{c["schedules"]},{c["blocked"] or 0}') for c in cases
                  if c["complete"] and c["verdict"] == "pass" and c["case"] not in BY_PLACE
                  and (c["engine"] != "graph" or c["seconds"] <= GRAPH_SECONDS))


def main(results):
    before = table(COUNTS)
    now = counts_of(json.loads(Path(results).read_text(encoding="utf-8"))["cases"])
    for case, n in now:
        if case in before and before[case] != n:
            print(f"{case}: {before[case]} -> {n}")
    print(f"{len(now)} recorded, {len({c for c, _ in now} - set(before))} new, "
          f"{len(set(before) - {c for c, _ in now})} not complete any more")
    COUNTS.write_text("case,schedules,blocked\n" + "".join(f"{c},{n}\n" for c, n in now), encoding="utf-8")


def reached(cases, before, counted):
    """{case: preemptions}. A slower machine takes none back. Where a count is expected and no row bounds the search, it
    is that of all the preemptions that the case asks for, and it stays so."""
    now = {c["case"]: c["context_bound"] if c["coverage"] == "bounded" else 0 for c in cases
           if c["scheduler"] == "bound" and not c["bug"] and c["verdict"] == "pass"}
    return before | {c: max(n, before.get(c, 0)) for c, n in now.items() if c in before or c not in counted}


def table(file):
    """{case: the rest of its line} of one of the tables."""
    return dict(line.split(",", 1) for line in file.read_text(encoding="utf-8").splitlines()[1:])


def preemptions(results):
    cases = json.loads(Path(results).read_text(encoding="utf-8"))["cases"]
    rows = reached(cases, {c: int(n) for c, n in table(PREEMPTIONS).items()}, table(COUNTS))
    PREEMPTIONS.write_text("case,preemptions\n" + "".join(f"{c},{n}\n" for c, n in sorted(rows.items())),
                           encoding="utf-8")
    print(f"{len(rows)} searches, {sum(n == 0 for n in rows.values())} of which do not reach one preemption")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "--preemptions":
        preemptions(sys.argv[2])
    elif len(sys.argv) == 2:
        main(sys.argv[1])
    else:
        sys.exit(__doc__)
