"""The tables of *What a waiter queue costs*: computed from the frozen result files and from the exact counts.

    derived/machines.csv   what was measured where: a letter for each machine, by the order of their files
    derived/loads.csv      the loads of loads.csv with what is measured, in the benchmark's words
    derived/locked.csv     locked steps of each operation and strategy, from bench/counts.csv
    derived/gains.csv      each strategy's gain over the mutex and deque: a row for each load, discipline, machine
    derived/gain_rows.csv  the same, as the text shows it
    derived/predicted.csv  gains beside those that the locked steps alone would make
    derived/verdicts.csv   what was promised, and how often it came true
    derived/agreement.csv  whether the machines agree in the direction of each gain
    derived/fast.csv       the fast path beside its floors and peers
    derived/ring.csv       futexes, through the ring and not
    derived/fairness.csv   one permit under each discipline: throughput, Jain's index, how far a first waiter is passed
    derived/quotes.csv     single values that sentences quote: a value for each machine, or their range
    derived/facts.csv      what is so and what is not: yes or no
    derived/pictures.csv   the strategies' states, as data/transitions.csv has them, at the places of states.csv
    derived/ladder.csv, gain_dots.csv, contention.csv, fair_dots.csv   what the figures show (papers/tools/chart.py)

A gain is how many times as many operations the strategy makes in the time of the baseline, less one, in percent. It is
the median of ratios of samples of the same block.
"""

import data
import results

BASELINE = "mutex_deque"
RIVALS = ("waker_hybrid", "segmented_queue", "intrusive_list")
STRATEGIES = (BASELINE, *RIVALS)
DISCIPLINES = ("hand_off", "barging")
BOUNDS = (0, 1, 4, 16, 64, 256, 1024)
MIDDLE = 64  # of the bounds, that of which the text speaks
FLOORS = {"fast": "hand-written, coroutine", "inline": "hand-written", "storm": "resume only"}
FAST = {"locked RMW pair": "floor", "RMW pair, stores between": "floor", "hand-written": "floor",
        "hand-written, coroutine": "floor", **{f"{s}/hand_off": "strategy" for s in STRATEGIES},
        **{f"{s}/barging": "strategy" for s in STRATEGIES},
        "std::counting_semaphore": "peer", "tokio": "peer", "async-lock": "peer"}
RING = (("own ring", "uring", "own ring", "futex wait + wake", 1), ("own ring", "uring", "own ring", "uring_futex", 1),
        ("own ring", "uring", "own ring", "uring_futex_per_waiter", 1),
        ("own ring", "uring", "own ring", "intrusive_list", 1),
        ("across rings", "uring", "across rings", "futex wait + wake", 1),
        ("across rings", "uring", "across rings", "uring_futex", 1),
        ("across rings", "uring", "across rings", "uring_futex_per_waiter", 1),
        ("thread to thread", "ping_pong_threads", "sleeps at once", "intrusive_list/hand_off", 2))
SEARCHED = "random"  # the load in which the baseline looks for its waiter: another algorithm, not another constant
PASSED = "4 threads, think 0, 1, 2, 4 µs"
PAIR, CROWD = "2 threads, 1 permit", "8 threads, 1 permit"
LOCKED = ("rmw", "cas", "mutex")
VERDICTS = ("above", "as_promised", "undecided", "below", "none", "less")


def contestants_of(load):
    disciplines = load["disciplines"].split()
    return [s if d == "alone" else f"{s}/{d}" for d in disciplines for s in STRATEGIES]


def wanted(folder):
    """Which samples the paper uses: {(workload, scenario): contestants}."""
    found = {}
    for load in data.rows_of(folder / "loads.csv"):
        found.setdefault((load["workload"], load["scenario"]), []).extend(contestants_of(load))
    found["uncontended", "await"] = list(FAST)
    found["ping_pong_inline", "one thread"].append("hand-written")
    found["storm", "at once, n = 1000"].append("resume only")
    bounded = [f"intrusive_list/bounded_barging_{k}" for k in BOUNDS]
    for scenario in (PAIR, CROWD):
        found["contended", scenario] += bounded
    found["fairness", PASSED] = [f"intrusive_list/{d}" for d in DISCIPLINES] + bounded
    for _, workload, scenario, contestant, _ in RING:
        found.setdefault((workload, scenario), []).append(contestant)
    return found


