#!/usr/bin/env python3
"""A header's Progress line says what verify/cases/claims.hpp claims, and so what `surewake-verify run progress` checks.

usage: progress.py [ROOT]

The line is the text behind `Progress` in the comment at a header's top, up to the first full stop. Every strategy of
verify/cases/strategies.hpp has one that is claimed, and every claim has its header.
"""

import re
import sys
from pathlib import Path

from sources import ROOT, finish

CLAIM = re.compile(r'header_claims\{"([^"]*)",((?:\s*"[^"]*")+)\}')
STRATEGY = re.compile(r'f\.template operator\(\)<\w+>\("(\w+)"\)')


def progress_of(header_text):
    """What stands behind `Progress`, on one line; None where nothing does."""
    m = re.search(r"^//(?:.*?\s{2,})?\s*Progress\s{2,}(.*(?:\n//.*)*)", header_text, re.M)
    if m is None:
        return None
    line = " ".join(re.sub(r"\n//", " ", m.group(1)).split())
    return re.split(r"\.(?:\s|$)", line)[0]


def claims_of(claims_text):
    """{header: what is claimed}."""
    return {m.group(1): "".join(re.findall(r'"([^"]*)"', m.group(2))) for m in CLAIM.finditer(claims_text)}


def problems_of(claims, strategies, read):
    """`read(header)` is its text, or None."""
    problems = []
    for name in strategies:
        if f"queues/{name}.hpp" not in claims:
            problems.append(f"queues/{name}.hpp: verify/cases/claims.hpp claims nothing of its progress")
    for header, claimed in claims.items():
        text = read(header)
        said = None if text is None else progress_of(text)
        if said is None:
            problems.append(f"{header}: no Progress line, and verify/cases/claims.hpp claims “{claimed}”")
        elif said != claimed:
            problems.append(f"{header}: Progress is “{said}”, and verify/cases/claims.hpp claims “{claimed}”")
    return problems


def main(root):
    def read(header):
        path = root / header
        return path.read_text(encoding="utf-8") if path.is_file() else None

    claims = claims_of(read("verify/cases/claims.hpp") or "")
    strategies = STRATEGY.findall(read("verify/cases/strategies.hpp") or "")
    problems = problems_of(claims, strategies, read)
    if not claims or not strategies:
        problems.append("verify/cases/claims.hpp or verify/cases/strategies.hpp is not understood")
    finish(problems, "progress")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
