"""Makes the papers from their frozen data: text, claims and figures as HTML and PDF. papers/build calls it.

usage: make.py [--measure DIR | --results FILE] [--out DIR] [PAPER…]
       make.py --targets [PAPER…]     what --measure needs to be built

A paper's measure.py has `measure(program, folder, scratch)`, which writes its data, and TARGETS: what it needs of the
build, the program first; --measure names the folder that has it. A paper that measures with surewake-bench also takes
the results of a run, of this machine or another one, by --results.
"""

import argparse
import contextlib
import importlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import check
import data
import paper

HERE = Path(__file__).resolve().parent
PAPERS = HERE.parent
REFUSED = PAPERS.parent / "build/papers"  # where measurements go that do not suffice
WRONG_IN_LOG = (r"^Overfull \\[hv]box \(.*", r"^LaTeX Warning: (?:Reference|Citation|Hyper reference) .*",
                r"^LaTeX Warning: There were undefined references.*", r"^Missing character: .*",
                r"^LaTeX Warning: Float too large.*", r"^Package hyperref Warning: Difference.*")


class Failed(Exception):
    """In words."""


def all_papers():
    return sorted(p.parent.name for p in PAPERS.glob("*/text.md"))


def run(*command, cwd, log, env=None):
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", env={**os.environ, **(env or {})})
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(command)}\n{done.stdout}")
    if done.returncode != 0:
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        raise Failed(f"{command[0]} failed ({done.returncode}): {' '.join(lines[-3:])[:400]}; its whole output: {log}")
    return done.stdout


def wrong_in(log):
    """What LaTeX complains about that a reader would see."""
    # TeX breaks its lines at 79 columns.
    return [m.group().strip() for pattern in WRONG_IN_LOG for m in re.finditer(pattern, log, re.M)]


def git(folder, *arguments):
    """What git says; empty where it fails: where there is no git, or no checkout."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def time_of(folder):
    """When the paper's sources were committed last, in seconds: what its PDF has as its date."""
    return git(folder, "log", "-1", "--format=%ct", "--", ".") or "0"


def commit_of(folder):
    """The commit that the paper and its tools are at; empty where they have changed since, or there is no checkout."""
    changed = git(folder, "status", "--porcelain", "--", folder, HERE, paper.BIBLIOGRAPHY,
                  PAPERS.parent / "bench/counts.csv")
    return "" if changed else git(folder, "rev-parse", "HEAD")


def embedding():
    """pandoc's option by which a page has its figures in itself: newer ones warn of the name that Debian 12's knows."""
    known = subprocess.run(["pandoc", "--help"], capture_output=True, text=True).stdout
    return "--embed-resources" if "--embed-resources" in known else "--self-contained"