def brief(x):
    """A positive number in about three figures."""
    return f"{x:.3f}" if x < 0.1 else f"{x:.2f}" if x < 10 else f"{x:.1f}" if x < 100 else f"{x:,.0f}"


def span(values, shown=str):
    """One value, or from the least to the most."""
    values = list(values)
    least, most = shown(min(values)), shown(max(values))
    return least if least == most else f"{least} to {most}"


def number(shown):
    return float(shown.replace(",", ""))


def percent(gain):
    """A gain, given in percent: `+35 %`, `−8 %`; from ten times on `14 ×`."""
    if gain >= 900:
        return f"{gain / 100 + 1:.0f} ×"
    return f"{'−' if gain < 0 else '+' if gain else '±'}{abs(gain)} %"


def cell(g):
    """A gain with its interval, as tables show it."""
    low, high = g["low"], g["high"]
    if g["gain"] >= 900:
        return f"{percent(g['gain'])} ({low / 100 + 1:.1f} to {high / 100 + 1:.1f})"
    return f"{percent(g['gain'])} ({'−' if low < 0 else '+'}{abs(low):,} to {'−' if high < 0 else '+'}{abs(high):,})"


def verdict_of(gain, low, high):
    """Of a gain with its interval, beside what was promised: one of VERDICTS."""
    if gain["high"] < 0:
        return "less"
    if gain["low"] > high:
        return "above"
    if gain["high"] >= low:
        return "as_promised" if gain["low"] > 0 else "undecided"
    return "none" if gain["low"] <= 0 else "below"


def direction(gain):
    return "more" if gain["low"] > 0 else "less" if gain["high"] < 0 else "same"


def text(row):
    return {k: v if isinstance(v, str) else f"{v:g}" if isinstance(v, float) else str(v) for k, v in row.items()}


