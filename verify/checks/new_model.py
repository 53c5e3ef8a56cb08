#!/usr/bin/env python3
"""A new model is one header and one word in models.cmake: that of models/README.md is searched and stressed, in a copy.

usage: new_model.py COMPILER CMAKE TEST_MAIN [VERIFY_LIBRARY…]

The copy's headers are the project's, with the README's header and its word. Its cases and its runs on real threads are
written by the copy's models.cmake, as every build does it; those of the new model are compiled and run. A header
without its word is refused. Without libraries (a build without surewake-verify) the cases are left out.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from readme import block
from sources import ROOT

# As models/CMakeLists.txt and verify/CMakeLists.txt do.
WRITE = """
include(${MODELS}/models.cmake)
set(new ${surewake_models})
list(FILTER new INCLUDE REGEX "/${NAME}$")
surewake_write_models(${OUT}/every_model.hpp "" ${new})
surewake_write_models(${OUT}/cases.cpp "#include <surewake/verify/cases/strategies.hpp>\\n" ${new})
"""


def copy(place, law, name, text, word):
    """A folder to include from, whose models/ has the header; `word`: whether it is in the list."""
    include = place / "surewake"
    include.mkdir()
    for folder in ("core", "queues", "verify"):
        (include / folder).symlink_to(ROOT / folder)
    for door in (ROOT / "queues/doors").glob("*.hpp"):
        (include / door.name).symlink_to(door)
    models = include / "models"
    (models / law).mkdir(parents=True)
    for path in (ROOT / "models").iterdir():
        if path.name not in (law, "models.cmake"):
            (models / path.name).symlink_to(path)
    for path in (ROOT / "models" / law).iterdir():
        (models / law / path.name).symlink_to(path)
    (models / law / f"{name}.hpp").write_text(text, encoding="utf-8")
    listed = (ROOT / "models/models.cmake").read_text(encoding="utf-8")
    if word:
        listed = listed.replace("set(surewake_models\n", f"set(surewake_models\n  {law}/{name}\n", 1)
    (models / "models.cmake").write_text(listed, encoding="utf-8")
    return models


def write(cmake, place, models, name):
    script = place / "write.cmake"
    script.write_text(WRITE, encoding="utf-8")
    return subprocess.run([cmake, f"-DMODELS={models}", f"-DOUT={place}", f"-DNAME={name}", "-P", script],
                          capture_output=True, text=True, check=False)


def build(compiler, place, program, *rest):
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-pthread", "-I", place]
    subprocess.run([compiler, *flags, *rest, "-o", program], check=True)


def said(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True, timeout=60).stdout


def main(compiler, cmake, test_main, libraries):
    text = block((ROOT / "models/README.md").read_text(encoding="utf-8"), "cpp")
    law, name = re.match(r"// surewake/models/(\w+)/(\w+)\.hpp", text).groups()
    with tempfile.TemporaryDirectory() as place:
        forgotten = Path(place) / "forgotten"
        forgotten.mkdir()
        refused = write(cmake, forgotten, copy(forgotten, law, name, text, word=False), name)
        if refused.returncode == 0 or f"{law}/{name}" not in refused.stderr:
            sys.exit(f"a header without its word is not refused: {refused.stderr}")

        there = Path(place) / "there"
        there.mkdir()
        models = copy(there, law, name, text, word=True)
        written = write(cmake, there, models, name)
        if written.returncode != 0:
            sys.exit(written.stderr)
        build(compiler, there, there / "stress", models / "stress.test.cpp", test_main)
        stressed = said(there / "stress", "--list-test-cases", "--no-skipped-summary") + said(there / "stress")
        if f"{name} on real threads" not in stressed or "1 passed | 0 failed" not in stressed:
            sys.exit(f"on real threads:\n{stressed}")
        if not libraries:
            print(f"new model: {name}, on real threads")
            return
        checked = ("-fno-lifetime-dse", "-fno-strict-aliasing")
        build(compiler, there, there / "verify", *checked, there / "cases.cpp", *libraries)
        listed = said(there / "verify", "list", f"{name}/*")
        cases = re.findall(rf"^  {name}/\S+ +pass", listed, re.M)
        searched = said(there / "verify", "run", f"{name}/*", "--quiet")
        if len(cases) < 2 * 2 * 6 or f"{len(cases)} cases" not in searched or "pass" not in searched:
            sys.exit(f"{listed}\n{searched}")
    print(f"new model: {name}, on real threads and in {len(cases)} cases")


if __name__ == "__main__":
    main(*sys.argv[1:4], sys.argv[4:])
