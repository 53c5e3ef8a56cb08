#!/usr/bin/env python3
"""The library as one header, for Compiler Explorer and for programs that are one file.

usage: single_header.py write VERSION OUT.hpp          (the target `single_header`)
       single_header.py check VERSION COMPILER         it stands for the headers that it was made from

It has every public header that needs the standard library alone, each behind those that it includes; left out are
surewake::uring, surewake::uring_futex, surewake::asio, and the loop and strategy that need <windows.h>. What they
include of the standard library comes first, so that the macros of others are put aside once. A program includes either
it or the headers, never both.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from headers import FENCES, FIRST, LAST, OTHERS, Compiler, defined_by_us, public_headers
from readme import block
from sources import ROOT, finish, included_as, with_included

INCLUDE = re.compile(r"^#include (<[^>]*>)\n", re.M)
NEEDED = ("liburing", "asio", "windows")


def single_header(version):
    texts = {f"<surewake/{included_as(h)}>": (ROOT / h).read_text(encoding="utf-8")
             for h in public_headers(ROOT, NEEDED)}
    push, pop = ((ROOT / name[len("<surewake/"):-1]).read_text(encoding="utf-8") for name in (FIRST, LAST))
    beside = INCLUDE.findall(push)
    system, bodies = set(), []
    for name in with_included(texts, {n: INCLUDE.findall(text) for n, text in texts.items()}):
        # What is included under a condition stays where it is.
        outside = re.sub(r"^#if.*?^#endif", "", texts[name], flags=re.M | re.S)
        own = {i for i in INCLUDE.findall(outside) if i not in texts and i not in FENCES}
        system |= own
        if name not in beside:
            body = INCLUDE.sub(lambda m: "" if m[1] in own or m[1] in texts or m[1] in FENCES else m[0], texts[name])
            bodies.append(body.replace("#pragma once\n", ""))
    push = INCLUDE.sub(lambda m: texts[m[1]].replace("#pragma once\n", ""), push)
    text = (f"// surewake {version}: its headers in one, made by the target single_header: no file to be changed.\n"
            "#pragma once\n\n" + "".join(f"#include {i}\n" for i in sorted(system)) + f"\n{push}\n" +
            "\n".join(bodies) + f"\n{pop}")
    return re.sub(r"\n{3,}", "\n\n", text)


def check(version, compiler):
    """The README's program over it, in two files that are linked, between the macros of others."""
    problems = []
    others = (ROOT / OTHERS).read_text(encoding="utf-8")
    program = block((ROOT / "README.md").read_text(encoding="utf-8"), "cpp")
    promised = block((ROOT / "README.md").read_text(encoding="utf-8"), "text")
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        text = single_header(version)
        (here / "surewake.hpp").write_text(text, encoding="utf-8")
        left = INCLUDE.findall(text)
        problems += [f"{name} is still included" for name in left if name.startswith("<surewake/")]
        (here / "main.cpp").write_text(re.sub(r"#include <surewake/[^>]*>", '#include "surewake.hpp"', program),
                                       encoding="utf-8")
        names = re.findall(r"^#define (\w+)", others, re.M)
        (here / "other.cpp").write_text(
            '#include <surewake_others.h>\n#include "surewake.hpp"\n' +
            "".join(f"#ifndef {n}\n#error {n} is gone\n#endif\n" for n in dict.fromkeys(names)), encoding="utf-8")
        standard = "".join(f"#include {name}\n" for name in left)  # before the macros, as in check.headers
        (here / "surewake_others.h").write_text(standard + others, encoding="utf-8")
        flags = ["-std=c++20", "-O1", "-Wall", "-Wextra", "-Werror", "-I", place]
        command = [compiler, *flags, here / "main.cpp", here / "other.cpp", "-pthread", "-o", here / "main"]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            return problems + [line for line in done.stderr.splitlines() if re.search("error|multiple", line)][:8]
        said = subprocess.run([here / "main"], capture_output=True, text=True, timeout=30).stdout
        if said != promised:
            problems.append(f"the README's program says\n{said}")
        seen = Compiler(compiler, place).run('#include "surewake.hpp"\n', "-E", "-dD").stdout
        problems += [f"leaves the macro {n} behind" for n in defined_by_us(seen.replace(place, "/surewake"))]
    return problems


def main(arguments):
    if arguments[:1] == ["write"] and len(arguments) == 3:
        Path(arguments[2]).write_text(single_header(arguments[1]), encoding="utf-8")
        print(f"single header: {arguments[2]}")
    elif arguments[:1] == ["check"] and len(arguments) == 3:
        finish(check(arguments[1], arguments[2]), "single header")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
