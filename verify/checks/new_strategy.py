#!/usr/bin/env python3
"""A new strategy is one header, one line in strategies.hpp and one word in CMake: that of queues/README.md, in a copy.

usage: new_strategy.py COMPILER

The copy's headers are the project's, with the README's header and its line in the list. A program that goes through the
list runs a semaphore over each, under the disciplines that it fits. Then the list has that one alone, and the
conformance tests run over it. (The models do in the check package.verify.)
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from readme import block
from sources import ROOT

NAME = "newest_first"
FOLDERS = ("core", "queues")
CONFORMANCE = ("semaphore", "place")  # compiled in a third of the time that all take
PROGRAM = """
#include <surewake/queues/strategies.hpp>
#include <surewake/semaphore.hpp>
#include <cstdio>
#include <set>
#include <string>
using namespace surewake;
template <class S> task<> visit(S& s, int n, int& served) {
  auto const held = co_await s.acquire(n);
  ++served;
}
template <class S> bool works() {
  S s(2);
  int served = 0;
  auto two = s.try_acquire(2);
  for (int n : {2, 1, 1}) start_detached(visit(s, n, served));
  bool const wait = s.waiters() == 3 && served == 0;
  two->release();
  return wait && served == 3 && s.waiters() == 0 && s.available_permits() == 2;
}
int main() {
  std::set<std::string> seen;
  bool all = true;
  strategies::for_each([&]<template <class> class Queue>(strategy<Queue>) {
    if constexpr (included<strategy<Queue>>) {
      if (!seen.insert(Queue<std_platform>::name).second) return;
      all = all && works<basic_semaphore<Queue>>();
      if constexpr (detail::fits<Queue<std_platform>, barging>) {
        all = all && works<basic_semaphore<Queue, std_platform, barging>>();
      }
    }
  });
  for (std::string const& s : seen) std::printf("%s\\n", s.c_str());
  return all ? 0 : 1;
}
"""


def output(compiler, include, source, *warnings):
    """What the program prints, which ends well."""
    program = Path(include) / "program"
    subprocess.run([compiler, "-std=c++20", *warnings, "-pthread", "-I", include, "-x", "c++", "-", "-o", program],
                   input=source, text=True, check=True)
    ran = subprocess.run([program], capture_output=True, text=True, timeout=120)
    if ran.returncode != 0:
        sys.exit(f"the program ends with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def main(compiler):
    page = (ROOT / "queues/README.md").read_text(encoding="utf-8")
    text = block(page[page.index("## Add a strategy"):], "cpp")
    listed = (ROOT / "queues/strategies.hpp").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        include = Path(place) / "surewake"
        include.mkdir()
        for folder in FOLDERS:
            (include / folder).symlink_to(ROOT / folder)
        for door in (ROOT / "queues/doors").glob("*.hpp"):
            (include / door.name).symlink_to(door)
        queues = include / "queues"
        queues.unlink()
        queues.mkdir()
        for path in (ROOT / "queues").iterdir():
            if path.name not in ("strategies.hpp", f"{NAME}.hpp"):
                (queues / path.name).symlink_to(path)
        (queues / f"{NAME}.hpp").write_text(text, encoding="utf-8")
        changed = listed.replace("#pragma once\n", f"#pragma once\n#include <surewake/queues/{NAME}.hpp>\n")
        changed, count = re.subn(r"(using strategies = strategy_list<)", rf"\1strategy<{NAME}>, ", changed)
        if count != 1:
            sys.exit("queues/strategies.hpp is not understood")
        (queues / "strategies.hpp").write_text(changed, encoding="utf-8")
        said = output(compiler, place, PROGRAM, "-Wall", "-Wextra", "-Werror").split()
        if NAME not in said or len(said) < 5:
            sys.exit(f"the strategies that were tried: {said}")
        print(f"new strategy: {', '.join(said)}")
        alone, count = re.subn(r"(using strategies = strategy_list<)[^;]*;", rf"\1strategy<{NAME}>>;", changed)
        if count != 1:
            sys.exit("the list in queues/strategies.hpp is not understood")
        (queues / "strategies.hpp").write_text(alone, encoding="utf-8")
        tests = "".join(f"#include <surewake/queues/conformance/{name}.test.cpp>\n" for name in CONFORMANCE)
        # One source has them all, and g++ does not like its types in namespaces without a name.
        main_of_tests = "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include <doctest/doctest.h>\n"
        print(output(compiler, place, main_of_tests + tests, "-Wno-subobject-linkage"))


if __name__ == "__main__":
    main(sys.argv[1])
