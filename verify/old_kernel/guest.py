#!/usr/bin/env python3
"""Builds the guest's programs, packs them, boots them on an old kernel, and judges what comes out of its serial port.

usage: guest.py [--kernel FILE] [--kvm] [--seconds S] [--junit FILE]   (called by verify/old_kernel/run)
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

WORK = Path("build/old_kernel")
BUILD = Path("build/dev")
PROGRAMS = BUILD / "old_kernel"
IO_URING = ("kernel", "EPERM", "ENOSYS")  # as the kernel has it; forbidden; not there at all
NEEDS_RING = ("core.uring.faults", "core.uring.loop", "core.uring.operations", "core.uring.switched_off")
TEST_SECONDS = 240


class CouldNotRun(Exception):
    pass


# -- what the guest is made of -----------------------------------------------------------------------------------------
def command(*argv, cwd=None):
    """Runs one command, quietly; its output where it fails."""
    done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    if done.returncode != 0:
        raise CouldNotRun(f"{' '.join(map(str, argv))}: status {done.returncode}\n{done.stdout[-2000:].rstrip()}")
    return done.stdout


def build():
    """Programs of a source that is gone must not be judged: the folder is made anew."""
    shutil.rmtree(PROGRAMS, ignore_errors=True)
    command("cmake", "--preset", "dev")
    command("cmake", "--build", BUILD, "-j", str(max(2, os.cpu_count() or 2)), "--target", "surewake_old_kernel")


def debian_kernel(scratch):
    """Debian 12's kernel for virtual machines, downloaded where it is not here yet. Any user may do that."""
    kept = sorted(WORK.glob("vmlinuz-6.1.*-amd64"))
    if kept:
        return kept[-1]
    if not shutil.which("apt-get"):
        raise CouldNotRun("no apt-get to download Debian's 6.1 kernel with; name one with --kernel")
    names = re.findall(r"Depends: (linux-image-6\.1\.\S+-cloud-amd64)",
                       command("apt-cache", "depends", "linux-image-cloud-amd64"))
    names += sorted(re.findall(r"^(linux-image-6\.1\.\S+-cloud-amd64)$",
                               command("apt-cache", "pkgnames", "linux-image-6.1."), re.M))
    if not names:
        raise CouldNotRun("this system's packages have no 6.1 kernel (Debian 12 has); name an older one with --kernel")
    command("apt-get", "download", names[0], cwd=scratch)
    return unpacked(next(Path(scratch).glob("*.deb")), scratch)


def unpacked(package, scratch):
    """The kernel in a Debian package, unpacked and not installed: no hook runs, no boot loader hears of it."""
    command("dpkg-deb", "-x", package.resolve(), Path(scratch) / "package")
    found = list((Path(scratch) / "package/boot").glob("vmlinuz-*"))
    if len(found) != 1:
        raise CouldNotRun(f"{package}: {len(found)} kernels in it")
    return Path(shutil.copy(found[0], WORK))


class Archive:
    """A cpio archive as the kernel wants it ("newc")."""

    def __init__(self):
        self.content = bytearray()
        self.count = 0

    def add(self, name, mode, data=b"", device=(0, 0)):
        path = name.encode() + b"\0"
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(path), 0)
        self.count += 1
        for part in (b"070701" + b"".join(b"%08x" % f for f in fields) + path, data):
            self.content += part + b"\0" * (-len(part) % 4)

    def folder(self, name):
        self.add(name, 0o040755)

    def program(self, name, path):
        self.add(name, 0o100755, path.read_bytes())

    def close(self):
        self.add("TRAILER!!!", 0)
        return bytes(self.content)


def initial_files(tests, plan):
    archive = Archive()
    for folder in ("dev", "proc", "sys", "tmp", "tests"):
        archive.folder(folder)
    archive.add("dev/console", 0o020600, device=(5, 1))
    archive.program("init", PROGRAMS / "guest/init")
    for test in tests:
        archive.program(f"tests/{test.name}", test)
    archive.add("plan", 0o100644, "".join(f"{how} {TEST_SECONDS} {name}\n" for how, name in plan).encode())
    return archive.close()


# -- the run -----------------------------------------------------------------------------------------------------------
def boot(kernel, files, kvm, seconds):
    """The guest's serial output, and whether it ended in time. The machine has a processor for each of two threads."""
    console = WORK / "console.log"
    argv = ["qemu-system-x86_64", "-machine", "pc", "-accel", "kvm" if kvm else "tcg", "-cpu", "max", "-smp", "2",
            "-m", "1024", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio",
            "-kernel", str(kernel), "-initrd", str(files),
            "-append", "console=ttyS0 quiet loglevel=3 panic=-1"]  # a panic ends the machine: -no-reboot
    with open(console, "wb") as out:
        machine = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
        try:
            machine.wait(timeout=seconds)
            in_time = True
        except subprocess.TimeoutExpired:
            in_time = False
        finally:
            if machine.poll() is None:
                machine.kill()
                machine.wait()
    return console.read_text(errors="replace").replace("\r", ""), in_time


