#!/usr/bin/env python3
"""Holds each paper to its frozen data: numbers, sentences, references and figures, without LaTeX.

usage: papers.py [SUREWAKE_VERIFY]   (with it: every published bug has an exhibit in the museum)
"""

import sys

from sources import ROOT, finish

sys.path[:0] = [str(ROOT / "papers/tools"), str(ROOT / "papers/museum")]
import check
import data
import make
import measure
import paper


def unexhibited(bugs, exhibits):
    return [f"museum: exhibits.csv has no {b}, which is a case of surewake-verify with a published bug"
            for b in sorted(set(bugs) - {e["exhibit"] for e in exhibits})]


def main(programs):
    problems = []
    for text in sorted((ROOT / "papers").glob("*/text.md")):
        problems += check.problems_of(paper.Paper(text.parent))
    for program in programs:
        problems += unexhibited(measure.published_bugs(program), data.rows_of(ROOT / "papers/museum/exhibits.csv"))
    finish(problems, "papers")


if __name__ == "__main__":
    main(sys.argv[1:])
