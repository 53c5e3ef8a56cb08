#!/usr/bin/env python3
"""Counts what an uncontended acquire and release execute on x86-64, 64-bit Arm and RISC-V, and keeps the tables of
queues/README.md true.

usage: machine_code.py [--write] INCLUDE FOLDER

queues/zero_cost_code.cpp is cross-compiled in FOLDER, against the headers of INCLUDE, and run by qemu-user, which says
where each instruction is; objdump says what it is. So what ran is what is counted. Of each operation must hold

- one RMW acquires and one releases, each with the order that its label in the header argues, and no stronger one;
- there is no fence, but for one by which a compiler spells the order of an RMW (g++ 12 on RISC-V: a release);
- nothing is called, but for g++'s own functions for an atomic (outline atomics, on Arm);
- there are no more branches than by hand, and those which queues/zero_cost.test.cpp explains.

The loop of a load and a store exclusive is an RMW, its branch included. The pairs of queues/zero_cost_traced.cpp which
are dearer than by hand must be refused. The tables are of one compiler, which they name; with others, and without
--write, only the above is checked. Status 77 where qemu-user or the compiler of a machine is not here.
"""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from orders import Checker
from sources import ROOT, finish

PAGE = "queues/README.md"
BEGIN, END = "<!-- machine_code.py begins -->\n", "<!-- machine_code.py ends -->\n"
COMPILED = "g++ 12.2"


@dataclass
class Machine:
    name: str
    target: str  # of the compiler, `aarch64-linux-gnu`
    options: tuple = ()  # of the compiler
    cpu: str = ""  # of qemu

    @property
    def compiler(self):
        return f"{self.target}-g++"

    @property
    def qemu(self):
        return f"qemu-{self.target.split('-')[0]}"

    @property
    def missing(self):
        """The Debian packages that are not here. The g++ of this machine is also called by its target."""
        packages = {f"g++-{self.target.replace('_', '-')}": self.compiler, "qemu-user": self.qemu}
        return [package for package, command in packages.items() if not shutil.which(command)]


ARM, RISCV = "aarch64-linux-gnu", "riscv64-linux-gnu"
MACHINES = (
    Machine("x86-64", "x86_64-linux-gnu"),
    Machine("Arm with LSE (`-march=armv8.1-a`)", ARM, ("-march=armv8.1-a",)),
    Machine("Arm without LSE (`-mno-outline-atomics`)", ARM, ("-mno-outline-atomics",), "cortex-a57"),
    Machine("Arm by default, run on one with LSE", ARM, (), "max"),
    Machine("… and on one without", ARM, (), "cortex-a57"),
    Machine("RISC-V (rv64gc)", RISCV),
)

HAND_OFF = ("core/semaphore/monitor_synchronizer.hpp", "G1", "G2")
BARGING = ("core/semaphore/barging.hpp", "B1", "B3")
# Operation: whose labels argue its orders; by hand they are what the language calls them.
OPERATIONS = {"hand_written": None, "awaited": HAND_OFF, "blocking": HAND_OFF, "awaited_barging": BARGING,
              "blocking_barging": BARGING}
DEARER = {
    "dearer_acquire": "acquires by an RMW that is acq_rel, not acquire",
    "dearer_release": "releases by an RMW that is acq_rel, not release",
    "dearer_fence": "a fence",
    "dearer_rmw": "3 RMWs",
    "dearer_branch": "3 branches, 2 by hand and 0 more",
    "dearer_call": "calls",
}


# -- what an instruction is --------------------------------------------------------------------------------------------
@dataclass
class Cost:
    instructions: int = 0
    branches: int = 0
    rmws: list = field(default_factory=list)  # (order, how it is spelled)
    fences: list = field(default_factory=list)
    calls: list = field(default_factory=list)


def order_of(acquires, releases):
    return ("relaxed", "acquire", "release", "acq_rel")[bool(acquires) + 2 * bool(releases)]


