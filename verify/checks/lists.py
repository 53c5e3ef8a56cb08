#!/usr/bin/env python3
"""Every header of a layer and every test file is in a list of its folder's CMakeLists.txt; else nobody builds it. Each
header of core/ and queues/ of 100 lines and more has a test of its own beside it, NAME.test.cpp.

usage: lists.py LISTED [--without=verify] [--without=bench]   (LISTED: what CMake listed, a path a line)
"""

import sys
from pathlib import Path

from sources import ROOT, files, finish, split_comments

LAYERS = ("core", "queues", "models")
TESTED = ("core", "queues")
LONG = 100  # lines


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


if __name__ == "__main__":
    listed = set(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    without = [a.removeprefix("--without=") for a in sys.argv[2:]]
    paths = files()
    texts = {p: (ROOT / p).read_text(encoding="utf-8") for p in paths if p.suffix == ".hpp"}
    finish(unlisted(paths, listed, without) + untested(texts, set(paths)), "lists")
