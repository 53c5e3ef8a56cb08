"""A paper: its text, what the text claims, and the frozen data that the claims come from.

text.md is pandoc's Markdown, with what the build puts into it:

    {{S3.steps}}              the value of a claim          {{S3.steps:words}}   the same in words, up to twenty;
                                                            {{…:Words}} at the beginning of a sentence
    [sentence]{claim=X}       a sentence that is true only while claim X is `yes`
    {{if X|this|that}}        this while claim X is `yes`, that while it is `no`
    {{facts S3}}              what is claimed of an exhibit, as a line          {{table exhibits}}  of all of them
    {{figure S3}}             its drawing                   {{fig S3}}           a reference to that
    {{a}}                     step (a) of the drawing of the exhibit that this paragraph is about (marks.csv)

Any other number in the text is a problem: digits anywhere, three and more in words, two in words before what the
data count. No number are: code, names that begin with a letter (C++20, x86-64, S3), numbers of issues
(#398), and what is inside a citation or the target of a link.
"""

import csv
import io
import json
import re
from functools import cached_property
from pathlib import Path

import figure

CLAIM_COLUMNS = ["claim", "value", "unit", "file", "row", "column", "command"]
MACRO = re.compile(r"\{\{([^{}]+)\}\}")
SENTENCE = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\{claim=([\w.]+)\}")
CITATION = re.compile(r"(?<![\w\\])@([a-z]\w*)")
WORDS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
         "eighteen nineteen twenty").split()
NUMBER_WORD = re.compile(
    r"\b(" + "|".join(WORDS[3:] + "thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen".split()) +
    r")s?\b(?!-)|\btwo\s+(threads|steps|preemptions|executions|schedules|exhibits|bugs|projects|"
    r"minutes|hours|seconds)\b", re.I)
