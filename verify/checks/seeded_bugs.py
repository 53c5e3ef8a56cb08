#!/usr/bin/env python3
"""A seeded bug is one text (models/README.md): in a copy of the headers a new one gets its case and is caught, one that
does no harm is reported, and one whose lines are not there ends the build in words.

usage: seeded_bugs.py COMPILER INCLUDE LINKED...    (LINKED: surewake::verify_main, and what it links)
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sources import ROOT

HEADER = "core/semaphore/hand_off.hpp"
LINE = "      std::int64_t const old = value_.fetch_add(n, P::release);"
CASE = "mutual_exclusion/mutex_deque/hand_off"
TEXT = f"""Tries something.

in {HEADER}
-{{before}}
+{{after}}

case {CASE}: data race; sampled(500)
"""
FLAGS = ["-std=c++20", "-O0", "-U_FORTIFY_SOURCE", "-fno-lifetime-dse", "-fno-strict-aliasing"]


def expect(condition, what):
    if not condition:
        sys.exit(f"seeded bugs: {what}")


def main(compiler, include, linked):
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for folder in ("core", "queues", "models"):
            shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("*.cpp", "*.bug"))
        bugs = root / "models/bugs"
        bugs.mkdir(exist_ok=True)
        out = root / "seeded.cpp"
        generate = [sys.executable, ROOT / "verify/cases/seeded.py", root, include, out]

        def put(name, before, after):
            (bugs / f"{name}.bug").write_text(TEXT.format(before=before, after=after), encoding="utf-8")

        put("says_nothing", LINE, LINE.replace("release", "relaxed"))
        put("does_no_harm", LINE, LINE.replace("release", "acq_rel"))
        subprocess.run(generate, check=True)
        program = root / "program"
        subprocess.run([compiler, *FLAGS, "-I", include, out, *linked, "-pthread", "-o", program], check=True)
        listed = subprocess.run([program, "list"], check=True, capture_output=True, text=True).stdout
        expect(f"{CASE}#says_nothing" in listed and f"{CASE}#does_no_harm" in listed, f"cases are missing:\n{listed}")
        caught = subprocess.run([program, "bugs", "*#says_nothing"], capture_output=True, text=True)
        expect(caught.returncode == 0 and "1 bug caught" in caught.stdout,
               f"not caught:\n{caught.stdout}{caught.stderr}")
        missed = subprocess.run([program, "bugs", "*#does_no_harm"], capture_output=True, text=True)
        expect(missed.returncode == 1 and f"FAIL  {CASE}#does_no_harm" in missed.stdout,
               f"a bug that does no harm is not reported ({missed.returncode}):\n{missed.stdout}{missed.stderr}")
        trace = subprocess.run([program, "trace", f"{CASE}#says_nothing"], capture_output=True, text=True).stdout
        expect("models/bugs/says_nothing.bug:5" in trace, f"the trace does not lead to the bug's line:\n{trace}")

        was = out.read_text(encoding="utf-8")
        put("is_elsewhere", "  no such line", "  nothing")
        failed = subprocess.run(generate, capture_output=True, text=True)
        expect(failed.returncode != 0 and out.read_text(encoding="utf-8") == was, "a bug without its lines is built")
        for word in ("is_elsewhere.bug:4", "0 times", HEADER, "no such line"):
            expect(word in failed.stderr, f"the message names no `{word}`:\n{failed.stderr}")
        put("is_elsewhere", "    }", "    } ;")
        failed = subprocess.run(generate, capture_output=True, text=True)
        expect(failed.returncode != 0 and "times" in failed.stderr,
               f"lines that are there twice are built:\n{failed.stderr}")
    print("seeded bugs: 0 problem(s)")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
