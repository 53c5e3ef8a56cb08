#!/usr/bin/env python3
"""No marks of unfinished work, no paths of somebody's machine, no pages that are not in the tree, no line over 120
columns, no trailing blanks, no function of the library over 40 lines; and of the rules for prose (core/README.md) what
can be held by words.

usage: text.py [ROOT]
"""

import re
import sys
from pathlib import Path

from sources import ROOT, blocks, files, finish, split_comments

MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}~-])/(home|ro" r"ot|Users|wo" r"rk)/")
ABSENT_PAGE = re.compile(r"\b(DE" r"SIGN|HO" r"USE|ST" r"YLE|FI" r"ELD)(\.md\b|,? (§|section|laws?)|: )")
# In comments of C++: a role is `it`, and has a name; words that the glossary has replaced.
PROSE = re.compile(r"\b([Ww]hoever|[Hh]e|[Hh]im|[Hh]is|so many|gates?|resumer|step_back)\b")
QUOTED = ("models/published",)  # whose images have people in them
LIBRARY = ("core/", "queues/")
NO_FUNCTION = re.compile(r"\b(class|struct|namespace|union|enum|concept|if|for|while|switch|catch)\b")
CODE = {".hpp", ".cpp", ".h", ".py", ".cmake", ".sh"}


def long_functions(code):
    """(line, lines) of each function whose braces hold more than 40."""
    for _, head, start, end in blocks(code):
        lines = 0 if start is None else code.count("\n", start, end) - 1
        if lines > 40 and "(" in head and not NO_FUNCTION.search(head):
            yield code.count("\n", 0, start) + 1, lines


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
    if path.suffix in (".hpp", ".cpp") and str(path).startswith(LIBRARY) and ".test." not in path.name:
        problems += [f"{path}:{line}: a function of {lines} lines; 40 are the limit"
                     for line, lines in long_functions(split_comments(text)[0])]
    if path.suffix in (".hpp", ".cpp") and not str(path).startswith(QUOTED):
        for number, line in enumerate(split_comments(text)[1].splitlines(), 1):
            if m := PROSE.search(line):
                problems.append(f"{path}:{number}: “{m.group()}” in prose (core/README.md, Prose)")
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
