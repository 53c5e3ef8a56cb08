"""What the checks share: the project's files, and C++ text with its comments told apart from its code."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files(root=ROOT):
    """The project's files, relative to its root: what git knows or would add; without git, all but build/."""
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root, capture_output=True, text=True)
        if listed.returncode == 0:
            return sorted(Path(f) for f in set(listed.stdout.split("\0")) if f and (root / f).is_file())
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in (".git", "build", "__pycache__")]
        found += [(Path(folder) / n).relative_to(root) for n in names]
    return sorted(found)


def included_as(path):
    """How users spell a header of ours, without surewake/: a door by its name, others as they stand in the tree."""
    return path.name if path.parts[:2] == ("queues", "doors") else str(path)


def with_included(headers, includes):
    """The headers and all that they include, each behind what it includes; `includes` has those of each header."""
    found = []

    def need(header):
        if header in includes and header not in found:
            for included in includes[header]:
                need(included)
            found.append(header)

    for header in headers:
        need(header)
    return found


def is_cpp(path):
    return path.suffix in (".hpp", ".cpp", ".h")


def split_comments(text):
    """(code, comments): two texts of the same shape; each has blanks where the other one has its characters. String and
    character literals are blanked in both, so that neither `"//"` nor an include in a string misleads anyone."""
    code, comments = list(text), [c if c == "\n" else " " for c in text]
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]{0,16})\(.*?\)\1"|'
        r'"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)
    for m in token.finditer(text):
        comment = m.group().startswith("/")
        for i in range(m.start(), m.end()):
            if text[i] == "\n":
                continue
            if comment:
                comments[i] = text[i]
            code[i] = " "
    return "".join(code), "".join(comments)


def without_template(head):
    """The head of a definition without `template <…>`, in which `class` may stand."""
    while m := re.search(r"\btemplate\s*<", head):
        depth, end = 1, m.end()
        while depth and end < len(head):
            depth += {"<": 1, ">": -1}.get(head[end], 0)
            end += 1
        head = head[:m.start()] + head[end:]
    return head.strip()


def blocks(code):
    """(outer, head, start, end) of each `{…}` and, with start None, of what ends in a `;`, in code without comments:
    `outer` has the heads of the blocks around it, outermost first; heads are without `template <…>`."""
    outer, since = [], 0
    for m in re.finditer("[{};]", code):
        if m.group() == "{":
            outer.append((without_template(code[since:m.start()]), m.start()))
        elif m.group() == "}" and outer:
            head, start = outer.pop()
            yield tuple(h for h, _ in outer), head, start, m.start()
        elif m.group() == ";":
            yield tuple(h for h, _ in outer), without_template(code[since:m.start()]), None, m.start()
        since = m.end()


def finish(problems, what):
    """Prints the problems and ends the check."""
    for p in problems:
        print(p)
    print(f"{what}: {len(problems)} problem(s)")
    sys.exit(1 if problems else 0)