class X86:
    """Every locked instruction is a full fence, so orders do not show; one of nothing on the stack is g++'s fence."""
    branch = re.compile(r"j(?!mp)\w+\b")
    call = re.compile(r"call\b")
    fence = re.compile(r"[lms]fence\b|lock or[lq]?\s+\$0x0,\(%[er]sp\)")

    locked = re.compile(r"(lock \w+|xchg)\b.*\(")

    @classmethod
    def rmw(cls, code, i):
        m = cls.locked.match(code[i].text)
        return (None, m[1], i + 1) if m and not cls.fence.match(code[i].text) else None


class Arm:
    branch = re.compile(r"(?:b\.\w+|cbn?z|tbn?z)\b")
    call = re.compile(r"blr?\b")
    fence = re.compile(r"(?:dmb|dsb|isb)\b")
    lse = re.compile(r"(ld(?:add|clr|eor|set|[su]max|[su]min)|swp|cas)(a?)(l?)[bh]?\t")
    load, store = re.compile(r"ld(a?)x[rp][bh]?\t"), re.compile(r"st(l?)x[rp][bh]?\t")

    @classmethod
    def rmw(cls, code, i):
        helper = re.search(r"<(__aarch64_\w+?)(_relax|_acq|_rel|_acq_rel|_sync)>", code[i].text)
        if cls.call.match(code[i].text) and helper:
            end = next(k for k in range(i + 1, len(code)) if not code[k].function.startswith("__aarch64_"))
            inside = [c for k in range(i + 1, end) if (c := cls.rmw(code, k))]
            if len(inside) != 1 or any(cls.fence.match(c.text) for c in code[i:end]):
                return None
            return inside[0][0], f"bl {helper[1]}{helper[2]}", end
        if m := cls.lse.match(code[i].text):
            return order_of(m[2], m[3]), m[0].strip(), i + 1
        if m := cls.load.match(code[i].text):
            for k in range(i + 1, min(i + 8, len(code))):
                if s := cls.store.match(code[k].text):
                    retry = k + 1 < len(code) and re.match(r"cbnz\b", code[k + 1].text)
                    return order_of(m[1], s[1]), f"{m[0].strip()} … {s[0].strip()}", k + (2 if retry else 1)
        return None


class RiscV:
    branch = re.compile(r"b(?:eq|ne|lt|ge|gt|le)u?z?\b")
    call = re.compile(r"(?:jal\tra|jalr\tra|jal\t[0-9a-f]|jalr\t\w+$|call\b)")
    fence = re.compile(r"fence\b")
    release = re.compile(r"fence(?:\t(?:iorw,ow|rw,w))?$")  # a whole one: a release fence as g++ 12 spells it
    amo = re.compile(r"(amo\w+\.[wd])((?:\.aqrl|\.aq|\.rl)?)\t")
    load, store = re.compile(r"lr\.[wd]((?:\.aqrl|\.aq|\.rl)?)\t"), re.compile(r"sc\.[wd]((?:\.aqrl|\.aq|\.rl)?)\t")

    @classmethod
    def rmw(cls, code, i):
        before = bool(cls.release.match(code[i].text)) and i + 1 < len(code)
        spelled = code[i].text.replace("\t", " ") + "; " if before else ""
        i += before
        if m := cls.amo.match(code[i].text):
            return order_of("aq" in m[2], before or "rl" in m[2]), spelled + m[0].strip(), i + 1
        if m := cls.load.match(code[i].text):
            for k in range(i + 1, min(i + 8, len(code))):
                if s := cls.store.match(code[k].text):
                    retry = k + 1 < len(code) and re.match(r"bnez\b", code[k + 1].text)
                    return (order_of("aq" in m[1], before or "rl" in s[1]),  # sc.aq and lr.rl promise nothing
                            f"{spelled}{m[0].strip()} … {s[0].strip()}", k + (2 if retry else 1))
        return None


DECODERS = {"x86_64": X86, "aarch64": Arm, "riscv64": RiscV}


@dataclass
class Instruction:
    text: str
    function: str


