#!/usr/bin/env python3
"""Checks that every memory order is argued where it stands, and that code, comments and pairings agree.

usage: orders.py [--csv FILE] [PATH…]   (default: the headers of core/, queues/ and models/published/)

The grammar, in the comment directly above the statement (or inside it):

    // acquire [C1]: what it sees, pairs with [C2]
    // acq_rel [C3]: as release, …, pairs with [C4]; as acquire, …, pairs with waiter.hpp [W1]
    // acquire: as [C1]                              a second place with the same order and argument
    // relaxed: why no ordering is needed

Every strong order of a statement needs an entry of its own, and every entry its order; labels are unique in a file;
a pairing names an existing label that names this one in return, or `the caller's release` where the other end is not
ours. The failure order of a compare-exchange needs no words when it is relaxed; else an entry of its own or `on failure
acquire, …` in the entry of its success order.
A call on an atomic that names no order at all is an error too. The table goes to FILE, or to standard output:
file,line,label,order,pairs.

Labels of orders are cited in brackets; invariants, numbered I1, I2, … in each header, are cited without, and with their
header where that is another one: `home.hpp, I3`. No letter is both in a header, and what is cited exists.
"""

import argparse
import csv
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sources import ROOT, files, split_comments

ORDER = re.compile(r"\b(?:P|Platform|\w*_platform)::(relaxed|acquire|release|acq_rel|seq_cst)\b")
ENTRY = re.compile(r"\b(acquire|release|acq_rel|seq_cst)\s*\[([A-Z]+[0-9]+)\]\s*:")
AGAIN = re.compile(r"\b(acquire|release|acq_rel|seq_cst):\s+as\s+\[([A-Z]+[0-9]+)\]")
RELAXED = re.compile(r"\brelaxed\b[^.;]{0,40}?:")
PAIRS = re.compile(
    r"\bpairs with\s+((?:(?:[\w./]+\.hpp\s+)?\[[A-Z]+[0-9]+\](?:\s*,\s*(?:and\s+)?|\s+and\s+|\s+or\s+)?)+)")
CALLER = re.compile(r"\bpairs with the caller's (?:acquire|release|acq_rel|seq_cst)\b")
ONE_PAIR = re.compile(r"(?:([\w./]+\.hpp)\s+)?\[([A-Z]+[0-9]+)\]")
STD_ORDER = re.compile(r"\bstd::memory_order\w*")
ATOMIC_CALL = re.compile(r"(?:\.|->)\s*(load|fetch_(?:add|sub|and|or|xor)|compare_exchange_(?:weak|strong))\s*\(")
NAMED_ORDER = re.compile(ORDER.pattern + r"|\b(?:o|order\w*)\b")
LISTED = re.compile(r"^//(?:   | Invariants | {12})([A-Z]+)([0-9]+)(?:  |: )", re.M)
BARE = re.compile(r"(?:([\w./]+\.hpp),\s+)?(?<![\[\w.])([A-Z]+)([0-9]+)\b(?!\])")


@dataclass
class Site:
    """One strong order in the code, with the entry that argues it."""

    file: Path
    line: int
    label: str
    order: str
    pairs: list = field(default_factory=list)  # (file name or "", label)
    again: bool = False  # argued at another place of the file, under the same label


