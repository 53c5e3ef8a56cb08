"""What can be wrong with a paper: claims that the data do not hold up, numbers typed by hand, references to nothing.

A number is: digits anywhere, three and more in words, two in words before what the data count. No number are: code,
names that begin with a letter (C++20, x86-64, S3), numbers of issues (#398), and what is inside a citation or the
target of a link.
"""

import re

from data import WORDS
from paper import CHARTS, CONDITIONS, MACRO, SENTENCE, without

CITATION = re.compile(r"(?<![\w\\])@([a-z]\w*)")
LARGE = "thirty forty fifty sixty seventy eighty ninety hundred thousand million dozen".split()
COUNTED = "threads steps preemptions executions schedules exhibits bugs projects minutes hours seconds".split()
NUMBER_WORD = re.compile(rf"\b({'|'.join(WORDS[3:] + LARGE)})s?\b(?!-)|\btwo\s+({'|'.join(COUNTED)})\b", re.I)
DIGITS = re.compile(r"\S*\d\S*")
NAME = re.compile(r"[A-Za-z][\w.+#/-]*\d[\w.+#/-]*|#\d+")


def problems_of(p):
    """What is wrong with a paper: sentences; none where all is right."""
    if p.is_derived:
        try:
            p.derived
        except ValueError as e:
            return [f"{p.name}: {e.args[0]}"]
    found = wrong_claims(p) + wrong_tables(p) + wrong_charts(p) + wrong_data(p) + typed_numbers(p) + wrong_references(p)
    if not found:
        try:
            p.expanded("text")
        except ValueError as e:
            found = [f"{p.name}: {e}"]
    return found


def wrong_claims(p):
    problems = []
    where = f"{p.name}: claims.csv"
    for name, c in p.claims.items():
        try:
            value = p.in_data(c)
        except (KeyError, ValueError, OSError) as e:
            problems.append(f"{where}: {name}: {e.args[0] if e.args else e}")
            continue
        if value != c["value"]:
            claimed = c["value"] or "nothing"
            problems.append(f"{where}: {name} is {claimed}, but {c['file']} has {value or 'nothing'}")
        if not c["command"]:
            problems.append(f"{where}: {name} names no command that makes it")
    used = used_claims(p)
    problems += [f"{where}: {name} is in no sentence of the text" for name in p.claims if name not in used]
    return problems


def facts_of(p, exhibit):
    """The claims that {{facts}} and {{table exhibits}} are made of."""
    return [f"{exhibit}.{fact}" for fact in p.facts_known]


def used_claims(p):
    used = {c for _, c in SENTENCE.findall(p.text)}
    for macro in MACRO.findall(p.text):
        word, _, rest = macro.partition(" ")
        if word in CONDITIONS:
            used.add(rest.split("|")[0])
        elif word == "facts":
            used.update(facts_of(p, rest))
        elif not rest and word != "end":
            used.add(macro.split(":")[0])
    return used


def wrong_rows(p, shown, where, name, word, columns):
    """What is wrong with rows of the data that a table or a chart shows; `columns`: a function, which may fail."""
    try:
        wanted = columns()
        rows = p.rows_shown(shown)
    except (KeyError, ValueError, OSError, AttributeError) as e:
        return [f"{where}: {name}: {e.args[0] if e.args else e}"]
    if not rows:
        return [f"{where}: {name} has no rows"]
    if absent := [c for c in wanted if c not in rows[0]]:
        return [f"{where}: {name}: {shown['file']} has no column {absent[0]}"]
    problems = []
    if p.digest_of(shown) != shown["digest"]:
        problems.append(f"{where}: {name}: {shown['file']} has other rows than those that were measured")
    if not shown["command"]:
        problems.append(f"{where}: {name} names no command that makes it")
    if name not in p.named(word):
        problems.append(f"{where}: {name} is nowhere in the text")
    if word == "chart":
        picture = p.picture(shown)
        picture.svg()
        problems += [f"{p.name}: {words}" for words in picture.problems]
    return problems


def wrong_charts(p):
    """Rows of charts.csv that show nothing, or that cannot be drawn."""
    problems, where = [], f"{p.name}: charts.csv"
    for c in p.charts:
        problems += [f"{where}: {c['chart']}: {c['kind']} is no kind of chart"] if c["kind"] not in CHARTS else \
            wrong_rows(p, c, where, c["chart"], "chart", lambda c=c: CHARTS[c["kind"]].COLUMNS)
    known = {c["chart"] for c in p.charts}
    return problems + [f"{p.name}: text.md: has the chart {n}, which charts.csv has not" for n in p.named("chart")
                       if n not in known]