def make(name, out):
    """Writes NAME.html and NAME.pdf to `out`.   Errors  Failed"""
    p = paper.Paper(PAPERS / name)
    if problems := check.problems_of(p):
        raise Failed("\n".join(problems))
    out.mkdir(parents=True, exist_ok=True)
    work = out / f"{name}.files"
    shutil.rmtree(work, ignore_errors=True)
    (work / "figures").mkdir(parents=True)
    log = work / "build.log"
    env = {"SOURCE_DATE_EPOCH": time_of(p.folder), "FORCE_SOURCE_DATE": "1", "max_print_line": "1000"}
    for exhibit, drawing in (p.drawings | p.pictures).items():
        svg = work / f"figures/{exhibit}.svg"
        svg.write_text(drawing.svg(), encoding="utf-8")
        run("rsvg-convert", "--format=pdf", f"--output=figures/{exhibit}.pdf", f"figures/{exhibit}.svg", cwd=work,
            log=log, env=env)
    common = ["--standalone", "--citeproc", f"--bibliography={paper.BIBLIOGRAPHY}", f"--csl={HERE}/numbers.csl",
              "--number-sections", "--toc", "--toc-depth=2", "--metadata=link-citations:true", "--metadata=lang:en",
              "--fail-if-warnings"]
    for target in ("html", "latex"):
        (work / f"{target}.md").write_text(p.expanded(target), encoding="utf-8")
    run("pandoc", "--from=markdown-implicit_figures", "html.md", "--to=html5", embedding(),
        f"--css={HERE}/style.css", f"--output={name}.html", *common, cwd=work, log=log, env=env)
    run("pandoc", "--from=markdown", "latex.md", "--to=latex", f"--include-in-header={HERE}/header.tex",
        f"--output={name}.tex", *common, cwd=work, log=log, env=env)
    for _ in range(3):
        run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex", cwd=work, log=log, env=env)
        latex = (work / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        if "Rerun to get" not in latex:
            break
    if problems := wrong_in(latex):
        raise Failed("\n".join(f"{name}.tex: {line}" for line in problems))
    for kind in ("html", "pdf"):
        shutil.copyfile(work / f"{name}.{kind}", out / f"{name}.{kind}")
    (out / f"{name}.made.json").write_text(f'{{"commit": "{commit_of(p.folder)}"}}\n', encoding="utf-8")
    if p.is_derived:
        (work / "derived").mkdir()
        for table, rows in p.derived.items():
            (work / f"derived/{table}.csv").write_text(data.written(rows, list(rows[0])), encoding="utf-8")
    drawn = len(p.drawings) + len(p.pictures)
    print(f"{name}: {out}/{name}.pdf, {out}/{name}.html: {drawn} figures, {len(p.claims)} claims")


@contextlib.contextmanager
def measuring(name):
    """The paper's module `measure`."""
    sys.path.insert(0, str(PAPERS / name))
    try:
        yield importlib.import_module("measure")
    finally:
        sys.path.pop(0)
        for module in ("measure", "derive"):
            sys.modules.pop(module, None)  # the next paper has its own


def program_of(name, module, programs, results):
    """What the paper measures with.   Errors  Failed"""
    if results is None:
        return str(Path(programs) / module.TARGETS[0])
    if module.TARGETS[0] != "surewake-bench":
        raise Failed(f"{name}: --results: it measures with {module.TARGETS[0]}, which makes no result file")
    return str(results)


def claimed(p):
    """{claim: (its value in the data, its interval)}; the interval of a row with `low` and `high`, otherwise None."""
    found = {}
    try:
        p.derived if p.is_derived else None
    except (ValueError, OSError):
        return found  # no data yet
    for claim, row in p.claims.items():
        try:
            value = p.in_data(row)
            of = next((r for r in p.table(row["file"]) if next(iter(r.values())) == row["row"]), {})
        except (KeyError, ValueError, OSError):
            continue
        found[claim] = value, (float(of["low"]), float(of["high"])) if of.get("low") and of.get("high") else None
    return found


def apart(one, other):
    """Whether two intervals have nothing in common; of none that is unknown, and said."""
    return one is None or other is None or one[1] < other[0] or other[1] < one[0]


def measure(name, programs, results=None):
    """Makes the paper's data anew, and says what moved beyond its interval. The values in claims.csv follow, but for
    those of sentences.

    Data that do not suffice are put aside, and the paper keeps its own.

    Returns  how many claims moved.   Errors  Failed"""
    folder = PAPERS / name
    before = claimed(paper.Paper(folder))
    print(f"{name}: measuring", flush=True)
    with measuring(name) as module, tempfile.TemporaryDirectory() as scratch:
        own = shutil.copytree(folder / "data", Path(scratch) / "own")
        try:
            module.measure(program_of(name, module, programs, results), folder, Path(scratch))
        except module.Failed as e:
            raise Failed(f"{name}: {e}") from e
        p = paper.Paper(folder)
        try:
            p.derived if p.is_derived else None
        except ValueError as e:
            aside = REFUSED / f"{name}.refused"
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(folder / "data", aside)
            shutil.rmtree(folder / "data")
            shutil.copytree(own, folder / "data")
            raise Failed(f"{name}: the new data do not suffice, and are in {aside}: {e}") from e
    sentences = {c for _, c in paper.SENTENCE.findall(p.text)}
    moved, within, rows, false = 0, 0, [], []
    now = claimed(p)
    for claim, row in p.claims.items():
        value, interval = now[claim] if claim in now else (p.in_data(row), None)
        if value != row["value"]:
            if apart(interval, before.get(claim, (None, None))[1]):
                moved += 1
                print(f"  {claim}: {row['value'] or 'nothing'} -> {value} {row['unit']}")
            else:
                within += 1
            if claim in sentences:
                false.append(claim)
            else:
                row = row | {"value": value}
        rows.append(row)
    (folder / "claims.csv").write_text(data.written(rows, paper.CLAIM_COLUMNS), encoding="utf-8")
    if tables := [t["table"] for t in p.shown_tables if p.digest_of(t) != t["digest"]]:
        print(f"  other rows: {', '.join(tables)}")
    if p.shown_tables:
        measured = [t | {"digest": p.digest_of(t)} for t in p.shown_tables]
        (folder / "tables.csv").write_text(data.written(measured, paper.TABLE_COLUMNS), encoding="utf-8")
    if charts := [c["chart"] for c in p.charts if p.digest_of(c) != c["digest"]]:
        print(f"  other charts: {', '.join(charts)}")
        measured = [c | {"digest": p.digest_of(c)} for c in p.charts]
        (folder / "charts.csv").write_text(data.written(measured, paper.CHART_COLUMNS), encoding="utf-8")
    others = f", {within} more within their intervals" if within else ""
    print(f"{name}: {moved} of {len(rows)} claims moved{others}")
    if false:
        raise Failed(f"{name}: no longer true, but said in the text: {', '.join(false)}")
    return moved


def main():
    arguments = argparse.ArgumentParser(add_help=False)
    arguments.add_argument("--measure", metavar="DIR")
    arguments.add_argument("--results", metavar="FILE", type=Path)
    arguments.add_argument("--targets", action="store_true")
    arguments.add_argument("--out", type=Path, default=PAPERS.parent / "build/papers")
    arguments.add_argument("papers", nargs="*", default=all_papers())
    options = arguments.parse_args()
    try:
        for name in options.papers:
            if options.targets:
                with measuring(name) as module:
                    print(*module.TARGETS, sep="\n")
                continue
            if options.measure or options.results:
                measure(name, options.measure, options.results)
            make(name, options.out.resolve())
    except Failed as e:
        print(e, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
