"""The data of the museum: for each exhibit its trace, and what searches say of it.

`data/exhibits.csv`, a row for each exhibit:

    kind             the room it is in, from exhibits.csv
    threads, steps   of the schedule that is drawn
    verdict          what it fails as
    preemptions      the fewest with which a schedule fails: under sequential consistency where that suffices
    under_sc         whether it fails under sequential consistency: a search of every execution there, or a finding
    sc_search        exhaustive (it passed), found
    repaired, coverage, executions   the verdict on the repaired form, what was searched, and how many
"""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import data
import figure

COLUMNS = ["exhibit", "kind", "threads", "steps", "verdict", "preemptions", "under_sc", "sc_search", "repaired",
           "coverage", "executions"]
MOST_PREEMPTIONS = 4


class Failed(Exception):
    """In words."""


def surewake(program, *arguments, statuses=(0,)):
    done = subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode not in statuses:
        raise Failed(f"surewake-verify {' '.join(arguments)} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def searched(program, cases, folder, *arguments):
    """The rows of a run of these cases, {case: row}. A verdict that differs from the expected one is an answer here."""
    out = folder / "run.csv"
    surewake(program, "run", *cases, *arguments, "--quiet", "--out", str(out), statuses=(0, 1))
    with out.open(encoding="utf-8", newline="") as file:
        rows = {r["case"]: r for r in csv.DictReader(file)}
    if missing := [c for c in cases if c not in rows]:
        raise Failed(f"surewake-verify has no case {', '.join(missing)}")
    if bad := [r for r in rows.values() if r["verdict"] in ("engine failed", "not run")]:
        raise Failed(f"{bad[0]['case']}: {bad[0]['verdict']}: {bad[0]['message']}")
    return rows


def published_bugs(program):
    """The suites of surewake-verify that hold a published bug: what the museum must show."""
    listed = surewake(program, "list", "published/")
    return {m[1] for m in re.finditer(r"^\s+published/(\w+)[^\s#]*#", listed, re.M)}


def fails(row):
    return row["verdict"] != "pass"


def fewest_preemptions(program, case, memory, folder):
    """The least bound with which a search of every schedule within it fails."""
    for bound in range(MOST_PREEMPTIONS + 1):
        row = searched(program, [case], folder, "--scheduler", "bound", "--bound", str(bound), "--memory", memory,
                       "--seconds", "120")[case]
        if fails(row):
            return str(bound)
        if row["complete"] != "true":
            raise Failed(f"{case}: the search with {bound} preemptions was cut off")
    raise Failed(f"{case}: no schedule with up to {MOST_PREEMPTIONS} preemptions fails")


def measure(program, folder, scratch):
    """Writes the data of the paper in `folder`; `scratch` is an empty folder.   Errors  Failed"""
    exhibits = data.rows_of(folder / "exhibits.csv")
    names = [e["exhibit"] for e in exhibits]
    if absent := published_bugs(program) - set(names):
        raise Failed(f"exhibits.csv has no {', '.join(sorted(absent))}, which surewake-verify has")
    traces = folder / "data/traces"
    traces.mkdir(parents=True, exist_ok=True)
    for old in traces.glob("*.json"):
        if old.stem not in names:
            old.unlink()
    on_sc = {e["exhibit"]: e["graph"] or e["case"] for e in exhibits}
    sc = searched(program, list(on_sc.values()), scratch, "--memory", "sc")
    repaired = searched(program, [e["repaired"] for e in exhibits], scratch)
    rows, provenance = [], None
    for e in exhibits:
        name = e["exhibit"]
        print(f"  {name}", file=sys.stderr, flush=True)
        written = scratch / "trace.json"
        shortest = ["--shortest"] if e["shortest"] == "yes" else []
        surewake(program, "trace", e["case"], *shortest, "--all", "--json", str(written))
        trace = json.loads(written.read_text(encoding="utf-8"))
        provenance = trace.pop("provenance")
        (traces / f"{name}.json").write_text(json.dumps(trace, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        there = sc[on_sc[name]]
        if not fails(there) and there["coverage"] != "exhaustive":
            raise Failed(f"{name}: the search under sequential consistency found nothing and was cut off")
        memory = "sc" if fails(there) else "c++"
        preemptions = fewest_preemptions(program, e["case"], memory, scratch)
        well = repaired[e["repaired"]]
        rows.append({"exhibit": name, "kind": e["kind"], "threads": str(len(trace["threads"])),
                     "steps": str(len(figure.drawn(trace, e["plain"]))), "verdict": trace["verdict"],
                     "preemptions": preemptions, "under_sc": "yes" if fails(there) else "no",
                     "sc_search": there["coverage"],
                     "repaired": well["verdict"], "coverage": well["coverage"], "executions": well["schedules"]})
    (folder / "data/exhibits.csv").write_text(data.written(rows, COLUMNS), encoding="utf-8")
    # What a machine does not change: the frozen data are the same wherever the same commit makes them.
    kept = {k: provenance[k] for k in ("program", "version", "commit", "compiler", "flags", "engine_version")}
    (folder / "data/provenance.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
