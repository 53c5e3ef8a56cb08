#!/usr/bin/env python3
"""Seeded bugs: each models/bugs/NAME.bug becomes a copy of our headers with that one mistake in it, and its cases.

usage: seeded.py ROOT INCLUDE OUT.cpp...     (ROOT: of core/, queues/, models/; INCLUDE: where they are surewake/…)

A bug is a text:

    Loses a grant that comes while its waiter gives up (tokio #900).      what it does, and who had it

    in core/semaphore/hand_off.hpp
       lines that stay
    -  lines before
    +  lines after

    case withdraw_and_next/mutex_deque/hand_off: deadlock, on graphs broken law
    case withdraw_after_paid/mutex_deque/hand_off: broken law; preemptions(2)
    case segment_plays/segmented_queue/close_twice: broken law; interleavings(2)
      segment_play<P, segmented_by<1, prompt_reclaimer>::queue, plays::close_twice>

Hunks are a diff's, without line numbers: blank lines part them, and each must be found exactly once. Several may be in
one header, and `in` may come again. A case is named as `surewake-verify list` has it, suite/queue/discipline/variant,
with the verdict that catches the bug (`, on graphs VERDICT` where the graph engine has another one) and, where they are
not the usual ones, the bounds (verify/cases/bounds.hpp). The next line has its model, if that is not SUITE<P, QUEUE,
DISCIPLINE>, and `claims`, if its operations claim something. A bug without hunks is a mistake in what its case is
given.

The copy is of the headers with a mistake and of those that include them, as far as the cases need them, with the
namespace surewake renamed seeded_NAME. The rest is the shipped code, which the copy finds by using-directives. #line
leads to the headers, and for the lines after to the .bug file. A file OUT has several bugs, chosen by their names; it
is written only where it changes.
"""

import re
import sys
import zlib
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "checks"))
from sources import with_included

FOLDERS = ("core", "queues", "models")
OURS = re.compile(r"#include <surewake/((?:%s)/[^>]+)>" % "|".join(FOLDERS))
DEFINED = re.compile(
    r"^(?:template <.*> )?(?:class|struct|using|enum class) (?:\[\[.*\]\] |[A-Z_]+ )?(\w+)\b(?!<|.*;$)", re.M)
DISCIPLINE = r"hand_off|barging|bounded_barging_\d+"
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
# What belongs to a class that is defined elsewhere: its specialisations and declarations, and whose friend it is.
BELONGS = re.compile(r"^ *(?:template <.*> )?(?:friend )?(?:class|struct) (?:\w+::)?(\w+)(?:<.*|;)$", re.M)
SPACE = re.compile(r"\bnamespace (?:\[\[.*?\]\] )?([\w:]+) \{")


class Malformed(Exception):
    pass


class Bug:
    """One .bug file: hunks are (path, before, after, line) with after a list of (line or None, text)."""

    def __init__(self, path):
        self.path, self.name, self.hunks, self.cases = path, path.stem, [], []
        self.says = ""
        where, hunk = None, []
        for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
            if where and line[:1] in ("-", "+", " ") and not self.cases:
                hunk.append((number, line))
                continue
            if hunk:
                self.hunks.append(self.hunk(where, hunk))
                hunk = []
            if line.startswith("in "):
                where = line[3:]
            elif line.startswith("case "):
                self.cases.append(self.case(number, line))
            elif self.cases and line.startswith("  "):
                key = "claims" if line.startswith("  claims ") else "model"
                self.cases[-1][key] = (self.cases[-1].get(key, "") + " " + line.strip().removeprefix("claims ")).strip()
            elif line and not where and not self.cases:
                self.says += line + " "
            elif line:
                raise Malformed(f"models/bugs/{path.name}:{number}: neither a hunk, nor `in PATH`, nor a case: {line}")
        if not self.says or not self.cases:
            raise Malformed(f"models/bugs/{path.name}: a bug says what it does, and which cases catch it")

    def hunk(self, where, lines):
        before = [text[1:] for _, text in lines if text[0] != "+"]
        after = [(number if text[0] == "+" else None, " " + text[1:] if text[0] == "+" else text[1:])
                 for number, text in lines if text[0] != "-"]
        return where, before, after, lines[0][0]

    def case(self, number, line):
        m = re.fullmatch(r"case ([\w/]+): ([a-z ]+?)(?:, on graphs ([a-z ]+?))?(?:; (.+))?", line)
        if not m:
            raise Malformed(f"models/bugs/{self.path.name}:{number}: not `case SUITE/…: VERDICT; BOUNDS`: {line}")
        suite, *parts = m.group(1).split("/")
        verdict, on_graphs = ((text or "").replace(" ", "_") for text in m.group(2, 3))
        case = {"suite": suite, "verdict": verdict, "on_graphs": on_graphs, "bounds": m.group(4) or "bounds{}",
                "at": number, "queue": parts.pop(0) if parts else ""}
        case["discipline"] = parts.pop(0) if parts and re.fullmatch(DISCIPLINE, parts[0]) else ""
        case["variant"] = "/".join(parts)
        return case


