#!/usr/bin/env python3
"""Keeps the README true: its first program is compiled, its output compared, links between pages lead somewhere, and
the places that samples name are where they say.

usage: readme.py extract README OUT.cpp     the first ```cpp block
       readme.py compare README PROGRAM     runs PROGRAM; its output must be the first ```text block
       readme.py links                      every relative link of every .md file, and every FILE:LINE [LABEL]
"""

import re
import subprocess
import sys
from pathlib import Path

from sources import ROOT, files, finish


def block(text, language):
    found = re.search(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)
    if not found:
        sys.exit(f"README: no {language} block")
    return found.group(1)


def broken_links(path, text, exists):
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            file = target.split("#")[0]
            if file and "://" not in target and not target.startswith("mailto:") and not exists(path.parent / file):
                problems.append(f"{path}:{number}: {target} is not there")
    return problems


def moved_places(path, text, lines_of):
    """`core/semaphore/hand_off.hpp:57 [H1]`, or `core/…/blocking_wait.hpp:68  B1` of weaken: the label is in the
    comment above."""
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        for file, place, label in re.findall(r"((?:\w+/)+\w+\.hpp):(\d+)\s+\[?([A-Z]\d+)\b", line):
            before = lines_of(file)[max(0, int(place) - 5):int(place)]
            if not any(f"[{label}]" in text for text in before):
                problems.append(f"{path}:{number}: {label} is not at {file}:{place}")
    return problems


def main(arguments):
    if arguments[:1] == ["extract"] and len(arguments) == 3:
        Path(arguments[2]).write_text(block(Path(arguments[1]).read_text(encoding="utf-8"), "cpp"), encoding="utf-8")
    elif arguments[:1] == ["compare"] and len(arguments) == 3:
        promised = block(Path(arguments[1]).read_text(encoding="utf-8"), "text")
        said = subprocess.run([arguments[2]], check=True, stdout=subprocess.PIPE, text=True, timeout=30).stdout
        if said != promised:
            sys.exit(f"README promises:\n{promised}\nthe program says:\n{said}")
    elif arguments == ["links"]:
        problems = []
        for path in files():
            if path.suffix == ".md":
                problems += broken_links(path, (ROOT / path).read_text(encoding="utf-8"), lambda p: (ROOT / p).exists())
                problems += moved_places(path, (ROOT / path).read_text(encoding="utf-8"),
                                         lambda p: (ROOT / p).read_text(encoding="utf-8").splitlines())
        finish(problems, "links")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
