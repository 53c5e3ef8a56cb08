#!/usr/bin/env python3
"""What a model's seeded bugs are is said in one place: the cases. The table of models/README.md and the `Bugs` lines at
the top of the models repeat it for the reader, and must say the same.

usage: models.py SUREWAKE_VERIFY [--write]      --write puts the cases' words there; what stands in brackets is kept
"""

import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT, finish

TABLE = "models/README.md"
WIDTH = 120
SUITES = ("progress", "segments_under_other_models")  # cases of several models under one name


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


def of_cell(cell):
    """{bug: verdict} of a table's cell; words without a bug in them say nothing."""
    found = {}
    for part in cell.split(";"):
        names, _, verdict = part.rpartition(":")
        for name in re.findall(r"`(\w+)`", names):
            found[name] = verdict.strip()
    return found


def of_header(lines):
    """{bug: (verdict, note)} of a `Bugs` paragraph; the note is what stands in brackets behind the verdict."""
    found = {}
    for part in " ".join(lines).split(" · "):
        names, arrow, rest = part.partition("→")
        if arrow:
            verdict, _, note = rest.strip().partition(" (")
            for name in re.findall(r"\w+", names):
                found[name] = (verdict.strip(), " (" + note if note else "")
    return found


def header_lines(bugs, old):
    """The paragraph for these bugs, with the notes of the old one."""
    parts = []
    for verdict, names in by_verdict(bugs).items():
        groups = {}
        for name in names:
            groups.setdefault(old.get(name, ("", ""))[1], []).append(name)
        parts += [f"{', '.join(g)} → {verdict}{note}" for note, g in groups.items()]
    lines, line = [], "// Bugs       "
    for word in " · ".join(parts).split(" "):
        if len(line) + len(word) > WIDTH and line.strip("/ "):
            lines.append(line.rstrip())
            line = "//            "
        line += word + " "
    return lines + [line.rstrip()]


def check_table(text, models, write):
    problems, out = [], []
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.split(" | ")
        names = re.findall(r"`(\w+)`", cells[0])
        if line.startswith("| `") and len(cells) == 3 and names and all(n in models for n in names):
            bugs = {b: v for n in names for b, v in models[n].items()}
            cell = cells[2].rstrip().removesuffix("|").strip()
            if bugs and of_cell(cell) != bugs:
                problems.append(f"{TABLE}:{number}: the cases say: {table_cell(bugs)}")
                line = " | ".join([*cells[:2], table_cell(bugs) + " |"])
        out.append(line)
    missing = [m for m in models if "/" not in m and models[m] and f"`{m}`" not in text and m not in SUITES]
    problems += [f"{TABLE}: no row for {m}" for m in missing]
    if write:
        (ROOT / TABLE).write_text("\n".join(out) + "\n", encoding="utf-8")
    return problems


def check_header(path, text, models, write):
    lines = text.splitlines()
    here = set(re.findall(r"^(?:class|struct) (\w+)", text, re.M)) | set(re.findall(r"> (?:class|struct) (\w+)", text))
    bugs = {b: v for m in models if m in here for b, v in models[m].items()}
    start = next((i for i, l in enumerate(lines) if l.startswith("// Bugs ")), None)
    if start is None:
        return []
    end = start + 1
    while lines[end].startswith("//   "):
        end += 1
    old = of_header([l.removeprefix("//").removeprefix(" Bugs").strip() for l in lines[start:end]])
    if {b: v for b, (v, _) in old.items()} == bugs or not any(m in here for m in models):
        return []  # those of progress and of segments are cases under one name: the table has them
    if write:
        lines[start:end] = header_lines(bugs, old)
        (ROOT / path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [f"{path}:{start + 1}: the cases say: {table_cell(bugs)}"]


def main(program, write):
    models = listed(subprocess.run([program, "list"], capture_output=True, text=True, check=True).stdout)
    problems = check_table((ROOT / TABLE).read_text(encoding="utf-8"), models, write)
    for path in sorted((ROOT / "models").glob("*/*.hpp")):
        if path.parts[-2] not in ("bugs", "published", "fixture"):
            name = path.relative_to(ROOT)
            problems += check_header(name, path.read_text(encoding="utf-8"), models, write)
    finish(problems, f"models: {len(models)}")


if __name__ == "__main__":
    main(sys.argv[1], "--write" in sys.argv)
