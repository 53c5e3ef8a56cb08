#!/usr/bin/env python3
"""Makes the tarball of a release: what HEAD has, and the papers that were made from it.

usage: dist.py VERSION BUILD_DIR   (the target `dist`; build/papers has what papers/build wrote)

The same commit gives the same bytes: names are sorted, every time is that of the commit, owners are numbers 0, and
gzip writes neither name nor time. A paper is put in where papers/build made it from this very commit; otherwise the
tarball is without it, and that is said.
"""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

from sources import ROOT


def git(root, *arguments):
    done = subprocess.run(["git", "-c", f"safe.directory={root}", *arguments], cwd=root, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"dist: git {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def papers_of(folder, commit):
    """The papers in a folder that were made from a commit, {name: bytes}; and the names of the others."""
    made, others = {}, []
    for record in sorted(folder.glob("*.made.json")):
        name = record.name.removesuffix(".made.json")
        if json.loads(record.read_text(encoding="utf-8"))["commit"] != commit:
            others.append(name)
            continue
        made |= {f"papers/{name}.{kind}": (folder / f"{name}.{kind}").read_bytes() for kind in ("html", "pdf")}
    return made, others


def tarball(root, prefix, added):
    """The bytes of a .tar.gz of HEAD, and of what is added, {name: bytes}, below `prefix`."""
    time = int(git(root, "log", "-1", "--format=%ct"))
    committed = tarfile.open(fileobj=io.BytesIO(git(root, "archive", "--format=tar", "HEAD")))
    entries = {m.name: (m, committed.extractfile(m).read() if m.isreg() else b"") for m in committed if not m.isdir()}
    for name, content in added.items():
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        entries[name] = entry, content
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as zipped:
        with tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(entries):
                entry, content = entries[name]
                entry.name = f"{prefix}/{name}"
                entry.mode = 0o755 if entry.mode & 0o100 and entry.isreg() and name not in added else 0o644
                entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname, entry.pax_headers = time, 0, 0, "", "", {}
                tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def main(version, build):
    commit = git(ROOT, "rev-parse", "HEAD").decode().strip()
    if git(ROOT, "status", "--porcelain", "--untracked-files=no"):
        print("dist: changes that are in no commit are left out")
    made, others = papers_of(ROOT / "build/papers", commit)
    for name in others:
        print(f"dist: without the paper {name}, which was made from another commit: papers/build makes it again")
    if not made and not others:
        print("dist: without PDFs: papers/build makes them")
    out = build / f"surewake-{version}.tar.gz"
    out.write_bytes(tarball(ROOT, f"surewake-{version}", made))
    print(f"dist: {out}: commit {commit[:12]}, papers: {len(made) // 2}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
