"""A paper: its text, what the text claims, and the frozen data that the claims come from.

text.md is pandoc's Markdown, with what the build puts into it:

    {{S3.steps}}              the value of a claim          {{S3.steps:words}}   the same in words, up to twenty;
                                                            {{…:Words}} at the beginning of a sentence
    [sentence]{claim=X}       a sentence that is true only while claim X is `yes`
    {{if X|this|that}}        this while claim X is `yes`, that while it is `no`
    {{facts S3}}              what is claimed of an exhibit, as a line          {{table exhibits}}  of all of them
    {{figure S3}}             its drawing                   {{fig S3}}           a reference to that
    {{chart X}}               chart X of charts.csv, which is drawn from rows of the data; {{fig X}} refers to it
    {{when X}} … {{end}}      what is there only while claim X is `yes`, claims and tables among it;
    {{unless X}} … {{end}}    the reverse
    {{rows X}}                table X of tables.csv: rows of the data as they are     {{tab X}}   a reference to that
    {{a}}                     step (a) of the drawing of the exhibit that this paragraph is about (marks.csv)

Any other number in the text is a problem (check.py).

A row of tables.csv is a table: `columns` is `heading=column:kind:width; …`, where the kind is n (a number), c (code) or
t (text), and the width a share of the page; `where` says which rows (data.meets), `command` what makes them; `digest`
is of what they show, so that data which were changed by hand are found. A row of charts.csv is a chart: `kind` says
which tool draws it (CHARTS), the others are as those of a table.

A file `derived/NAME.csv` is not frozen: derive.py of the paper computes it, with all others, from what is. `derive()`
gets the paper's folder and returns {NAME: rows}.
"""

import hashlib
import importlib.util
import json
import re
from functools import cached_property
from pathlib import Path

import chart
import data
import figure
import states

# What the headers of the code cite too.
BIBLIOGRAPHY = Path(__file__).resolve().parents[2] / "verify/shared/references.bib"
CLAIM_COLUMNS = ["claim", "value", "unit", "file", "row", "column", "command"]
TABLE_COLUMNS = ["table", "caption", "file", "where", "columns", "command", "digest"]
CHART_COLUMNS = ["chart", "caption", "kind", "file", "where", "command", "digest"]
CHARTS = {"dots": chart.Chart, "states": states.Picture}
MACRO = re.compile(r"\{\{([^{}]+)\}\}")
SENTENCE = re.compile(r"\[([^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]\{claim=([\w.]+)\}")
YES = {"yes": True, "no": False}
BLOCK = re.compile(r"\{\{(when|unless) ([\w.]+)\}\}((?:(?!\{\{(?:when|unless|end)\b).)*?)\{\{end\}\}", re.S)
CONDITIONS = ("if", "when", "unless")
FACTS = ("threads", "steps", "preemptions", "verdict", "under_sc", "repaired", "coverage", "executions")
MOST_ROWS = 40  # of a table that stays on a page


def small(rows, number):
    """What is before and after a table in LaTeX; `number`: of the table, since those without a caption count too."""
    before = [rf"\setcounter{{table}}{{{number - 1}}}", r"\begingroup\scriptsize\setlength{\tabcolsep}{3pt}"]
    if rows <= MOST_ROWS:
        before.insert(0, rf"\keep{{{60 + 11 * rows}pt}}")
    return [["", "```{=latex}", *tex, "```", ""] for tex in (before, [r"\endgroup"])]


def breakable(code):
    """Code as raw LaTeX that may be broken after the signs in it."""
    tex = re.sub(r"[_#@]", lambda m: {"_": r"\_", "#": r"\#", "@": "@"}[m.group()], code).replace("--", "-{}-")
    return "`" + r"\texttt{" + re.sub(r"(\\[_#]|[/@])", r"\1\\allowbreak{}", tex) + "}`{=latex}"


def named(text, *words):
    return [m.split(" ")[1] for m in MACRO.findall(text) if m.split(" ")[0] in words]


def without(pattern, text):
    """The text with blanks in the place of what the pattern finds, so that lines and columns stay."""
    return re.sub(pattern, lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S | re.M)