def spaces_in(text):
    """The namespaces that may be in surewake, in a header's text: by the order of their names alone, so that some of
    them are none."""
    outer, *inner = SPACE.findall(text)
    paths = {outer, *(f"{outer}::{space}" for space in inner)}
    paths |= {f"{outer}::{a}::{b}" for a, b in zip(inner, inner[1:]) if a != b}
    return {path.removeprefix("surewake::") for path in paths if path.startswith("surewake::")}


class Sources:
    """Our headers, what each includes, and where their names are defined."""

    def __init__(self, root):
        self.texts, self.defined, self.includes, self.spaces = {}, {}, {}, set()
        for folder in FOLDERS:
            for path in sorted((root / folder).rglob("*.hpp")):
                name = str(path.relative_to(root))
                if not name.endswith(".test.hpp"):
                    self.texts[name] = path.read_text(encoding="utf-8").splitlines()
                    text = "\n".join(self.texts[name])
                    for found in DEFINED.findall(text):
                        self.defined.setdefault(found, []).append(name)
                    if "namespace" in text:  # others are included as they are
                        self.includes[name] = OURS.findall(text)
                        self.spaces |= spaces_in(text)
        # The headers that a header's declarations and specialisations belong to; all that have the name, if none
        # defines it.
        names = {header: set(BELONGS.findall("\n".join(self.texts[header]))) for header in self.includes}
        everywhere = {name: self.defined.get(name) or [h for h in names if name in names[h]]
                      for name in set().union(*names.values())}
        self.belongs = {header: {h for name in names[header] for h in everywhere[name]} - {header} for header in names}

    def named(self, text):
        """The headers that define the names in `text`, where only one does."""
        found = [self.defined.get(name, []) for name in re.findall(r"\w+", text)]
        return [where[0] for where in found if len(where) == 1]

    def copied(self, needed, changed):
        """Those of the needed headers that have a mistake, or include one that is copied, or declare or specialise what
        a copied one defines; or the other way round."""
        found = set(changed)
        while True:
            more = set(found)
            for header in needed:
                declares = self.belongs[header] & set(needed)
                if found & (set(self.includes[header]) | declares):
                    more.add(header)
                if header in found:
                    more |= declares
            if more == found:
                return [header for header in needed if header in found]
            found = more


def apply(bug, texts):
    """{header: [(file, line, text)]} of the headers that the bug changes."""
    changed = {}
    for header, before, after, at in bug.hunks:
        if header not in texts:
            raise Malformed(f"models/bugs/{bug.path.name}:{at}: there is no {header}")
        lines = changed.setdefault(header, [(header, i, line) for i, line in enumerate(texts[header], 1)])
        starts = [i for i in range(len(lines) - len(before) + 1)
                  if [text for _, _, text in lines[i:i + len(before)]] == before]
        if len(starts) != 1:
            raise Malformed(f"models/bugs/{bug.path.name}:{at}: the bug {bug.name} finds these lines {len(starts)} "
                            f"times in {header}, not once:\n" + "\n".join(before))
        old = iter(lines[starts[0]:starts[0] + len(before)])
        lines[starts[0]:starts[0] + len(before)] = [
            (f"models/bugs/{bug.path.name}", number, text) if number else next(line for line in old if line[2] == text)
            for number, text in after]
    return changed


