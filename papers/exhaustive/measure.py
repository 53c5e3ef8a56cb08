"""The data of *Lost wakeups, exhaustively*: what surewake-verify says of its models, and of itself.

Searches end after EXECUTIONS executions or SCHEDULES schedules, whatever the machine, so what they count is the same
everywhere. Only `weaken` looks at the time: which scenario shows an order first, as what, and how much it survives.

    data/laws.csv        the laws, as core/semaphore/semaphore.hpp states them
    data/cases.csv       each case …@graph without a bug: how far it was searched, and how many executions it has
    data/scenarios.csv   the same of the models over strategies, a column for each strategy
    data/coverage.csv    each scenario (a model over a strategy and a discipline): its best search by either engine
    data/families.csv    of the scenarios, how many of each law
    data/bugs.csv        each seeded bug: what catches it, after how many executions or schedules
    data/orders.csv      each memory order: what came of it when it was lowered
    data/headers.csv     of the orders, how many of each header
    data/litmus.csv      the engine and what is known of litmus programs
    data/faults.csv      each mistake that is seeded into the engine: in how many of these programs it shows
    data/strategies.csv  of scenarios.csv, under hand_off, the models that end over each strategy
    data/disciplines.csv of scenarios.csv, those that end under hand_off and under barging
    data/pairs.csv       model instances that Relacy searches to the end, and what the graph engine says
    data/blind_spots.csv what the engines judge differently
    data/limits.csv      how long a search is
    data/exhibits.csv    what is drawn (papers/tools/searches.py)
"""

import csv
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import data
from searches import Failed, all_ran, freeze_provenance, measure_exhibits, surewake

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "verify/checks"))
import lowered

TARGETS = ("surewake-verify", "verify_graph_faults")
EXECUTIONS = 100_000
SCHEDULES = 20_000
STRATEGIES = ("mutex_deque", "intrusive_list", "waker_hybrid", "segmented_queue")
BEST_FIRST = ("exhaustive", "bounded", "sampled")
EXHIBIT_COLUMNS = ["exhibit", "kind", "threads", "steps", "verdict", "under_sc", "sc_search", "repaired", "coverage",
                   "executions"]
PROGRAMS = ROOT / "verify/engine/graph/data"
ORDER_COLUMNS = ["key", "file", "header", "label", "place", "operation", "lowering", "result", "verdict", "shown_as",
                 "executions", "shown_by", "cases", "exhaustive", "executed_by", "reason"]
# Why an order is there that no scenario catches: the kinds that the text explains.
REASONS = {("blocking_wait", "B3"): "nothing to see", ("uring_per_waiter", "S6"): "nothing to see",
           ("uring_per_ring", "M6"): "out of the model"} | {
    (header, label): "covered" for header, label in (("segment_list", "S4"), ("segment_list", "S11"),
                                                     ("segment_list", "S12"), ("segmented_queue", "C9"))}


def results(program, scratch, name, *arguments):
    """The rows of a run, or those of an earlier one whose file is there."""
    out = scratch / f"{name}.csv"
    if not out.is_file():
        print(f"  {' '.join(arguments)}", file=sys.stderr, flush=True)
        surewake(program, *arguments, "--quiet", "--out", str(out), statuses=(0, 1))
    rows = data.rows_of(out)
    all_ran(rows)
    return rows


def scenario_of(case):
    return case.split("@")[0].split("#")[0]


def of_the_engine(row):
    """Whether a case is a litmus test of an engine, and no scenario of the library."""
    return row["model"].split("/")[0] == "engine"