class Paper:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.name = self.folder.name
        self.text = (self.folder / "text.md").read_text(encoding="utf-8")
        self.claims = {r["claim"]: r for r in data.rows_of(self.folder / "claims.csv")}
        self.exhibits, self.marks, self.shown_tables, self.charts = map(
            self.optional, ("exhibits.csv", "marks.csv", "tables.csv", "charts.csv"))
        self.keys = re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.M)
        self.tables = {}

    def optional(self, file):
        """The rows of a file that not every paper has."""
        path = self.folder / file
        return data.rows_of(path) if path.is_file() else []

    # -- data ----------------------------------------------------------------------------------------------------------
    def table(self, file):
        if file not in self.tables:
            name = re.fullmatch(r"derived/(\w+)\.csv", file)
            if name and name[1] not in self.derived:
                raise ValueError(f"derive.py makes no {name[1]}")
            self.tables[file] = self.derived[name[1]] if name else data.rows_of(self.folder / file)
        return self.tables[file]

    @property
    def is_derived(self):
        return (self.folder / "derive.py").is_file()

    @cached_property
    def derived(self):
        """What derive.py makes of the frozen data: {name: rows}.   Errors  ValueError"""
        spec = importlib.util.spec_from_file_location(f"derive_{self.name}", self.folder / "derive.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        try:
            return module.derive(self.folder)
        except (KeyError, OSError) as e:
            raise ValueError(f"derive.py: {e.args[-1]}") from e

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
        return {e["exhibit"]: figure.Drawing(e["exhibit"], self.trace(e["exhibit"]), e["plain"], self.marked(e)[0],
                                             e.get("shows") or "")
                for e in self.exhibits}

    def picture(self, chart):
        """What is drawn of a row of charts.csv."""
        return CHARTS[chart["kind"]](chart["chart"], self.rows_shown(chart))

    @property
    def pictures(self):
        """What is drawn of each row of charts.csv, by its name."""
        return {c["chart"]: self.picture(c) for c in self.charts}

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
        current, used_marks = None, set()
        source = self.text

        def value(name):
            if name not in self.claims:
                raise ValueError(f"text.md: {name} is no claim of claims.csv")
            return self.claims[name]["value"]

        def truth(name):
            if value(name) not in YES:
                raise ValueError(f"text.md: claim {name} is {value(name)}, where yes or no is expected")
            return YES[value(name)]

        def block(m):
            return m.group(3) if truth(m.group(2)) == (m.group(1) == "when") else ""

        while BLOCK.search(source):
            source = BLOCK.sub(block, source)
        numbers = {kind: {name: n for n, name in reversed(list(enumerate(named(source, *words), 1)))}
                   for kind, words in (("figure", ("figure", "chart")), ("rows", ("rows",)))}

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
                return self.figure(rest, numbers["figure"][rest], target)
            if word == "chart":
                return self.chart(rest, numbers["figure"][rest], target)
            if word in ("when", "unless", "end"):
                raise ValueError(f"text.md: {m.group()} has no counterpart")
            if word in ("fig", "tab") and rest not in numbers["figure" if word == "fig" else "rows"]:
                raise ValueError(f"text.md: refers to {rest}, which these data leave out")
            if word == "fig":
                return f"[Figure {numbers['figure'][rest]}](#fig:{rest})"
            if word == "rows":
                return self.rows(rest, numbers["rows"][rest], target)
            if word == "tab":
                return f"[Table {numbers['rows'][rest]}](#tab:{rest})"
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

        text = MACRO.sub(macro, SENTENCE.sub(sentence, source))
        unused = [m for m in self.marks if (m["exhibit"], m["mark"]) not in used_marks]
        if unused:
            raise ValueError("; ".join(f"marks.csv: ({m['mark']}) of {m['exhibit']} is in no sentence" for m in unused))
        return text

    def named(self, *words):
        """What the text names after one of the words, in its order: {{figure X}}, {{rows X}}."""
        return named(self.text, *words)

    @cached_property
    def facts_known(self):
        """The facts that the data have of each exhibit."""
        return [f for f in FACTS if self.exhibits and f in self.table("data/exhibits.csv")[0]]

    def facts(self, name, value):
        e = next(e for e in self.exhibits if e["exhibit"] == name)
        repaired, coverage = value(f"{name}.repaired"), value(f"{name}.coverage")
        if repaired == "pass":
            repaired = {"exhaustive": "passes in every execution", "bounded": "passes within a bound",
                        "sampled": "passes a sample"}[coverage]
        searched = "executions" if coverage == "exhaustive" else "schedules"
        words = [f"fails as **{value(f'{name}.verdict')}**",
                 {"yes": "sequential consistency suffices", "no": "**needs weak memory**"}[value(f"{name}.under_sc")],
                 *(data.counted(value(f"{name}.{f}"), f.removesuffix("s")) for f in ("threads", "steps", "preemptions")
                   if f in self.facts_known),
                 f"repaired: {repaired} ({data.shown(value(f'{name}.executions'))} {searched})",
                 *([f"source: [@{e['source']}]"] if e["source"] else [])]
        return "::: facts\n" + " · ".join(words) + "\n:::\n"

    def summary(self, value):
        lines = ["| exhibit | kind | fails as | under SC | threads | steps | preemptions |",
                 "|" + "".join(f":{'-' * n}|" for n in (33, 11, 13, 9)) + "".join(f"{'-' * n}:|" for n in (8, 6, 12))]
        for e in self.exhibits:
            name = e["exhibit"]
            cells = [value(f"{name}.{fact}") for fact in ("verdict", "under_sc", "threads", "steps", "preemptions")]
            lines.append("| " + " | ".join([f"[{e['title']}](#{e['anchor']})", e["kind"], *cells]) + " |")
        return "\n".join(lines) + "\n"

    def columns_of(self, table):
        """(heading, column, kind, width) of a row of tables.csv.   Errors  ValueError"""
        found = []
        for column in table["columns"].split(";"):
            m = re.fullmatch(r"\s*(.*?)=(\w+):([nct]):(\d+)\s*", column)
            if not m:
                raise ValueError(f"tables.csv: {table['table']}: '{column.strip()}' is no heading=column:kind:width")
            found.append((m[1], m[2], m[3], int(m[4])))
        return found

    def rows_shown(self, table):
        return [r for r in self.table(table["file"]) if data.meets(r, table["where"])]

    def digest_of(self, table):
        """What a table shows, in a few digits: data that are changed by hand do not have it."""
        columns = [c for _, c, _, _ in self.columns_of(table)] if "columns" in table else CHARTS[table["kind"]].COLUMNS
        shown = "\n".join(",".join(r[c] for c in columns) for r in self.rows_shown(table))
        return hashlib.sha256(shown.encode()).hexdigest()[:12]

    def rows(self, name, number, target):
        t = next(t for t in self.shown_tables if t["table"] == name)
        columns = self.columns_of(t)

        def cell(text, kind):
            if kind == "c" and text:
                return breakable(text) if target == "latex" else f"`{text}`"
            return data.shown(text) if kind == "n" else text

        before = f"Table {number}: " if target == "html" else ""
        shown = self.rows_shown(t)
        begin, end = small(len(shown), number) if target == "latex" else ([], [])
        lines = [f"::: {{#tab:{name}}}", *begin, "",
                 "| " + " | ".join(c[0] for c in columns) + " |",
                 "".join(f"|{'-' * (width - 1)}{':' if kind == 'n' else '-'}" for _, _, kind, width in columns) + "|",
                 *("| " + " | ".join(cell(r[c], kind) for _, c, kind, _ in columns) + " |" for r in shown),
                 "", f"Table: {before}{t['caption']}", "", *end, ":::", ""]
        return "" if target == "text" else "\n".join(lines)

    def chart(self, name, number, target):
        return self.image(name, next(c for c in self.charts if c["chart"] == name)["caption"], number, target)

    @staticmethod
    def image(name, caption, number, target):
        if target == "text":
            return ""
        before = f"Figure {number}: " if target == "html" else ""
        kind = "svg" if target == "html" else "pdf"
        return f"![{before}{caption}](figures/{name}.{kind}){{#fig:{name} width=100%}}\n"

    def figure(self, name, number, target):
        e = next(e for e in self.exhibits if e["exhibit"] == name)
        command = f"surewake-verify trace '{e['case']}'{' --shortest' if e['shortest'] == 'yes' else ''}"
        caption = f"{e['title']}. {breakable(command) if target == 'latex' else f'`{command}`'}"
        return self.image(name, caption, number, target)
