#!/usr/bin/env python3
"""No marks of unfinished work, no paths of somebody's machine, no pages that are not in the tree, no line over 120
columns, no trailing blanks.

usage: text.py [ROOT]
"""

import re
import sys
from pathlib import Path

from sources import ROOT, files, finish

MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(home|ro" r"ot|Users|wo" r"rk)/")
ABSENT_PAGE = re.compile(r"\b(DE" r"SIGN|HO" r"USE|ST" r"YLE|FI" r"ELD)(\.md\b|,? (§|section|laws?)|: )")
CODE = {".hpp", ".cpp", ".h", ".py", ".cmake", ".sh"}


def check_text(path, text):
    problems = []
    code = path.suffix in CODE or path.name in ("CMakeLists.txt", "run")
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{path}:{number}:"
        if MARKS.search(line):
            problems.append(f"{where} a mark of unfinished work: {MARKS.search(line).group()}")
        if MACHINE_PATH.search(line):
            problems.append(f"{where} a path of somebody's machine: {MACHINE_PATH.search(line).group()}…")
        if ABSENT_PAGE.search(line):
            problems.append(f"{where} cites a page that is not in the tree: {ABSENT_PAGE.search(line).group()}")
        if code and len(line) > 120:
            problems.append(f"{where} {len(line)} columns; 120 are the limit")
        if code and line != line.rstrip():
            problems.append(f"{where} trailing blanks")
    if text and not text.endswith("\n"):
        problems.append(f"{path}: no newline at the end")
    return problems


def main(root):
    problems = []
    for path in files(root):
        if path.parts[0] == "papers" and path.suffix not in (".md", ".py", ".sh"):
            continue  # frozen data and bibliographies are quoted as they are
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            problems += check_text(path, text)
    finish(problems, "text")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
