#!/usr/bin/env python3
"""CITATION.cff: as the Citation File Format 1.2 has it, and at one with CMakeLists.txt, CHANGELOG.md and LICENSE.

usage: citation.py [FILE.cff…]   (what the programs print for `cite --format cff` is held to the format alone)

The format's JSON schema is in no package of Debian, so what a file may have is said here: the keys, which of them are
required, and the types of those that this project uses. A key that the format has and this list has not is refused too.
"""

import datetime
import re
import sys
from pathlib import Path

from sources import ROOT, finish

try:
    import yaml
except ImportError:
    sys.exit("citation: the Python module yaml is missing (Debian: python3-yaml)")


def text(value):
    return isinstance(value, str) and value.strip() != ""


def one_of(*values):
    return lambda value: value in values


def matching(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def date(value):
    return isinstance(value, datetime.date) or (text(value) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) is not None)


def year(value):
    return isinstance(value, int) and not isinstance(value, bool)


def texts(value):
    return isinstance(value, list) and bool(value) and all(map(text, value)) and len(set(value)) == len(value)


URL = matching(r"(https?|s?ftp)://\S+")
DOI = matching(r"10\.\d{4,9}(\.\d+)?/\S+")
SOFTWARE = {
    "cff-version": one_of("1.2.0"), "message": text, "title": text, "authors": "authors",
    "type": one_of("software", "dataset"), "abstract": text, "commit": text,
    "date-released": date, "doi": DOI, "keywords": texts, "license": text,
    "references": "references", "repository": URL, "repository-code": URL, "url": URL, "version": text,
}
REFERENCE_TYPES = ("article book conference-paper generic manual pamphlet patent proceedings report serial software "
                   "software-code standard thesis unpublished website").split()
REFERENCE = {
    "type": one_of(*REFERENCE_TYPES), "title": text, "authors": "authors", "year": year, "journal": text,
    "collection-title": text, "institution": "entity", "publisher": "entity", "doi": DOI, "url": URL, "number": text,
    "notes": text, "version": text, "volume": lambda v: text(v) or year(v), "issue": lambda v: text(v) or year(v),
}
PERSON = {"family-names": text, "given-names": text, "orcid": URL, "affiliation": text, "email": text, "website": URL}
ENTITY = {"name": text, "website": URL, "email": text, "orcid": URL}
REQUIRED = {"software": ("cff-version", "message", "title", "authors"), "reference": ("type", "title", "authors"),
            "entity": ("name",), "person": ()}


def wrong_in(what, value, keys, where):
    if not isinstance(value, dict):
        return [f"{where}: is no mapping"]
    problems = [f"{where}: lacks {k}" for k in REQUIRED[what] if k not in value]
    for key, it in value.items():
        rule, here = keys.get(key), f"{where}: {key}"
        if rule is None:
            problems.append(f"{here}: no such key here")
        elif rule == "authors":
            problems += each(it, here, author)
        elif rule == "references":
            problems += each(it, here, lambda v, w: wrong_in("reference", v, REFERENCE, w))
        elif rule == "entity":
            problems += wrong_in("entity", it, ENTITY, here)
        elif not rule(it):
            problems.append(f"{here}: '{it}' is not allowed")
    return problems


def each(values, where, check):
    if not isinstance(values, list) or not values:
        return [f"{where}: is no list, or an empty one"]
    return [p for n, v in enumerate(values, 1) for p in check(v, f"{where} {n}")]


def author(value, where):
    """A person, or an entity, which has a name."""
    if isinstance(value, dict) and "name" in value:
        return wrong_in("entity", value, ENTITY, where)
    problems = wrong_in("person", value, PERSON, where)
    return problems or ([] if value else [f"{where}: has no name"])


def wrong_format(cff, name):
    try:
        return wrong_in("software", yaml.safe_load(cff), SOFTWARE, name)
    except yaml.YAMLError as e:
        return [f"{name}: is no YAML: {' '.join(str(e).split())}"]


def disagreements(cff, cmake, changelog, license_text):
    """Where CITATION.cff says another thing than the project does."""
    it, problems = yaml.safe_load(cff), []
    version = re.search(r"^project\(\w+ VERSION ([\d.]+)", cmake, re.M)[1]
    if it.get("version") != version:
        problems.append(f"CITATION.cff: version {it.get('version')}, but CMakeLists.txt has {version}")
    released = dict(re.findall(r"^## \[([\d.]+)\] - (\d{4}-\d{2}-\d{2})$", changelog, re.M))
    newest = next(iter(released), None)
    if newest and newest != version and "## [Unreleased]" not in changelog:
        problems.append(f"CHANGELOG.md: its newest version is {newest}, but CMakeLists.txt has {version}")
    said = str(it.get("date-released", "none"))
    if said != released.get(version, "none"):
        problems.append(f"CITATION.cff: date-released {said}, but CHANGELOG.md has {released.get(version, 'none')} for "
                        f"{version}")
    if it.get("license") != license_text.split()[0]:
        problems.append(f"CITATION.cff: license {it.get('license')}, but LICENSE is {license_text.split()[0]}")
    return problems


def main(others):
    read = {name: (ROOT / name).read_text(encoding="utf-8")
            for name in ("CITATION.cff", "CMakeLists.txt", "CHANGELOG.md", "LICENSE")}
    problems = wrong_format(read["CITATION.cff"], "CITATION.cff")
    problems = problems or disagreements(*read.values())
    for name in others:
        problems += wrong_format(Path(name).read_text(encoding="utf-8"), name)
    finish(problems, "citation")


if __name__ == "__main__":
    main(sys.argv[1:])