class Tables:
    """All tables of the paper.   Errors  results.Bad, KeyError"""

    def __init__(self, folder):
        self.folder = folder
        self.loads = data.rows_of(folder / "loads.csv")
        self.promises = data.rows_of(folder / "promises.csv")
        self.runs = {chr(ord("A") + n): r for n, r in enumerate(results.runs_of(folder / "data/machines"))}
        self.quotes, self.facts = [], []
        self.counted = data.rows_of(folder / "../../bench/counts.csv")
        self.steps = {}
        for c in self.counted:
            if c["counter"] in LOCKED:
                key = c["strategy"], c["discipline"], c["operation"]
                self.steps[key] = self.steps.get(key, 0.0) + float(c["value"])
        self.gains = self.gains_()
        self.predicted = self.predicted_()

    # -- what sentences quote ------------------------------------------------------------------------------------------
    def quote(self, name, values, unit, shown=brief):
        """One value of each machine: {letter: Estimate}. The value of the quote is one number, or a range."""
        self.quotes.append({"quote": name, "value": span((e.median for e in values.values()), shown), "unit": unit,
                            "low": min(e.low for e in values.values()), "high": max(e.high for e in values.values())})

    def exact(self, name, value, unit):
        self.quotes.append({"quote": name, "value": value, "unit": unit, "low": "", "high": ""})

    def fact(self, name, truth):
        self.facts.append({"fact": name, "value": "yes" if truth else "no"})

    def on_each(self, f, need=None):
        """{letter: f(run)} of the machines that have what is needed.   Errors  results.Bad where none has"""
        found = {letter: f(run) for letter, run in self.runs.items() if need is None or run.has(*need)}
        if not found:
            raise results.Bad(f"no machine has a sample of {' / '.join(need)}")
        return found

    # -- tables --------------------------------------------------------------------------------------------------------
    def machines(self):
        rows = []
        for letter, run in self.runs.items():
            machine, samples = run.head["machine"], run.all_samples
            units = [s["time_ns_per_operation"] / s["ratio_units"] for s in samples if s.get("ratio_units")]
            marked = sum(bool(s.get("marks")) for s in samples)
            rows.append({"machine": letter, "file": f"{run.name}.jsonl", "processor": machine["cpu"],
                         "processors": machine["cpus_online"],
                         "kind": "virtual" if machine.get("virtual_machine") else "real",
                         "kernel": machine["kernel"].split(" ")[1].split("-")[0], "compiler": machine["compiler"],
                         "commit": machine["commit"][:12], "day": run.head["started"][:10],
                         "load": f"{run.head['load_average_before'][0]:.1f}",
                         "unit_ns": brief(results.statistics.median(units)),
                         "samples": len(samples), "marked": round(100 * marked / len(samples)),
                         "blocks": max(len(b) for b in run.samples.values())})
        self.exact("machines", len(rows), "machines")
        self.fact("one_machine", len(rows) == 1)
        self.fact("quiet", all(float(r["load"]) < 1 for r in rows))
        self.fact("virtual", any(r["kind"] == "virtual" for r in rows))
        self.exact("samples", sum(r["samples"] for r in rows), "samples")
        self.exact("marked", f"{span(r['marked'] for r in rows)} %", "of the samples")
        self.exact("blocks", span(r["blocks"] for r in rows), "blocks")
        self.exact("unit", span((number(r["unit_ns"]) for r in rows), brief), "ns")
        return rows

    def step(self, strategy, discipline, operation):
        return self.steps.get((strategy, discipline, operation), 0.0)

    def locked(self):
        rows = []
        for operation in dict.fromkeys(c["operation"] for c in self.counted if c["strategy"] in STRATEGIES):
            rows.append({"operation": operation} |
                        {s: " / ".join(f"{self.step(s, d, operation):.0f}" for d in DISCIPLINES) for s in STRATEGIES})
        alike = [r for r in rows if len({r[s] for s in STRATEGIES}) == 1]
        self.fact("alike.fast", any(r["operation"] == "uncontended/await" for r in alike))
        least = [r for r in rows if all(
            self.step("intrusive_list", "hand_off", r["operation"]) <= self.step(s, "hand_off", r["operation"])
            for s in STRATEGIES)]
        self.fact("list_has_fewest", len(least) == len(rows))
        registration, inline, oldest = ({s: self.step(s, "hand_off", o) for s in STRATEGIES} for o in (
            "enqueue/registration", "ping_pong_inline/one thread", "withdraw/fifo"))
        self.fact("slot_saves", inline["waker_hybrid"] < inline[BASELINE])
        self.fact("lock_is_back", round(registration["waker_hybrid"]) == round(registration[BASELINE]))
        self.fact("no_lock_no_fewer", round(registration["segmented_queue"]) == round(registration[BASELINE]))
        self.fact("withdrawal_saves", oldest["segmented_queue"] < oldest[BASELINE])
        for name, operation in (("fast", "uncontended/await"), ("registration", "enqueue/registration"),
                                ("inline", "ping_pong_inline/one thread"), ("oldest", "withdraw/fifo")):
            for s in STRATEGIES:
                self.exact(f"steps.{name}.{s}", f"{self.step(s, 'hand_off', operation):.0f}", "locked steps")
        return rows

    def allocating(self):
        """The strategies that allocate for a wait, by the exact counts."""
        return sorted({c["strategy"] for c in self.counted if c["counter"] == "allocation" and float(c["value"]) > 0})

    def gains_(self):
        rows = []
        for load in self.loads:
            for discipline in load["disciplines"].split():
                alone = discipline == "alone"
                for letter, run in self.runs.items():
                    for s in RIVALS:
                        mine, base = (x if alone else f"{x}/{discipline}" for x in (s, BASELINE))
                        e = run.ratio(load["workload"], load["scenario"], base, mine).mapped(
                            lambda x: round(100 * (x - 1)))
                        gain = {"low": e.low, "high": e.high}
                        promise = next(p for p in self.promises
                                       if p["subject"] == s and load["contention"] in p["contention"].split())
                        rows.append({"key": f"{load['load']} {discipline} {s} {letter}", "load": load["load"],
                                     "words": load["words"], "contention": load["contention"], "strategy": s,
                                     "discipline": discipline, "machine": letter, "gain": e.median, **gain, "n": e.n,
                                     "promise": promise["promise"], "direction": direction(gain),
                                     "verdict": verdict_of(gain, int(promise["low"]), int(promise["high"]))})
        return rows

    def loads_(self):
        return [{"words": x["words"], "what": x["what"], "row": f"{x['workload']} / {x['scenario']}",
                 "contention": x["contention"]} for x in self.loads]

    def gain_rows(self):
        rows = {}
        for g in self.gains:
            row = rows.setdefault((g["load"], g["discipline"], g["machine"]), {
                "words": g["words"], "discipline": g["discipline"], "machine": g["machine"]})
            row[g["strategy"]] = cell(g)
        return list(rows.values())

    def predicted_(self):
        rows = []
        for load in (x for x in self.loads if x["counts"]):
            for discipline in load["disciplines"].split():
                for s in RIVALS:
                    base, own = (self.step(x, discipline, load["counts"]) for x in (BASELINE, s))
                    alike = round(base) == round(own)
                    by_count = 0 if alike else round(100 * (base / own - 1))
                    measured = [g for g in self.gains if (g["load"], g["discipline"], g["strategy"]) ==
                                (load["load"], discipline, s)]
                    rows.append({"key": f"{load['load']} {discipline} {s}", "words": load["words"],
                                 "discipline": discipline, "strategy": s, "baseline": f"{base:.0f}",
                                 "own": f"{own:.0f}", "by_count": percent(by_count),
                                 "alike": "yes" if alike else "no",
                                 "measured": ", ".join(percent(g["gain"]) for g in measured),
                                 "as_counted": "yes" if all(agrees(by_count, g) for g in measured) else "no"})
        return rows

    def verdicts(self):
        rows = []
        for p in (p for p in self.promises if p["unit"] == "percent"):
            mine = [g for g in self.gains if g["promise"] == p["promise"]]
            count = {v: sum(g["verdict"] == v for g in mine) for v in VERDICTS}
            middle = results.statistics.median(g["gain"] for g in mine)
            others = [g for g in mine if g["load"] != SEARCHED]
            best, worst = max(others, key=lambda g: g["gain"]), min(others, key=lambda g: g["gain"])
            name = p["promise"]
            rows.append({"promise": name, "words": p["words"],
                         "promised": f"+{p['low']} to +{p['high']} %", "gains": len(mine), **count,
                         "median": percent(round(middle))})
            for what, g in (("best", best), ("worst", worst)):
                where = "the queue alone" if g["discipline"] == "alone" else f"`{g['discipline']}`"
                self.exact(f"{name}.{what}.load", f"{g['words']} ({where})", "load")
                self.quotes.append({"quote": f"{name}.{what}", "value": percent(g["gain"]), "unit": "gain",
                                    "low": g["low"], "high": g["high"]})
            reached = count["above"] + count["as_promised"]
            self.exact(f"{name}.reached", reached, "gains")
            self.fact(f"{name}.mostly", 2 * reached > len(mine))
            self.fact(f"{name}.ever_less", count["less"] > 0)
            for c in ("none", "some", "high"):
                part = [g for g in mine if g["contention"] == c]
                if part:
                    self.exact(f"{name}.{c}.reached", sum(g["verdict"] in VERDICTS[:2] for g in part), "gains")
                    self.exact(f"{name}.{c}.gains", len(part), "gains")
            for v in VERDICTS:
                self.exact(f"{name}.{v}", count[v], "gains")
        others = [g["gain"] for g in self.gains if g["load"] != SEARCHED]
        self.exact("gains.least", percent(min(others)), "gain")
        self.exact("gains.most", percent(max(others)), "gain")
        self.exact("loads", len(self.loads), "loads")
        return rows

    def agreement(self):
        rows = {}
        for g in self.gains:
            row = rows.setdefault((g["load"], g["discipline"], g["strategy"]), {
                "words": g["words"], "discipline": g["discipline"], "strategy": g["strategy"], "directions": []})
            row["directions"].append(g["direction"])
        found = [r | {"directions": ", ".join(r["directions"]),
                      "agree": "yes" if len(set(r["directions"])) == 1 else "no"} for r in rows.values()]
        self.exact("agreement.all", len(found), "comparisons")
        self.exact("agreement.agree", sum(r["agree"] == "yes" for r in found), "comparisons")
        return found

    def fast(self):
        cycles = next(float(p["high"]) for p in self.promises if p["promise"] == "fast_path")
        rows = []
        for contestant, kind in FAST.items():
            for letter, run in self.runs.items():
                if kind == "peer" and not run.has("uncontended", "await", contestant):
                    continue
                ns = run.of("uncontended", "await", contestant, "time_ns_per_operation")
                units = run.of("uncontended", "await", contestant, "ratio_units")
                rows.append({"contestant": contestant, "kind": kind, "machine": letter, "ns": brief(ns.median),
                             "interval": f"{brief(ns.low)} to {brief(ns.high)}", "units": brief(units.median),
                             "clock_mhz": round(1000 * cycles / ns.median)})
        ours = self.on_each(lambda r: r.of("uncontended", "await", "intrusive_list/hand_off", "time_ns_per_operation"))
        floor = self.on_each(lambda r: r.of("uncontended", "await", "locked RMW pair", "time_ns_per_operation"))
        self.quote("fast.ns", ours, "ns")
        self.quote("fast.floor_ns", floor, "ns")
        self.quote("fast.clock", {k: e.mapped(lambda x: 1000 * cycles / x) for k, e in ours.items()}, "MHz",
                   lambda x: f"{x:.0f}")
        self.quote("fast.floor_clock", {k: e.mapped(lambda x: 1000 * cycles / x) for k, e in floor.items()}, "MHz",
                   lambda x: f"{x:.0f}")
        self.quote("fast.units", self.on_each(
            lambda r: r.of("uncontended", "await", "intrusive_list/hand_off", "ratio_units")), "units")
        self.quote("fast.over_floor", self.on_each(
            lambda r: r.ratio("uncontended", "await", "intrusive_list/hand_off", "hand-written, coroutine")), "times")
        # A clock of 1 GHz and more is possible.
        self.fact("fast.possible", all(cycles / e.low >= 1 for e in ours.values()))
        self.fact("fast.floor_possible", all(cycles / e.low >= 1 for e in floor.values()))
        self.exact("fast.promised", f"{cycles:.0f}", "cycles")
        null = [g for g in self.gains if g["load"] == "fast"]
        self.exact("null.most", f"{max(abs(g['gain']) for g in null)} %", "between equal code paths")
        self.exact("null.gains", len(null), "gains")
        self.exact("null.sure", sum(g["direction"] != "same" for g in null), "gains")
        self.fact("null.clean", all(g["direction"] == "same" for g in null))
        return rows

    def ring(self):
        promise = next(p for p in self.promises if p["promise"] == "ring_futex")
        low, high = float(promise["low"]), float(promise["high"])
        rows = []
        for where, workload, scenario, contestant, wakes in RING:
            for letter, run in self.runs.items():
                if not run.has(workload, scenario, contestant):
                    continue
                us = run.of(workload, scenario, contestant, "time_ns_per_operation").mapped(
                    lambda x, wakes=wakes: x / wakes / 1000)
                rows.append({"where": where, "contestant": contestant.removesuffix("/hand_off"), "machine": letter,
                             "us": brief(us.median), "interval": f"{brief(us.low)} to {brief(us.high)}",
                             "beside": "less" if us.high < low else "more" if us.low > high else "within"})
        for name, where, contestant in (("own.floor", "own ring", "futex wait + wake"),
                                        ("own.per_ring", "own ring", "uring_futex"),
                                        ("own.per_waiter", "own ring", "uring_futex_per_waiter"),
                                        ("across.floor", "across rings", "futex wait + wake"),
                                        ("across.per_ring", "across rings", "uring_futex"),
                                        ("across.per_waiter", "across rings", "uring_futex_per_waiter")):
            need = "uring", where, contestant
            self.quote(f"ring.{name}", self.on_each(
                lambda r, need=need: r.of(*need, "time_ns_per_operation").mapped(lambda x: x / 1000), need), "µs")
        self.quote("ring.own.gain", self.on_each(
            lambda r: r.ratio("uring", "own ring", "uring_futex_per_waiter", "uring_futex"),
            ("uring", "own ring", "uring_futex")), "times")
        bare = {(r["where"], r["machine"]): r for r in rows if r["contestant"] == "futex wait + wake"}
        self.fact("ring.kernel", all(2 * number(bare[r["where"], r["machine"]]["us"]) > number(r["us"]) for r in rows
                                     if r["contestant"] == "uring_futex_per_waiter"))
        need = "ping_pong_threads", "sleeps at once", "intrusive_list/hand_off"
        self.quote("ring.thread", self.on_each(
            lambda r: r.of(*need, "time_ns_per_operation").mapped(lambda x: x / 2000)), "µs")
        self.exact("ring.promised", f"{promise['low']} to {promise['high']}", "µs")
        for name, where in (("own", "own ring"), ("across", "across rings")):
            said = {r["beside"] for r in rows if (r["where"], r["contestant"]) == (where, "uring_futex_per_waiter")}
            for beside in ("less", "within", "more"):
                self.fact(f"ring.{name}.{beside}", said == {beside})
        self.exact("ring.machines", len({r["machine"] for r in rows if r["where"] != "thread to thread"}), "machines")
        self.fact("ring.all_machines", all(r.has("uring", "own ring", "uring_futex") for r in self.runs.values()))
        return rows

    def fairness(self):
        rows = []
        for name in ("hand_off", *(f"bounded_barging_{k}" for k in BOUNDS), "barging"):
            contestant = f"intrusive_list/{name}"
            words = name.replace("bounded_barging_", "bounded, k = ")
            for letter, run in self.runs.items():
                row = {"discipline": words, "machine": letter}
                for where, scenario in (("pair", PAIR), ("crowd", CROWD)):
                    speed = run.of("contended", scenario, contestant, "throughput_operations_per_s")
                    jain = run.of("contended", scenario, contestant, "fairness_jain_index")
                    row |= {f"{where}_per_ms": brief(speed.median / 1000), f"{where}_jain": f"{jain.median:.3f}"}
                passed = run.values("fairness", PASSED, contestant, "longest_bypass_of_first")
                rows.append(row | {"passed": round(max(passed))})
        by = {(r["discipline"], r["machine"]): r for r in rows}
        self.fact("bounds_kept", all(r["passed"] <= int(r["discipline"].split(" ")[-1]) for r in rows
                                     if r["discipline"].startswith("bounded")))
        self.fact("fairer", all(float(by["hand_off", m]["crowd_jain"]) > float(by["barging", m]["crowd_jain"])
                                for m in self.runs))
        self.fact("bounded_fair", all(float(by[f"bounded, k = {MIDDLE}", m]["crowd_jain"]) >= 0.99 for m in self.runs))
        for where, scenario in (("pair", PAIR), ("crowd", CROWD)):
            for name, other in (("fairness", "barging"), ("bounded", f"bounded_barging_{MIDDLE}")):
                self.quote(f"{where}.{name}", self.on_each(lambda r, scenario=scenario, other=other: r.ratio(
                    "contended", scenario, "intrusive_list/hand_off", f"intrusive_list/{other}")), "times")
            for d in DISCIPLINES:
                jain = self.on_each(lambda r, scenario=scenario, d=d: r.of(
                    "contended", scenario, f"intrusive_list/{d}", "fairness_jain_index"))
                self.quote(f"{where}.jain.{d}", jain, "Jain's index", lambda x: f"{x:.2f}")
        self.quote("crowd.bounded_barging", self.on_each(lambda r: r.ratio(
            "contended", CROWD, f"intrusive_list/bounded_barging_{MIDDLE}", "intrusive_list/barging")), "times")
        for d in DISCIPLINES:
            self.quote(f"crowd.queues.{d}", {m: self.spread(r, d) for m, r in self.runs.items()}, "times")
        price = self.on_each(lambda r: r.ratio("contended", CROWD, "intrusive_list/hand_off",
                                               "intrusive_list/barging"))
        self.fact("discipline_matters_more", all(
            price[m].low > max(self.spread(r, d).median for d in DISCIPLINES) for m, r in self.runs.items()))
        self.exact("bound", MIDDLE, "acquisitions")
        passed = [r["passed"] for r in rows if r["discipline"] == "barging"]
        self.exact("passed.barging", f"{max(passed):,}", "acquisitions")
        return rows

    @staticmethod
    def spread(run, discipline):
        """The slowest strategy's time over the fastest one's, with a crowd of threads and one permit."""
        times = {s: run.of("contended", CROWD, f"{s}/{discipline}", "time_ns_per_operation").median for s in STRATEGIES}
        slow, fast = max(times, key=times.get), min(times, key=times.get)
        return run.ratio("contended", CROWD, f"{slow}/{discipline}", f"{fast}/{discipline}")

    # -- figures -------------------------------------------------------------------------------------------------------
    def named(self, letter):
        return f"machine {letter}"

    def dot(self, panel, unit, row, series, e, scale="log"):
        return {"panel": panel, "unit": unit, "scale": scale, "row": row, "series": series, "kind": "dot",
                "value": f"{e.median:.4g}", "low": f"{e.low:.4g}", "high": f"{e.high:.4g}"}

    def ladder(self):
        rows = []
        for letter, run in self.runs.items():
            for load in (x for x in self.loads if x["contention"] == "none" and x["disciplines"] != "alone"):
                for s in STRATEGIES:
                    e = run.of(load["workload"], load["scenario"], f"{s}/hand_off", "ratio_units")
                    rows.append(self.dot(self.named(letter), "units", load["words"], s, e))
                if floor := FLOORS.get(load["load"]):
                    e = run.of(load["workload"], load["scenario"], floor, "ratio_units")
                    rows.append(self.dot(self.named(letter), "units", load["words"], "floor", e) | {"kind": "floor"})
        return rows

    def gain_dots(self):
        rows = []
        unit = "times the baseline"
        for s in RIVALS:
            low = min(int(p["low"]) for p in self.promises if p["subject"] == s and p["unit"] == "percent")
            high = max(int(p["high"]) for p in self.promises if p["subject"] == s and p["unit"] == "percent")
            rows.append({"panel": s, "unit": unit, "scale": "log", "row": "", "series": "promised", "kind": "band",
                         "value": "", "low": f"{1 + low / 100:g}", "high": f"{1 + high / 100:g}"})
            rows.append({"panel": s, "unit": unit, "scale": "log", "row": "", "series": "", "kind": "axis",
                         "value": "", "low": "0.4", "high": "5"})
            for d in ("hand_off", "barging", "alone"):
                for g in (g for g in self.gains if g["strategy"] == s and g["discipline"] == d):
                    ratio = results.Estimate(*(1 + g[c] / 100 for c in ("gain", "low", "high")), g["n"])
                    label = g["words"] if d == "alone" else f"{g['words']}, {d}"
                    rows.append(self.dot(s, unit, label, self.named(g["machine"]), ratio))
        order = {r["row"]: n for n, r in enumerate(sorted(
            (r for r in rows if r["kind"] == "dot" and r["panel"] == RIVALS[0]), key=self.place))}
        return sorted(rows, key=lambda r: (RIVALS.index(r["panel"]), order.get(r["row"], -1)))

    def place(self, row):
        words, _, discipline = row["row"].rpartition(", ")
        known = [x["words"] for x in self.loads]
        return (known.index(words), discipline != "hand_off") if discipline in DISCIPLINES else \
            (known.index(row["row"]), False)

    def contention(self):
        rows = []
        for words, scenario in (("pair of threads", PAIR), ("crowd of threads", CROWD)):
            for s in STRATEGIES:
                for d in DISCIPLINES:
                    for letter, run in self.runs.items():
                        e = run.of("contended", scenario, f"{s}/{d}", "throughput_operations_per_s")
                        series = d if len(self.runs) == 1 else f"{d}, machine {letter}"
                        rows.append(self.dot(words, "acquisitions per ms", s, series, e.mapped(lambda x: x / 1000)))
        return rows

    def fair_dots(self):
        rows = []
        names = {"hand_off": "hand_off", **{f"bounded_barging_{k}": f"bounded, k = {k:,}" for k in BOUNDS},
                 "barging": "barging"}
        for panel, unit, scale, field, by in (
                ("throughput", "acquisitions per ms", "log", "throughput_operations_per_s", 1000),
                ("Jain's index of shares", "1 is even", "linear", "fairness_jain_index", 1)):
            for name, words in names.items():
                for letter, run in self.runs.items():
                    for where, scenario in (("pair", PAIR), ("crowd", CROWD)):
                        e = run.of("contended", scenario, f"intrusive_list/{name}", field).mapped(
                            lambda x, by=by: x / by)
                        series = where if len(self.runs) == 1 else f"{where}, machine {letter}"
                        rows.append(self.dot(panel, unit, words, series, e, scale))
        return rows

    def pictures(self):
        empty = dict.fromkeys(("state", "to", "x", "y", "number", "words"), "")
        files = {"state": "states.csv", "arrow": "data/transitions.csv"}
        return [empty | r | {"kind": kind} for kind, file in files.items() for r in data.rows_of(self.folder / file)]

    def closing(self):
        """Quotes and facts of more than one table."""
        with_work, without = ({m: [g for g in self.gains if (g["load"], g["machine"]) == (name, m)] for m in self.runs}
                              for name in ("work", "pool"))
        for name, part in (("work", with_work), ("pool", without)):
            gains = [g["gain"] for mine in part.values() for g in mine]
            self.exact(f"{name}.most", percent(max(gains)), "gain")
            self.exact(f"{name}.least", percent(min(gains)), "gain")
        self.fact("work_shrinks", all(
            max(abs(g["gain"]) for g in with_work[m]) < max(abs(g["gain"]) for g in without[m]) for m in self.runs))
        for name, alike in (("differ", "no"), ("alike", "yes")):
            part = [r for r in self.predicted if r["alike"] == alike]
            self.exact(f"predicted.{name}", len(part), "comparisons")
            self.exact(f"predicted.{name}.as_counted", sum(r["as_counted"] == "yes" for r in part), "comparisons")
        below = self.on_each(lambda r: r.ratio("ping_pong_inline", "one thread", "intrusive_list/hand_off",
                                               "hand-written"))
        self.quote("inline.over_floor", below, "times")
        self.fact("inline.below_floor", all(e.high < 1 for e in below.values()))
        self.quote("inline.units", self.on_each(
            lambda r: r.of("ping_pong_inline", "one thread", "intrusive_list/hand_off", "ratio_units")), "units")
        alone = {(g["load"], g["discipline"], g["machine"]): {} for g in self.gains
                 if g["contention"] == "none" and g["load"] != "fast"}
        for g in self.gains:
            if (key := (g["load"], g["discipline"], g["machine"])) in alone:
                alone[key][g["strategy"]] = g["gain"]
        led = sum(max(gains, key=gains.get) == "intrusive_list" and gains["intrusive_list"] > 0
                  for gains in alone.values())
        self.exact("list_led", led, "comparisons")
        self.exact("list_led.of", len(alone), "comparisons")
        self.fact("list_led.all", led == len(alone))
        beaten = sum(gains["intrusive_list"] > gains["segmented_queue"] for gains in alone.values())
        self.exact("list_beats_segmented", beaten, "comparisons")
        self.fact("list_led.mostly", 2 * led > len(alone))
        high = [g for g in self.gains if g["contention"] == "high"]
        self.exact("high", len(high), "gains")
        self.exact("high.unclear", sum(g["direction"] == "same" for g in high), "gains")
        self.fact("high.unclear_mostly", 2 * sum(g["direction"] == "same" for g in high) > len(high))
        differ = [r for r in self.predicted if r["alike"] == "no"]
        self.fact("predicted.mostly", 2 * sum(r["as_counted"] == "yes" for r in differ) > len(differ))
        random = [g for g in self.gains if g["load"] == SEARCHED]
        self.exact("random.least", percent(min(g["gain"] for g in random)), "gain")
        self.exact("random.most", percent(max(g["gain"] for g in random)), "gain")
        self.exact("allocating", " and ".join(f"`{s}`" for s in self.allocating()), "strategies")
        self.exact("confidence", results.CONFIDENCE, "percent")
        for p in self.promises:
            for bound in ("low", "high"):
                if p[bound]:
                    self.exact(f"promise.{p['promise']}.{bound}", p[bound], p["unit"])
        for scenario, name in ((PAIR, "pair"), (CROWD, "crowd")):
            self.exact(f"{name}.threads", scenario.split(" ")[0], "threads")
        self.exact("waiters", max(int(s["waiters"]) for r in self.runs.values()
                                  for s in r.blocks("storm", "at once, n = 1000", "mutex_deque/hand_off").values()),
                   "waiters")


def agrees(by_count, gain):
    """Whether a measured gain has the direction that the counts say."""
    return gain["direction"] == ("more" if by_count > 0 else "less" if by_count < 0 else "same")


def derive(folder):
    """{name: rows} of all derived tables.   Errors  results.Bad"""
    t = Tables(folder)
    tables = {name: getattr(t, name)() for name in (
        "machines", "locked", "gain_rows", "verdicts", "agreement", "fast", "ring", "fairness", "ladder",
        "gain_dots", "contention", "fair_dots", "pictures")}
    t.closing()
    tables |= {"loads": t.loads_(), "gains": t.gains, "predicted": t.predicted, "quotes": t.quotes, "facts": t.facts}
    return {name: [text(r) for r in rows] for name, rows in tables.items()}
