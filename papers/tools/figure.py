"""Draws what `surewake-verify trace --json` wrote: a column for each thread, a row for each step, as SVG.

Of a schedule, each step has its row. Of an execution (a case `…@graph`), those have one that its trace shows or that
have a mark, and what is left out between two rows is said; an arrow goes from each store to a read of another thread
that sees it, and a dashed one from a store to a stale read that misses it. All text is in a font whose characters are
equally wide, so what fits is known without a renderer.
"""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 520.0  # points
SIZE = 7.4
CHARACTER = SIZE * 0.602  # DejaVu Sans Mono
LINE = 9.2
GAP = 3.6  # between two steps
NUMBER = 20.0  # the column of the steps' numbers
MARK = 11.0  # left of a step's text
GUTTER = 26.0  # between two columns, where arrows go
FONT = "'DejaVu Sans Mono', monospace"
INK, GREY, PALE, RED, GREEN = "#1a1a1a", "#777777", "#eceff4", "#b00020", "#1b7f3b"
ARROWS = "<defs>" + "".join(
    f'<marker id="{name}" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="5" markerHeight="5" orient="auto">'
    f'<path d="M0 0 L6 3 L0 6 z" fill="{colour}"/></marker>' for name, colour in (("rf", GREEN), ("missed", RED))
) + "</defs>"
NEVER = ("create", "destroy", "allocate")
PLAIN = {"no": (), "writes": ("set",), "yes": ("get", "set")}
WAKES = ("await", "wake", "wakes", "lock")
ADDRESS = re.compile(r"(?<!\w)\d{13,}\b")
DEADLOCK = re.compile(r"(.+?) sleeps for ever")


@dataclass
class Step:
    thread: int
    text: str
    order: str
    stale: bool
    sleeps: bool
    shown: bool = True
    event: int = -1  # of an execution: which step it is for the events


def shortened(text):
    """`load compio_semaphore.permits_ = 0` without the file's name: `load permits = 0`. Of an address in a word @ is
    left, and the bits that are packed with it: `@+1`."""
    text = re.sub(r"\b[a-z]\w*\.([A-Za-z]\w*?)_?(?![\w])", r"\1", text)
    text = ADDRESS.sub(lambda m: "@" + (f"+{int(m[0]) % 8}" if int(m[0]) % 8 else ""), text)
    return re.sub(r"^(lock|unlock|sleeps on) lock$", lambda m: "sleeps on the lock" if " " in m[1] else m[1], text)


def drawn(trace, plain="no"):
    """The steps of a trace that a figure shows; `plain`: whether accesses to data that a lock protects are shown too:
    yes, no, writes."""
    left_out = {"get", "set"} - set(PLAIN[plain])
    return [Step(s["thread"], shortened(s["text"].replace(" (stale)", "")), s["order"] or "", s["stale"],
                 s["action"] == "sleeps", s.get("shown", True), s.get("step", -1))
            for s in trace["steps"]
            if s["thread"] >= 0 and s["action"] not in NEVER and s["action"] not in left_out]


def edges(trace, relation):
    """The edges of an execution's relation, as pairs of steps; of an RMW both halves are its step."""
    step = {e["number"]: e["step"] for e in trace.get("events", ()) if "step" in e}
    return [(step[a], step[b]) for a, b in trace.get(relation, ()) if a in step and b in step]


def finding(trace):
    """What went wrong, in words, without places of the source."""
    words = re.sub(r" \((?:\w+ at )?[\w/]+\.hpp:\d+\)", "", trace["message"])
    return f"{trace['verdict']}: {words}"


def wrapped(text, columns):
    """The lines of a text, broken at blanks; the second one and the next are indented."""
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > columns:
            lines.append(line)
            line = "  " + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def widths(trace, steps, orders):
    """The columns' widths: what their longest steps ask for, as far as there is room; the wide ones are broken."""
    room = WIDTH - NUMBER
    asked = []
    for t, name in enumerate(trace["threads"]):
        longest = max([len(text_of(s, orders)) for s in steps if s.thread == t] + [len(name) + 2, 16])
        asked.append(MARK + (longest + 1) * CHARACTER)
    if sum(asked) <= room:
        return [w * room / sum(asked) for w in asked]
    # Columns that ask for less than their share get it; the others share the rest.
    given = [0.0] * len(asked)
    open_columns, left = set(range(len(asked))), room
    while True:
        share = left / len(open_columns)
        small = {i for i in open_columns if asked[i] <= share}
        if not small:
            break
        for i in small:
            given[i] = asked[i]
            left -= asked[i]
        open_columns -= small
    for i in open_columns:
        given[i] = left / len(open_columns)
    return given


def text_of(step, orders):
    return step.text + (f" {step.order}" if orders and step.order else "") + (" (stale)" if step.stale else "")


