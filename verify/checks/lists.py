#!/usr/bin/env python3
"""Every header of a layer and every test file is in a list of its folder's CMakeLists.txt; else nobody builds it.

usage: lists.py LISTED [--without=verify] [--without=bench]   (LISTED: what CMake listed, a path a line)
"""

import sys
from pathlib import Path

from sources import files, finish

LAYERS = ("core", "queues", "models")


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


if __name__ == "__main__":
    listed = set(Path(sys.argv[1]).read_text(encoding="utf-8").split())
    without = [a.removeprefix("--without=") for a in sys.argv[2:]]
    finish(unlisted(files(), listed, without), "lists")
