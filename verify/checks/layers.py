#!/usr/bin/env python3
"""Holds #includes to the rooms of the house, two levels deep, and the root to its folders.

usage: layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

from sources import ROOT, files, finish, is_cpp, split_comments

# Which rooms the headers of a room may include. A path counts to the longest name here that it begins with; what a
# room may include, it may include with all rooms inside of that, but for those that are named after a minus.
ALGORITHMS = ["core", "-core/coroutine", "-core/uring", "-core/iocp", "-core/asio", "-core/senders"]
MAY_INCLUDE = {
    "core/platform": ["core/platform"],
    "core/node": ["core/platform", "core/node"],
    "core/semaphore": ["core/platform", "core/node", "core/semaphore"],
    "core/primitives": ["core/platform", "core/node", "core/semaphore", "core/primitives"],
    "core/reclaim": ["core/platform", "core/reclaim"],
    "core/coroutine": ["core", "-core/uring", "-core/iocp", "-core/asio", "-core/senders"],
    "core/asio": ["core", "-core/coroutine", "-core/uring", "-core/iocp", "-core/senders"],
    "core/senders": ["core", "-core/coroutine", "-core/uring", "-core/iocp", "-core/asio"],
    "core/uring": ["core", "-core/iocp", "-core/asio", "-core/senders"],
    "core/iocp": ["core", "-core/uring", "-core/asio", "-core/senders"],
    "queues/parts": [*ALGORITHMS, "queues/parts"],
    "queues": [*ALGORITHMS, "queues/parts", "queues"],
    "queues/uring_futex.hpp": ["core", "queues/parts", "queues/intrusive_list.hpp"],
    "queues/iocp_port.hpp": ["core", "queues/parts", "queues/intrusive_list.hpp"],
    "queues/doors": ["core", "queues"],
    "queues/semaphore.hpp": ["queues/doors"],
    "queues/conformance": ["core", "queues"],
    "queues/examples": ["core", "queues"],
    "models/fixture": ["core", "-core/uring", "queues", "-queues/doors", "models/fixture"],
    "models": ["core", "-core/uring", "queues", "-queues/doors", "models"],
    "verify/shared": ["verify/shared"],
    "verify/engine": ["core", "queues", "models", "verify/shared", "verify/engine"],
    "verify/cases": ["core", "queues", "models", "verify/engine", "verify/cases"],
    "verify/doors": ["core", "queues", "models", "verify/engine", "verify/cases"],
    "verify/program": ["verify/shared", "verify/engine", "verify/program"],
    "verify/checks": ["core", "queues", "models", "verify"],
    "verify/old_kernel": ["core", "queues"],
    "verify/consumer": None,  # a project of its own: it sees what is installed
    "bench": ["core", "queues", "bench", "verify/shared"],
    "papers": [],
    "findings": [],
    "debian": [],  # where dpkg-buildpackage looks for it
}
# Models of one law know nothing of those of another: what several need is a fixture, or the law they come from.
LAWS = {"waking", "giving_up", "closing", "lifetime", "counting", "order", "history", "reclaim", "segments", "uring",
        "progress", "primitives"}
# What a process must have once, each library of it must see: core/README.md, Ends. (Nested namespaces take no
# attribute; they have constants only.)
HIDDEN = re.compile(r"^\s*namespace\s+surewake\s*\{")
# Algorithms reach the machine through their platform only.
NO_MACHINE = ("core/node", "core/semaphore", "core/primitives", "core/reclaim", "queues", "models")
MACHINE = re.compile(r"\bstd::(atomic\w*|mutex|j?thread|condition_variable\w*|memory_order\w*|counting_semaphore)\b")

# Relacy replaces operator new and defines macros: a header of the engine includes it and clears up, for two files.
RELACY = "verify/engine/relacy.hpp"
MAY_SEE_RELACY = (RELACY, "verify/engine/relacy_engine.cpp", "verify/engine/relacy_runtime.cpp")


def room_of(path):
    """The longest name in MAY_INCLUDE that the path, counted from the root, begins with; None: in no room."""
    return next((name for n in range(len(path.parts), 0, -1)
                 if (name := "/".join(path.parts[:n])) in MAY_INCLUDE), None)


def inside(path, place):
    return path == place or path.startswith(place + "/")


def may_include(room, path):
    """Whether a file of the room may include `path`, which counts from the root."""
    allowed = MAY_INCLUDE[room]
    best = max((len(p.lstrip("-")), not p.startswith("-")) for p in [*allowed, "-"]
               if p == "-" or inside(path, p.lstrip("-")))
    return best[1]


def is_test(path):
    return ".test." in path.name or (path.suffix == ".cpp" and path.parts[0] in ("core", "queues", "models"))


def check_file(path, text, headers=()):
    """Problems of one file; `path` counts from the root. `headers`: names of ours; others in quotes are generated."""
    folder = path.parts[0]
    room = room_of(path)
    if not is_cpp(path) or (room is None and folder not in {r.split("/")[0] for r in MAY_INCLUDE}):
        return []
    if room is None:
        return [f"{path}: is in no room of {folder}/ (verify/checks/layers.py names them)"]
    if MAY_INCLUDE[room] is None:
        return []
    if not MAY_INCLUDE[room]:
        return [f"{path}: no code belongs into {folder}/"]
    if is_test(path) and folder in ("core", "queues", "models", "verify") and room != "verify/shared":
        room = {"core": "core/iocp" if room == "core/iocp" else "core/uring",
                "queues": "queues/doors", "models": "models",
                "verify": "verify/checks"}[folder]  # with all that its users have
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
            if (name.startswith("relacy/") and str(path) != RELACY
                    or name == f"surewake/{RELACY}" and str(path) not in MAY_SEE_RELACY):
                problems.append(f"{path}:{number}: may not include <{name}>: {RELACY} is for two files of the engine")
            if name.startswith("surewake/"):
                theirs = name.removeprefix("surewake/")
                if "/" not in theirs:
                    theirs = "queues/doors/" + theirs
                law = Path(theirs).parts[1] if theirs.startswith("models/") else None
                mine = path.parts[1] if folder == "models" else None
                if not may_include(room, theirs):
                    problems.append(f"{path}:{number}: {room}/ may not include <{name}>")
                elif not is_test(path) and law in LAWS and mine in LAWS | {"fixture"} and law != mine:
                    problems.append(f"{path}:{number}: models of {mine} may not include <{name}>")
        public = folder in ("core", "queues") and path.suffix == ".hpp" and not path.name.endswith(".test.hpp")
        if public and "examples" not in path.parts and HIDDEN.match(bare):
            problems.append(f'{path}:{number}: spell it namespace [[gnu::visibility("default")]] surewake')
        if any(inside(str(path), p) for p in NO_MACHINE) and path.suffix == ".hpp" and not is_test(path):
            machine = MACHINE.search(bare)
            if machine:
                problems.append(f"{path}:{number}: names {machine.group()}; an algorithm asks its platform")
    return problems


def check_folders(paths):
    allowed = {room.split("/")[0] for room in MAY_INCLUDE}
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
