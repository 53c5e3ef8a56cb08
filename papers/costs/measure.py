"""The data of *What a waiter queue costs*: a frozen result file of this machine, and the strategies' states.

    data/machines/NAME.jsonl   what `surewake-bench run` measured, less what the paper does not use: see
                               papers/tools/results.py. The file of another machine stays, and that of this one is
                               replaced; SHA256SUMS has the digest of each
    data/transitions.csv       the states' pictures at the top of three headers, as rows
"""

import json
import re
import subprocess
from pathlib import Path

import data
import derive
import results

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("surewake-bench",)
REPEATS = 21
SECONDS = 1800  # at most: a quiet machine has made all repeats long before
COLUMNS = ["picture", "number", "state", "to", "words"]
MONITOR, HYBRID, SEGMENTED = ("core/semaphore/monitor_synchronizer.hpp", "queues/waker_hybrid.hpp",
                              "queues/segmented_queue.hpp")


class Failed(Exception):
    """In words."""


def measured(program, folder, scratch):
    """The lines of a result file: one that is there, or of a run of the loads."""
    if Path(program).suffix == ".jsonl":
        return Path(program).read_text(encoding="utf-8").splitlines()
    patterns = [f"{workload}/{scenario}" for workload, scenario in derive.wanted(folder)]
    command = [program, "run", *patterns, "--repeats", str(REPEATS), "--seconds", str(SECONDS), "--no-large", "--out",
               str(scratch)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"surewake-bench run ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    return (scratch / "results.jsonl").read_text(encoding="utf-8").splitlines()


def name_of(head):
    """A machine's file: its processor's model, and how many there are."""
    machine = head["machine"]
    return f"{re.sub(r'[^a-z0-9]+', '_', machine['cpu'].lower()).strip('_')}_{machine['cpus_online']}"


def comment(file):
    """The lines of the comment at the top of a header, without its signs."""
    lines = (ROOT / file).read_text(encoding="utf-8").split("#pragma once")[0].splitlines()
    return [line.removeprefix("//") for line in lines]


def row(picture, number, state, to, words):
    return {"picture": picture, "number": str(number), "state": state, "to": to, "words": words.replace("`", "")}


def monitor():
    """`STATE or STATE --EVENT--> STATE, …    WORDS`"""
    rows, number = [], 0
    for line in comment(MONITOR):
        if m := re.fullmatch(r"   (\w+(?: or \w+)*) --(.+?)--> (.*)", line):
            number += 1
            to, _, words = m[3].partition("    ")
            closes = "closed" in to
            reached = "closed" if closes else re.match(r"\w+", to)[0]
            said = f"{m[1]}, {m[2]} → {to}" + (f": {words.strip()}" if words else "")
            rows += [row("monitor", number, state, reached, said) for state in m[1].split(" or ")]
    return rows


def hybrid():
    """A state with its words, and below it `--EVENT--> STATE, STATE    WORDS`."""
    rows, number, state = [], 0, ""
    for line in comment(HYBRID):
        if m := re.match(r"   (balance|single|claimed|many)\b", line):
            state = m[1]
        elif m := re.fullmatch(r"     --(.+?)--> (.+)", line):
            number += 1
            to, _, words = m[2].partition("    " if "    " in m[2] else "  ")
            said = f"{state}, {m[1]} → {to}" + (f": {words.strip()}" if words else "")
            reached = dict.fromkeys(re.match(r"\w+", t)[0] for t in to.split(", "))
            rows += [row("hybrid", number, state, t, said) for t in reached]
    return rows


def segmented():
    """A table: a row for each state, a column for each event."""
    lines = comment(SEGMENTED)
    first = next(n for n, line in enumerate(lines) if line.strip().startswith("enqueue, owns the ticket"))
    events = re.split(r" {3,}", lines[first].strip())
    edges = [lines[first].index(e) for e in events]
    states, rows, number = {}, [], 0
    for line in lines[first + 1:]:
        if not line.strip():
            break
        cells = [line[a:b].strip() for a, b in zip(edges, [*edges[1:], None])]
        if name := line[:edges[0]].strip():
            states[name] = cells
        else:  # the last row goes on
            last = states[next(reversed(states))]
            states[next(reversed(states))] = [f"{a} {b}".strip() for a, b in zip(last, cells)]
    for state, cells in states.items():
        for event, cell in zip(events, cells):
            if cell in ("", "–", "-"):
                continue
            number += 1
            reached = [w for w in re.findall(r"\w+", cell) if w in states or w == "done"] or [state]
            said = re.sub(r" {2,}", "; ", cell.removeprefix("-> ")).replace("-> ", "")
            rows += [row("segmented", number, state, to, f"{state}, {event.split(',')[0]}: {said}")
                     for to in dict.fromkeys(reached)]
    return rows


def measure(program, folder, scratch):
    """Writes the data of the paper in `folder`; `program` may be a result file, of any machine.   Errors  Failed"""
    try:
        frozen = results.frozen(measured(program, folder, scratch), derive.wanted(folder))
    except (results.Bad, OSError) as e:
        raise Failed(str(e)) from e
    results.freeze(folder / "data/machines", name_of(json.loads(frozen.splitlines()[0])), frozen)
    transitions = monitor() + hybrid() + segmented()
    if {r["picture"] for r in transitions} != {"monitor", "hybrid", "segmented"}:
        raise Failed("a header's picture of its states is not there, or of another form")
    (folder / "data/transitions.csv").write_text(data.written(transitions, COLUMNS), encoding="utf-8")