def cost_of(decoder, code):
    """What these instructions, in the order in which they ran, amount to."""
    cost, i = Cost(instructions=len(code)), 0
    while i < len(code):
        if found := decoder.rmw(code, i):
            order, spelled, i = found
            cost.rmws.append((order, spelled))
            continue
        text = code[i].text
        cost.branches += bool(decoder.branch.match(text))
        if decoder.fence.match(text):
            cost.fences.append(text.replace("\t", " "))
        if decoder.call.match(text):
            cost.calls.append(text.replace("\t", " "))
        i += 1
    return cost


def problems_of(cost, by_hand, orders, more_branches):
    """What breaks the law. orders: of the acquire and of the release."""
    found = []
    if len(cost.rmws) != 2:
        found.append(f"{len(cost.rmws)} RMWs")
    else:
        for (is_, spelled), argued, does in zip(cost.rmws, orders, ("acquires", "releases")):
            if is_ not in (None, argued):
                found.append(f"{does} by an RMW that is {is_}, not {argued}: {spelled}")
    found += [f"a fence that no label argues for: {f}" for f in cost.fences]
    found += [f"calls: {c}" for c in cost.calls]
    if cost.branches > by_hand.branches + more_branches:
        found.append(f"{cost.branches} branches, {by_hand.branches} by hand and {more_branches} more")
    return found


# -- what ran ----------------------------------------------------------------------------------------------------------
def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def program_of(machine, include, folder):
    """The compiled program; machines that differ in the processor only share it."""
    name = "-".join([machine.target, *machine.options]).replace("=", "-")
    program = folder / name
    sources = [ROOT / "queues/zero_cost_code.cpp", ROOT / "queues/zero_cost_traced.cpp"]
    run(machine.compiler, "-std=c++20", "-O2", "-DNDEBUG", "-static", "-no-pie", *machine.options, f"-I{include}",
        *map(str, sources), "-o", str(program))
    return program


def code_of(objdump, program):
    """{address: Instruction} of the whole program."""
    code, function = {}, ""
    for line in run(objdump, "-d", "-C", "--no-show-raw-insn", str(program)).splitlines():
        if m := re.match(r"[0-9a-f]+ <(.*)>:$", line):
            function = m[1]
        elif m := re.match(r"\s+([0-9a-f]+):\t(.*)", line):
            code[int(m[1], 16)] = Instruction(re.sub(r"\s*(?://|#).*", "", m[2]).strip(), function)
    return code


def traces(machine, program, code, folder):
    """{function of surewake::zero_cost: the instructions of its second call from main}."""
    log = folder / (program.name + ".trace")
    cpu = ["-cpu", machine.cpu] if machine.cpu else []
    run(machine.qemu, *cpu, "-singlestep", "-d", "exec,nochain", "-D", str(log), str(program))
    ran = [code[a] for line in log.read_text(errors="replace").splitlines()
           if line.startswith("Trace ") and (a := int(line.split("/")[1], 16)) in code]
    log.unlink()
    found, name, call = {}, None, []
    for was, now in zip(ran, ran[1:]):
        if was.function == "main" and (m := re.fullmatch(r"surewake::zero_cost::(\w+)\(\)", now.function)):
            name, call = m[1], []
        if now.function == "main" and name:
            found[name], name = call, None  # of two calls the second one remains
        elif name:
            call.append(now)
    return found


def argued_orders():
    """{operation: (order of the acquire, of the release)}, by their labels."""
    checker, argued = Checker(), {}
    for path in {Path(o[0]) for o in OPERATIONS.values() if o}:
        checker.file(path, (ROOT / path).read_text(encoding="utf-8"))
    for site in checker.sites:
        argued[str(site.file), site.label] = site.order
    return {name: (argued[labels[0], labels[1]], argued[labels[0], labels[2]]) if labels else ("acquire", "release")
            for name, labels in OPERATIONS.items()}


