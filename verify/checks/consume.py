#!/usr/bin/env python3
"""Installs the package and lets verify/consumer use it, as a stranger would.

usage: consume.py BUILD COMPILER install        installs into BUILD/installed, and moves it there from elsewhere
       consume.py BUILD COMPILER cmake          find_package(surewake)
       consume.py BUILD COMPILER pkg-config     surewake.pc
       consume.py BUILD COMPILER subdirectory   add_subdirectory of the source
       consume.py BUILD COMPILER places         absolute install folders, and a liburing in a prefix of its own
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from readme import broken_links
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
    for page in prefix.rglob("*.md"):
        for problem in broken_links(page, page.read_text(encoding="utf-8"), Path.exists):
            sys.exit(problem)
    headers = {p.relative_to(prefix / "include/surewake") for p in (prefix / "include").rglob("*.hpp")}
    if Path("semaphore.hpp") not in headers or len(headers) < 10:
        sys.exit(f"only {len(headers)} headers were installed")
    for path in headers:
        if path.parts[0] not in ("core", "queues") and not (ROOT / "queues/doors" / path).is_file():
            sys.exit(f"{path}: is nothing that a user needs")


def with_cmake(build, compiler, folder, *options):
    run("cmake", "-G", "Ninja", "-S", ROOT / "verify/consumer", "-B", fresh(folder), "-DCMAKE_BUILD_TYPE=Debug",
        f"-DCMAKE_CXX_COMPILER={compiler}", *options)
    run("cmake", "--build", folder)
    run(folder / "consumer")
    if (folder / "consumer_uring").exists():
        run(folder / "consumer_uring")


def flags_of(package, pc):
    return run("pkg-config", "--cflags", "--libs", package, stdout=subprocess.PIPE, text=True,
               env={**os.environ, "PKG_CONFIG_PATH": str(pc)}).stdout.split()


def absolute_folders(build):
    """Each install folder given as an absolute path: surewake.pc must name the folder that has the headers."""
    for variable, folder in (("CMAKE_INSTALL_INCLUDEDIR", "dev/include"), ("CMAKE_INSTALL_LIBDIR", "out/lib64")):
        root = fresh(build / "absolute")
        run("cmake", "-G", "Ninja", "-S", ROOT, "-B", root / "build", "-DSUREWAKE_TESTS=OFF", "-DSUREWAKE_VERIFY=OFF",
            "-DSUREWAKE_BENCH=OFF", f"-DCMAKE_INSTALL_PREFIX={root / 'out'}", f"-D{variable}={root / folder}",
            stdout=subprocess.DEVNULL)
        run("cmake", "--install", root / "build", stdout=subprocess.DEVNULL)
        pc = next((root / "out").rglob("surewake.pc")).parent
        includes = [Path(f[2:]) for f in flags_of("surewake", pc) if f.startswith("-I")]
        if not any((i / "surewake/semaphore.hpp").is_file() for i in includes):
            sys.exit(f"{variable}={root / folder}: surewake.pc names {includes}, where no surewake/semaphore.hpp is")


def liburing_elsewhere(build, compiler, prefix):
    """A liburing.h and a library in a prefix that nothing but CMAKE_PREFIX_PATH names: both must be used."""
    theirs = fresh(build / "liburing-prefix")
    (theirs / "include").mkdir(parents=True)
    (theirs / "lib").mkdir()
    (theirs / "include/liburing.h").write_text("#define THEIR_LIBURING 1\nextern \"C\" int their_liburing();\n")
    (theirs / "their.cpp").write_text('extern "C" int their_liburing() { return 0; }\n')
    run(compiler, "-shared", "-fPIC", theirs / "their.cpp", "-o", theirs / "lib/liburing.so")
    app = fresh(build / "consumer-liburing")
    app.mkdir()
    (app / "main.cpp").write_text("#include <liburing.h>\n#ifndef THEIR_LIBURING\n#error another liburing.h\n#endif\n"
                                  "int main() { return their_liburing(); }\n")
    (app / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(app LANGUAGES CXX)\n"
        "find_package(surewake 0.1 REQUIRED COMPONENTS uring)\nadd_executable(app main.cpp)\n"
        "target_link_libraries(app PRIVATE surewake::uring)\n")
    run("cmake", "-G", "Ninja", "-S", app, "-B", app / "build", f"-DCMAKE_CXX_COMPILER={compiler}",
        f"-DCMAKE_PREFIX_PATH={prefix};{theirs}")
    run("cmake", "--build", app / "build")
    run(app / "build/app")


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
            flags = flags_of(package, pc)
            sources = [ROOT / "verify/consumer" / f for f in names]
            run(compiler, "-std=c++20", *sources, "-o", folder / program, *flags)
            run(folder / program)
    elif how == "places":
        absolute_folders(build)
        liburing_elsewhere(build, compiler, prefix)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3])
    except subprocess.CalledProcessError as failed:
        sys.exit(f"exit status {failed.returncode}")
