"""The data of the museum: for each exhibit its trace, and what searches say of it (papers/tools/searches.py)."""

import re

import data
from searches import Failed, freeze_provenance, measure_exhibits, surewake

TARGETS = ("surewake-verify",)
COLUMNS = ["exhibit", "kind", "threads", "steps", "verdict", "preemptions", "under_sc", "sc_search", "repaired",
           "coverage", "executions"]


def published_bugs(program):
    """The suites of surewake-verify that hold a published bug: what the museum must show."""
    listed = surewake(program, "list", "published/")
    return {m[1] for m in re.finditer(r"^\s+published/(\w+)[^\s#]*#", listed, re.M)}


def measure(program, folder, scratch):
    """Writes the data of the paper in `folder`; `scratch` is an empty folder.   Errors  Failed"""
    names = {e["exhibit"] for e in data.rows_of(folder / "exhibits.csv")}
    if absent := published_bugs(program) - names:
        raise Failed(f"exhibits.csv has no {', '.join(sorted(absent))}, which surewake-verify has")
    freeze_provenance(folder, measure_exhibits(program, folder, scratch, COLUMNS))