def explained_branches():
    """{operation: how many branches more than by hand zero_cost.test.cpp explains}."""
    text = (ROOT / "queues/zero_cost.test.cpp").read_text(encoding="utf-8")
    found = {m[1]: sum(map(int, m[2].split("+"))) for m in re.finditer(r"&zero_cost::(\w+), ([\d+ ]+)\)", text)}
    return {"hand_written": 0, **found}


# -- the tables --------------------------------------------------------------------------------------------------------
def tables(costs):
    """costs: {machine's name: {operation: Cost}}."""
    def row(*cells):
        return "| " + " | ".join(cells) + " |"

    def rmw(cost, i):
        return f"`{cost.rmws[i][1]}`"

    out = [row(f"instructions, {COMPILED}, `-O2`", "by hand", *(f"`{name}`" for name in list(OPERATIONS)[1:])),
           row(*["---"] * (len(OPERATIONS) + 1))]
    out += [row(machine, *(str(of[name].instructions) for name in OPERATIONS)) for machine, of in costs.items()]
    out += ["", row("RMWs", "`hand_off` acquires by", "releases by", "`barging` acquires by", "releases by"),
            row(*["---"] * 5)]
    out += [row(machine, *(rmw(of[name], i) for name in ("awaited", "awaited_barging") for i in (0, 1)))
            for machine, of in costs.items()]
    return "\n".join(out) + "\n"


def check_page(text, new, write):
    if BEGIN not in text or END not in text:
        return [f"{PAGE}: no place for the tables, between {BEGIN.strip()} and {END.strip()}"]
    before, rest = text.split(BEGIN)
    old, after = rest.split(END)
    if write:
        (ROOT / PAGE).write_text(before + BEGIN + new + END + after, encoding="utf-8")
        return []
    was, now = old.splitlines(), new.splitlines()
    return [f"{PAGE}: the machine code says: {line}" for line in now if line not in was] + [
        f"{PAGE}: no machine code says: {line}" for line in was if line not in now]


def main(include, folder, write):
    if missing := sorted({p for m in MACHINES for p in m.missing}):
        print(f"skipped: not here: {' '.join(missing)} (Debian's names)")
        return 77
    folder.mkdir(parents=True, exist_ok=True)
    orders, more = argued_orders(), explained_branches()
    problems, costs, compilers, programs = [], {}, set(), {}
    for m in MACHINES:
        key = m.target, m.options
        if key not in programs:
            program = program_of(m, include, folder)
            programs[key] = program, code_of(f"{m.target}-objdump", program)
        compilers.add("g++ " + ".".join(run(m.compiler, "-dumpfullversion").split(".")[:2]))
        ran = traces(m, *programs[key], folder)
        of = {name: cost_of(DECODERS[m.target.split("-")[0]], code) for name, code in ran.items()}
        costs[m.name] = of
        for name in OPERATIONS:
            found = problems_of(of[name], of["hand_written"], orders[name], more[name])
            problems += [f"{m.name}: {name}: {p}" for p in found]
            print(f"{m.name}: {name}: {of[name].instructions} instructions, {of[name].branches} branches, "
                  f"RMWs {', '.join(spelled for _, spelled in of[name].rmws)}")
            if found:
                print("\n".join(f"    {c.text}" for c in ran[name]))
        for name, why in DEARER.items():
            found = problems_of(of[name], of["hand_written"], orders["hand_written"], 0)
            if not any(why in p for p in found) and not (m.target.startswith("x86") and "by an RMW" in why):
                problems.append(f"{m.name}: {name} is not refused for {why}, but for {found or 'nothing'}")
    if compilers == {COMPILED} or write:
        problems += check_page((ROOT / PAGE).read_text(encoding="utf-8"), tables(costs), write)
    else:
        print(f"the tables of {PAGE} are {COMPILED}'s, and are not compared with {' and '.join(sorted(compilers))}'s")
    finish(problems, f"machine code: {len(costs)} machines")
    return 0


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--write"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(arguments[0]), Path(arguments[1]), "--write" in sys.argv))