def judge(text, plan):
    """What became of each test of the plan, and of the guest itself: {(how, name): "ok" or what it said}."""
    ended = {(how, name): said for how, name, said in
             re.findall(r"^surewake-guest: end (\S+) (\S+) (.*)$", text, re.M)}
    begun = re.findall(r"^surewake-guest: begin (\S+) (\S+)$", text, re.M)
    results = {test: ended.get(test, "did not end" if test in begun else "did not begin") for test in plan}
    for (how, name), said in results.items():
        if said == "ok" and re.search(r"test cases: +0 \|", output_of(text, how, name)):
            results[how, name] = "ran no test case"
    return results


def output_of(text, how, name):
    own = rf"^surewake-guest: begin {how} {re.escape(name)}$(.*?)^surewake-guest: (end|over)"
    m = re.search(own, text, re.M | re.S)
    return m.group(1).strip("\n") if m else text[-2000:]


def write_junit(path, results, text):
    suite = xml.Element("testsuite", name="old kernel", tests=str(len(results)))
    for (how, name), said in results.items():
        case = xml.SubElement(suite, "testcase", name=title(how, name), status="run" if said == "ok" else "fail")
        if said != "ok":
            xml.SubElement(case, "failure", message=said)
            shown = "".join(c for c in output_of(text, how, name) if c.isprintable() or c == "\n")
            xml.SubElement(case, "system-out").text = shown
    xml.ElementTree(suite).write(path, encoding="unicode")


def title(how, name):
    return name if how == "kernel" else f"{name}, io_uring: {how}"


def run(options):
    if options.kvm and not os.access("/dev/kvm", os.R_OK | os.W_OK):
        raise CouldNotRun("--kvm: /dev/kvm is not there, or not for this user; software emulation needs nothing")
    WORK.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        kernel = options.kernel or debian_kernel(scratch)
        if kernel.suffix == ".deb":
            kernel = unpacked(kernel, scratch)
        print(f"old kernel: {kernel}; building", flush=True)
        build()
        tests = sorted((PROGRAMS / "tests").iterdir())
        if not tests:
            raise CouldNotRun(f"no tests in {PROGRAMS}/tests")
        plan = [(how, test.name) for how in IO_URING for test in tests
                if how == "kernel" or test.name not in NEEDS_RING]
        files = Path(scratch) / "files.cpio"
        files.write_bytes(initial_files(tests, plan))
        built = time.monotonic()
        print(f"old kernel: built in {built - started:.0f} s; booting; {len(plan)} tests, {len(tests)} programs",
              flush=True)
        text, in_time = boot(kernel, files, options.kvm, options.seconds)

    release = re.search(r"^surewake-guest: kernel (.*)$", text, re.M)
    results = judge(text, plan)
    if options.junit:
        write_junit(options.junit, results, text)
    if not release:
        print(text[-2000:])
        raise CouldNotRun(f"the guest did not start ({'it ended' if in_time else 'time was up'}); {WORK}/console.log")
    failed = 0
    for (how, name), said in results.items():
        if said != "ok":
            failed += 1
            print(f"FAILED {title(how, name)}: {said}")
            if said not in ("did not begin",):
                print("  " + "\n  ".join(output_of(text, how, name).splitlines()[-40:]))
    if not in_time:
        print(f"the guest was switched off after {options.seconds} s")
    elif not re.search(r"^surewake-guest: over$", text, re.M):
        print("the guest ended before its plan did")
        failed = max(failed, 1)
    print(f"kernel {release.group(1)}: {len(results) - failed} passed, {failed} failed, "
          f"{time.monotonic() - built:.0f} s in the guest; its output: {WORK}/console.log")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(usage="verify/old_kernel/run [--kernel FILE] [--kvm] [--seconds S] [--junit FILE]")
    parser.add_argument("--kernel", type=Path)
    parser.add_argument("--kvm", action="store_true")
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--junit", type=Path)
    parser.error = lambda message: (print(f"verify/old_kernel/run: {message}", file=sys.stderr), sys.exit(64))
    options = parser.parse_args()
    if options.kernel and not options.kernel.is_file():
        parser.error(f"--kernel: no such file: {options.kernel}")

    def interrupt(number, _):
        signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        return run(options)
    except KeyboardInterrupt:
        print("verify/old_kernel/run: interrupted", file=sys.stderr)
        return 130
    except CouldNotRun as reason:
        print(f"verify/old_kernel/run: could not run: {reason}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
