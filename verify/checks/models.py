#!/usr/bin/env python3
"""What a model is about is said by its facts, and what its seeded bugs are by the cases. The tables of models/README.md
repeat them for the reader, and must say the same. Facts are complete, and a model whose runs on real threads no list
gives is run by hand.

usage: models.py SUREWAKE_VERIFY [--write]      --write puts the words there
"""

import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT, finish

TABLE = "models/README.md"
BEGIN, END = "<!-- written by verify/checks/models.py -->\n", "<!-- to here -->\n"
LAWS = {
    "waking": "a permit that is free wakes a waiter",
    "giving_up": "a waiter leaves, and takes or leaves behind what it is owed",
    "closing": "close() ends all waits",
    "lifetime": "a semaphore or a waiter goes while others are inside",
    "counting": "permits are added, removed and hidden",
    "order": "first come, first served",
    "primitives": "a mutex, and what is waited for inside of it",
    "history": "one order of all calls explains what each was answered",
    "primitives": "mutexes, shared mutexes, condition variables, events, latches, barriers and channels",
    "segments": "the segments of segmented_queue",
    "progress": "each call ends as its header claims",
    "uring": "waits in rings of the kernel",
    "reclaim": "nothing is freed under a reader",
}
SUITES = ("segments_under_other_models", "uring_cancels_miss")  # cases of several models under one name
STRESS = ("stress_others.test.cpp", "uring_stress.test.cpp")
HEAD = re.compile(r"^(?:template .*> )?(?:class|struct) (\w+)(?: : .*)? \{$", re.M)
FACTS = re.compile(r"^  static constexpr model_facts facts\{\n(.*?)\};", re.S | re.M)
LIST = re.compile(r"set\(surewake_models\n(.*?)\)", re.S)
FIELD = re.compile(r"\.(\w+) = ((?:\"[^\"]*\"\s*)+|[\w:']+)")


def facts_of(text):
    """{model: {field: value}} of a header."""
    found = {}
    for m in FACTS.finditer(text):
        heads = [h for h in HEAD.finditer(text, 0, m.start())]
        found[heads[-1].group(1)] = {field: "".join(re.findall(r'"([^"]*)"', value)) if value[0] == '"' else value
                                     for field, value in FIELD.findall(m.group(1))}
    return found


def listed(text):
    """{model: {bug: verdict}} of what `surewake-verify list` prints."""
    models = {}
    for line in text.splitlines():
        m = re.match(r"  (\S+)\s+(.+?)\s+(?:random|bound \d+|full)(?:, sc)?\s", line)
        if not m:
            continue
        name = m.group(1).split("@")[0]
        case, _, bug = name.partition("#")
        parts = case.split("/")
        model = "/".join(parts[:2]) if parts[0] in ("engine", "published") else parts[0]
        if model == "progress":
            model += "_" + parts[3]
        bugs = models.setdefault(model, {})
        if bug and m.group(2) not in bugs.setdefault(bug, []):
            bugs[bug].append(m.group(2))
    return {model: {bug: " or ".join(sorted(verdicts)) for bug, verdicts in bugs.items()}
            for model, bugs in models.items()}


def by_verdict(bugs):
    """{verdict: [bugs]} in the order in which the verdicts first appear."""
    found = {}
    for bug, verdict in bugs.items():
        found.setdefault(verdict, []).append(bug)
    return found


def table_cell(bugs):
    return "; ".join(", ".join(f"`{b}`" for b in names) + f": {verdict}" for verdict, names in by_verdict(bugs).items())


def tables(facts, models):
    """The tables for {law: {model: facts}} and {model: {bug: verdict}}."""
    out = []
    for law, about in LAWS.items():
        out += [f"### {law}: {about}", "", "| model | what must hold | seeded bugs, and what catches them |",
                "| --- | --- | --- |"]
        out += [f"| `{m}` | {f.get('law', '')} | {table_cell(models.get(m, {}))} |".replace("|  |", "| |")
                for m, f in facts[law].items()]
        out.append("")
    return "\n".join(out)


def check_table(text, facts, models, write):
    if BEGIN not in text or END not in text:
        return [f"{TABLE}: no place for the tables, between {BEGIN.strip()} and {END.strip()}"]
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    new = "\n" + tables(facts, models) + "\n"
    if write:
        (ROOT / TABLE).write_text(before + BEGIN + new + END + after, encoding="utf-8")
    was, now = set(old.splitlines()), set(new.splitlines())
    return [f"{TABLE}: the facts and cases say: {line}" for line in sorted(now - was)] + [
        f"{TABLE}: no facts and cases say: {line}" for line in sorted(was - now)]


def check_facts(facts, models, by_list, stress):
    """by_list: the models of the list; stress: the text of the tests that run others."""
    problems = []
    for law, there in facts.items():
        for model, f in there.items():
            where = f"models/{law}: {model}:"
            if not f.get("question", "").endswith("?"):
                problems.append(f"{where} its facts have no question")
            if not f.get("law"):
                problems.append(f"{where} its facts have no law")
            if model not in models:
                problems.append(f"{where} no case is named for it")
            if f"{law}/{model}" not in by_list and not re.search(rf"models::{f['class']}\b", stress):
                problems.append(f"{where} no test runs it on real threads, or says why ({', '.join(STRESS)})")
    known = {m for there in facts.values() for m in there}
    return problems + [f"{m}: a case whose model has no facts" for m in models
                       if "/" not in m and m not in known and m not in SUITES]


def main(program, write):
    models = listed(subprocess.run([program, "list"], capture_output=True, text=True, check=True).stdout)
    facts = {law: {} for law in LAWS}
    for law, there in facts.items():
        for path in sorted((ROOT / "models" / law).glob("*.hpp")):
            for model, f in facts_of(path.read_text(encoding="utf-8")).items():
                there[model if model in models else path.stem] = {**f, "class": model}
    by_list = LIST.search((ROOT / "models/models.cmake").read_text(encoding="utf-8")).group(1).split()
    stress = "".join((ROOT / "models" / name).read_text(encoding="utf-8") for name in STRESS)
    problems = check_facts(facts, models, by_list, stress)
    problems += check_table((ROOT / TABLE).read_text(encoding="utf-8"), facts, models, write)
    finish(problems, f"models: {sum(map(len, facts.values()))}")


if __name__ == "__main__":
    main(sys.argv[1], "--write" in sys.argv)
