#!/usr/bin/env python3
"""What must not compile does not, what must warn warns, and everything else in misuse.cpp compiles.

misuse.py COMPILER INCLUDE…     exit status 1 where a line of misuse.cpp gets something other than it says

One run of the compiler, unoptimised: it goes on after an error, and reports each line.
"""
import re
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parent / "misuse.cpp"


def expected(text: str) -> tuple[dict[int, str], set[int]]:
    """What each line must get, and the lines that only clang must see."""
    found, of_clang = {}, set()
    for number, line in enumerate(text.splitlines(), 1):
        if match := re.search(r"// (error|warning)( of clang)?$", line):
            found[number] = match[1]
            if match[2]:
                of_clang.add(number)
    return found, of_clang


def reported(output: str) -> dict[int, str]:
    """What the compiler says of lines of misuse.cpp; of two things about a line, the error."""
    found: dict[int, str] = {}
    for match in re.finditer(r"^.*misuse\.cpp:(\d+):\d+: (?:fatal )?(error|warning): (.*)$", output, re.M):
        number, kind = int(match[1]), match[2]
        if found.get(number) != "error":
            found[number] = kind
    return found


def main(arguments: list[str]) -> int:
    compiler, *includes = arguments
    command = [compiler, "-std=c++20", "-O0", "-fsyntax-only", "-Wall", "-Wextra", "-Wno-unused-variable",
               *(f"-I{path}" for path in includes), str(SOURCE)]
    clang = "clang" in subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    if clang:
        command.insert(1, "-ferror-limit=0")
    output = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    (wanted, of_clang), got = expected(SOURCE.read_text(encoding="utf-8")), reported(output)
    if not clang:
        wanted, got = ({n: kind for n, kind in lines.items() if n not in of_clang} for lines in (wanted, got))
    problems = [f"misuse.cpp:{n}: wanted {wanted.get(n, 'nothing')}, got {got.get(n, 'nothing')}"
                for n in sorted(wanted.keys() | got.keys()) if wanted.get(n) != got.get(n)]
    if problems:
        print(output)
    print(*problems, f"misuse: {len(wanted)} lines, {len(problems)} problem(s)", sep="\n")
    return 1 if problems or not wanted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