def families():
    """{model: the law whose table of models/README.md has it}."""
    found, law = {}, ""
    for line in (ROOT / "models/README.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"### (\w+)", line):
            law = heading[1]
        elif row := re.match(r"\| `([\w/]+)` \|", line):
            found.setdefault(row[1], law)
    return found


def family_of(model, known):
    folder = model.split("/")[0]
    if folder in ("published", "progress"):
        return folder
    if model not in known and model.split("_")[0] in known.values():  # uring_cancels_miss
        return model.split("_")[0]
    if model not in known:
        raise Failed(f"models/README.md has no {model}")
    return known[model]


def laws():
    """The laws of the front end's header, each of a number, a name and words."""
    text = (ROOT / "core/semaphore/semaphore.hpp").read_text(encoding="utf-8")
    block = text.split("// Invariants (the laws", 1)[1].split("// Progress", 1)[0]
    found = []
    for line in block.splitlines()[1:]:
        if begins := re.match(r"//   (\d) (\w[\w -]*?)  +(.*)", line):
            found.append({"number": begins[1], "law": begins[2], "words": begins[3]})
        elif found and line.startswith("//   "):
            found[-1]["words"] += " " + line[2:].strip()
    for law in found:
        law["words"] = re.sub(r" ?\(?core/[\w/.]+\.hpp\)?", "", law["words"]).removesuffix(": below")
    return found


def percent(share):
    """A share in percent; below 1 in one figure."""
    if not share:
        return ""
    value = 100 * float(share)
    return f"{min(value, 99):.0f}" if value >= 1 else f"{value:.1g}" if value >= 1e-4 else "0"


def cases_of(rows, known):
    return [{"case": r["case"], "model": r["model"], "family": family_of(r["model"], known), "queue": r["queue"],
             "discipline": r["discipline"], "variant": r["variant"], "memory": r["memory"], "reuse": r["reuse"],
             "threads": r["threads"], "verdict": r["verdict"], "executions": r["schedules"], "blocked": r["blocked"],
             "coverage": r["coverage"], "percent": "" if r["coverage"] == "exhaustive" else percent(r["share"])}
            for r in rows if not r["bug"] and not of_the_engine(r)]


def scenarios_of(cases):
    """A row for each model and discipline; of a search that was cut off, the share of its tree."""
    found = {}
    for c in cases:
        if c["queue"] not in STRATEGIES or c["memory"] != "c++" or c["reuse"] == "true":
            continue
        name = c["model"] + (f"/{c['variant']}" if c["variant"] else "")
        row = found.setdefault((c["family"], name, c["discipline"]), dict.fromkeys(STRATEGIES, "") | {
            "family": c["family"], "model": name, "discipline": c["discipline"] or "none", "threads": c["threads"]})
        row[c["queue"]] = (c["executions"] if c["coverage"] == "exhaustive" else f"{data.shown(c['executions'])} b"
                           if c["coverage"] == "bounded" else f"{c['percent']} %")
    return list(found.values())


def strategies_of(scenarios):
    return [{"model": r["model"], **{s: r[s] for s in STRATEGIES}} for r in scenarios
            if r["discipline"] == "hand_off" and all(r[s].isdigit() for s in STRATEGIES)]


def disciplines_of(scenarios):
    under = {(r["model"], r["discipline"]): r for r in scenarios}
    rows = []
    for (model, discipline), barging in under.items():
        hand_off = under.get((model, "hand_off"))
        for s in STRATEGIES:
            if discipline == "barging" and hand_off and barging[s].isdigit() and hand_off[s].isdigit():
                rows.append({"scenario": f"{model}/{s}", "hand_off": hand_off[s], "barging": barging[s],
                             "more": "yes" if int(barging[s]) > int(hand_off[s]) else "no"})
    return rows


def drawn_at_random(program):
    """The scenarios that Relacy draws schedules of, and that must pass: {scenario: model, queue, discipline}."""
    listed = surewake(program, "list")
    names = re.findall(r"^  ([^\s#@]+)(?:@sc)? +pass +random", listed, re.M)
    models = re.findall(r"^(\S+)$", listed, re.M)
    found = {}
    for name in names:
        model = max((m for m in models if name == m or name.startswith(m + "/")), key=len)
        rest = name.removeprefix(model).split("/")[1:]
        found[name] = model, rest[0] if rest else "", rest[1] if len(rest) > 1 else ""
    return {n: f for n, f in found.items() if not n.startswith("engine/")}


def coverage_of(graph, relacy, at_random, known):
    """Each scenario by its best search of each engine.   Errors  Failed where one did not pass"""
    best = {name: {"graph": "none", "relacy": "sampled"} for name in at_random}
    threads = {name: ("", *of) for name, of in at_random.items()}
    for r in graph + relacy:
        if r["bug"] or of_the_engine(r):
            continue
        if r["verdict"] != "pass":
            raise Failed(f"{r['case']}: {r['verdict']}: {r['message']}")
        name = scenario_of(r["case"])
        threads[name] = r["threads"], r["model"], r["queue"], r["discipline"]
        by = best.setdefault(name, {"graph": "none", "relacy": "none"})
        if by[r["engine"]] == "none" or BEST_FIRST.index(r["coverage"]) < BEST_FIRST.index(by[r["engine"]]):
            by[r["engine"]] = r["coverage"]
    rows = []
    for name, by in sorted(best.items()):
        n, model, queue, discipline = threads[name]
        covered = next(c for c in BEST_FIRST if c in by.values())
        rows.append({"scenario": name, "family": family_of(model, known), "threads": n, "queue": queue,
                     "discipline": discipline, **by, "best": covered})
    return rows


def families_of(coverage, cases):
    rows = []
    for family in dict.fromkeys(c["family"] for c in coverage):
        mine = [c for c in coverage if c["family"] == family]
        of_graph = [c for c in cases if c["family"] == family and c["coverage"] == "exhaustive"]
        count = {f"{engine}_{c}": str(sum(r[engine] == c for r in mine))
                 for engine in ("graph", "best") for c in (*BEST_FIRST, "none")}
        rows.append({"family": family, "scenarios": str(len(mine)), **count,
                     "executions": str(sum(int(c["executions"]) for c in of_graph))})
    return rows


def bugs_of(rows):
    """Each seeded or published bug, by its best case of each engine."""
    found = {}
    for r in rows:
        if not r["bug"] or of_the_engine(r) or r["expected"] == "pass":
            continue
        name = r["case"].split("@")[0]
        row = found.setdefault(name, {"bug": name, "graph": "", "executions": "", "relacy": "", "schedules": ""})
        engine, count = ("graph", "executions") if r["engine"] == "graph" else ("relacy", "schedules")
        caught = r["verdict"] if r["as_expected"] == "true" else "not caught"
        if not row[count] or int(r["schedules"]) < int(row[count]):
            row[engine], row[count] = caught, r["schedules"]
    return [r | {"both": "yes" if r["graph"] and r["relacy"] else "no"} for _, r in sorted(found.items())]


def weakened(program, scratch):
    """The rows of verify/orders.csv, made anew."""
    out = []
    for folder in ("core/", "queues/"):
        written = scratch / f"weaken_{folder[:-1]}.json"
        if not written.is_file():
            print(f"  weaken {folder}", file=sys.stderr, flush=True)
            surewake(program, "weaken", folder, "--out", str(written))
        out += json.loads(written.read_text(encoding="utf-8"))["orders"]
    left_out = lowered.not_searched(lowered.PAGE.read_text(encoding="utf-8"))
    text = {f: (ROOT / f).read_text(encoding="utf-8") for f in {r["file"] for r in out}}
    # A mutex of the platform has orders too, which no source names.
    named = {f for f, t in text.items() if f not in left_out and lowered.operations(Path(f), t)}
    rows, problems = lowered.rows_of([r for r in out if r["file"] in named], text.get)
    if problems:
        raise Failed("; ".join(problems))
    return sorted(rows, key=lowered.order_of)


def orders_of(rows):
    """Rows of verify/orders.csv, as the paper shows them.   Errors  Failed where it knows no reason for a survivor"""
    orders = []
    for r in rows:
        header = Path(r["file"]).stem
        reason = REASONS.get((header, r["label"]), "") if r["result"] == "survived" else ""
        if r["result"] != "caught" and not reason:
            raise Failed(f"{header} [{r['label']}] {r['result']}: the text has no reason for it")
        orders.append({"key": f"{header} {r['label']} {r['place']} {r['operation']} {r['lowered_to']}",
                       "header": header, "lowering": f"{r['order']} → {r['lowered_to']}",
                       "shown_by": r["case"].removesuffix("@graph"), "shown_as": r["verdict"] or r["result"],
                       "reason": reason} | {c: str(r[c]) for c in ORDER_COLUMNS if c in r})
    return orders


def headers_of(orders):
    rows = []
    for file in dict.fromkeys(r["file"] for r in orders):
        mine = [r for r in orders if r["file"] == file]
        verdicts = {v.replace(" ", "_"): str(sum(r["verdict"] == v for r in mine))
                    for v in ("data race", "use after free", "deadlock", "broken law")}
        others = [r["verdict"] for r in mine if r["verdict"] and r["verdict"].replace(" ", "_") not in verdicts]
        if others:
            raise Failed(f"{file}: an order shows as {others[0]}, for which the paper has no column")
        rows.append({"file": file, "lowered": str(len(mine)), **verdicts,
                     "survived": str(sum(r["result"] == "survived" for r in mine))})
    return rows


def litmus_of(program):
    rows = []
    for name in ("litmus", "own", "random"):
        lines = [json.loads(line) for line in surewake(program, "litmus", str(PROGRAMS / f"{name}.jsonl"), "--check",
                                                       statuses=(0, 1)).splitlines()]
        for model in ("sc", "rc11", "cpp20"):
            mine = [line for line in lines if line["model"] == model]
            rows.append({"key": f"{name} {model}", "set": name, "model": model, "programs": str(len(mine)),
                         "executions": str(sum(line["executions"] for line in mine)),
                         "as_expected": str(sum(line["as_expected"] for line in mine)),
                         "duplicates": str(sum(line["duplicates"] for line in mine)),
                         "right": "yes" if all(line["as_expected"] and not line["duplicates"] for line in mine)
                         else "no",
                         "most": str(max(line["executions"] for line in mine))})
    return rows


def fault_names():
    """The mistakes of fault.hpp in their order, with what its comments say."""
    text = (ROOT / "verify/engine/graph/fault.hpp").read_text(encoding="utf-8")
    body = re.search(r"enum class fault [^{]*\{(.*?)\};", text, re.S)[1]
    return [n for n in re.findall(r"^  (\w+),", body, re.M) if n != "end"]


def faults_of(program, scratch):
    out = scratch / "faults.txt"
    if not out.is_file():
        print("  faults of the engine", file=sys.stderr, flush=True)
        tests = Path(program).resolve().parents[1] / "tests/verify_graph_faults"
        done = subprocess.run([tests, "-tc=faults: table", "--no-skip", "--no-intro"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"{tests} ended with {done.returncode}: {done.stdout[-400:]}{done.stderr[-400:]}")
        out.write_text(done.stdout, encoding="utf-8")
    numbers = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines() if re.match(r"\d+,", line)]
    names = fault_names()
    if len(names) != len(numbers):
        raise Failed(f"fault.hpp has {len(names)} faults, and the table {len(numbers)}")
    return [{"fault": name, "litmus": n[1], "own": n[2], "random": n[3], "programs": str(sum(map(int, n[1:])))}
            for name, n in zip(names, numbers) if name != "none"]


def pairs_of(graph, full):
    """Model instances that Relacy searches to the end and that pass: what the graph engine says, and where it ends,
    how many schedules there are for an execution."""
    others = {r["case"]: r for r in graph}
    rows = []
    for r in full:
        other = others.get(r["case"].replace("@full", "@graph"))
        if r["bug"] or "@full" not in r["case"] or r["coverage"] != "exhaustive" or other is None:
            continue
        ends = other["coverage"] == "exhaustive"
        executions = int(other["schedules"]) + int(other["blocked"])
        rows.append({"case": r["case"].replace("@full", ""), "threads": r["threads"], "schedules": r["schedules"],
                     "executions": other["schedules"], "blocked": other["blocked"],
                     "ratio": str(round(int(r["schedules"]) / executions)) if ends else "",
                     "agree": "yes" if other["verdict"] == r["verdict"] else "no",
                     "blind": "yes" if "/blind_spot/" in r["case"] else "no"})
    return sorted(rows, key=lambda r: (-int(r["ratio"] or 0), r["case"]))


def blind_spots_of(graph, relacy):
    rows = {}
    for r in graph + relacy:
        if r["case"].startswith(("engine/blind_spot", "engine/invention")):
            name = r["case"].split("@")[0].removeprefix("engine/")
            rows.setdefault(name, {"case": name, "kind": name.split("/")[0].split("#")[0]})[r["engine"]] = r["verdict"]
    return [r for _, r in sorted(rows.items())]


def measure(program, folder, scratch):
    """Writes the data of the paper in `folder`; what `scratch` has of an earlier measurement is not made again.

    Errors  Failed"""
    known = families()
    graph = results(program, scratch, "graph", "run", "--engine", "graph", "--executions", str(EXECUTIONS))
    full = results(program, scratch, "full", "run", "@full")
    relacy = results(program, scratch, "bounded", "run", "@bound", "--schedules", str(SCHEDULES)) + full
    bugs = results(program, scratch, "bugs", "bugs")
    cases = cases_of(graph, known)
    coverage = coverage_of(graph, relacy, drawn_at_random(program), known)
    scenarios = scenarios_of(cases)
    orders = orders_of(weakened(program, scratch))
    tables = {
        "laws": laws(), "cases": cases, "scenarios": scenarios, "coverage": coverage,
        "strategies": strategies_of(scenarios), "disciplines": disciplines_of(scenarios),
        "families": families_of(coverage, cases), "bugs": bugs_of(bugs), "orders": orders,
        "headers": headers_of(orders), "litmus": litmus_of(program), "faults": faults_of(program, scratch),
        "pairs": pairs_of(graph, full), "blind_spots": blind_spots_of(graph, full + bugs),
        "limits": [{"limit": "executions", "value": str(EXECUTIONS)}, {"limit": "schedules", "value": str(SCHEDULES)}]}
    (folder / "data").mkdir(exist_ok=True)
    for name, rows in tables.items():
        columns = ORDER_COLUMNS if name == "orders" else list(rows[0])
        (folder / f"data/{name}.csv").write_text(data.written(rows, columns), encoding="utf-8")
    freeze_provenance(folder, measure_exhibits(program, folder, scratch, EXHIBIT_COLUMNS))
