#!/usr/bin/env python3
"""Holds verify/orders.csv to the headers: what came of each memory order when it was lowered.

usage: lowered.py                 checks the table
       lowered.py RESULTS.json…   puts into it what `surewake-verify weaken HEADER --out RESULTS.json` wrote

A row is an operation: its label, and the how-many-th it is of those with that label in the header; its order; what that
was lowered to; the case that caught it, or in how many executions of how many cases it survived. A row whose label is
`A1+A2` is about all operations with these labels, lowered at once. The results replace the rows of their headers.

Of a header that is in the table each order above relaxed has its rows, and each row its order. The header says in a
paragraph `Survived` why an order is there that survived, or that no case executes. What is to have rows at
least is in REQUIRED.
"""

import argparse
import csv
import io
import json
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import orders
from sources import ROOT, files, split_comments

TABLE = ROOT / "verify/orders.csv"
COLUMNS = ["file", "label", "place", "operation", "order", "lowered_to", "result", "case", "verdict", "executions",
           "cases", "exhaustive", "executed_by"]
REQUIRED = [*(Path("core") / name for name in (
    "platform/futex_lock.hpp", "platform/spin_lock.hpp", "primitives/auto_reset.hpp", "primitives/barrier.hpp",
    "primitives/latch.hpp", "primitives/phases.hpp", "reclaim/hazard_domain.hpp", "reclaim/hazard_pointer.hpp",
    "reclaim/reclaimer.hpp", "semaphore/barging.hpp", "semaphore/blocking_wait.hpp",
    "semaphore/cancellable_awaiter.hpp", "semaphore/hand_off.hpp", "semaphore/monitor_synchronizer.hpp")),
    *(Path("queues") / name for name in ("parts/segment_list.hpp", "segmented_queue.hpp", "waker_hybrid.hpp"))]
LOWER = {"acq_rel": {"acquire", "release"}, "acquire": {"relaxed"}, "release": {"relaxed"}}
PAIR = re.compile(r"\[([A-Z]+[0-9]+)\]\+\[([A-Z]+[0-9]+)\]")


@dataclass
class Operation:
    """An order above relaxed in the source."""

    file: str
    at: int  # where in the text
    label: str
    place: int
    order: str
    on_failure: bool

    def key(self):
        return self.label, self.place, self.order, self.on_failure


def operations(path, text):
    """The operations of a header, in the order of the source."""
    checker = orders.Checker()
    checker.file(path, text)
    found, count = [], Counter()
    for at, label, order, on_failure in sorted(checker.tokens):
        count[label] += 1
        found.append(Operation(path.as_posix(), at, label, count[label], order, on_failure))
    return found


def argument_orders(code, line, column):
    """Where the orders are among the arguments of a call, relaxed ones too; its parenthesis is at or after a place."""
    start = 0
    for _ in range(line - 1):
        start = code.index("\n", start) + 1
    opened = code.find("(", start + column - 1)
    end, depth, found = orders.call_end(code, opened), 0, []
    names = {m.start(): m for m in orders.ORDER.finditer(code, opened, end)}
    for i in range(opened, end):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if i in names and depth == 1:
            found.append(i)
    return found


def operation_of(row, code, known):
    """The operation of the source that a row of the results is about; None where its order is not named there."""
    found = argument_orders(code, int(row["line"]), int(row["column"]))
    which = 1 if row["operation"].endswith("(failure)") else 0
    return known.get(found[which]) if which < len(found) else None


def fields(row, label, place):
    caught = row["result"] == "caught"
    return {"file": row["file"], "label": label, "place": place, "operation": row["operation"], "order": row["order"],
            "lowered_to": row["lowered_to"], "result": row["result"], "case": row["case"], "verdict": row["verdict"],
            "executions": row["schedules"], "cases": row["searched"], "exhaustive": "" if caught else row["exhaustive"],
            "executed_by": row["cases"]}


def rows_of(results, text_of):
    """The table's rows for the headers in the results, and problems."""
    rows, problems = [], []
    for file in sorted({r["file"] for r in results}):
        text = text_of(file)
        code = split_comments(text)[0]
        known = {o.at: o for o in operations(Path(file), text)}
        seen = set()
        for r in (r for r in results if r["file"] == file):
            if r["result"] not in ("caught", "survived"):
                problems.append(f"{file}:{r['line']}: {r['message']}")
            elif "+" in str(r["line"]):
                labels = "+".join(dict.fromkeys(r["label"].split("+")))
                joined = {k: "+".join(dict.fromkeys(r[k].split("+"))) for k in ("operation", "order", "lowered_to")}
                rows.append(fields(r | joined, labels, ""))
            elif (o := operation_of(r, code, known)) is None:
                problems.append(f"{file}:{r['line']}: no {r['order']} is named here")
            else:
                seen.add(o.at)
                rows.append(fields(r, o.label, o.place))
        for o in known.values():
            if o.at not in seen:
                rows.append(dict.fromkeys(COLUMNS, "") | {"file": file, "label": o.label, "place": o.place,
                            "order": o.order, "operation": "(failure)" if o.on_failure else "",
                            "result": "not executed"})
    return rows, problems


