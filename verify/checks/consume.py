#!/usr/bin/env python3
"""Installs the package and lets verify/consumer use it, as a stranger would.

usage: consume.py BUILD COMPILER install        installs into BUILD/installed, and moves it there from elsewhere
       consume.py BUILD COMPILER cmake          find_package(surewake)
       consume.py BUILD COMPILER pkg-config     surewake.pc
       consume.py BUILD COMPILER subdirectory   add_subdirectory of the source
       consume.py BUILD COMPILER verify         surewake::verify_main, as verify/README.md has it
       consume.py BUILD COMPILER places         absolute install folders, and a liburing in a prefix of its own
       consume.py BUILD COMPILER debian         a Debian source package, and what it makes
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from readme import block, broken_links
from sources import ROOT, files


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
    run("cmake", "-G", "Ninja", "-S", ROOT / "verify/consumer", "-B", fresh(folder),
        f"-DCMAKE_CXX_COMPILER={compiler}", *options)
    run("cmake", "--build", folder)
    run(folder / "consumer")
    for program in ("consumer_uring", "consumer_asio"):
        if (folder / program).exists():
            run(folder / program)


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


def said(status, *argv):
    """What a command wrote, which must end with that status."""
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"$ {' '.join(str(a) for a in argv)}\n{done.stdout}", flush=True)
    if done.returncode != status:
        sys.exit(f"exit status {done.returncode}, {status} is right")
    return done.stdout


def expect(text, *parts):
    for part in parts:
        if part not in text:
            sys.exit(f"does not say: {part}")


def own_variation(build, compiler):
    """The section "Your own variation" of verify/README.md, in a folder of its own, and a second program beside it."""
    prefix = build / "installed-verify"
    first = fresh(build / "installed-verify-elsewhere")
    run("cmake", "--build", build, "--target", "surewake_verify_main")
    for component in ("surewake", "surewake_verify"):
        run("cmake", "--install", build, "--component", component, "--prefix", first, stdout=subprocess.DEVNULL)
    first.rename(fresh(prefix))
    for path in prefix.rglob("*"):
        for place in (ROOT, build, first) if path.is_file() else ():
            if str(place).encode() in path.read_bytes():
                sys.exit(f"{path}: names {place}, which a user does not have")
    page = (ROOT / "verify/README.md").read_text(encoding="utf-8").split("## Your own variation\n")[1]
    project = fresh(build / "consumer-verify")
    project.mkdir()
    (project / "newest_first.hpp").write_text(
        block((ROOT / "queues/README.md").read_text(encoding="utf-8").split("## Add a strategy\n")[1], "cpp"))
    (project / "my_queue_cases.cpp").write_text(block(page, "cpp"))
    shutil.copy(ROOT / "verify/consumer/own/other_cases.cpp", project)
    (project / "CMakeLists.txt").write_text(
        block(page, "cmake") + "target_compile_options(mine PRIVATE -Wall -Wextra -Wpedantic -Werror)\n"
        "add_executable(others other_cases.cpp)\ntarget_link_libraries(others PRIVATE surewake::verify_main)\n")

    def configure(folder, *options):
        return ("cmake", "-G", "Ninja", "-S", project, "-B", fresh(project / folder),
                f"-DCMAKE_CXX_COMPILER={compiler}", *options)

    # What is missing is named, with its package.
    expect(said(1, *configure("none", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_DISABLE_FIND_PACKAGE_fmt=ON")),
           "needs fmt (Debian: libfmt-dev)")
    expect(said(1, *configure("none", f"-DCMAKE_PREFIX_PATH={build / 'installed'}")), "-DSUREWAKE_VERIFY=ON")
    run(*configure("build", f"-DCMAKE_PREFIX_PATH={prefix}"))
    run("cmake", "--build", project / "build")

    mine = project / "build/mine"
    expect(said(0, mine, "list"), "first_stays_first/newest_first@bound", "two_big_requests/newest_first/hand_off",
           "close_twice/newest_first/hand_off@bound", "is it overtaken?")
    expect(said(0, mine, "run", "--schedules", "500"), "mine (surewake-verify) ", "2 bugs caught", "cases by GNU")
    expect(said(0, mine, "bugs"), "first_stays_first/newest_first#without_n1 ", "2 cases, ", "2 bugs caught")
    expect(said(0, mine, "trace", "first_stays_first/newest_first#without_n1"), "my_queue_cases.cpp:",
           'order_.comes(turn, "N1: the first waiter', "broken law: N1", "core/platform/spin_lock.hpp:",
           "held_.exchange(1U")
    expect(said(0, mine, "weaken", "core/platform/spin_lock.hpp", "--seconds", "1"), "2 caught, 0 survived")

    # Every model over a strategy and over a discipline; a strategy that is wrong, and is nobody's seeded bug.
    others = project / "build/others"
    expect(said(0, others, "list"), "withdraw_against_grant/my_queue/hand_off@bound", "progress/my_queue/hand_off/many",
           "first_come/mutex_deque/my_hand_off", "grant_before_registration/my_queue")
    expect(said(0, others, "run", "*/my_queue*", "--schedules", "1000"), " cases, ", " pass (sampled)")
    expect(said(0, others, "run", "two_waiters_two_releases/m*", "--schedules", "500"), "6 cases", "my_hand_off")
    expect(said(1, others, "run", "*/forgetful/*"), "FAIL", "expected: pass", "sleeps for ever",
           "others trace 'two_waiters_two_releases/forgetful/hand_off'", "3 differ")
    expect(said(1, others, "trace", "two_waiters_two_releases/forgetful/hand_off"), "other_cases.cpp:",
           "taken_.exchange")
    expect(said(0, others, "weaken", "other_cases.cpp", "two_waiters_two_releases/my_queue", "--seconds", "1"),
           "acquire -> relaxed  caught", "release -> relaxed  caught", "2 caught, 0 survived")
    expect(said(64, others, "run", "no_such_case"), "others list")

    # In a build that has the source, the same target.
    (project / "CMakeLists.txt").write_text(block(page, "cmake").replace(
        "find_package(surewake 0.1 REQUIRED COMPONENTS verify)",
        f"set(SUREWAKE_VERIFY ON)\nadd_subdirectory({ROOT} surewake)"))
    run(*configure("subdirectory"), stdout=subprocess.DEVNULL)


def debian_package(build, compiler, folder):
    """Packs the source, builds libsurewake-dev from the packed source alone, and uses what is in it."""
    place = fresh(build / "debian")
    source = place / "surewake"
    for path in files(ROOT):
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    version = run("dpkg-parsechangelog", "-l", source / "debian/changelog", "-S", "Version",
                  stdout=subprocess.PIPE, text=True).stdout.strip()
    expect((ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), f"project(surewake VERSION {version} ")
    run("dpkg-source", "--build", "surewake", cwd=place)
    run("dpkg-source", "--extract", f"surewake_{version}.dsc", "unpacked", cwd=place)
    run("dpkg-buildpackage", "--build=binary", "--unsigned-changes", cwd=place / "unpacked")
    run("dpkg-deb", "--extract", place / f"libsurewake-dev_{version}_all.deb", place / "root")
    with_cmake(build, compiler, folder, f"-DCMAKE_PREFIX_PATH={place / 'root/usr'}", "-DSUREWAKE_CONSUMER=brief.cpp")
    if not (place / "root/usr/share/pkgconfig/surewake.pc").is_file():
        sys.exit("the package has no surewake.pc where pkg-config looks on every architecture")


def main(build, compiler, how):
    prefix = build / "installed"
    folder = build / f"consumer-{how}"
    if how == "install":
        install(build, prefix)
    elif how == "cmake":
        with_cmake(build, compiler, folder, f"-DCMAKE_PREFIX_PATH={prefix}")
    elif how == "subdirectory":
        with_cmake(build, compiler, folder, f"-DSUREWAKE_SOURCE={ROOT}", "-DSUREWAKE_CONSUMER=brief.cpp")
    elif how == "pkg-config":
        fresh(folder).mkdir()
        pc = next(prefix.rglob("surewake.pc")).parent
        where = {**os.environ, "PKG_CONFIG_PATH": str(pc)}
        programs = {"consumer": ("surewake", ("brief.cpp", "front_door.cpp"))}
        if subprocess.run(["pkg-config", "--exists", "surewake-uring"], env=where).returncode == 0:
            programs["consumer_uring"] = ("surewake-uring", ("uring.cpp",))  # where liburing is
        for program, (package, names) in programs.items():
            flags = flags_of(package, pc)
            sources = [ROOT / "verify/consumer" / f for f in names]
            run(compiler, "-std=c++20", *sources, "-o", folder / program, *flags)
            run(folder / program)
    elif how == "verify":
        own_variation(build, compiler)
    elif how == "debian":
        debian_package(build, compiler, folder)
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
