#!/usr/bin/env python3
"""Holds #includes to the layers (core <- queues <- models, with verify and bench on top) and the root to its folders.

usage: layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

from sources import ROOT, files, finish, is_cpp, split_comments

MAY_INCLUDE = {
    "core": {"core"},
    "queues": {"core", "queues"},
    "models": {"core", "queues", "models"},
    "verify": {"core", "queues", "models", "verify"},
    "bench": {"core", "queues", "bench"},
    "papers": set(),
    "findings": set(),
}
# What a process must have once, each library of it must see: core/README.md, Ends. (Nested namespaces take no
# attribute; they have constants only.)
HIDDEN = re.compile(r"^\s*namespace\s+surewake\s*\{")
# What the command-line programs share.
SHARED = "verify/program/"
# Algorithms reach the machine through their platform only.
MACHINE = re.compile(r"\bstd::(atomic\w*|mutex|j?thread|condition_variable\w*|memory_order\w*|counting_semaphore)\b")


def layer_of_include(name):
    """The folder that an include of ours counts to; None for somebody else's header."""
    if not name.startswith("surewake/"):
        return None
    parts = name.split("/")
    return "queues" if parts[1:] == ["semaphore.hpp"] else parts[1]


def check_file(path, text, headers=()):
    """Problems of one file; `path` counts from the root. `headers`: names of ours; others in quotes are generated."""
    folder = path.parts[0]
    if folder not in MAY_INCLUDE or not is_cpp(path):
        return []
    if not MAY_INCLUDE[folder]:
        return [f"{path}: no code belongs into {folder}/"]
    if path.parts[:2] == ("verify", "consumer"):
        return []  # a project of its own, outside the layers: it sees what is installed
    problems = []
    code, _ = split_comments(text)
    for number, (line, bare) in enumerate(zip(text.splitlines(), code.splitlines()), 1):
        m = re.match(r'\s*#\s*include\s*(<[^>]*>|"[^"]*")', line)
        if m and re.match(r"\s*#\s*include", bare):
            name = m.group(1)[1:-1]
            if m.group(1)[0] == '"':
                if Path(name).name in headers:
                    problems.append(f'{path}:{number}: spell it <surewake/…>, not "{name}"')
                continue
            layer = layer_of_include(name)
            shared = folder == "bench" and name.startswith("surewake/" + SHARED)
            if layer is not None and layer not in MAY_INCLUDE[folder] and not shared:
                problems.append(f"{path}:{number}: {folder}/ may not include <{name}>")
        public = folder in ("core", "queues") and path.suffix == ".hpp" and not path.name.endswith(".test.hpp")
        if public and "examples" not in path.parts and HIDDEN.match(bare):
            problems.append(f'{path}:{number}: spell it namespace [[gnu::visibility("default")]] surewake')
        if folder in ("queues", "models") and path.suffix == ".hpp" and not path.name.endswith(".test.hpp"):
            machine = MACHINE.search(bare)
            if machine:
                problems.append(f"{path}:{number}: names {machine.group()}; an algorithm asks its platform")
    return problems


def check_folders(paths):
    allowed = set(MAY_INCLUDE)
    tops = {p.parts[0] for p in paths if len(p.parts) > 1}
    return [f"{top}/: no such folder at the top of the project" for top in sorted(tops)
            if top not in allowed and not top.startswith(".")]


def main(root):
    paths = files(root)
    problems = check_folders(paths)
    headers = {p.name for p in paths if p.suffix in (".hpp", ".h")}
    for path in paths:
        if is_cpp(path):
            problems += check_file(path, (root / path).read_text(encoding="utf-8"), headers)
    finish(problems, "layers")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
