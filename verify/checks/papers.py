#!/usr/bin/env python3
"""Holds each paper to its frozen data: numbers, sentences, references and figures, without LaTeX.

usage: papers.py [SUREWAKE_VERIFY]   (with it: every published bug has an exhibit in the museum, and each case that an
                                      exhibit names is there)
"""

import re
import sys

from sources import ROOT, finish

sys.path[:0] = [str(ROOT / "papers/tools"), str(ROOT / "papers/museum")]
import check
import data
import make
import measure
import paper
import results


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


def unknown_cases(listed, paper_name, exhibits):
    """Cases that exhibits name, and that the list of all cases has not."""
    known = set(re.findall(r"^  (\S+)", listed, re.M))
    named = sorted({e[column] for e in exhibits for column in ("case", "graph", "repaired")} - {""})
    return [f"{paper_name}: exhibits.csv names the case {n}, which surewake-verify has not" for n in named
            if n not in known]


def unlisted(names, page):
    """Papers that the page about all of them does not list."""
    return [f"papers/README.md lists no {n}" for n in names if f"| [{n}]({n}/text.md) |" not in page]


def other_promises(source, promises):
    """Gains that the benchmark says were published, and that the paper on costs has otherwise; `source`: gains.cpp."""
    said = dict(re.findall(r'promise\{"(\w+)", "\+([\d–]+) %"\}', source))
    first = {}
    for p in promises:
        if p["unit"] == "percent":
            first.setdefault(p["subject"], f"{p['low']}–{p['high']}")
    return [f"costs: promises.csv has {first.get(s, 'nothing')} for {s}, and bench/results/gains.cpp "
            f"{said.get(s, 'nothing')}" for s in sorted(said.keys() | first.keys()) if said.get(s) != first.get(s)]


def published_header(name):
    path = ROOT / f"models/published/{name}.hpp"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def main(programs):
    papers = [paper.Paper(text.parent) for text in sorted((ROOT / "papers").glob("*/text.md"))]
    problems = [problem for p in papers for problem in check.problems_of(p)]
    problems += unlisted([p.name for p in papers], (ROOT / "papers/README.md").read_text(encoding="utf-8"))
    exhibits = data.rows_of(ROOT / "papers/museum/exhibits.csv")
    problems += other_sources(exhibits, published_header)
    problems += other_promises((ROOT / "bench/results/gains.cpp").read_text(encoding="utf-8"),
                               data.rows_of(ROOT / "papers/costs/promises.csv"))
    for program in programs:
        problems += unexhibited(measure.published_bugs(program), exhibits)
        listed = measure.surewake(program, "list")
        problems += [problem for p in papers for problem in unknown_cases(listed, p.name, p.exhibits)]
    finish(problems, "papers")


if __name__ == "__main__":
    main(sys.argv[1:])
