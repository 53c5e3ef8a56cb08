#!/usr/bin/env python3
"""The stages of verify/run: each builds what it needs, runs its cases, and is counted from machine-readable results.

usage: stages.py default|quick|full    (called by verify/run, in the project's root)
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path

LOGS = Path("build/logs")
TIMES = LOGS / "durations.json"
VERIFY = "build/release/bin/surewake-verify"
JOBS = str(max(2, os.cpu_count() or 2))
FOREIGN = "aarch64", "riscv64"  # presets whose tests qemu-user runs
TERMINAL = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class Interrupted(Exception):
    """By a signal: its number."""


class StageFailed(Exception):
    """The rest of the stage would only show what an earlier build left behind."""


@dataclass
class Stage:
    name: str
    seconds: int  # expected on two cores; the last run's own time replaces it
    steps: list  # callables that take the stage
    passed: int = 0
    failures: list = field(default_factory=list)
    skipped: list = field(default_factory=list)  # tests that may be, with what they say is missing
    state: str = "not run"
    took: float = 0.0

    @property
    def log(self):
        return LOGS / (self.file + ".log")

    @property
    def file(self):
        return self.name.replace(",", "").replace(" ", "-")


class Runner:
    def __init__(self, stages, already, mode="default"):
        self.stages = stages
        self.mode = mode
        self.child = None
        self.started = time.monotonic() - already
        self.shown = 0
        try:
            known = json.loads(TIMES.read_text())
        except (OSError, ValueError):
            known = {}
        for s in stages:
            s.seconds = known.get(f"{mode}: {s.name}", s.seconds)  # a stage does more in some modes than in others
        self.times = known

    # -- progress ------------------------------------------------------------------------------------------------------
    def left(self, current, since):
        later = sum(s.seconds for s in self.stages[self.stages.index(current) + 1:])
        return later + max(0.0, current.seconds - (time.monotonic() - since))

    def show(self, current, since, final=False):
        number = f"[{self.stages.index(current) + 1:2}/{len(self.stages)}]"
        spent, left = time.monotonic() - since, self.left(current, since)
        if final:
            counts = f"{current.passed} passed" + (f", {len(current.failures)} failed" if current.failures else "")
            line = f"{number} {current.name:<16} {current.state:<7} {clock(spent):>6}  {counts}"
        elif TERMINAL:
            line = f"{number} {current.name:<16} running {clock(spent):>6}  about {clock(left)} left"
        else:
            line = f"{number} {current.name:<16} about {clock(left)} left"
        if TERMINAL:
            columns = shutil.get_terminal_size().columns
            sys.stdout.write("\r\x1b[K" + line[:columns - 1] + ("\n" if final else ""))
        else:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()

    # -- children ------------------------------------------------------------------------------------------------------
    def command(self, stage, *argv, stdout=None, env=None):
        """Runs one command, its output appended to the stage's log; the exit status."""
        with open(stage.log, "ab") as log:
            log.write(("\n$ " + " ".join(argv) + "\n").encode())
            log.flush()
            try:
                self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=log,
                                              start_new_session=True, env={**os.environ, **(env or {})})
            except OSError as e:
                log.write(f"{argv[0]}: {e}\n".encode())
                return 127
            while True:
                try:
                    status = self.child.wait(timeout=1)
                    self.child = None
                    return status
                except subprocess.TimeoutExpired:
                    if TERMINAL:
                        self.show(stage, self.since)

    def stop_child(self):
        """Ends the running command and all that it started."""
        child, self.child = self.child, None
        if child is None:
            return
        for sign, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
            try:
                os.killpg(child.pid, sign)
                child.wait(timeout=patience)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    # -- the run -------------------------------------------------------------------------------------------------------
    def run(self):
        LOGS.mkdir(parents=True, exist_ok=True)
        interrupted = 0
        for stage in self.stages:
            stage.log.unlink(missing_ok=True)
        try:
            for stage in self.stages:
                self.since = time.monotonic()
                self.show(stage, self.since)
                try:
                    for step in stage.steps:
                        step(self, stage)
                except StageFailed as failure:
                    stage.failures.append(str(failure))
                stage.took = time.monotonic() - self.since
                if not stage.passed and not stage.failures:
                    stage.failures.append("nothing was run")
                stage.state = "FAILED" if stage.failures else "ok"
                self.show(stage, self.since, final=True)
                if not stage.failures:
                    self.times[f"{self.mode}: {stage.name}"] = round(stage.took)
                    TIMES.write_text(json.dumps(self.times, indent=1) + "\n")
        except Interrupted as signal_number:
            interrupted = signal_number.args[0]
            self.stop_child()
            stage.state = "stopped"
            if TERMINAL:
                print()
        return self.summary(interrupted)

    def summary(self, interrupted):
        passed = failed = 0
        print()
        print(f"{'stage':<18}{'result':<9}{'passed':>8}{'failed':>8}{'time':>8}")
        for s in self.stages:
            if s.state in ("not run", "stopped"):
                s.failures.append(f"{s.state}: its checks did not happen")
            print(f"{s.name:<18}{s.state:<9}{s.passed:>8}{len(s.failures):>8}{clock(s.took):>8}")
            passed += s.passed
            failed += len(s.failures)
        shown = [(s, f) for s in self.stages for f in s.failures]
        for s, f in shown[:6]:
            print(f"  {s.name}: {f}  ({s.log})")
        for s in self.stages:
            for name, why in s.skipped:
                print(f"  {s.name}: {name} {why}")
        if len(shown) > 6:
            print(f"  … and {len(shown) - 6} more: {LOGS}/summary.json")
        if interrupted:
            undone = ", ".join(s.name for s in self.stages if s.state in ("not run", "stopped"))
            print(f"interrupted; not done: {undone}")
        total = time.monotonic() - self.started
        (LOGS / "summary.json").write_text(json.dumps({
            "passed": passed, "failed": failed, "seconds": round(total), "interrupted": interrupted != 0,
            "stages": [{"name": s.name, "state": s.state, "passed": s.passed, "failures": s.failures,
                        "skipped": s.skipped,
                        "seconds": round(s.took, 1), "log": str(s.log)} for s in self.stages]}, indent=1) + "\n")
        print(f"{clock(total)} in all; logs in {LOGS}/")
        print(f"{passed} passed, {failed} failed", flush=True)
        return 128 + interrupted if interrupted else 1 if failed else 0


