#!/usr/bin/env python3
"""Each public header compiles alone, and macros of others and surewake's headers do not break each other.

usage: headers.py COMPILER INCLUDE_DIR [--without=liburing] [--without=asio] [--each-alone]

The doors and the strategies are compiled by themselves, first of all and before the macros of Qt, windows.h, X11,
curses and others (macros_of_others.h). With --each-alone the other public headers and those of models/ are, which takes
minutes, and nothing else is checked.

All public headers are compiled behind the macros of others, which must stand as they were afterwards. None of ours
defines a macro that is seen behind it, nor lets <linux/fs.h> in. All together are compiled without sized deallocation,
which clang before 19 does not have.
"""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sources import ROOT, files, finish, included_as, split_comments

OTHERS = "verify/checks/macros_of_others.h"
FIRST, LAST = "<surewake/core/platform/macros_push.hpp>", "<surewake/core/platform/macros_pop.hpp>"
FENCES = {FIRST, LAST}


# What headers of ours include that need a library which may not be there.
NEEDS = {
    "liburing": re.compile(r"#include <surewake/(core/uring/|queues/parts/uring_|queues/uring_|uring\.hpp)"),
    "asio": re.compile(r"#include <surewake/(core/asio/|asio\.hpp)"),
    "windows": re.compile(r"#include <surewake/(core/iocp/|queues/iocp_|iocp\.hpp)"),
}


def public_headers(root, without=()):
    """Public headers, as they are included; left out are those that need a library of `without`."""
    found = [p for p in files(root) if p.parts[0] in ("core", "queues") and p.suffix == ".hpp"
             and not p.name.endswith(".test.hpp") and "examples" not in p.parts]
    found = [p for p in found if f"<surewake/{included_as(p)}>" not in FENCES]
    for needs in (NEEDS[library] for library in without):
        found = [p for p in found if not needs.match(f"#include <surewake/{included_as(p)}>")
                 and not needs.search((root / p).read_text(encoding="utf-8"))]
    return found


def is_entry(path):
    """What users include by name: a door or a strategy."""
    return path.parts[:2] == ("queues", "doors") or (path.parts[0] == "queues" and len(path.parts) == 2)


def fenced(path, text):
    """A header's own text stands between macros_push and macros_pop."""
    code = split_comments(text)[0].splitlines()
    lines = text.splitlines()
    includes = [i for i, line in enumerate(lines) if re.match(r"\s*#\s*include\b", code[i])]
    names = [re.search(r"<[^>]*>|\"[^\"]*\"", lines[i]).group() for i in includes]
    if all(c.lstrip().startswith("#") or not c.strip() for c in code):
        return []  # nothing but includes and conditions
    if names.count(FIRST) != 1 or names.count(LAST) != 1 or names[-2:] != [FIRST, LAST]:
        return [f"{path}: #include {FIRST} last of its includes, and #include {LAST} at its end"]
    after = [c for c in code[includes[-1] + 1:] if c.strip()]
    return [f"{path}: code behind #include {LAST}"] if after else []


def defined_by_us(preprocessed):
    """Macros that files of ours define and leave defined, of the text that -E -dD writes."""
    where, left = "", {}
    for line in preprocessed.splitlines():
        if m := re.match(r'# \d+ "([^"]*)"', line):
            where = m.group(1)
        elif m := re.match(r"#define (\w+)", line):
            left[m.group(1)] = where
        elif m := re.match(r"#undef (\w+)", line):
            left.pop(m.group(1), None)
    return {name: file for name, file in left.items() if "/surewake/" in file}


class Compiler:
    def __init__(self, name, include_dir):
        self.command = [name, "-std=c++20", "-I", include_dir, "-x", "c++", "-"]

    def run(self, text, *options):
        return subprocess.run([*self.command, *options], input=text, capture_output=True, text=True)

    def errors(self, text, what, *options):
        done = self.run(text, "-fsyntax-only", "-Wall", "-Wextra", *options)
        if done.returncode == 0 and not done.stderr:
            return []
        shown = [line for line in done.stderr.splitlines() if re.search(r"error|warning", line)][:8]
        return [f"{what}:"] + [f"  {line}" for line in shown or ["(no message)"]]


def main(arguments):
    without = [a.removeprefix("--without=") for a in arguments if a.startswith("--without=")]
    places = [a for a in arguments if not a.startswith("--")]
    if len(places) != 2:
        sys.exit(__doc__)
    compiler = Compiler(*places)
    headers = public_headers(ROOT, without)
    theirs = (ROOT / OTHERS).read_text(encoding="utf-8")
    names = list(dict.fromkeys(re.findall(r"^#define (\w+)", theirs, re.M)))
    system = set()
    problems = []
    for h in headers:
        text = (ROOT / h).read_text(encoding="utf-8")
        problems += fenced(h, text)
        system |= set(re.findall(r"^#include (<(?!surewake/)[^>]*>)", text, re.M))
    ours = "".join(f"#include <surewake/{included_as(h)}>\n" for h in headers)
    first = "".join(f"#include {s}\n" for s in sorted(system) if not re.search("liburing|boost/asio|windows[.]h", s))
    first += "" if "liburing" in without else "#include <surewake/core/uring/liburing.hpp>\n"
    still = "".join(f"#ifndef {n}\n#error {n} is gone\n#endif\n" for n in names)

    def alone(h):
        return compiler.errors(f"#include <surewake/{included_as(h)}>\n" + theirs,
                               f"{h}, alone, before the macros of others")

    each = "--each-alone" in arguments
    singly = [h for h in headers if is_entry(h) != each]
    if each:
        singly += [p for p in files(ROOT) if p.parts[0] == "models" and p.suffix == ".hpp"]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        problems += [p for found in pool.map(alone, singly) for p in found]
    if each:
        return finish(problems, f"headers: {len(singly)}, each alone")
    problems += compiler.errors(first + theirs.replace("#define slots\n", "#define slots 17\n") + ours +
                                "#if slots != 17\n#error slots has another value\n#endif\n" + still,
                                "behind the macros of others")
    problems += compiler.errors(ours, "without sized deallocation", "-fno-sized-deallocation")
    seen = compiler.run(ours, "-E", "-dD")
    for text in (seen.stdout, compiler.run(ours, "-E", "-dD", "-fsanitize=thread").stdout):
        problems += [f"{file}: leaves the macro {name} behind" for name, file in defined_by_us(text).items()]
    for name in ("BLOCK_SIZE", "READ", "WRITE"):
        if re.search(rf"^#define {name}\b", seen.stdout, re.M):
            problems.append(f"a public header brings the macro {name}")
    moved = [line.split()[0] for line in (ROOT / "core/moved.txt").read_text(encoding="utf-8").splitlines()]
    moved = [m for m in moved if not ("liburing" in without and "uring" in m)]
    problems += compiler.errors("".join(f"#include <surewake/{m}>\n" for m in moved), "the names before they moved")
    wanted = "#include <linux/fs.h>\n#ifndef BLOCK_SIZE\n#error linux/fs.h is kept away\n#endif\n"
    problems += compiler.errors(ours + wanted, "<linux/fs.h> behind ours")
    finish(problems, f"headers: {len(headers)} public, {len(singly)} of them alone, {len(names)} macros")


if __name__ == "__main__":
    main(sys.argv[1:])