def call_end(code, open_paren):
    depth = 0
    for i in range(open_paren, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return len(code)


def statement_start(code, at):
    """Where the statement around `at` begins: after the last `;`, `{` or `}`; not one in parentheses."""
    depth = 0
    i = at - 1
    while i >= 0:
        c = code[i]
        if c == ")":
            depth += 1
        elif c == "(":
            depth -= 1
        elif c in ";{}" and depth <= 0:
            # `for (a; b; c)`: a semicolon inside a parenthesis that opens further left does not end the statement
            if c == ";" and inside_for(code, i):
                i -= 1
                continue
            if c == "}" and depth < 0:
                i -= 1
                continue
            break
        i -= 1
    start = i + 1
    while start < at and code[start].isspace():
        start += 1
    return start


def inside_for(code, at):
    """Whether the character at `at` stands between the parentheses of a `for`."""
    depth = 0
    for i in range(at - 1, max(-1, at - 600), -1):
        c = code[i]
        if c == ")":
            depth += 1
        elif c == "(":
            if depth == 0:
                return re.search(r"\bfor\s*$", code[:i]) is not None
            depth -= 1
        elif c in "{}":
            return False
    return False


def statement_end(code, at):
    depth = 0
    for i in range(at, len(code)):
        c = code[i]
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        elif c in ";{" and depth <= 0:
            return i
    return len(code)


def words_of(comment_line):
    return re.sub(r"^\s*(///?<?|/\*+|\*)\s?", "", comment_line.strip())


class Checker:
    def __init__(self):
        self.problems = []
        self.sites = []
        self.tokens = []  # each strong order: where in its text, its label, the order, whether on failure

    def problem(self, path, line, text):
        self.problems.append(f"{path}:{line}: {text}")

    def file(self, path, text):
        code, comments = split_comments(text)
        code_lines, comment_lines = code.split("\n"), comments.split("\n")
        line_at = lambda i: code.count("\n", 0, i)

        for m in STD_ORDER.finditer(code):
            self.problem(path, line_at(m.start()) + 1, f"{m.group()} outside a platform; say P::…")
        for m in ATOMIC_CALL.finditer(code):
            arguments = code[m.end():call_end(code, m.end() - 1)]
            if not NAMED_ORDER.search(arguments):
                self.problem(path, line_at(m.start()) + 1, f"{m.group(1)} names no memory order")

        def block_above(line):
            """Numbers of the comment-only lines directly above `line`."""
            found = []
            n = line - 1
            while n >= 0 and comment_lines[n].strip() and not code_lines[n].strip():
                found.insert(0, n)
                n -= 1
            return found

        # Statements with orders: their tokens, and the comment lines that speak for them.
        statements = {}
        for m in ORDER.finditer(code):
            start = statement_start(code, m.start())
            statements.setdefault(start, []).append(m)
        used = set()
        labels = {}
        for start, tokens in sorted(statements.items()):
            first, last = line_at(start), line_at(statement_end(code, tokens[-1].end()))
            spoken = block_above(first)
            for n in range(first, last + 1):
                if comment_lines[n].strip():
                    spoken.append(n)
            spoken = sorted(set(spoken))
            used.update(spoken)
            where = first + 1
            entries, relaxed_said = self.read(path, where, [(n, words_of(comment_lines[n])) for n in spoken])
            self.match(path, code, line_at, tokens, entries, relaxed_said, labels)
        # Arguments that stand above no order: left over from code that is gone.
        for n, line in enumerate(comment_lines):
            m = ENTRY.search(line)
            if m and n not in used:
                self.problem(path, n + 1, f"{m.group(1)} [{m.group(2)}] is argued, but no order stands here")

    def read(self, path, where, lines):
        """The entries of a comment: [(order, label, words, line)], and whether `relaxed:` is argued in it."""
        text, starts = "", []
        for n, words in lines:
            starts.append((len(text), n))
            text += words + " "
        found = sorted([*ENTRY.finditer(text), *AGAIN.finditer(text)], key=lambda m: m.start())
        entries = []
        for m, following in zip(found, found[1:] + [None]):
            words = text[m.end():following.start() if following else len(text)]
            cut = re.search(r"\brelaxed\b[^.;]{0,40}?:", words)
            if cut:
                words = words[:cut.start()]
            line = max(n for at, n in starts if at <= m.start()) + 1
            entries.append((m.group(1), m.group(2), None if m.re is AGAIN else words, line))
        return entries, RELAXED.search(text) is not None

    def match(self, path, code, line_at, tokens, entries, relaxed_said, labels):
        left = list(entries)
        for i, m in enumerate(tokens):
            order, line = m.group(1), line_at(m.start()) + 1
            if order == "relaxed":
                if not relaxed_said and not self.is_failure_order(code, tokens[:i], m):
                    self.problem(path, line, "relaxed without a reason (`// relaxed: …`)")
                continue
            entry = next((e for e in left if e[0] == order), None)
            if entry is None and self.is_failure_order(code, tokens[:i], m):
                said = [e for e in entries if re.search(rf"\bfailure\s*:?\s*{order}\b", e[2] or "")]
                if said:
                    self.tokens.append((m.start(), said[0][1], order, True))
                    continue  # argued with the success order: `… on failure acquire, …`
            if entry is None:
                said = ", ".join(f"{e[0]} [{e[1]}]" for e in left)
                self.problem(path, line, f"{order} is not argued" + (f"; the comment says {said}" if said else ""))
                continue
            left.remove(entry)
            _, label, words, _ = entry
            self.tokens.append((m.start(), label, order, self.is_failure_order(code, tokens[:i], m)))
            if words is None:
                self.sites.append(Site(path, line, label, order, again=True))
                continue
            if label in labels:
                self.problem(path, line, f"label [{label}] is taken by line {labels[label]}")
            labels.setdefault(label, line)
            pairs = list(dict.fromkeys(p for group in PAIRS.findall(words) for p in ONE_PAIR.findall(group)))
            if not pairs and not CALLER.search(words):
                self.problem(path, line, f"[{label}] does not say what it pairs with")
            if order == "acq_rel" and not (re.search(r"\bas release\b", words) and re.search(r"\bas acquire\b", words)):
                self.problem(path, line, f"[{label}] is acq_rel: say both halves, `as release, …`, `as acquire, …`")
            self.sites.append(Site(path, line, label, order, pairs))
        for order, label, _, line in left:
            self.problem(path, line, f"{order} [{label}] is argued, but the code has no such order")

    def is_failure_order(self, code, earlier, token):
        """Whether `token` directly follows another order as an argument: the failure order of a compare-exchange."""
        if not earlier:
            return False
        between = code[earlier[-1].end():token.start()]
        return re.fullmatch(r"\s*,\s*", between) is not None

    def pairings(self):
        by_file = {}
        for s in self.sites:
            if not s.again:
                by_file.setdefault(s.file, {})[s.label] = s

        def resolve(source, name):
            if not name:
                return [source.file]
            return [f for f in by_file if f == Path(name) or f.as_posix().endswith("/" + name)]

        for s in self.sites:
            if s.again:
                first = by_file.get(s.file, {}).get(s.label)
                if first is None or first.order != s.order:
                    what = "does not exist" if first is None else f"is {first.order}"
                    self.problem(s.file, s.line, f"{s.order}: as [{s.label}], which {what}")
                else:
                    s.pairs = first.pairs
                continue
            for name, label in s.pairs:
                candidates = resolve(s, name)
                if len(candidates) > 1:
                    near = [f for f in candidates if f.parent == s.file.parent]
                    candidates = near or candidates
                if len(candidates) != 1:
                    why = "names no file that argues orders" if not candidates else "names several files"
                    self.problem(s.file, s.line, f"[{s.label}] pairs with {name} [{label}]: {why}")
                    continue
                other = by_file[candidates[0]].get(label)
                if other is None:
                    self.problem(s.file, s.line, f"[{s.label}] pairs with {name} [{label}], which does not exist")
                    continue
                if not any(back == s.label and s.file in resolve(other, back_file) for back_file, back in other.pairs):
                    self.problem(s.file, s.line,
                                 f"[{s.label}] pairs with [{label}] ({other.file}:{other.line}), which does not say so")

    def check(self, texts):
        """Checks {path: text}; the problems, in order."""
        for path, text in texts.items():
            self.file(path, text)
        self.pairings()
        return self.problems


def check_labels(texts):
    """Problems of the invariants' labels in {path: text}, and of the orders' where they look like such."""
    problems, listed, prose = [], {}, {}
    for path, text in texts.items():
        comments = split_comments(text)[1]
        listed[path] = [m.groups() for m in LISTED.finditer(comments)]
        prose[path] = " ".join(words_of(line) for line in comments.splitlines())
        heading = re.search(r"^// Invariants\b.*\n?", comments, re.M)
        first = heading and LISTED.search(comments, heading.start())
        if first and first[1] != "I":
            problems.append(f"{path}: its invariants begin with {first[1]}{first[2]}; they are I1, I2, …")
        for letter in dict.fromkeys(a for a, _ in listed[path]):
            numbers = [int(n) for a, n in listed[path] if a == letter]
            if letter == "I" and numbers != list(range(1, len(numbers) + 1)):
                problems.append(f"{path}: its invariants are numbered {numbers}")
    for path, words in prose.items():
        orders = {label for _, label in ENTRY.findall(words)}
        letters = {label.rstrip("0123456789") for label in orders}
        for letter in letters & {*(a for a, _ in listed[path]), "I"}:
            problems.append(f"{path}: {letter} is the letter of orders and of a list")
        for name, letter, number in BARE.findall(words):
            label = letter + number
            if not name and label in orders:
                problems.append(f"{path}: [{label}] is an order, and cited without its brackets")
            elif letter == "I" or name:
                of = [p for p in texts if f"/{p.as_posix()}".endswith("/" + name)] if name else [path]
                if not any((letter, number) in listed[p] for p in of):
                    problems.append(f"{path}: cites {name + ', ' if name else ''}{label}, which does not exist")
    return problems


def is_algorithm(path):
    """Whether the orders in this header must be argued. A platform defines orders rather than using them."""
    in_scope = path.parts[0] in ("core", "queues") or path.parts[:2] == ("models", "published")
    return in_scope and path.suffix == ".hpp" and not path.name.endswith(
        ("platform.hpp", "asymmetric_fence.hpp", "riscv_atomic.hpp", "windows_thread_object.hpp", ".test.hpp"))


def table(sites):
    for s in sites:
        yield [s.file.as_posix(), s.line, s.label, s.order, " ".join((f"{f}:" if f else "") + p for f, p in s.pairs)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--csv", metavar="FILE", help="where the table goes (default: standard output)")
    arguments.add_argument("paths", nargs="*", type=Path)
    options = arguments.parse_args()
    paths = options.paths or [p for p in files() if is_algorithm(p)]
    checker = Checker()
    checker.check({p: (ROOT / p).read_text(encoding="utf-8") for p in paths})
    checker.problems += check_labels({p: (ROOT / p).read_text(encoding="utf-8") for p in files() if p.suffix == ".hpp"})
    out = open(options.csv, "w", newline="", encoding="utf-8") if options.csv else sys.stdout
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["file", "line", "label", "order", "pairs"])
    rows.writerows(table(checker.sites))
    if options.csv:
        out.close()
    for p in checker.problems:
        print(p, file=sys.stderr)
    print(f"orders: {len(checker.sites)} strong orders in {len(paths)} headers, {len(checker.problems)} problem(s)",
          file=sys.stderr)
    sys.exit(1 if checker.problems else 0)


if __name__ == "__main__":
    main()