def clock(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


# -- steps -------------------------------------------------------------------------------------------------------------
def build(preset, *targets, strategies="all"):
    """Configures the preset and builds the targets, all that can be built. At once, so that no core waits for the last
    file of a target."""
    def step(runner, stage):
        # The sanitizers by clang too: it compiles for them in half of g++'s time, and its AddressSanitizer sees more
        # uses after the end of a scope.
        compiler = os.environ.get("SUREWAKE_CLANG")
        clang = preset in ("clang", "asan", "tsan") and compiler
        choice = [f"-DCMAKE_CXX_COMPILER={compiler}"] if clang else []
        choice.append(f"-DSUREWAKE_TEST_STRATEGIES={strategies}")
        if runner.command(stage, "cmake", "--preset", preset, *choice) != 0:
            raise StageFailed(f"cmake --preset {preset} failed")
        # clang compiles in a sixth less time where its heap lies in huge pages; g++ does not.
        pages = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"} if clang else {}
        if runner.command(stage, "cmake", "--build", f"build/{preset}", "-j", JOBS, "--target", *targets,
                          "--", "-k", "0", env=pages) != 0:
            stage.failures.append(f"{preset}: {', '.join(targets)}: not all of it builds")
    return step


def ctest(preset, labels, may_skip=False):
    """Runs the preset's tests with one of the labels. A test that did not run, or a run without tests, is a failure;
    where a test may skip itself, it is named in the summary, with what it says is missing. So is what test programs say
    that the machine they run on, an emulator, cannot do."""
    def step(runner, stage):
        report = LOGS / f"{stage.file}.junit.xml"
        report.unlink(missing_ok=True)
        # ThreadSanitizer needs the address space where gcc 12 expects it, which newer kernels randomise too widely.
        fixed = ["setarch", "--addr-no-randomize"] if preset == "tsan" and addresses_can_be_fixed() else []
        # One more than there are processors: many tests wait for a clock now and then.
        jobs = str(int(JOBS) + 1)
        status = runner.command(stage, *fixed, "ctest", "--preset", preset, "-L", f"^({labels})$", "-j", jobs,
                                "--no-tests=error", "--output-junit", str(report.resolve()))
        passed, failed = junit_counts(report)
        stage.skipped += [(preset, f"not run: {n} test cases: {why}") for why, n in not_run_in(report).items()]
        if may_skip:
            stage.skipped += (skipped := skipped_in(report))
            failed = [name for name in failed if name not in dict(skipped)]
        stage.passed += passed
        stage.failures += [f"{preset} {name}" for name in failed]
        if (status != 0 or not passed) and not failed:
            stage.failures.append(f"ctest --preset {preset} -L '{labels}' ended with status {status}, {passed} passed")
    return step


def addresses_can_be_fixed():
    try:
        return subprocess.run(["setarch", "--addr-no-randomize", "true"], capture_output=True).returncode == 0
    except OSError:
        return False


def junit_counts(report):
    """(passed, names of those that did not) of a JUnit file that ctest wrote."""
    try:
        cases = list(xml.parse(report).getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        return 0, []
    failed = [c.get("name") for c in cases if c.get("status") != "run"]
    return len(cases) - len(failed), failed


def skipped_in(report):
    """(name, what is missing) of the tests that say so: a line that begins with `skipped:`, and status 77."""
    try:
        cases = list(xml.parse(report).getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        return []
    said = [(c.get("name"), re.search(r"^skipped: .+", c.findtext("system-out") or "", re.MULTILINE)) for c in cases
            if c.find("skipped") is not None and "SKIP_RETURN_CODE" in (c.find("skipped").get("message") or "")]
    return [(name, found[0]) for name, found in said if found]


def not_run_in(report):
    """{why: how many test cases were skipped for it} of what test programs said (doctest_main.cpp)."""
    try:
        cases = list(xml.parse(report).getroot().iter("testcase"))
    except (OSError, xml.ParseError):
        return {}
    said = [why for c in cases
            for why in re.findall(r"^not run: .*: ([^:\n]+)$", c.findtext("system-out") or "", re.MULTILINE)]
    return {why: said.count(why) for why in said}


def models(command, *options):
    """Runs `surewake-verify command`; each case is one result."""
    def step(runner, stage):
        report = LOGS / f"{stage.file}.json"
        report.unlink(missing_ok=True)
        if "--seconds" in options:  # whatever it took before, or was guessed: now the cases can be counted
            listed = subprocess.run([VERIFY, "list"], capture_output=True, text=True).stdout
            spent = time.monotonic() - runner.since
            stage.seconds = spent + seconds_of(listed, float(options[options.index("--seconds") + 1]))
        status = runner.command(stage, VERIFY, command, *options, "--out", str(report))
        passed, failed = case_counts(report, without_bugs=command == "run")
        stage.passed += passed
        stage.failures += failed
        if (status != 0 or not passed) and not failed:
            stage.failures.append(f"surewake-verify {command} ended with status {status}, {passed} cases passed")
    return step


def seconds_of(listed, each):
    """About how long `run --seconds each` takes: a search at random takes it all, of the trees every other one."""
    lines = [line.split() for line in listed.splitlines()]
    searches = [words[2] for words in lines if len(words) > 2 and words[1] == "pass"]
    return sum(each if s == "random" else each / 2 for s in searches) / int(JOBS)


def thin_margins(cases):
    """Cases that pass at random within ten times the schedules that a bug of their model needed. Where all executions
    are visited it does not matter."""
    needed, visited = {}, {c["case"] for c in cases if c["engine"] == "graph" and c["complete"]}
    for c in cases:
        if c["bug"] and c["as_expected"] and c["scheduler"] == "random":
            needed[c["model"]] = max(needed.get(c["model"], 0), c["schedules"])
    return [f"{c['case']}: {c['schedules']} schedules are few: a bug of its model took {needed[c['model']]}"
            for c in cases if not c["bug"] and c["verdict"] == "pass" and c["scheduler"] == "random"
            and c["case"] + "@graph" not in visited and c["schedules"] < 10 * needed.get(c["model"], 0)]


def case_counts(report, without_bugs):
    """(passed, names of those that did not) of a JSON file that surewake-verify wrote. `run` searches the seeded bugs
    too; their passes are counted once, with `bugs`."""
    try:
        found = json.loads(report.read_text(encoding="utf-8"))
        cases = found["cases"]
        failed = [f"{c['case']}: {c['verdict']}, expected {c['expected']}" for c in cases if not c["as_expected"]]
        failed += thin_margins(cases) if without_bugs else []
        passed = sum(c["as_expected"] and not (without_bugs and c["bug"]) for c in cases)
    except OSError:
        return 0, []
    except (ValueError, KeyError, TypeError) as e:
        return 0, [f"{report} is not what surewake-verify writes: {type(e).__name__} {e}"]
    return passed, failed


def old_kernel():
    """Boots the old kernel and runs the fallback's tests on it."""
    def step(runner, stage):
        report = LOGS / f"{stage.file}.junit.xml"
        report.unlink(missing_ok=True)
        status = runner.command(stage, "verify/old_kernel/run", "--junit", str(report))
        passed, failed = junit_counts(report)
        stage.passed += passed
        stage.failures += failed
        if status != 0 and not failed:
            why = "could not run" if status == 2 else f"verify/old_kernel/run ended with status {status}"
            stage.failures.append(why)
    return step


def stages(mode):
    unit, conformance, stress = (f"surewake_{label}_tests" for label in ("unit", "conformance", "stress"))
    dev = Stage("unit tests", 300, [build("dev", unit, conformance), ctest("dev", "unit|conformance")])
    models_stage = Stage("model checks", 580, [build("release", "surewake-verify"), models("run")])
    bugs = Stage("seeded bugs", 15, [models("bugs")])
    if mode == "quick":
        return [dev, models_stage, bugs]
    full = mode == "full"
    # Tests with assertions run under the sanitizers; an unoptimised build of them without these is for full. So is an
    # optimised one of the tests over every strategy, which g++ compiles longest. Each sanitizer has them over some
    # strategies, in full over all: under ThreadSanitizer the stress tests go through all of them.
    some = {"asan": "intrusive_list;segmented_queue;uring_futex", "tsan": "waker_hybrid;mutex_deque"}
    tests, labels = [unit, conformance], "unit|conformance"
    if full:
        tests, labels = [*tests, stress], labels + "|stress"
        dev.steps += [build("dev", stress), ctest("dev", "stress")]
        models_stage.steps[1] = models("run", "--seconds", "20")
        dev.name, dev.seconds, models_stage.seconds = "unit tests, debug", 200, 150 + 600 * 20 / int(JOBS)
    listed = ([dev] if full else []) + [
        Stage("unit tests", 410, [build("release", *(tests if full else [unit]), "surewake-bench"),
                                  ctest("release", (labels if full else "unit") + "|page|foreign", may_skip=True)]),
        models_stage, bugs,
        Stage("source, package", 130, [ctest("release", "check|install" + ("|thorough" if full else ""))]),
        Stage("asan", 180, [build("asan", *tests, strategies="all" if full else some["asan"]),
                            ctest("asan", labels + "|locks")]),
        Stage("tsan", 175, [build("tsan", unit, conformance, stress, strategies="all" if full else some["tsan"]),
                            ctest("tsan", "unit|conformance|stress")]),
    ]
    if full:
        listed += [Stage("clang", 200, [build("clang", *tests), ctest("clang", labels + "|locks")]),
                   Stage("Windows", 600, [build("mingw", unit), ctest("mingw", "unit")]),
                   Stage("old kernel", 180, [old_kernel()])]
        listed += [Stage(machine, 900, [build(machine, *tests), ctest(machine, labels)]) for machine in FOREIGN]
    return listed


def main():
    if sys.argv[1:] not in (["default"], ["quick"], ["full"]):
        print(__doc__, file=sys.stderr)
        return 64

    def interrupt(number, _):
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, signal.SIG_IGN)  # the summary is short; let it finish
        raise Interrupted(number)

    for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(s, interrupt)
    return Runner(stages(sys.argv[1]), float(os.environ.get("SUREWAKE_SECONDS_SPENT", "0")), sys.argv[1]).run()


if __name__ == "__main__":
    sys.exit(main())
