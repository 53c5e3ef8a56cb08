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


def other_sources(exhibits, text_of):
    """Exhibits whose source is not one that the header of their model cites; `text_of`: a model's header, or None."""
    problems = []
    for e in exhibits:
        header = text_of(e["exhibit"])
        if header is not None and f"[@{e['source']}]" not in header:
            problems.append(f"museum: exhibits.csv has {e['source']} for {e['exhibit']}: its header does not cite that")
    return problems


def published_header(name):
    path = ROOT / f"models/published/{name}.hpp"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(programs):
    problems = []
    for text in sorted((ROOT / "papers").glob("*/text.md")):
        problems += check.problems_of(paper.Paper(text.parent))
    exhibits = data.rows_of(ROOT / "papers/museum/exhibits.csv")
    problems += other_sources(exhibits, published_header)
    for program in programs:
        problems += unexhibited(measure.published_bugs(program), exhibits)
    finish(problems, "papers")


if __name__ == "__main__":
    main(sys.argv[1:])
