#!/usr/bin/env python3
"""How the command-line programs end: exit statuses, signals, output that cannot be written, wrong arguments.

usage: programs.py [--verify PROGRAM] [--bench PROGRAM]
"""

import argparse
import csv
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import citation

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {"verify": None, "bench": None}
HEADER = "core/semaphore/hand_off.hpp"
CASE = "release_in_window/mutex_deque/hand_off"
BUG = CASE + "#forget_early"
TREE = "withdraw_after_paid/intrusive_list/hand_off@graph"  # visited in half a second
ENDLESS_TREE = "close_against_grants/segmented_queue/hand_off@graph"
ENDLESS = ["--schedules", "1000000000"]
PROMPT = 5.0  # seconds that a command may take to end after a signal, on a busy machine


def run(program, *args, stdout=subprocess.PIPE, env=None, limit=60):
    return subprocess.run([PROGRAMS[program], *args], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=limit,
                          env={**{k: v for k, v in os.environ.items() if k != "COLUMNS"}, **(env or {})})


def catches(process, number):
    """Whether the process has a handler for the signal."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return True
    mask = int(next(line for line in status.splitlines() if line.startswith("SigCgt")).split()[1], 16)
    return mask >> (number - 1) & 1 != 0


class Scratch(unittest.TestCase):
    program = None

    def setUp(self):
        if PROGRAMS[self.program] is None:
            self.skipTest("not built")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dir = Path(folder.name)

    def refused(self, *args, names):
        """Status 64, nothing on standard output, and each of `names` in the message."""
        r = run(self.program, *args)
        self.assertEqual((r.returncode, r.stdout), (64, ""), (args, r.stderr))
        for name in names:
            self.assertIn(name, r.stderr, args)

    def ends_by(self, number, args, status, after=0.4):
        """A signal ends the command at once, with 128 + its number, and leaves no process behind."""
        p = subprocess.Popen([PROGRAMS[self.program], *args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             start_new_session=True)
        while p.poll() is None and not catches(p.pid, number):
            time.sleep(0.01)  # it has just begun
        time.sleep(after)
        self.assertIsNone(p.poll(), (args, "ended before the signal"))
        sent = time.monotonic()
        p.send_signal(number)
        try:
            out, err = p.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.communicate()
            self.fail(f"{args}: still runs")
        self.assertLess(time.monotonic() - sent, PROMPT, args)
        self.assertEqual(p.returncode, status, (args, err))
        with self.assertRaises(ProcessLookupError):
            os.killpg(p.pid, 0)
        return out

    def output_fails(self, *args):
        """A full disk: 2, and it is said. A closed stream: the same. A reader that has gone: 141, silently."""
        with open("/dev/full", "w") as full:
            r = run(self.program, *args, stdout=full)
        self.assertEqual(r.returncode, 2, args)
        self.assertIn("standard output could not be written: No space left", r.stderr)
        r = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", PROGRAMS[self.program], *args], stderr=subprocess.PIPE,
                           text=True, timeout=60)
        self.assertEqual(r.returncode, 2, args)
        reader, writer = os.pipe()
        os.close(reader)
        r = run(self.program, *args, stdout=writer)
        os.close(writer)
        self.assertEqual((r.returncode, r.stderr), (141, ""), args)

    def says_what_it_is(self, *commands):
        r = run(self.program, "--version")
        self.assertEqual(r.returncode, 0)
        self.assertRegex(r.stdout, rf"^surewake-{self.program} \d+\.\d+\.\d+\ncommit .+\nbuilt by .+\n$")
        for command in [], *([c] for c in commands):
            help_text = run(self.program, *command, "--help")
            self.assertEqual(help_text.returncode, 0)
            for status in ("0", "1", "2", "64", "130", "143"):
                self.assertRegex(help_text.stdout, rf"\b{status}\b")


class Verify(Scratch):
    program = "verify"

    def test_statuses(self):
        self.assertEqual(run("verify", "list", CASE).returncode, 0)
        self.assertEqual(run("verify", "run", CASE, "--schedules", "10").returncode, 0)
        self.assertEqual(run("verify", "run", BUG, "--seed", "1", "--schedules", "100000").returncode, 0)
        self.assertEqual(run("verify", "trace", CASE, "--seed", "1").returncode, 0)
        missed = run("verify", "trace", BUG, "--memory", "sc", "--seed", "sc.1")
        self.assertIn(missed.returncode, (0, 1))
        self.assertEqual(run("verify", "run", "engine/*#*", "--schedules", "1").returncode & ~1, 0)
        self.assertEqual(run("verify").returncode, 64)

    def test_version_and_help(self):
        self.says_what_it_is("list", "run", "bugs", "trace", "search", "weaken", "litmus", "export", "cite", "bench")

    def test_wrong_arguments(self):
        limits = {"--seconds": "0.001", "--schedules": "1", "--bound": "0", "--jobs": "1"}
        for name, least in limits.items():
            for value in ("", "nan", "inf", "-1", "-0.5", "x", "1x", "99999999999999999999999", "1e999"):
                self.refused("run", CASE, name, value, names=[f"{name} '{value}'", f"from {least} to "])
        for value in ("", "0", "x", "1/0", "3/2", "-1/2", "1/99999999999"):
            self.refused("run", CASE, "--shard", value, names=[f"--shard '{value}'", "from 1 to"])
        for value in ("", "-1", "0", "x", "99999999999999999999"):
            self.refused("run", CASE, "--seed", value, names=[f'"{value}"'])
            self.refused("trace", CASE, "--seed", value, names=[f'"{value}"'])
        for value in ("", "0", "-1", "x", "100001"):
            self.refused("trace", CASE, "--width", value, names=[f"--width '{value}'", "from 1 to 100000"])
        for name in ("--engine", "--scheduler", "--memory"):
            self.refused("run", CASE, name, "", names=[f"{name} ''", "it must be"])
        for command in ("run", "bugs", "weaken"):
            header = [HEADER] if command == "weaken" else []
            self.refused(command, *header, "no_such_case_at_all", names=["no_such_case_at_all"])
            self.refused(command, *header, "", names=["pattern ''"])
            for value in ("", "a.txt", "csv"):
                self.refused(command, *header, "--out", value, names=[".csv or .json"])
        self.refused("weaken", "no/such.hpp", CASE, names=["no/such.hpp"])
        self.refused("trace", "no_such_case", names=["no_such_case"])
        self.refused("no_such_command", names=["no_such_command"])
        self.refused("run", "--no-such-option",
                     names=["run: '--no-such-option'", "run takes --help, pattern", "--seconds"])
        self.refused("list", "--seconds", "3", names=["list: '--seconds'", "list takes --help, pattern"])
        self.refused("trace", "--no-such-option", names=["trace: '--no-such-option'"])  # not: case is missing
        self.refused(names=["a command is missing",
                            "list, run, bugs, trace, search, weaken, litmus, export, cite, bench"])
        self.refused("--no-such-option", names=["'--no-such-option'", "list, run, bugs, trace, search, weaken"])
        self.refused("trace", names=["trace: case is missing (its full name)", "--seed"])
        self.refused("weaken", names=["weaken: header is missing (such as core/"])
        self.refused("trace", CASE, "--seed", names=["trace: --seed needs a value: which schedule"])
        self.refused("run", "--bound", names=["run: --bound needs a value", "0 to 1000"])
        self.refused("run", CASE, "--quiet=3", names=["run: --quiet: a flag takes no value"])
        self.refused("run", CASE, "--engine", "foo", names=["--engine 'foo': it must be one of relacy, graph, both"])
        self.refused("trace", CASE, "--seed", "1", "--width", "3", names=["--width '3'", "for this trace"])

    def test_weaken(self):
        """The orders of a discipline are caught on graphs; what survives says in what; pairs are lowered at once."""
        def rows(*args):
            file = self.dir / "rows.json"
            r = run("verify", "weaken", *args, "--out", str(file))
            self.assertEqual(r.returncode, 0, r.stderr)
            return json.loads(file.read_text(encoding="utf-8"))["orders"]

        caught = rows("core/semaphore/hand_off.hpp", CASE)
        self.assertEqual([(r["label"], r["order"], r["lowered_to"]) for r in caught],
                         [("H1", "acquire", "relaxed"), ("H2", "release", "relaxed")])
        for r in caught:
            self.assertEqual((r["result"], r["verdict"]), ("caught", "data race"))
            self.assertIn(r["case"], (CASE + "@graph", CASE + "/spins@graph"))
        relacys = {r["case"] for r in rows("core/semaphore/hand_off.hpp", CASE, "--engine", "relacy")}
        self.assertTrue(relacys <= {CASE, CASE + "/spins", ""}, relacys)
        # In one case of the mutual exclusion of two, and in all its executions, a grant needs to publish nothing.
        both = rows("queues/waker_hybrid.hpp", "mutual_exclusion/waker_hybrid/hand_off", "--pair", "W3+W6")
        by_order = {(r["label"], r["lowered_to"]): r for r in both}
        survived = by_order["W3", "acquire"]
        self.assertEqual((survived["result"], survived["searched"], survived["exhaustive"]), ("survived", 1, 1))
        self.assertEqual(by_order["W3+W6", "release+release"]["result"], "caught")
        self.assertIn(("W3+W6", "acquire+acquire"), by_order)
        self.refused("weaken", "core/semaphore/hand_off.hpp", CASE, "--pair", "H1+H9", names=["H1+H9"])
        self.refused("weaken", "core/semaphore/hand_off.hpp", CASE, "--engine", "x", names=["--engine 'x'"])
        self.refused("weaken", "core/semaphore/hand_off.hpp", CASE, "--order-seconds", "0",
                     names=["--order-seconds '0'"])

    def test_engines(self):
        """Each engine searches its cases; where the graph engine visits all executions, Relacy draws a tenth."""
        def rows(*args):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "rows.json"
                self.assertEqual(run("verify", "run", "*" + CASE + "*", "--out", str(file), *args).returncode, 0, args)
                return json.loads(file.read_text(encoding="utf-8"))["cases"]

        both = rows()
        self.assertEqual({r["engine"] for r in both}, {"relacy", "graph"})
        for engine in ("relacy", "graph"):
            self.assertEqual([r["case"] for r in rows("--engine", engine)],
                             [r["case"] for r in both if r["engine"] == engine])
        graph = next(r for r in both if r["case"] == CASE + "@graph")
        self.assertTrue(graph["complete"] and graph["coverage"] == "exhaustive" and graph["blocked"] > 0, graph)
        self.assertEqual([r["schedules"] for r in both if r["case"] == CASE], [1500])  # of 15,000
        same = rows("--engine", "graph", "--memory", "cpp20")
        self.assertEqual([r["schedules"] for r in same], [r["schedules"] for r in both if r["engine"] == "graph"])
        self.assertEqual({r["memory"] for r in rows("--engine", "graph", "--memory", "rc11")}, {"rc11"})
        self.refused("run", CASE, "--memory", "rc11", names=["--memory rc11", "--engine graph"])

    def test_output_that_cannot_be_written(self):
        for args in (["list"], ["--help"], ["--version"], ["run", CASE, "--schedules", "10"], ["bugs", BUG],
                     ["trace", CASE, "--seed", "1"], ["weaken", HEADER, CASE, "--seconds", "0.001"]):
            self.output_fails(*args)

    def test_search_that_nobody_reads_ends(self):
        reader, writer = os.pipe()
        os.close(reader)
        self.assertEqual(run("verify", "run", CASE, *ENDLESS, stdout=writer, limit=10).returncode, 141)
        os.close(writer)

    def test_result_files(self):
        commands = (["run", CASE, "--schedules", "10"], ["weaken", HEADER, CASE, "--seconds", "0.001"])
        os.symlink("/dev/full", self.dir / "full.csv")
        for args in commands:
            r = run("verify", *args, "--out", str(self.dir / "full.csv"))
            self.assertEqual(r.returncode, 2)
            self.assertIn("No space left", r.stderr)
            r = run("verify", *args, "--out", str(self.dir / "none" / "a.csv"))
            self.assertEqual((r.returncode, r.stdout), (2, ""))
            self.assertIn("none/a.csv: cannot be written", r.stderr)
            # The results are in the file although nobody sees the words; and never are the words in the file.
            for name in ("a.csv", "a.json"):
                file = str(self.dir / name)
                closed = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", PROGRAMS["verify"], *args, "--out", file],
                                        stderr=subprocess.PIPE, timeout=60)
                self.assertEqual(closed.returncode, 2)
                self.has_provenance(file)
        self.assertEqual(sorted(p.name for p in self.dir.iterdir()), ["a.csv", "a.json", "full.csv"])

    def has_provenance(self, file):
        with open(file, encoding="utf-8") as text:
            found = json.load(text)["provenance"] if file.endswith("json") else next(csv.DictReader(text))
        for name in ("version", "commit", "compiler", "flags", "engine_version", "machine", "kernel", "started"):
            self.assertTrue(found[name], name)
        self.assertEqual("first_seed" in found, "weaken" not in found["command_line"])
        self.assertIn("--out " + file, found["command_line"])

    def test_signals(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            self.ends_by(number, ["trace", CASE, *ENDLESS], status)
            self.ends_by(number, ["trace", "--shortest", CASE, *ENDLESS], status)
            file = self.dir / f"{status}.json"
            out = self.ends_by(number, ["run", CASE, *ENDLESS, "--out", str(file)], status)
            self.assertIn("interrupted", out)
            rows = json.loads(file.read_text())["cases"]
            self.assertEqual({r["verdict"] for r in rows}, {"not run"})
        self.ends_by(signal.SIGINT, ["weaken", "queues/segmented_queue.hpp", "mutual_exclusion", "close_against"], 130)

    def searched(self, *args, status=0):
        """The row of a search, and what was said."""
        file = self.dir / "row.json"
        r = run("verify", "search", *args, "--out", str(file))
        self.assertEqual(r.returncode, status, (args, r.stdout, r.stderr))
        return json.loads(file.read_text(encoding="utf-8"))["cases"][0], r

    def counts(self, row):
        return {name: row[name] for name in ("verdict", "coverage", "complete", "as_expected", "schedules", "blocked",
                                             "share", "ended_by", "steps", "seed")}

    def test_search_counts_the_same_in_any_processes_and_sittings(self):
        one, r = self.searched(TREE, "-j", "1")
        self.assertEqual((one["coverage"], one["share"], one["ended_by"]), ("exhaustive", 1, "everything"))
        self.assertEqual(r.stderr, "")  # no terminal
        two, _ = self.searched(TREE, "--processes", "2")
        self.assertEqual(self.counts(two), self.counts(one))

        left, file = str(self.dir / "left"), self.dir / "stopped.json"
        saving = ["search", TREE, "-j", "1", "--save", left, "--out", str(file)]
        out = self.ends_by(signal.SIGINT, saving, 130, after=0.1)
        self.assertIn("interrupted", out)
        self.assertIn(f"--resume '{left}'", out)
        stopped = json.loads(file.read_text(encoding="utf-8"))["cases"][0]
        self.assertEqual((stopped["ended_by"], stopped["coverage"]), ("stopped", "sampled"))
        part, r = self.searched(TREE, "-j", "2", "--resume", left, "--executions", "500")
        self.assertEqual((part["ended_by"], part["as_expected"]), ("executions", True))
        self.assertIn(part["schedules"] - stopped["schedules"], (500, 501))
        self.assertTrue(stopped["share"] < part["share"] < 1, part)
        self.assertIn("% of the tree (limit: executions)", r.stdout)
        self.assertIn("a guess", r.stdout)
        rest, r = self.searched(TREE, "-j", "2", "--resume", left)
        self.assertEqual(self.counts(rest), self.counts(one))
        self.assertNotIn("What is left", r.stdout)

    def test_search_that_cannot_go_on(self):
        left = str(self.dir / "left")
        some = ["-j", "1", "--executions", "10"]
        _, r = self.searched(TREE, *some)
        self.assertIn("--save FILE", r.stdout)
        self.searched(TREE, *some, "--save", left)
        whole = Path(left).read_text(encoding="utf-8")
        (self.dir / "half").write_text(whole[:len(whole) // 2], encoding="utf-8")
        for args, why in (([CASE + "@graph", "--resume", left], f'its program is "{TREE}"'),
                          ([TREE, "--memory", "sc", "--resume", left], 'its memory model is "cpp20" and not "sc"'),
                          ([TREE, "--resume", str(self.dir / "half")], "is not whole"),
                          ([TREE, "--resume", str(self.dir / "none")], "No such file"),
                          ([TREE, "--resume", str(self.dir)], "Is a directory"),
                          ([TREE, "--save", str(self.dir / "none" / "a")], "No such file"),
                          ([TREE, "--save", str(self.dir)], "Is a directory")):
            r = run("verify", "search", *args)
            self.assertEqual(r.returncode, 2, (args, r.stdout))
            self.assertIn(why, r.stderr)
            self.assertIn(args[-1], r.stderr)
        full, r = self.searched(TREE, *some, "--save", "/dev/full", status=2)  # but the report is there
        self.assertEqual((full["schedules"], full["ended_by"]), (10, "executions"))
        self.assertIn("10 executions", r.stdout)
        self.assertIn("/dev/full: cannot be written: No space left", r.stderr)
        self.assertEqual(Path(left).read_text(encoding="utf-8"), whole)
        self.assertEqual(self.searched(TREE, *some, "--resume", left)[0]["schedules"], 20)

    def test_search_by_wrong_arguments(self):
        for name, limit in {"--processes": "from 1 to 1024", "--executions": "from 1 to", "--memory-limit": "from 1 to",
                            "--seconds": "from 0.001 to"}.items():
            for value in ("", "-1", "0", "x", "99999999999999999999999"):
                self.refused("search", TREE, name, value, names=[f"{name} '{value}'", limit])
        for name in ("--save", "--resume"):
            self.refused("search", TREE, name, "", names=[f"{name} ''"])
        self.refused("search", TREE, "--out", "a.txt", names=[".csv or .json"])
        self.refused("search", TREE, "--memory", "tso", names=["--memory 'tso'", "rc11"])
        self.refused("search", CASE, names=[CASE, "@graph"])
        self.refused("search", "no_such_case", names=["no_such_case"])
        self.refused("search", names=["search: case is missing"])
        self.refused("search", TREE, "--resume", names=["--resume needs a value"])
        self.output_fails("search", CASE + "@graph", "-j", "1")
        self.ends_by(signal.SIGTERM, ["search", ENDLESS_TREE], 143)

    def test_limits_of_a_run_of_the_graph_engine(self):
        file = self.dir / "rows.json"
        for option, value, by in (("--executions", "20", "executions"), ("--memory-limit", "1", "memory"),
                                  ("--seconds", "0.001", "seconds")):
            r = run("verify", "run", ENDLESS_TREE, option, value, "--out", str(file))
            self.assertEqual(r.returncode, 0, (option, r.stdout))
            row = json.loads(file.read_text(encoding="utf-8"))["cases"][0]
            self.assertEqual((row["ended_by"], row["coverage"]), (by, "sampled"))
            self.assertTrue(0 < row["share"] < 1, row)
            self.assertIn(f"% of the tree (limit: {by})", r.stdout)
        self.assertEqual(self.counts(row)["complete"], False)

    def test_a_finding_of_a_search_and_its_drawings(self):
        bug = BUG + "@graph"
        found, r = self.searched(bug, "-j", "2")
        self.assertEqual((found["verdict"], found["ended_by"], found["share"]), ("deadlock", "finding", None))
        self.assertEqual(self.counts(self.searched(bug, "-j", "1")[0]), self.counts(found))
        self.assertIn(f"seed {found['seed']}, ", r.stdout)
        again = run("verify", "trace", bug, "--seed", found["seed"])  # in a process that has searched nothing
        self.assertEqual(again.returncode, 0, again.stderr)
        steps = re.search(r"\n(?: +\d+  .*\n)+", again.stdout).group()
        self.assertIn(steps, r.stdout)
        drawn = json.loads(run("verify", "trace", bug, "--seed", found["seed"], "--json", "-").stdout)
        self.assertEqual((drawn["token"], drawn["case"]), (found["seed"], bug))
        self.assertTrue(drawn["provenance"]["commit"])
        rows = re.findall(r"^ +\d+  +(\w+)", steps, re.M)
        self.assertEqual([s["text"].split(" ")[0] for s in drawn["steps"] if s["shown"]], rows)
        numbers = {e["step"]: e["place"] for e in drawn["events"] if "step" in e}
        self.assertLessEqual({s["step"]: s["place"] for s in drawn["steps"] if s["order"]}.items(), numbers.items())
        dot = run("verify", "trace", bug, "--dot", "-", "--json", str(self.dir / "a.json"))
        self.assertRegex(dot.stdout, r"\Adigraph [^{]*\{(.|\n)*\}\n\Z")
        self.assertEqual(json.loads((self.dir / "a.json").read_text(encoding="utf-8"))["verdict"], "deadlock")
        both = run("verify", "trace", bug, "--dot", str(self.dir / "a.dot"))
        self.assertIn("\ndeadlock: ", both.stdout)
        self.assertEqual((self.dir / "a.dot").read_text(encoding="utf-8"), dot.stdout)
        none = run("verify", "trace", CASE + "@graph", "--json", "-")  # nothing fails
        self.assertEqual((none.returncode, none.stdout), (0, ""))
        self.assertIn("No execution failed", none.stderr)
        self.refused("trace", bug, "--json", "-", "--dot", "-", names=["--json -", "--dot -"])
        self.refused("trace", bug, "--json", "", names=["--json ''"])
        self.refused("trace", BUG, "--dot", "-", names=["--dot", "@graph"])
        self.refused("trace", bug, "--shortest", "--dot", "-", names=["--dot", "@graph"])
        full = run("verify", "trace", bug, "--json", "/dev/full")
        self.assertEqual(full.returncode, 2)
        self.assertIn("/dev/full: cannot be written: No space left", full.stderr)

    def cited(self, *args):
        r = run("verify", "cite", *args)
        self.assertEqual((r.returncode, r.stderr), (0, ""), args)
        return re.findall(r"^@\w+\{(\w+),$", r.stdout, re.M)

    def test_what_cases_cite(self):
        """What they execute, and their engine."""
        keys = self.cited("mutual_exclusion/segmented_queue/hand_off@graph")
        self.assertEqual(keys[0], "surewake")
        self.assertLessEqual({"cqs2023", "michael1996", "michael2004", "trust2022"}, set(keys))
        self.assertNotIn("relacy", keys)
        list_alone = self.cited("mutual_exclusion/mutex_deque/hand_off")
        self.assertIn("relacy", list_alone)
        self.assertNotIn("michael2004", list_alone)
        self.assertIn("tokio3652", self.cited("published/dropped_over_stored"))
        file = self.dir / "cited.cff"
        file.write_text(run("verify", "cite", "published/store_load_fence", "--format", "cff").stdout, encoding="utf-8")
        self.assertEqual(citation.wrong_format(file.read_text(encoding="utf-8"), "cff"), [])
        self.refused("cite", CASE, "--format", "ris", names=["--format 'ris'", "bibtex or cff"])
        self.refused("cite", "no such case", names=["no such case"])

    def test_a_schedule_as_json(self):
        """The steps of the trace, one by one."""
        shown = run("verify", "trace", BUG, "--shortest", "--width", "100000")
        j = json.loads(run("verify", "trace", BUG, "--shortest", "--json", "-").stdout)
        rows = re.findall(r"^ +\d+  (.*)$", shown.stdout, re.M)
        self.assertEqual((len(j["steps"]), j["verdict"], j["case"]), (len(rows), "deadlock", BUG))
        for row, step in zip(rows, j["steps"]):
            text = " ".join([step["text"], *filter(None, [step["order"]])])
            place = step["place"] + (f" [{step['label']}]" if step["label"] else "")
            self.assertEqual([part for part in re.split(r"  +", row) if part], [text, place, step["source"]])
            self.assertIn(step["thread"], range(len(j["threads"])))
        self.assertIn(f"seed {j['seed']}, ", shown.stdout)
        self.assertIn("commit", j["provenance"])

    def litmus_file(self, *lines):
        file = self.dir / "some.jsonl"
        file.write_text("".join(line + "\n" for line in lines))
        return str(file)

    def test_litmus(self):
        """What the engine's own tests compare by its code, the command compares from its files."""
        for data in ("litmus.jsonl", "own.jsonl"):
            known = ROOT / "verify/engine/graph/data" / data
            r = run("verify", "litmus", str(known), "--check")
            self.assertEqual((r.returncode, r.stderr), (0, ""), data)
            rows = [json.loads(line) for line in r.stdout.splitlines()]
            programs = [json.loads(line) for line in known.read_text().splitlines()]
            expected = [(p["name"], model, e) for p in programs for model, e in p["expect"].items()]
            self.assertEqual([(w["name"], w["model"]) for w in rows], [(name, model) for name, model, _ in expected])
            for w, (name, _, e) in zip(rows, expected):
                self.assertEqual((w["executions"], w["states"]), (e["executions"], e.get("states", w["states"])), name)
            self.assertTrue(all(sum(w["counts"]) == w["executions"] and w["duplicates"] == 0 for w in rows))
        wrong = self.litmus_file('{"threads": ["A r x 1 rlx", "A r x 1 rlx"], "expect": {"sc": {"executions": 3}}}')
        r = run("verify", "litmus", wrong, "--memory", "sc", "--check")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(json.loads(r.stdout)["differs"], "2 executions instead of 3")
        r = run("verify", "litmus", wrong, "--check")
        self.assertEqual(r.returncode, 2)
        self.assertIn("expects nothing under rc11", r.stderr)

    def test_bench(self):
        r = run("verify", "bench", "--only", "exchange_then_store/5", "--rounds", "1")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertRegex(r.stdout, r"\nexchange_then_store/5 +32880 .* 1000000: (met|not met)\n")
        self.assertRegex(r.stdout, r"\nMemory: at most .* MB resident, in exchange_then_store/5;")
        twin = "engine/store_buffering/seq_cst@"
        r = run("verify", "bench", "--only", twin, "--rounds", "1", "--json", "-")
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        j = json.loads(r.stdout)
        self.assertEqual((j["relacy"]["both_end"], [c["name"] for c in j["relacy"]["cases"]]), (1, [twin + "full"]))
        self.assertEqual((j["relacy"]["cases"][0]["schedules"], j["relacy"]["cases"][0]["executions"]), (20, 3))
        self.assertNotIn("rates", j)
        file = self.dir / "bench.json"
        r = run("verify", "bench", "--only", BUG + "@graph", "--rounds", "1", "--json", str(file))
        self.assertIn("1 of 1 caught as expected", r.stdout)
        self.assertEqual([c["caught"] for c in json.loads(file.read_text())["bugs"]["cases"]], [True])
        for value in ("", "0", "101", "x"):
            self.refused("bench", "--rounds", value, names=[f"--rounds '{value}'", "from 1 to 100"])
        self.refused("bench", "--json", "", names=["--json ''"])
        self.refused("bench", "--only", "no_such_row", names=["--only 'no_such_row': no row"])
        r = run("verify", "bench", "--only", twin, "--json", str(self.dir / "none" / "file"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("No such file", r.stderr)
        self.ends_by(signal.SIGTERM, ["bench"], 143)

    def test_litmus_programs_that_are_none(self):
        file = self.litmus_file('{"threads": ["W x 1 rlx"]}', '{"name": "N", "threads": ["", "F sc;W x 1 acq"]}', "{",
                                json.dumps({"name": "T", "threads": [""] * 17}),
                                '{"threads": ["R r x sc"]}')
        for command in (["litmus", file, "--memory", "rc11"], ["export", file]):
            r = run("verify", *command)
            self.assertEqual(r.returncode, 2, command)
            for word in (f"{file}:2 (N): thread 1, statement 2 'W x 1 acq': 'acq' is no memory order here",
                         f"{file}:3: no JSON", f"{file}:4 (T): 17 threads"):
                self.assertIn(word, r.stderr)
            for name in ("line 1", "line 5") if command[0] == "litmus" else ("C line_1", "C line_5"):
                self.assertIn(name, r.stdout)
        self.refused("litmus", file, "--memory", "tso", names=["--memory 'tso': it must be one of sc, rc11, cpp20"])
        self.refused("litmus", names=["litmus: file is missing"])
        self.refused("export", file, "", names=["pattern ''"])
        good = self.litmus_file('{"name": "N", "threads": ["W x 1 rlx"]}')
        self.refused("export", good, "M", names=["no program of"])
        for wrong, why in ((self.litmus_file(), "there is no program"), (str(self.dir / "none"), "No such file"),
                           (str(self.dir), "Is a directory")):
            r = run("verify", "litmus", wrong)
            self.assertEqual((r.returncode, r.stdout), (2, ""), wrong)
            self.assertIn(f"{wrong}: ", r.stderr)
            self.assertIn(why, r.stderr)

    def test_litmus_output_and_signals(self):
        file = self.litmus_file('{"name": "N", "threads": ["W x 1 rlx"]}')
        self.output_fails("litmus", file)
        self.output_fails("export", file)
        r = run("verify", "export", file, "--out", str(self.dir / "tests"))
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, "", ""))
        self.assertEqual((self.dir / "tests" / "@all").read_text(), "N.litmus\n")
        self.assertTrue((self.dir / "tests" / "N.litmus").read_text().startswith("C N\n"))
        os.symlink("/dev/full", self.dir / "tests" / "M.litmus")
        other = self.litmus_file('{"name": "M", "threads": [""]}')
        r = run("verify", "export", other, "--out", str(self.dir / "tests"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("No space left", r.stderr)
        long = ";".join(["A r x 1 rlx"] * 20)
        endless = self.litmus_file('{"name": "N", "threads": ["W x 1 rlx"]}',
                                   '{"name": "E", "threads": ["%s", "%s", "%s"]}' % (long, long, long))
        out = self.ends_by(signal.SIGINT, ["litmus", endless, "--memory", "sc"], 130)
        self.assertEqual([json.loads(line)["name"] for line in out.splitlines()], ["N"])

    def test_the_page_of_litmus_programs(self):
        """The examples of verify/README.md say what the program says."""
        page = (ROOT / "verify/README.md").read_text(encoding="utf-8").split("\n## Litmus programs\n")[1]
        page = page.split("\n## ")[0]
        (self.dir / "two.jsonl").write_text(page.split("```json\n")[1].split("```")[0])
        examples = re.findall(r"^    \$ surewake-verify (.*)\n((?:    .*\n|\n(?=    ))*)", page, re.M)
        self.assertEqual([command.split()[0] for command, _ in examples], ["litmus", "export"])
        for command, said in examples:
            r = subprocess.run([str(Path(PROGRAMS["verify"]).resolve()), *command.split()], cwd=self.dir,
                               stdout=subprocess.PIPE, text=True, timeout=60)
            self.assertEqual(r.returncode, 0, command)
            self.assertEqual(r.stdout, re.sub(r"^    ", "", said, flags=re.M), command)

    def test_stars_take_no_time(self):
        r = run("verify", "list", "*" * 60 + "x", limit=10)
        self.assertEqual(r.returncode, 64)
        self.assertEqual(run("verify", "list", "*a" * 30 + "*e*", limit=10).returncode, 64)


class Bench(Scratch):
    program = "bench"
    small = ["run", "uncontended", "--smoke"]
    commands = ("list", "run", "table", "report", "figure", "compare", "scale", "cite", "doctor", "selftest", "counts",
                "conformance")

    def first_record(self, out):
        return json.loads((out / "results.jsonl").read_text().splitlines()[0])

    def last_record(self, out):
        return json.loads((out / "results.jsonl").read_text().splitlines()[-1])

    def test_version_and_help(self):
        self.says_what_it_is(*self.commands)

    def test_wrong_arguments(self):
        out = str(self.dir / "out")
        limits = {"--seconds": "from 1 to 86400", "--repeats": "from 1 to 10000", "--seed": "from 0 to"}
        for name, limit in limits.items():
            for value in ("", "nan", "inf", "-1", "x", "1x", "99999999999999999999999", "1e999"):
                self.refused(*self.small, f"--out={out}", name, value, names=[f"{name} '{value}'", limit])
        self.refused(*self.small, "--out", "", names=["--out ''"])
        self.refused(*self.small, names=["--out"])
        self.refused("run", "no_such_workload", "--smoke", f"--out={out}", names=["no_such_workload"])
        self.refused("run", "", "--smoke", f"--out={out}", names=["pattern ''", "must not be empty"])
        self.refused("no_such_command", names=["no_such_command"])
        self.refused(names=["a command is missing", ", ".join(self.commands)])
        self.refused("run", "storm", "--engine", "foo",
                     names=["run: '--engine'", "run takes --help, patterns"])
        self.refused("run", "--smoke=3", f"--out={out}", names=["run: --smoke: a flag takes no value"])
        self.refused("run", f"--out={out}", "--repeats", names=["--repeats needs a value", "1 to 10000"])
        self.refused("table", names=["table: dir is missing (Folder that run wrote, or its file)"])
        self.assertFalse(Path(out).exists())
        for command in ("table", "report"):
            r = run("bench", command, out)
            self.assertEqual(r.returncode, 2)
            self.assertIn("out/results.jsonl", r.stderr)

    def test_linear_strategies_are_left_out_aloud(self):
        parts = run("bench", "list").stdout.split("\n  ")
        deque = "mutex_deque/hand_off"
        for order, left_out in ("fifo", False), ("lifo", True), ("random", True):
            at = parts.index(f"{order}, n = 100000")
            following = parts[at + 1:next(i for i in range(at + 1, len(parts)) if not parts[i].startswith("    "))]
            self.assertEqual(f"(left out: {deque}" in following[0], left_out, order)
            self.assertEqual(any(p.split()[0] == deque for p in following), not left_out, order)

    def test_results_that_are_there_stay(self):
        out = self.dir / "out"
        first = run("bench", *self.small, "--out", str(out))
        self.assertEqual(first.returncode, 0, first.stderr)
        rows = (out / "results.jsonl").read_text()
        self.refused(*self.small, "--out", str(out), names=[str(out), "results.jsonl", "--force"])
        self.assertEqual((out / "results.jsonl").read_text(), rows)
        self.assertEqual(sorted(p.name for p in out.iterdir()), ["results.jsonl"])
        self.assertEqual(run("bench", *self.small, "--force", "--out", str(out)).returncode, 0)
        about = self.first_record(out)
        for name in ("version", "commit", "compiler", "flags", "machine", "kernel", "started", "command_line"):
            self.assertTrue(about["provenance"][name], name)
        table = run("bench", "table", str(out))
        self.assertEqual(table.returncode, 0)
        self.assertIn(about["started"], table.stdout)
        self.assertIn("commit " + about["provenance"]["commit"], table.stdout)
        self.output_fails("table", str(out))

    def test_two_runs_are_compared(self):
        r = run("bench", "run", "uncontended/try", "--any-build", "--repeats", "8", "--out", str(self.dir / "a"))
        self.assertEqual(r.returncode, 0, r.stderr)
        records = [json.loads(line) for line in (self.dir / "a" / "results.jsonl").read_text().splitlines()]
        (self.dir / "b").mkdir()
        for name, times in ("a", 1), ("b", 10):
            units = times
            for r in records:  # the comparison is tested, not the machine, which may be busy
                r.pop("marks", None)
                if r.get("contestant") == "mutex_deque/hand_off" and "ratio_units" in r:
                    units *= 1.001
                    r["ratio_units"] = units
            file = self.dir / name / "results.jsonl"
            file.write_text("".join(json.dumps(r) + "\n" for r in records))
        a, b = str(self.dir / "a"), str(self.dir / "b")
        same = run("bench", "compare", a, a, "--all")
        self.assertEqual(same.returncode, 0, same.stderr)
        self.assertIn("0 rows of strategies slower by more than 5 %", same.stdout)
        slower = run("bench", "compare", a, b, "--threshold", "100", "--by", "units")
        self.assertEqual(slower.returncode, 1, slower.stderr)
        self.assertRegex(slower.stdout, r"uncontended / try / mutex_deque/hand_off .*SLOWER")
        file.write_text(file.read_text().replace('"cpu": "', '"cpu": "another ', 1))
        self.assertEqual(run("bench", "compare", a, b, "--by", "units").returncode, 2)
        self.assertEqual(run("bench", "compare", a, b, "--threshold", "1000").returncode, 0)
        self.refused("compare", a, names=["compare: after is missing"])
        self.refused("compare", a, b, "--by", "stars", names=["--by 'stars'", "floor, units, ns"])
        self.refused("compare", a, b, "--threshold", "-1", names=["--threshold '-1'", "from 0 to 1000"])
        for format, head in (("markdown", "### uncontended / try"), ("latex", "\\begin{table}"), ("csv", "workload,")):
            table = run("bench", "table", a, "--format", format)
            self.assertEqual(table.returncode, 0, table.stderr)
            self.assertTrue(table.stdout.startswith(head), format)
        self.refused("table", a, "--format", "pdf", names=["--format 'pdf'", "text, markdown, latex or csv"])
        self.assertIn("@misc{surewake", run("bench", "cite", a).stdout)
        cff = run("bench", "cite", a, "--format", "cff").stdout
        self.assertEqual(citation.wrong_format(cff, "cff"), [])
        self.assertIn("cff-version: 1.2.0", cff)
        self.refused("cite", a, "--format", "ris", names=["--format 'ris'", "bibtex or cff"])

    def test_output_that_cannot_be_written(self):
        for args in (["list"], ["--help"]):
            self.output_fails(*args)
        out = self.dir / "out"
        out.mkdir()
        os.symlink("/dev/full", out / "results.jsonl")
        r = run("bench", *self.small, "--force", "--out", str(out))
        self.assertEqual(r.returncode, 2)
        self.assertIn("No space left", r.stderr)
        (self.dir / "file").write_text("")
        r = run("bench", *self.small, "--out", str(self.dir / "file" / "out"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("file/out", r.stderr)

    def test_signals_and_two_at_once(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            out = self.dir / str(status)
            args = ["run", "uncontended", "--any-build", "--seconds", "100", "--out", str(out)]
            if number == signal.SIGINT:
                other = subprocess.Popen([PROGRAMS["bench"], *args], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
                deadline = time.monotonic() + 20
                while not (out / "results.jsonl").exists() and time.monotonic() < deadline:
                    time.sleep(0.05)
                second = run("bench", *self.small, "--force", "--out", str(out))
                self.assertEqual(second.returncode, 2)
                self.assertIn("another program", second.stderr)
                other.send_signal(number)
                self.assertEqual(other.wait(timeout=20), status)
            else:
                self.ends_by(number, args, status, after=1.0)
            self.assertEqual(self.last_record(out)["state"], "interrupted")
            self.assertEqual(run("bench", "table", str(out)).returncode, 0)

    def test_an_interrupted_run_is_resumed(self):
        out = self.dir / "out"
        begun = run("bench", "run", "uncontended/try", "--any-build", "--repeats", "6", "--out", str(out))
        self.assertEqual(begun.returncode, 0, begun.stderr)
        self.refused("run", "--resume", "--out", str(out), names=["--resume", "is complete"])
        self.refused("run", "storm", "--resume", "--out", str(out), names=["--resume"])
        file = out / "results.jsonl"
        lines = file.read_text().splitlines(keepends=True)
        kept = lines[:next(i for i, line in enumerate(lines) if '"repeat":3.0,"position":2.0' in line)]
        file.write_text("".join(kept) + kept[-1][:40])  # it was killed while it wrote
        again = run("bench", "run", "--resume", "--out", str(out))
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertTrue(file.read_text().startswith("".join(kept)))
        records = [json.loads(line) for line in file.read_text().splitlines()]
        self.assertEqual(records[-1]["state"], "complete")
        contestants = {r["contestant"] for r in records if r["record"] == "sample"}
        for block, runs in ((0, len(contestants)), (3, 2), (4, len(contestants)), (5, len(contestants))):
            of = [r["contestant"] for r in records if r.get("measures") == "time" and r["repeat"] == block]
            self.assertEqual((len(of), len(set(of))), (runs, runs), block)
        file.write_text(lines[0].replace('"commit":"', '"commit":"x') + "".join(lines[1:3]))
        self.refused("run", "--resume", "--out", str(out), names=["--resume", "begun with commit", "here it is"])
        r = run("bench", "run", "--resume", "--out", str(self.dir / "none"))
        self.assertEqual(r.returncode, 2)
        self.assertIn("none/results.jsonl", r.stderr)


class Scripts(unittest.TestCase):
    """verify/run, bench/run and papers/build, before they build anything."""

    SCRIPTS = ("verify/run", "bench/run", "papers/build")

    def test_wrong_arguments(self):
        for script, args, words in (
                ("verify/run", ["--fast"], "'--fast'"), ("verify/run", [""], "''"),
                ("verify/run", ["--quick", "--full"], "--full after --quick"),
                ("bench/run", ["--fast"], "'--fast'"), ("bench/run", ["--seconds", "nan"], "'nan': it must be"),
                ("bench/run", ["--seconds", "0"], "from 1 to 86400"), ("bench/run", ["--seed=-1"], "'-1': it must be"),
                ("bench/run", ["--repeats", "1.5"], "'1.5': it must be"),
                ("bench/run", ["--seconds"], "--seconds needs"),
                ("bench/run", ["--out="], "--out ''"),
                ("papers/build", ["--fast"], "'--fast'"), ("papers/build", ["novel"], "'novel': it must be one of"),
                ("papers/build", ["--out"], "--out needs"), ("papers/build", ["--out="], "--out ''")):
            r = subprocess.run(["bash", str(ROOT / script), *args], capture_output=True, text=True, timeout=30)
            self.assertEqual((r.returncode, r.stdout), (64, ""), (script, args))
            self.assertIn(words, r.stderr)
            self.assertIn("usage: " + script, r.stderr)

    def test_signals_while_packages_are_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("g++", "exit 1"), ("kpsewhich", "exit 1"), ("apt-get", "sleep 100"),
                               ("sudo", 'case $1 in -v | -n) exit 0 ;; esac; exec "$@"')):
                tool = Path(folder) / name
                tool.write_text("#!/bin/sh\n" + text + "\n")
                tool.chmod(0o755)
            for script in self.SCRIPTS:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    self.ends(script, number, {**os.environ, "PATH": folder + ":" + os.environ["PATH"]})

    def ends(self, script, number, env):
        p = subprocess.Popen(["bash", str(ROOT / script)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             stdin=subprocess.DEVNULL, env=env, start_new_session=True)
        said = [p.stdout.readline() for _ in range(2)]
        self.assertIn("looking for the packages", said[0])
        self.assertIn("installing", said[1])
        time.sleep(0.2)
        sent = time.monotonic()
        p.send_signal(number)
        out, _ = p.communicate(timeout=30)
        self.assertLess(time.monotonic() - sent, PROMPT, script)
        self.assertEqual(p.returncode, 128 + number, out)
        self.assertIn("interrupted while", out)
        left = [f.parent.name for f in Path("/proc").glob("[0-9]*/cmdline") if self.fake(f, env)]
        self.assertEqual(left, [], "processes that it started still run")

    @staticmethod
    def fake(cmdline, env):
        try:
            return env["PATH"].split(":")[0].encode() in cmdline.read_bytes()
        except OSError:  # it has ended meanwhile
            return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in PROGRAMS:
        parser.add_argument(f"--{name}")
    known, rest = parser.parse_known_args()
    PROGRAMS.update(vars(known))
    if not any(PROGRAMS.values()):
        sys.exit(__doc__)
    unittest.main(argv=[sys.argv[0], *rest])
