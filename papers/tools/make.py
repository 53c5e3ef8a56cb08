"""Makes the papers from their frozen data: text, claims and figures as HTML and PDF. papers/build calls it.

usage: make.py [--measure PROGRAM] [--out DIR] [PAPER…]
"""

import argparse
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
    changed = git(folder, "status", "--porcelain", "--", folder, HERE, paper.BIBLIOGRAPHY)
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
    for exhibit, drawing in p.drawings.items():
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
    print(f"{name}: {out}/{name}.pdf, {out}/{name}.html: {len(p.drawings)} figures, {len(p.claims)} claims")


def measure(name, program):
    """Makes the paper's data anew, and says what moved. The values in claims.csv follow, but for those of sentences.

    Returns  how many claims moved.   Errors  Failed"""
    folder = PAPERS / name
    sys.path.insert(0, str(folder))
    module = importlib.import_module("measure")
    print(f"{name}: measuring", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            module.measure(program, folder, Path(scratch))
        except module.Failed as e:
            raise Failed(f"{name}: {e}") from e
    sys.path.remove(str(folder))
    sys.modules.pop("measure", None)  # the next paper has its own
    p = paper.Paper(folder)
    sentences = {c for _, c in paper.SENTENCE.findall(p.text)}
    moved, rows, false = 0, [], []
    for claim, row in p.claims.items():
        value = p.in_data(row)
        if value != row["value"]:
            moved += 1
            print(f"  {claim}: {row['value'] or 'nothing'} -> {value} {row['unit']}")
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
    print(f"{name}: {moved} of {len(rows)} claims moved")
    if false:
        raise Failed(f"{name}: no longer true, but said in the text: {', '.join(false)}")
    return moved


def main():
    arguments = argparse.ArgumentParser(add_help=False)
    arguments.add_argument("--measure", metavar="PROGRAM")
    arguments.add_argument("--out", type=Path, default=PAPERS.parent / "build/papers")
    arguments.add_argument("papers", nargs="*", default=all_papers())
    options = arguments.parse_args()
    try:
        for name in options.papers:
            if options.measure:
                measure(name, options.measure)
            make(name, options.out.resolve())
    except Failed as e:
        print(e, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
