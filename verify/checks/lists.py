#!/usr/bin/env python3
"""Every header of a layer and every test file is in a list of its folder's CMakeLists.txt; else nobody builds it. Each
header of core/ and queues/ of 100 lines and more has a test of its own beside it, NAME.test.cpp. Each package that a
script installs is in the table of packages.sh.

usage: lists.py LISTED [--without=verify] [--without=bench]   (LISTED: what CMake listed, a path a line)
"""

import re
import sys
from pathlib import Path

from sources import ROOT, files, finish, split_comments

LAYERS = ("core", "queues", "models")
TESTED = ("core", "queues")
LONG = 100  # lines
SCRIPTS = ("verify/run", "bench/run", "papers/build")
PACKAGES = "verify/checks/packages.sh"


def unlisted(paths, listed, without=()):
    problems = []
    for path in paths:
        folder = path.parts[0]
        # What tests share (foo.test.hpp) and what examples are made of is not installed.
        header = path.suffix == ".hpp" and folder in LAYERS and not path.name.endswith(".test.hpp")
        header = header and path.parts[1] != "examples"
        # The front doors are installed on their own, as <surewake/semaphore.hpp> and so on.
        header = header and path.parts[:2] != ("queues", "doors")
        test = path.name.endswith(".test.cpp") and folder not in without
        if (header or test) and str(path) not in listed:
            problems.append(f"{path}: in no list; add it to {folder}/CMakeLists.txt")
    return problems


def untested(texts, paths):
    """Problems of {path: text}: long headers without a test among `paths`. One that only includes others needs none."""
    problems = []
    for path, text in texts.items():
        if path.suffix != ".hpp" or path.parts[0] not in TESTED or path.name.endswith(".test.hpp"):
            continue
        says = any(line.strip() and not line.lstrip().startswith("#") for line in split_comments(text)[0].splitlines())
        lines = len(text.splitlines())
        if says and lines >= LONG and path.with_suffix(".test.cpp") not in paths:
            problems.append(f"{path}: has {lines} lines, and no {path.stem}.test.cpp beside it")
    return problems


def unknown_packages(script, text, table):
    """Problems of a script's text: Debian's names that packages.sh would not know."""
    known = set(re.findall(r"^([a-z0-9][a-z0-9+.-]+) +[a-z]+ +\S+$", table, re.M))
    named = set()
    for words in re.findall(r"need_packages ([^|;&\n]*)|packages\+?=\(([^)]*)\)", text.replace("\\\n", " ")):
        for word in " ".join(words).split():
            before, _, choices = word.partition("{")
            choices, _, after = choices.partition("}")
            named |= {before + c + after for c in choices.split(",")}
    named = {n for n in named if re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", n)}
    if not named:
        return [f"{script}: names no package, or in a way that this check does not read"]
    return [f"{script}: {n} is not in {PACKAGES}" for n in sorted(named - known)]


if __name__ == "__main__":
    listed = set(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    without = [a.removeprefix("--without=") for a in sys.argv[2:]]
    paths = files()
    texts = {p: (ROOT / p).read_text(encoding="utf-8") for p in paths if p.suffix == ".hpp"}
    problems = unlisted(paths, listed, without) + untested(texts, set(paths))
    table = (ROOT / PACKAGES).read_text(encoding="utf-8")
    for script in SCRIPTS:
        problems += unknown_packages(script, (ROOT / script).read_text(encoding="utf-8"), table)
    finish(problems, "lists")
