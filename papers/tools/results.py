"""Result files of surewake-bench, frozen one for each machine, and what is said of their samples.

A frozen file has the samples that a paper uses, and of each the fields below; `surewake-bench table FILE` and `figure
FILE` read it. A median has the interval of the order statistics around it that holds the true one with a probability
of 95 % and more, whatever the distribution.
"""

import hashlib
import json
import math
import re
import statistics
from dataclasses import dataclass
from functools import cached_property

SAMPLE_FIELDS = ("record", "workload", "scenario", "contestant", "kind", "measures", "floor", "threads", "permits",
                 "waiters", "repeat", "time_ns_per_operation", "ratio_units", "throughput_operations_per_s",
                 "fairness_jain_index", "marks", "metrics")
METRICS = ("longest_bypass_of_first",)
CONFIDENCE = 95  # in percent
SUMS = "SHA256SUMS"
FEWEST = 6  # the fewest samples whose median has an interval of 95 %


class Bad(ValueError):
    """In words."""


def rounded(value):
    return float(f"{value:.6g}") if isinstance(value, float) else value


def command_of(line):
    """A command line without what says where the program and its results lay."""
    words = re.sub(r"^\S*/", "", line)
    return re.sub(r" --(?:out \S+|force)", "", words)


def frozen(lines, wanted):
    """The text of a frozen file; `wanted`: {(workload, scenario): contestants}.   Errors  Bad"""
    kept = []
    for line in lines:
        r = json.loads(line)
        if r["record"] == "run":
            r["command_line"] = r["provenance"]["command_line"] = command_of(r["command_line"])
            kept.append(r)
        elif r["record"] == "end" and r["state"] != "complete":
            raise Bad(f"the results are of a run that was not complete: {r['state']}")
        elif r["record"] == "end":
            kept.append(r | {"peer_failures": []})
        elif r["record"] == "sample" and r["measures"] == "time" and \
                r["contestant"] in wanted.get((r["workload"], r["scenario"]), ()):
            metrics = {k: rounded(v) for k, v in r.get("metrics", {}).items() if k in METRICS}
            short = {k: rounded(r[k]) for k in SAMPLE_FIELDS if k in r and k != "metrics"}
            kept.append(short | ({"metrics": metrics} if metrics else {}))
    if not kept or kept[0]["record"] != "run":
        raise Bad("the results do not begin with the record of a run")
    return "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in kept)


@dataclass
class Estimate:
    median: float
    low: float
    high: float
    n: int

    def mapped(self, f):
        """The same of f(value), where f rises or falls."""
        low, high = sorted((f(self.low), f(self.high)))
        return Estimate(f(self.median), low, high, self.n)


def estimate(values, what):
    """The median and its interval.   Errors  Bad"""
    n = len(values)
    if n < FEWEST:
        raise Bad(f"{what}: {n} samples are too few for an interval of 95 %: at least {FEWEST}")
    ordered = sorted(values)
    outside, k = 1, 0  # of 2^n equally probable cases, those in which at most k samples are below the true median
    while 200 * outside <= (100 - CONFIDENCE) * 2 ** n:  # half of the rest at either end
        k += 1
        outside += math.comb(n, k)
    return Estimate(statistics.median(ordered), ordered[k - 1], ordered[n - k], n)


class Run:
    """A frozen file."""

    def __init__(self, path):
        self.name = path.stem
        self.head, self.end, self.samples = None, None, {}
        for line in path.read_text(encoding="utf-8").splitlines():
            r = json.loads(line)
            if r["record"] == "run":
                self.head = r
            elif r["record"] == "end":
                self.end = r
            else:
                self.samples.setdefault((r["workload"], r["scenario"], r["contestant"]), {})[r["repeat"]] = r
        if self.head is None or self.end is None:
            raise Bad(f"{path.name} is no frozen result file: it has no record of its run")

    @cached_property
    def all_samples(self):
        return [s for blocks in self.samples.values() for s in blocks.values()]

    def has(self, workload, scenario, contestant):
        return (workload, scenario, contestant) in self.samples

    def blocks(self, workload, scenario, contestant):
        """{block: sample}.   Errors  Bad"""
        if not self.has(workload, scenario, contestant):
            raise Bad(f"{self.name} has no sample of {workload} / {scenario} / {contestant}")
        return self.samples[workload, scenario, contestant]

    @staticmethod
    def undisturbed(pairs):
        """Values without those of marked samples, if they are of one thread and enough others are left."""
        clean = [v for v, samples in pairs if not any(s.get("marks") for s in samples)]
        one_thread = all(s["threads"] == 1 for _, samples in pairs for s in samples)
        return clean if one_thread and len(clean) >= FEWEST else [v for v, _ in pairs]

    def of(self, workload, scenario, contestant, field):
        """A field's median; `field` may be a metric."""
        blocks = self.blocks(workload, scenario, contestant)
        pairs = [(s[field] if field in s else s["metrics"][field], (s,)) for s in blocks.values()]
        return estimate(self.undisturbed(pairs), f"{self.name}: {workload} / {scenario} / {contestant}")

    def values(self, workload, scenario, contestant, metric):
        """A metric's value in each sample."""
        return [s["metrics"][metric] for s in self.blocks(workload, scenario, contestant).values()]

    def ratio(self, workload, scenario, contestant, other):
        """The median of the contestant's time over the other's, of samples of the same block."""
        one, two = (self.blocks(workload, scenario, c) for c in (contestant, other))
        pairs = [(one[b]["time_ns_per_operation"] / two[b]["time_ns_per_operation"], (one[b], two[b]))
                 for b in one if b in two]
        return estimate(self.undisturbed(pairs), f"{self.name}: {workload} / {scenario} / {contestant} by {other}")


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def freeze(folder, name, text):
    """Writes a frozen file, and of all files of the folder what they must be.   Errors  OSError"""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / SUMS).write_text("".join(f"{digest_of(p)}  {p.name}\n" for p in sorted(folder.glob("*.jsonl"))),
                               encoding="utf-8")


def runs_of(folder):
    """The frozen files of a folder, in the order of their names.   Errors  Bad where one is not as it was frozen"""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise Bad(f"{folder.name} has no frozen result file")
    known = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    if changed := [p.name for p in paths if f"{digest_of(p)}  {p.name}" not in known]:
        raise Bad(f"{changed[0]} is not as it was frozen: {SUMS} has another digest")
    return [Run(path) for path in paths]
