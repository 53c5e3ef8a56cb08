"""What measure.py of a paper asks surewake-verify: searches, and the data of the paper's exhibits.

A paper with exhibits has `data/exhibits.csv`, a row for each, of these columns, or of those that it has claims about:

    kind             what exhibits.csv says of it
    threads, steps   of the execution that is drawn
    verdict          what it fails as
    preemptions      the fewest with which a schedule fails: under sequential consistency where that suffices
    under_sc         whether it fails under sequential consistency: a search of every execution there, or a finding
    sc_search        exhaustive (it passed), found
    repaired, coverage, executions   the verdict on the repaired form, what was searched, and how many
"""

import csv
import json
import subprocess
import sys

import data
import figure

MOST_PREEMPTIONS = 4
# What a machine does not change: the frozen data are the same wherever the same commit makes them.
OF_THE_BUILD = ("program", "version", "commit", "compiler", "flags", "engine_version")


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
    all_ran(rows.values())
    return rows


def all_ran(rows):
    if bad := [r for r in rows if r["verdict"] in ("engine failed", "not run")]:
        raise Failed(f"{bad[0]['case']}: {bad[0]['verdict']}: {bad[0]['message']}")


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


def measure_exhibits(program, folder, scratch, columns):
    """Writes `data/exhibits.csv` with these columns, and `data/traces/`.   Returns  the program's provenance"""
    exhibits = data.rows_of(folder / "exhibits.csv")
    traces = folder / "data/traces"
    traces.mkdir(parents=True, exist_ok=True)
    for old in traces.glob("*.json"):
        if old.stem not in {e["exhibit"] for e in exhibits}:
            old.unlink()
    on_sc = {e["exhibit"]: e["graph"] or e["case"] for e in exhibits}
    sc = searched(program, list(on_sc.values()), scratch, "--memory", "sc")
    repaired = searched(program, [e["repaired"] for e in exhibits], scratch)
    rows, provenance = [], None
    for e in exhibits:
        name = e["exhibit"]
        print(f"  {name}", file=sys.stderr, flush=True)
        written = scratch / "trace.json"
        how = [] if e["case"].endswith("@graph") else ["--all"]
        shortest = ["--shortest"] if e["shortest"] == "yes" else []
        surewake(program, "trace", e["case"], *shortest, *how, "--json", str(written))
        trace = json.loads(written.read_text(encoding="utf-8"))
        provenance = trace.pop("provenance")
        (traces / f"{name}.json").write_text(json.dumps(trace, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        there = sc[on_sc[name]]
        if not fails(there) and there["coverage"] != "exhaustive":
            raise Failed(f"{name}: the search under sequential consistency found nothing and was cut off")
        memory = "sc" if fails(there) else "c++"
        well = repaired[e["repaired"]]
        row = {"exhibit": name, "kind": e["kind"], "threads": str(len(trace["threads"])),
               "steps": str(len(figure.drawn(trace, e["plain"]))), "verdict": trace["verdict"],
               "under_sc": "yes" if fails(there) else "no", "sc_search": there["coverage"],
               "repaired": well["verdict"], "coverage": well["coverage"], "executions": well["schedules"]}
        if "preemptions" in columns:
            row["preemptions"] = fewest_preemptions(program, e["case"], memory, scratch)
        rows.append({c: row[c] for c in columns})
    (folder / "data/exhibits.csv").write_text(data.written(rows, columns), encoding="utf-8")
    return provenance


def freeze_provenance(folder, provenance):
    kept = {k: provenance[k] for k in OF_THE_BUILD}
    (folder / "data/provenance.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