def order_of(row):
    label = re.match(r"([A-Z]*)([0-9]*)(.*)", row["label"])
    return (row["file"], label[1], int(label[2] or 0), label[3], int(row["place"] or 0), row["operation"],
            row["lowered_to"])


def written(rows):
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(sorted(rows, key=order_of))
    return out.getvalue()


def paragraph(text, name):
    """The words of a header's paragraph `name`, which ends where the next one begins."""
    words = None
    for line in text.split("\n"):
        if not line.startswith("//"):
            break
        if m := re.match(r"// ([A-Z]\w+)\b", line):
            words = line if m[1] == name else words if words is None or words.endswith("\0") else words + "\0"
        elif words is not None and not words.endswith("\0"):
            words += " " + line.lstrip("/ ")
    return (words or "").rstrip("\0")


def check(texts, rows):
    """Problems between {path: text} and the table's rows."""
    problems, by_file = [], defaultdict(list)
    for r in rows:
        by_file[r["file"]].append(r)
    for path, text in texts.items():
        source, mine = operations(path, text), by_file.pop(path.as_posix(), [])
        if not source and not mine:
            continue
        has = defaultdict(set)
        for r in mine:
            if "+" not in r["label"]:
                has[r["label"], int(r["place"]), r["order"], "(failure)" in r["operation"]].add(
                    "" if r["result"] == "not executed" else r["lowered_to"])
        for o in source:
            lowered = has.pop(o.key(), None)
            line = text.count("\n", 0, o.at) + 1
            if lowered is None:
                problems.append(f"{path}:{line}: {o.order} [{o.label}] has no row in orders.csv")
            elif "" not in lowered and o.order in LOWER and lowered != LOWER[o.order]:
                problems.append(f"{path}:{line}: [{o.label}] in orders.csv is lowered to {', '.join(sorted(lowered))}")
        problems += [f"{path}: orders.csv has the {k[1]}. {k[2]} [{k[0]}], which does not exist" for k in has]
        pairs = {"+".join(p) for p in PAIR.findall(split_comments(text)[1])}
        in_table = {r["label"] for r in mine if "+" in r["label"]}
        problems += [f"{path}: {p} has no row in orders.csv" for p in sorted(pairs - in_table)]
        problems += [f"{path}: orders.csv has {p}, which the header does not name" for p in sorted(in_table - pairs)]
        said = {label for label in re.findall(r"\[([A-Z]+[0-9]+)\]", paragraph(text, "Survived"))}
        survived = {r["label"] for r in mine if r["result"] != "caught" and "+" not in r["label"]}
        for label in sorted(survived - said):
            problems.append(f"{path}: [{label}] survived in orders.csv, or is not executed: the header's `Survived` "
                            "does not say why it is there")
        for r in mine:
            if r["result"] == "survived" and "+" in r["label"]:
                problems.append(f"{path}: {r['label']} survived in orders.csv: nothing shows that one covers the other")
    problems += [f"{file}: is in orders.csv, and has no order" for file in by_file]
    return problems


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("results", nargs="*", type=Path, help="what weaken has written as JSON")
    options = arguments.parse_args()
    rows = list(csv.DictReader(TABLE.open(encoding="utf-8", newline=""))) if TABLE.is_file() else []
    problems = []
    if options.results:
        results = [r for p in options.results for r in json.loads(p.read_text(encoding="utf-8"))["orders"]]
        new, problems = rows_of(results, lambda f: (ROOT / f).read_text(encoding="utf-8"))
        there = {r["file"] for r in new}
        rows = [r for r in rows if r["file"] not in there] + new
        TABLE.write_text(written(rows), encoding="utf-8")
    else:
        in_scope = sorted({*REQUIRED, *(Path(r["file"]) for r in rows)} & set(files()))
        problems = check({p: (ROOT / p).read_text(encoding="utf-8") for p in in_scope}, rows)
    for p in problems:
        print(p, file=sys.stderr)
    count = Counter(r["result"] for r in rows)
    print(f"lowered: {len(rows)} rows, " + ", ".join(f"{n} {what}" for what, n in sorted(count.items())) +
          f", {len(problems)} problem(s)", file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
