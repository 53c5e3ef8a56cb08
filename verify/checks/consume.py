#!/usr/bin/env python3
"""Installs the package and lets verify/consumer use it, as a stranger would.

usage: consume.py BUILD COMPILER install        installs into BUILD/installed, and moves it there from elsewhere
       consume.py BUILD COMPILER cmake          find_package(surewake)
       consume.py BUILD COMPILER pkg-config     surewake.pc
       consume.py BUILD COMPILER subdirectory   add_subdirectory of the source
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from sources import ROOT


def run(*argv, **options):
    print("$ " + " ".join(str(a) for a in argv), flush=True)
    return subprocess.run([str(a) for a in argv], check=True, **options)


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def install(build, prefix):
    first = fresh(build / "installed-elsewhere")
    run("cmake", "--preset", "package", "-S", ROOT, "-B", fresh(build / "package"), cwd=ROOT)
    run("cmake", "--install", build / "package", "--prefix", first)
    first.rename(fresh(prefix))
    for path in prefix.rglob("*"):
        if path.is_symlink():
            sys.exit(f"{path}: a link was installed")
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for place in (ROOT, build, first):
                if str(place) in text:
                    sys.exit(f"{path}: names {place}, which a user does not have")
    headers = {p.relative_to(prefix / "include/surewake") for p in (prefix / "include").rglob("*.hpp")}
    if Path("semaphore.hpp") not in headers or len(headers) < 10:
        sys.exit(f"only {len(headers)} headers were installed")


def with_cmake(build, compiler, folder, *options):
    run("cmake", "-G", "Ninja", "-S", ROOT / "verify/consumer", "-B", fresh(folder), "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_CXX_COMPILER={compiler}", *options)
    run("cmake", "--build", folder)
    run(folder / "consumer")
    if (folder / "consumer_uring").exists():
        run(folder / "consumer_uring")


def main(build, compiler, how):
    prefix = build / "installed"
    folder = build / f"consumer-{how}"
    if how == "install":
        install(build, prefix)
    elif how == "cmake":
        with_cmake(build, compiler, folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    elif how == "subdirectory":
        with_cmake(build, compiler, folder, f"-DSUREWAKE_SOURCE={ROOT}")
    elif how == "pkg-config":
        fresh(folder).mkdir()
        pc = next(prefix.rglob("surewake.pc")).parent
        where = {**os.environ, "PKG_CONFIG_PATH": str(pc)}
        programs = {"consumer": ("surewake", ("main.cpp", "front_door.cpp"))}
        if subprocess.run(["pkg-config", "--exists", "surewake-uring"], env=where).returncode == 0:
            programs["consumer_uring"] = ("surewake-uring", ("uring.cpp",))  # where liburing is
        for program, (package, names) in programs.items():
            flags = run("pkg-config", "--cflags", "--libs", package, stdout=subprocess.PIPE, text=True,
                        env=where).stdout.split()
            sources = [ROOT / "verify/consumer" / f for f in names]
            run(compiler, "-std=c++20", *sources, "-o", folder / program, *flags)
            run(folder / program)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3])
    except subprocess.CalledProcessError as failed:
        sys.exit(f"exit status {failed.returncode}")