def wrong_tables(p):
    """Rows of tables.csv that show nothing, or that no command makes."""
    problems = []
    for t in p.shown_tables:
        problems += wrong_rows(p, t, f"{p.name}: tables.csv", t["table"], "rows",
                               lambda t=t: [c for _, c, _, _ in p.columns_of(t)])
    known = {t["table"] for t in p.shown_tables}
    problems += [f"{p.name}: text.md: has the table {n}, which tables.csv has not" for n in p.named("rows")
                 if n not in known]
    problems += [f"{p.name}: text.md: refers to the table {n}, which is nowhere" for n in p.named("tab")
                 if n not in p.named("rows")]
    return problems


def wrong_data(p):
    if not p.exhibits:
        return []
    problems = []
    where = f"{p.name}: data/exhibits.csv"
    rows = {r["exhibit"]: r for r in p.table("data/exhibits.csv")}
    for e in p.exhibits:
        name = e["exhibit"]
        if name not in rows:
            problems.append(f"{where} has no {name}: papers/build --measure makes it")
            continue
        problems += p.marked(e)[1]
        drawing = p.drawings[name]
        drawing.svg()
        problems += [f"{p.name}: {words}" for words in drawing.problems]
        for fact, drawn in (("steps", str(len(drawing.steps))), ("threads", str(len(drawing.widths))),
                            ("verdict", drawing.trace["verdict"])):
            if fact in rows[name] and rows[name][fact] != drawn:
                problems.append(f"{where}: {fact} of {name}: {rows[name][fact]}; its trace has {drawn}")
    known = {e["exhibit"] for e in p.exhibits}
    problems += [f"{where} has {n}, which is no exhibit" for n in rows if n not in known]
    return problems


def typed_numbers(p):
    """Numbers of the text, and of the tables' captions and headings, that come from no data."""
    problems = numbers_in(p.text, f"{p.name}: text.md:")
    for n, t in enumerate(p.shown_tables, 2):
        words = re.sub(r"=\w+:[nct]:\d+", "", t["columns"])
        problems += numbers_in(f"{t['caption']} {words}", f"{p.name}: tables.csv:", n)
    for n, c in enumerate(p.charts, 2):
        problems += numbers_in(c["caption"], f"{p.name}: charts.csv:", n)
    return problems


def numbers_in(text, where, first=1):
    for no_number in (r"\A---\n.*?\n---\n", r"<!--.*?-->", r"\{\{(?!if )[^{}]*\}\}", r"\{\{if [\w.]+\|",
                      r"^```.*?^```$", r"`[^`\n]*`", r"\]\([^)\n]*\)", r"\{[#.][^}\n]*\}", r"\{claim=[^}]*\}",
                      r"\[[^\[\]\n]*@[a-z][^\[\]\n]*\]"):
        text = without(no_number, text)
    problems = []
    for number, line in enumerate(text.splitlines(), first):
        found = [m.group() for m in DIGITS.finditer(line) if re.search(r"\d", NAME.sub("", m.group()))]
        found += [m.group() for m in NUMBER_WORD.finditer(line)]
        problems += [f"{where}{number}: the number '{n}' was typed by hand: it must be a claim" for n in found]
    return problems


def wrong_references(p):
    problems, where = [], f"{p.name}: text.md"
    cited = CITATION.findall(without(r"`[^`\n]*`", p.text)) + [e["source"] for e in p.exhibits if e["source"]]
    problems += [f"{where}: cites {k}, which references.bib has not" for k in sorted(set(cited) - set(p.keys))]
    ids = set(re.findall(r"\{#([\w:.-]+)", p.text))
    for target in re.findall(r"\]\(#([\w:.-]+)\)", p.text):
        if target not in ids:
            problems.append(f"{where}: refers to #{target}, which is nowhere")
    words = [m.split(" ") for m in MACRO.findall(p.text)]
    shown_here = set(p.named("figure", "chart"))
    exhibits = {e["exhibit"] for e in p.exhibits}
    known = {"fig": exhibits | {c["chart"] for c in p.charts}}
    for e in p.exhibits:
        if e["exhibit"] not in shown_here:
            problems.append(f"{where}: has no figure of {e['exhibit']}")
        if ["facts", e["exhibit"]] not in words:
            problems.append(f"{where}: has no facts of {e['exhibit']}")
    for w in words:
        if w[0] in ("figure", "fig", "facts") and w[1] not in known.get(w[0], exhibits):
            problems.append(f"{where}: refers to the exhibit {w[1]}, which exhibits.csv has not")
        elif w[0] == "fig" and w[1] not in shown_here:
            problems.append(f"{where}: refers to the figure of {w[1]}, which is nowhere")
    return problems
