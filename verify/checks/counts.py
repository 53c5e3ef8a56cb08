#!/usr/bin/env python3
"""Records how many schedules complete searches have, from what `surewake-verify run` wrote: verify/cases/counts.csv.

usage: counts.py RESULTS.json

The results are of a run of every case within its own bounds. Say in the commit why a number has changed.
"""

import json
import sys
from pathlib import Path

from sources import ROOT

COUNTS = ROOT / "verify/cases/counts.csv"


def counts_of(cases):
    return sorted((c["case"], c["schedules"]) for c in cases if c["complete"] and c["verdict"] == "pass")


def main(results):
    before = dict(line.rsplit(",", 1) for line in COUNTS.read_text(encoding="utf-8").splitlines()[1:]) \
        if COUNTS.is_file() else {}
    now = counts_of(json.loads(Path(results).read_text(encoding="utf-8"))["cases"])
    for case, n in now:
        if case in before and before[case] != str(n):
            print(f"{case}: {before[case]} -> {n}")
    print(f"{len(now)} recorded, {len({c for c, _ in now} - set(before))} new, "
          f"{len(set(before) - {c for c, _ in now})} not complete any more")
    COUNTS.write_text("case,schedules\n" + "".join(f"{c},{n}\n" for c, n in now), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