DIGITS = re.compile(r"\S*\d\S*")
NAME = re.compile(r"[A-Za-z][\w.+#/-]*\d[\w.+#/-]*|#\d+")
YES = {"yes": True, "no": False}


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(rows, columns):
    """Rows as the text of a CSV file."""
    out = io.StringIO()
    table = csv.DictWriter(out, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def meets(row, conditions):
    """Whether a row is as `a=x&b!=y` says."""
    for condition in filter(None, conditions.split("&")):
        name, no, value = re.fullmatch(r"(\w+)(!?)=(.*)", condition).groups()
        if (row[name] == value) == bool(no):
            return False
    return True


def aggregate(rows, what):
    """Of rows: count(a=x), distinct(a), sum(a), min(a), max(a); all(a=x) and same(a=x;b=y): yes or no."""
    found = re.fullmatch(r"(\w+)\((.*)\)", what)
    if not found:
        raise ValueError(f"'{what}' is no aggregate")
    name, argument = found.groups()
    if name in ("count", "all"):
        chosen = [r for r in rows if meets(r, argument)]
        if name == "count":
            return str(len(chosen))
        return "yes" if rows and len(chosen) == len(rows) else "no"
    if name == "same":  # whether two conditions choose the same rows
        one, other = argument.split(";")
        return "yes" if all(meets(r, one) == meets(r, other) for r in rows) else "no"
    if name == "distinct":
        return str(len({r[argument] for r in rows}))
    if name in ("sum", "min", "max"):
        return str({"sum": sum, "min": min, "max": max}[name](int(r[argument]) for r in rows))
    raise ValueError(f"'{what}' is no aggregate")


def shown(value):
    """A number with its thousands apart; anything else as it is."""
    return f"{int(value):,}" if value.isdigit() else value


def counted(value, what):
    return f"{shown(value) if value != '0' else 'no'} {what}{'' if value == '1' else 's'}"


def in_words(value):
    return WORDS[int(value)] if value.isdigit() and int(value) < len(WORDS) else shown(value)


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
        self.claims = {r["claim"]: r for r in rows_of(self.folder / "claims.csv")}
        self.exhibits = rows_of(self.folder / "exhibits.csv")
        self.marks = rows_of(self.folder / "marks.csv")
        self.keys = re.findall(r"^@\w+\{(\w+),", (self.folder / "references.bib").read_text(encoding="utf-8"), re.M)
        self.tables = {}

    # -- data ----------------------------------------------------------------------------------------------------------
    def table(self, file):
        if file not in self.tables:
            self.tables[file] = rows_of(self.folder / file)
        return self.tables[file]

    def in_data(self, claim):
        """What the data say of a claim.   Errors  KeyError, ValueError in words"""
        rows = self.table(claim["file"])
        if claim["row"] == "*":
            return aggregate(rows, claim["column"])
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
        steps = figure.drawn(trace, exhibit["plain"])
        for m in (m for m in self.marks if m["exhibit"] == exhibit["exhibit"]):
            here = [n for n, s in enumerate(steps, 1)
                    if (trace["threads"][s.thread], s.text) == (m["thread"], m["step"])]
            which = int(m["which"] or 1)
            if len(here) < which or (not m["which"] and len(here) != 1):
                problems.append(f"{self.name}: marks.csv: {exhibit['exhibit']} ({m['mark']}): {m['thread']} makes the step "
                                f"'{m['step']}' {len(here)} times")
            else:
                found[m["mark"]] = here[which - 1]
        if list(found.values()) != sorted(found.values()):
            problems.append(f"{self.name}: marks.csv: the marks of {exhibit['exhibit']} are not in the order of its steps")
        return found, problems

    # -- the check -----------------------------------------------------------------------------------------------------
    def problems(self):
        found = self.wrong_claims() + self.wrong_data() + self.typed_numbers() + self.wrong_references()
        if not found:
            try:
                self.expanded("text")
            except ValueError as e:
                found = [f"{self.name}: {e}"]
        return found

    def wrong_claims(self):
        problems = []
        where = f"{self.name}: claims.csv"
        for name, c in self.claims.items():
            try:
                value = self.in_data(c)
            except (KeyError, ValueError, OSError) as e:
                problems.append(f"{where}: {name}: {e.args[0] if e.args else e}")
                continue
            if value != c["value"]:
                problems.append(f"{where}: {name} is {c['value'] or 'nothing'}, but {c['file']} has {value or 'nothing'}")
            if not c["command"]:
                problems.append(f"{where}: {name} names no command that makes it")
        used = self.used_claims()
        problems += [f"{where}: {name} is in no sentence of the text" for name in self.claims if name not in used]
        return problems

    def facts_of(self, exhibit):
        """The claims that {{facts}} and {{table exhibits}} are made of."""
        return [f"{exhibit}.{fact}" for fact in
                ("threads", "steps", "preemptions", "verdict", "under_sc", "repaired", "coverage", "executions")]

    def used_claims(self):
        used = {c for _, c in SENTENCE.findall(self.text)}
        for macro in MACRO.findall(self.text):
            word, _, rest = macro.partition(" ")
            if word == "if":
                used.add(rest.split("|")[0])
            elif word == "facts":
                used.update(self.facts_of(rest))
            elif not rest:
                used.add(macro.split(":")[0])
        return used

    def wrong_data(self):
        problems = []
        data = {r["exhibit"]: r for r in self.table("data/exhibits.csv")}
        for e in self.exhibits:
            name = e["exhibit"]
            if name not in data:
                problems.append(f"{self.name}: data/exhibits.csv has no {name}: papers/build --measure makes it")
                continue
            problems += self.marked(e)[1]
            drawing = self.drawings[name]
            drawing.svg()
            problems += [f"{self.name}: {p}" for p in drawing.problems]
            if str(len(drawing.steps)) != data[name]["steps"]:
                problems.append(f"{self.name}: data/exhibits.csv says that {name} has {data[name]['steps']} steps; its trace "
                                f"has {len(drawing.steps)}")
            if drawing.trace["verdict"] != data[name]["verdict"]:
                problems.append(f"{self.name}: data/exhibits.csv says {data[name]['verdict']} of {name}; its trace says "
                                f"{drawing.trace['verdict']}")
        known = {e["exhibit"] for e in self.exhibits}
        problems += [f"{self.name}: data/exhibits.csv has {n}, which is no exhibit" for n in data if n not in known]
        return problems

    def typed_numbers(self):
        """Numbers of the text that come from no data."""
        text = self.text
        for no_number in (r"\A---\n.*?\n---\n", r"<!--.*?-->", r"\{\{(?!if )[^{}]*\}\}", r"\{\{if [\w.]+\|",
                          r"^```.*?^```$", r"`[^`\n]*`", r"\]\([^)\n]*\)", r"\{[#.][^}\n]*\}", r"\{claim=[^}]*\}",
                          r"\[[^\[\]\n]*@[a-z][^\[\]\n]*\]"):
            text = without(no_number, text)
        problems = []
        for number, line in enumerate(text.splitlines(), 1):
            found = [m.group() for m in DIGITS.finditer(line) if re.search(r"\d", NAME.sub("", m.group()))]
            found += [m.group() for m in NUMBER_WORD.finditer(line)]
            problems += [f"{self.name}: text.md:{number}: the number '{n}' was typed by hand: it must be a claim" for n in found]
        return problems

    def wrong_references(self):
        problems, where = [], f"{self.name}: text.md"
        cited = CITATION.findall(self.text) + [e["source"] for e in self.exhibits]
        problems += [f"{where}: cites {k}, which references.bib has not" for k in sorted(set(cited) - set(self.keys))]
        problems += [f"{self.name}: references.bib: {k} is cited nowhere" for k in sorted(set(self.keys) - set(cited))]
        ids = set(re.findall(r"\{#([\w:.-]+)", self.text))
        for target in re.findall(r"\]\(#([\w:.-]+)\)", self.text):
            if target not in ids:
                problems.append(f"{where}: refers to #{target}, which is nowhere")
        words = [m.split(" ") for m in MACRO.findall(self.text)]
        shown_here = {w[1] for w in words if w[0] == "figure"}
        for e in self.exhibits:
            if e["exhibit"] not in shown_here:
                problems.append(f"{where}: has no figure of {e['exhibit']}")
            if ["facts", e["exhibit"]] not in words:
                problems.append(f"{where}: has no facts of {e['exhibit']}")
        for w in words:
            if w[0] in ("figure", "fig", "facts") and w[1] not in {e["exhibit"] for e in self.exhibits}:
                problems.append(f"{where}: refers to the exhibit {w[1]}, which exhibits.csv has not")
            elif w[0] == "fig" and w[1] not in shown_here:
                problems.append(f"{where}: refers to the figure of {w[1]}, which is nowhere")
        return problems

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
            words = in_words(value(name))
            return {"words": words, "Words": words.capitalize(), "": shown(value(name))}[how]

        def sentence(m):
            if not truth(m.group(2)):
                raise ValueError(f"text.md: “{m.group(1)}” is false: claim {m.group(2)} is no")
            return m.group(1)

        text = MACRO.sub(macro, SENTENCE.sub(sentence, self.text))
        unused = [m for m in self.marks if (m["exhibit"], m["mark"]) not in used_marks]
        if unused:
            raise ValueError("; ".join(f"marks.csv: ({m['mark']}) of {m['exhibit']} is in no sentence" for m in unused))
        return text

    def exhibit(self, name):
        return next(e for e in self.exhibits if e["exhibit"] == name)

    def facts(self, name, value):
        e = self.exhibit(name)
        passes = {"exhaustive": "passes in every execution", "bounded": "passes within a bound", "sampled": "passes a sample"}
        repaired = passes[value(f"{name}.coverage")] if value(f"{name}.repaired") == "pass" else value(f"{name}.repaired")
        searched = "executions" if value(f"{name}.coverage") == "exhaustive" else "schedules"
        words = [f"fails as **{value(f'{name}.verdict')}**",
                 {"yes": "sequential consistency suffices", "no": "**needs weak memory**"}[value(f"{name}.under_sc")],
                 counted(value(f"{name}.threads"), "thread"), counted(value(f"{name}.steps"), "step"),
                 counted(value(f"{name}.preemptions"), "preemption"),
                 f"repaired: {repaired} ({shown(value(f'{name}.executions'))} {searched})", f"source: [@{e['source']}]"]
        return "::: facts\n" + " · ".join(words) + "\n:::\n"

    def summary(self, value):
        lines = ["| exhibit | kind | fails as | under SC | threads | steps | preemptions |",
                 "|:" + "|:".join("-" * n for n in (33, 11, 13, 9)) + "|" + "|".join("-" * n + ":" for n in (8, 6, 12)) + "|"]
        for e in self.exhibits:
            name = e["exhibit"]
            cells = [value(f"{name}.{fact}") for fact in ("verdict", "under_sc", "threads", "steps", "preemptions")]
            lines.append("| " + " | ".join([f"[{e['title']}](#{e['anchor']})", e["kind"], *cells]) + " |")
        return "\n".join(lines) + "\n"

    def figure(self, name, number, target):
        e = self.exhibit(name)
        if target == "text":
            return ""
        command = f"surewake-verify trace '{e['case']}'{' --shortest' if e['shortest'] == 'yes' else ''}"
        caption = f"{e['title']}. {breakable(command) if target == 'latex' else f'`{command}`'}"
        before = f"Figure {number}: " if target == "html" else ""
        kind = "svg" if target == "html" else "pdf"
        return f"![{before}{caption}](figures/{name}.{kind}){{#fig:{name} width=100%}}\n"
