"""A paper: its text, what the text claims, and the frozen data that the claims come from.

text.md is pandoc's Markdown, with what the build puts into it:

    {{S3.steps}}              the value of a claim          {{S3.steps:words}}   the same in words, up to twenty;
                                                            {{…:Words}} at the beginning of a sentence
    [sentence]{claim=X}       a sentence that is true only while claim X is `yes`
    {{if X|this|that}}        this while claim X is `yes`, that while it is `no`
    {{facts S3}}              what is claimed of an exhibit, as a line          {{table exhibits}}  of all of them
    {{figure S3}}             its drawing                   {{fig S3}}           a reference to that
    {{a}}                     step (a) of the drawing of the exhibit that this paragraph is about (marks.csv)

Any other number in the text is a problem (check.py).
"""

import json
import re
from functools import cached_property
from pathlib import Path

import data
import figure

# What the headers of the code cite too.
BIBLIOGRAPHY = Path(__file__).resolve().parents[2] / "verify/shared/references.bib"
CLAIM_COLUMNS = ["claim", "value", "unit", "file", "row", "column", "command"]
MACRO = re.compile(r"\{\{([^{}]+)\}\}")
SENTENCE = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\{claim=([\w.]+)\}")
YES = {"yes": True, "no": False}


def breakable(code):
    """Code as raw LaTeX that may be broken after the signs in it."""
    tex = re.sub(r"[_#@]", lambda m: {"_": r"\_", "#": r"\#", "@": "@"}[m.group()], code).replace("--", "-{}-")
    return "`" + r"\texttt{" + re.sub(r"(\\[_#]|[/@])", r"\1\\allowbreak{}", tex) + "}`{=latex}"


def without(pattern, text):
    """The text with blanks in the place of what the pattern finds, so that lines and columns stay."""
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S | re.M)