class Drawing:
    """One figure; `marks` are letters, {letter: number of the step}; of an execution `shows` is a pattern: only steps
    with that in their text have a row."""

    def __init__(self, name, trace, plain="no", marks=None, shows=""):
        self.name, self.trace, self.marks = name, trace, {n: letter for letter, n in (marks or {}).items()}
        self.steps = drawn(trace, plain)
        self.orders = any(s.stale for s in self.steps) or "events" in trace  # in play is weak memory
        self.rows = [n for n, s in enumerate(self.steps, 1)
                     if (re.search(shows, s.text) if shows else s.shown) or n in self.marks]
        self.widths = widths(trace, [self.steps[n - 1] for n in self.rows], self.orders)
        self.left = [NUMBER + sum(self.widths[:t]) for t in range(len(self.widths))]
        self.problems = []

    def text(self, x, y, text, fill=INK, extra=""):
        return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" xml:space="preserve" {extra}>{escape(text)}</text>')

    def fits(self, text, width, what):
        if len(text) * CHARACTER > width:
            self.problems.append(f"figure {self.name}: {what} does not fit into {width:.0f} points: {text}")

    def left_out(self, steps, y, body):
        """Says how many steps have no row here. Returns the next y."""
        if not steps:
            return y
        body.append(self.text(NUMBER + MARK, y + LINE - 1, f"… {steps} more", GREY))
        return y + LINE + GAP

    def arrows(self, at):
        """Between rows of two threads: from a store to a read that sees it, and to a stale read that misses it. `at`:
        of each step its thread, where its row is, and whether it is stale."""
        drawn_ = []
        for relation, colour, dashed in (("rf", GREEN, ""), ("missed", RED, 'stroke-dasharray="3 2"')):
            pairs = edges(self.trace, "rf") if relation == "rf" else [(b, a) for a, b in edges(self.trace, "fr")]
            for a, b in pairs:
                if a not in at or b not in at or at[a][0] == at[b][0] or (relation == "missed" and not at[b][2]):
                    continue
                (ta, ya, _), (tb, yb, _) = at[a], at[b]
                right = self.left[max(ta, tb)] - 4  # before the right one of the two, and its marks
                xa, xb = (right, right - GUTTER) if ta > tb else (right - GUTTER, right)
                drawn_.append(f'<path d="M{xa:.1f} {ya:.1f} L{xb:.1f} {yb:.1f}" fill="none" stroke="{colour}" '
                              f'stroke-width="0.8" marker-end="url(#{relation})" {dashed}/>')
        return drawn_

    def svg(self):
        self.problems = []
        pale, head, body, y = [], [], [], LINE + 6
        for t, name in enumerate(self.trace["threads"]):
            self.fits(name, self.widths[t] - MARK, "a thread's name")
            head.append(self.text(self.left[t] + MARK, y, name, extra='font-weight="bold"'))
        y += 5
        top = y
        asleep = {}  # thread: since which y
        lines = []  # lifelines: thread, from, to, asleep
        since = [top] * len(self.widths)
        at = {}  # step of an execution: thread and y
        before = 0
        for number in self.rows:
            s = self.steps[number - 1]
            y = self.left_out(number - before - 1, y, body)
            before = number
            at[s.event] = (s.thread, y + LINE / 2 + 1, s.stale)
            columns = int((self.widths[s.thread] - MARK) / CHARACTER)
            rows = wrapped(text_of(s, self.orders), columns)
            height = LINE * len(rows) + GAP
            mark = self.marks.get(number)
            if mark:
                pale.append(f'<rect x="0" y="{y:.1f}" width="{WIDTH:.0f}" height="{height:.1f}" fill="{PALE}"/>')
                body.append(self.text(self.left[s.thread] - 1, y + LINE - 1, f"{mark}", RED, 'font-weight="bold"'))
            digits = str(number)
            body.append(self.text(NUMBER - 8 - len(digits) * CHARACTER, y + LINE - 1, digits, GREY))
            if s.thread in asleep:  # it has been woken
                lines.append((s.thread, asleep.pop(s.thread), y, True))
                since[s.thread] = y
            for i, row in enumerate(rows):
                self.fits(row, self.widths[s.thread] - MARK + CHARACTER, f"step {number}")
                fill = RED if s.stale else GREY if s.sleeps else INK
                body.append(self.text(self.left[s.thread] + MARK, y + LINE * (i + 1) - 1, row, fill))
            y += height
            if s.sleeps:
                lines.append((s.thread, since[s.thread], y, False))
                asleep[s.thread] = y
        y = self.left_out(len(self.steps) - before, y, body)
        for t in range(len(self.widths)):
            lines.append((t, asleep.get(t, since[t]), y + 2, t in asleep))
        if stuck := DEADLOCK.match(self.trace["message"]):
            for t in asleep:
                if self.trace["threads"][t] == stuck[1]:
                    y += LINE
                    body.append(self.text(self.left[t] + MARK, y, "sleeps for ever", RED, 'font-weight="bold"'))
                    y += GAP
        y += LINE + 4
        for row in wrapped(finding(self.trace), int(WIDTH / CHARACTER)):
            self.fits(row, WIDTH, "the finding")
            body.append(self.text(0, y, row, RED))
            y += LINE
        rails = []
        for t, a, b, sleeps in (x for x in lines if x[2] > x[1]):
            x = self.left[t] + MARK - 4
            style = f'stroke="{RED}" stroke-dasharray="2 2"' if sleeps else f'stroke="{GREY}"'
            rails.append(f'<line x1="{x:.1f}" y1="{a:.1f}" x2="{x:.1f}" y2="{b:.1f}" {style} stroke-width="0.7"/>')
        rails.append(f'<line x1="0" y1="{top - 1:.1f}" x2="{WIDTH:.0f}" y2="{top - 1:.1f}" stroke="{INK}" '
                     'stroke-width="0.6"/>')
        described = escape(f"{finding(self.trace)}; {len(self.steps)} steps of {len(self.trace['threads'])} threads")
        return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH:.0f} {y:.0f}" '
                f'width="{WIDTH:.0f}pt" height="{y:.0f}pt" font-family="{FONT}" font-size="{SIZE}">\n'
                f"<title>{described}</title>\n{ARROWS}\n" +
                "\n".join(pale + rails + self.arrows(at) + head + body) + "\n</svg>\n")