def copy_of(bug, sources, include):
    """The text of the headers that the bug's cases need, with the bug in them."""
    changed = apply(bug, sources.texts)
    wanted = ["core/semaphore/hand_off.hpp", "core/semaphore/barging.hpp"]
    wanted += ["core/semaphore/seat_synchronizer.hpp"] * any("bounded" in case["discipline"] for case in bug.cases)
    for case in bug.cases:
        wanted += sources.named(" ".join((case["suite"], case["queue"], case.get("model", ""), case.get("claims", ""))))
        wanted += [h for h in sources.texts if h.startswith("models/") and h.endswith(f"/{case['suite']}.hpp")]
    needed = with_included(wanted, sources.includes)
    copied = sources.copied(needed, changed)
    out = [f"#include <surewake/{header}>" for header in needed if header not in copied]
    out += [f"namespace surewake::{inner} {{}}" for inner in sorted(sources.spaces)]
    out += [f"namespace seeded_{bug.name} {{ using namespace surewake; }}"]
    out += [f"namespace seeded_{bug.name}::{inner} {{ using namespace surewake::{inner}; }}"
            for inner in sorted(sources.spaces)]
    for header in copied:
        expected = (None, 0)
        for file, number, text in changed.get(header) or [(header, i, line) for i, line
                                                          in enumerate(sources.texts[header], 1)]:
            if text.lstrip().startswith("#"):
                m = OURS.match(text.strip())
                if text == "#pragma once" or m and m.group(1) in needed:
                    text = ""
            elif "surewake" in text:
                text = rename(text, bug.name)
            if expected != (file, number):
                out.append(f'#line {number} "{include}/surewake/{file}"')
            out.append(text)
            expected = (file, number + 1)
    return out


def rename(text, bug):
    """`text` with the namespace surewake renamed, but not in strings."""
    parts, at = [], 0
    for m in [*STRING.finditer(text), None]:
        code = text[at:m.start()] if m else text[at:]
        parts.append(re.sub(r"\bsurewake\b", f"seeded_{bug}", code))
        if m:
            parts.append(m.group())
            at = m.end()
    return "".join(parts)


def cases_of(bug, include):
    out = [f"namespace seeded_{bug.name}::models {{ using P = surewake::verify::checked_platform; }}"]
    for i, case in enumerate(bug.cases):
        discipline = re.sub(r"_(\d+)$", r"<\1>", case["discipline"])
        arguments = ", ".join(a for a in ("P", case["queue"], discipline) if a)
        model = case.get("model", f"{case['suite']}<{arguments}>")
        at = f'#line {case["at"]} "{include}/surewake/models/bugs/{bug.path.name}"'
        labels = ", ".join([f'.{key} = "{case[key]}"' for key in ("queue", "discipline", "variant") if case[key]] +
                           [f'.bug = "{bug.name}"', f".expect = surewake::verify::verdict::{case['verdict']}"] +
                           ([f".on_graphs = surewake::verify::verdict::{case['on_graphs']}"]
                            if case["on_graphs"] else []) +
                           ([f".claims = {case['claims']}"] if "claims" in case else []))
        out += ["namespace surewake::verify::seeded {", at, f"bounds const {bug.name}_{i} = {case['bounds']};", "}",
                f"namespace seeded_{bug.name}::models {{", at,
                f"surewake::verify::suite const case_{i} = surewake::verify::suite(\"{case['suite']}\")", at,
                f".add<{model}>({{{labels}}}, surewake::verify::seeded::{bug.name}_{i});", "}"]
    return out


def generate(bugs, sources, include):
    out = ["// Written by verify/cases/seeded.py.", "#include <surewake/verify/cases/bounds.hpp>", ""]
    for bug in bugs:
        out += [*copy_of(bug, sources, include), *cases_of(bug, include)]
    return "\n".join(out) + "\n"


def main(root, include, outs):
    sources, problems = Sources(root), []
    groups = [[] for _ in outs]
    for path in sorted((root / "models/bugs").glob("*.bug")):
        try:
            bug = Bug(path)
            apply(bug, sources.texts)
            groups[zlib.crc32(bug.name.encode()) % len(outs)].append(bug)
        except Malformed as e:
            problems.append(str(e))
    if problems:
        sys.exit("\n".join(problems))
    for out, bugs in zip(outs, groups):
        text = generate(bugs, sources, include)
        if not out.exists() or out.read_text(encoding="utf-8") != text:
            out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], [Path(a) for a in sys.argv[3:]])