class Paper:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.name
        self.text = (self.folder / "text.md").read_text(encoding="utf-8")
        self.claims = {r["claim"]: r for r in data.rows_of(self.folder / "claims.csv")}
        self.exhibits = data.rows_of(self.folder / "exhibits.csv")
        self.marks = data.rows_of(self.folder / "marks.csv")
        self.keys = re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.M)
        self.tables = {}

    # -- data ----------------------------------------------------------------------------------------------------------
    def table(self, file):
        if file not in self.tables:
            self.tables[file] = data.rows_of(self.folder / file)
        return self.tables[file]

    def in_data(self, claim):
        """What the data say of a claim.   Errors  KeyError, ValueError in words"""
        rows = self.table(claim["file"])
        if claim["row"] == "*":
            return data.aggregate(rows, claim["column"])
        for r in rows:
            if next(iter(r.values())) == claim["row"]:
                return r[claim["column"]]
        raise KeyError(f"{claim['file']} has no row {claim['row']}")

    @cached_property
    def drawings(self):
        """The figure of each exhibit, by its name."""
        return {e["exhibit"]: figure.Drawing(e["exhibit"], self.trace(e["exhibit"]), e["plain"], self.marked(e)[0])
                for e in self.exhibits}

    def trace(self, exhibit):
        return json.loads((self.folder / f"data/traces/{exhibit}.json").read_text(encoding="utf-8"))

    def marked(self, exhibit):
        """The marks of an exhibit, {letter: number of the step}, and problems."""
        trace, found, problems = self.trace(exhibit["exhibit"]), {}, []
        where = f"{self.name}: marks.csv: {exhibit['exhibit']}"
        steps = figure.drawn(trace, exhibit["plain"])
        for m in (m for m in self.marks if m["exhibit"] == exhibit["exhibit"]):
            here = [n for n, s in enumerate(steps, 1)
                    if (trace["threads"][s.thread], s.text) == (m["thread"], m["step"])]
            which = int(m["which"] or 1)
            if len(here) < which or (not m["which"] and len(here) != 1):
                problems.append(f"{where} ({m['mark']}): {m['thread']} makes the step '{m['step']}' {len(here)} "
                                "times")
            else:
                found[m["mark"]] = here[which - 1]
        if list(found.values()) != sorted(found.values()):
            problems.append(f"{where}: its marks are not in the order of its steps")
        return found, problems

    # -- the text, whole -----------------------------------------------------------------------------------------------
    def expanded(self, target):
        """The text with all of its values, for html, latex or text.   Errors  ValueError"""
        numbers, current, used_marks = {}, None, set()
        order = [m.split(" ")[1] for m in MACRO.findall(self.text) if m.startswith("figure ")]
        for n, name in enumerate(order, 1):
            numbers.setdefault(name, n)

        def value(name):
            if name not in self.claims:
                raise ValueError(f"text.md: {name} is no claim of claims.csv")
            return self.claims[name]["value"]

        def truth(name):
            if value(name) not in YES:
                raise ValueError(f"text.md: claim {name} is {value(name)}, where yes or no is expected")
            return YES[value(name)]

        def macro(m):
            nonlocal current
            word, _, rest = m.group(1).partition(" ")
            if word == "if":
                name, yes, no = rest.split("|")
                return yes if truth(name) else no
            if word == "facts":
                current = rest
                return self.facts(rest, value)
            if word == "figure":
                current = rest
                return self.figure(rest, numbers[rest], target)
            if word == "fig":
                return f"[Figure {numbers[rest]}](#fig:{rest})"
            if word == "table":
                return self.summary(value)
            if len(word) == 1 and not rest:
                if not any(x["exhibit"] == current and x["mark"] == word for x in self.marks):
                    raise ValueError(f"text.md: ({word}) is no mark of {current}")
                used_marks.add((current, word))
                return f"(**{word}**)"
            name, _, how = m.group(1).partition(":")
            words = data.in_words(value(name))
            return {"words": words, "Words": words.capitalize(), "": data.shown(value(name))}[how]

        def sentence(m):
            if not truth(m.group(2)):
                raise ValueError(f"text.md: “{m.group(1)}” is false: claim {m.group(2)} is no")
            return m.group(1)

        text = MACRO.sub(macro, SENTENCE.sub(sentence, self.text))
        unused = [m for m in self.marks if (m["exhibit"], m["mark"]) not in used_marks]
        if unused:
            raise ValueError("; ".join(f"marks.csv: ({m['mark']}) of {m['exhibit']} is in no sentence" for m in unused))
        return text

    def facts(self, name, value):
        e = next(e for e in self.exhibits if e["exhibit"] == name)
        repaired, coverage = value(f"{name}.repaired"), value(f"{name}.coverage")
        if repaired == "pass":
            repaired = {"exhaustive": "passes in every execution", "bounded": "passes within a bound",
                        "sampled": "passes a sample"}[coverage]
        searched = "executions" if coverage == "exhaustive" else "schedules"
        words = [f"fails as **{value(f'{name}.verdict')}**",
                 {"yes": "sequential consistency suffices", "no": "**needs weak memory**"}[value(f"{name}.under_sc")],
                 data.counted(value(f"{name}.threads"), "thread"), data.counted(value(f"{name}.steps"), "step"),
                 data.counted(value(f"{name}.preemptions"), "preemption"),
                 f"repaired: {repaired} ({data.shown(value(f'{name}.executions'))} {searched})",
                 f"source: [@{e['source']}]"]
        return "::: facts\n" + " · ".join(words) + "\n:::\n"

    def summary(self, value):
        lines = ["| exhibit | kind | fails as | under SC | threads | steps | preemptions |",
                 "|" + "".join(f":{'-' * n}|" for n in (33, 11, 13, 9)) + "".join(f"{'-' * n}:|" for n in (8, 6, 12))]
        for e in self.exhibits:
            name = e["exhibit"]
            cells = [value(f"{name}.{fact}") for fact in ("verdict", "under_sc", "threads", "steps", "preemptions")]
            lines.append("| " + " | ".join([f"[{e['title']}](#{e['anchor']})", e["kind"], *cells]) + " |")
        return "\n".join(lines) + "\n"

    def figure(self, name, number, target):
        e = next(e for e in self.exhibits if e["exhibit"] == name)
        if target == "text":
            return ""
        command = f"surewake-verify trace '{e['case']}'{' --shortest' if e['shortest'] == 'yes' else ''}"
        caption = f"{e['title']}. {breakable(command) if target == 'latex' else f'`{command}`'}"
        before = f"Figure {number}: " if target == "html" else ""
        kind = "svg" if target == "html" else "pdf"
        return f"![{before}{caption}](figures/{name}.{kind}){{#fig:{name} width=100%}}\n"
