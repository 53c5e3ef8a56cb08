"""Draws rows of data as SVG: a dot with its interval for each value, in panels beside each other that share their rows.

A row of the data has the columns of Chart.COLUMNS. `kind` is `dot`; `floor`, a stroke across its row, as a ruler;
`band`, the range from `low` to `high` of the whole panel, as what was promised; or `axis`: the axis ends there, and a
value beyond it is written at its end. `scale` is `log` or `linear`; panels of the same unit have the same axis. What
fits is known without a renderer (figure.py).
"""

import math
from xml.sax.saxutils import escape

from figure import CHARACTER, FONT, GREY, INK, PALE, SIZE, WIDTH

LINE = 9.2
DOT = 5.6  # the height that a series takes in a row
MARGIN = 9.0  # between panels
COLOURS = ("#1f5fa8", "#b8461b", "#1b7f3b", "#7a3f9d", "#8a6d00", "#555555", "#c2185b", "#00838f")
BAND = "#dcefdc"


def symbol(n, x, y):
    """The mark of the n-th series: four shapes, filled and hollow, so that a print without colour can be read."""
    colour, r = COLOURS[n % len(COLOURS)], 2.1
    fill = colour if (n // 4) % 2 == 0 else "#ffffff"
    style = f'fill="{fill}" stroke="{colour}" stroke-width="0.8"'
    if n % 4 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" {style}/>'
    corners = {1: ((-r, -r), (r, -r), (r, r), (-r, r)), 2: ((0, -r - 0.4), (r + 0.4, r), (-r - 0.4, r)),
               3: ((0, -r - 0.6), (r + 0.6, 0), (0, r + 0.6), (-r - 0.6, 0))}[n % 4]
    return f'<polygon points="{" ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)}" {style}/>'


def tick_text(value):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


class Axis:
    """Maps values of one unit to places from 0 to 1."""

    def __init__(self, values, log):
        self.log = log
        low, high = min(values), max(values)
        if log:
            low, high = math.log10(low), math.log10(high)
        room = (high - low) * 0.06 or 0.1
        self.low, self.high = low - room, high + room

    def at(self, value):
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    def ticks(self, most):
        """At most so many round values inside."""
        if self.log:
            decades = range(math.floor(self.low), math.ceil(self.high) + 1)
            for steps in ((1, 2, 5), (1,)):
                found = [s * 10.0 ** d for d in decades for s in steps
                         if self.low <= math.log10(s * 10.0 ** d) <= self.high]
                if len(found) <= most:
                    return found
            return found[::math.ceil(len(found) / most)]
        raw = (self.high - self.low) / most
        step = next(s * 10 ** math.floor(math.log10(raw)) for s in (1, 2, 2.5, 5, 10)
                    if s * 10 ** math.floor(math.log10(raw)) >= raw)
        return [n * step for n in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]


def distinct(rows, column):
    return list(dict.fromkeys(r[column] for r in rows))


class Chart:
    """One figure of rows of data."""

    COLUMNS = ("panel", "unit", "scale", "row", "series", "kind", "value", "low", "high")

    def __init__(self, name, rows):
        self.name, self.rows = name, rows
        self.problems = [f"figure {name}: {r['panel']}, {r['row']}, {r['series']}: '{r[c]}' is no number"
                         for r in rows for c in ("value", "low", "high") if r["kind"] == "dot" and not number(r[c])]
        if not self.problems:
            self.problems += [f"figure {name}: {r['panel']}, {r['row']}: {r[c]} has no place on a logarithmic axis"
                              for r in rows if r["scale"] == "log" for c in ("value", "low", "high")
                              if r[c] and float(r[c]) <= 0]
        self.dots = [r for r in rows if r["kind"] == "dot"]
        self.panels, self.labels = distinct(rows, "panel"), [x for x in distinct(rows, "row") if x]
        self.series = distinct(self.dots, "series")
        missing = [f"figure {name}: {p} has no value of {s} in the row '{label}'" for p in self.panels
                   for label in self.labels for s in self.series
                   if not any((r["panel"], r["row"], r["series"]) == (p, label, s) for r in self.dots)]
        self.problems += missing

    def text(self, x, y, words, extra="", fill=INK):
        return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" xml:space="preserve" {extra}>{escape(words)}</text>'

    def fits(self, words, width, what):
        if len(words) * CHARACTER > width + 0.01:
            self.problems.append(f"figure {self.name}: {what} does not fit into {width:.0f} points: {words}")

    def axes(self):
        axes = {}
        for unit in distinct(self.rows, "unit"):
            mine = [r for r in self.rows if r["unit"] == unit]
            ends = [r for r in mine if r["kind"] == "axis"]
            values = [float(r[c]) for r in ends or mine for c in ("value", "low", "high") if r[c]]
            axes[unit] = Axis(values, mine[0]["scale"] == "log")
        return axes

    def legend(self, y, body):
        """The marks and what they stand for.   Returns  the next y"""
        x = 0.0
        entries = [(n, s) for n, s in enumerate(self.series)]
        entries += [(kind, r["series"]) for kind in ("floor", "band")
                    for r in [next((r for r in self.rows if r["kind"] == kind), None)] if r]
        for mark, words in entries:
            width = 12 + (len(words) + 2) * CHARACTER
            if x and x + width > WIDTH:
                x, y = 0.0, y + LINE + 2
            self.fits(words, WIDTH - 12, "a series")
            if mark == "floor":
                body.append(f'<line x1="{x + 4:.1f}" y1="{y - 6:.1f}" x2="{x + 4:.1f}" y2="{y:.1f}" stroke="{INK}" '
                            'stroke-width="1.4"/>')
            elif mark == "band":
                body.append(f'<rect x="{x:.1f}" y="{y - 6:.1f}" width="8" height="6" fill="{BAND}"/>')
            else:
                body.append(symbol(mark, x + 4, y - 3))
            body.append(self.text(x + 11, y, words))
            x += width
        return y + LINE

    def panel(self, name, left, width, top, height, body):
        mine = [r for r in self.rows if r["panel"] == name]
        unit = mine[0]["unit"]
        axis = self.all_axes[unit]
        bottom = top + height * len(self.labels)

        def x(value):
            return left + 4 + min(max(axis.at(float(value)), 0), 1) * (width - 8)

        self.fits(name, width, "a panel's name")
        self.fits(unit, width + MARGIN, "a unit")
        body.append(self.text(left, top - 5, name, 'font-weight="bold"'))
        for r in mine:
            if r["kind"] == "band":
                a, b = x(r["low"]), x(r["high"])
                body.append(f'<rect x="{a:.1f}" y="{top:.1f}" width="{max(b - a, 0.8):.1f}" '
                            f'height="{bottom - top:.1f}" fill="{BAND}"/>')
        ticks = axis.ticks(max(2, int(width / 30)))
        before = -1.0
        for value in ticks:
            body.append(f'<line x1="{x(value):.1f}" y1="{top:.1f}" x2="{x(value):.1f}" y2="{bottom:.1f}" '
                        f'stroke="{GREY if value == 1 and axis.log else "#d8d8d8"}" stroke-width="0.5"/>')
            words = tick_text(value)
            begin = x(value) - len(words) * CHARACTER / 2
            if begin > before and begin + len(words) * CHARACTER < WIDTH:
                body.append(self.text(begin, bottom + LINE, words, fill=GREY))
                before = begin + (len(words) + 1) * CHARACTER
        body.append(self.text(left + 4, bottom + 2 * LINE, unit, fill=GREY))
        body.append(f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}" '
                    f'fill="none" stroke="{GREY}" stroke-width="0.5"/>')
        for r in mine:
            if r["kind"] in ("band", "axis"):
                continue
            y = top + height * self.labels.index(r["row"])
            if r["kind"] == "floor":
                body.append(f'<line x1="{x(r["value"]):.1f}" y1="{y + 1:.1f}" x2="{x(r["value"]):.1f}" '
                            f'y2="{y + height - 1:.1f}" stroke="{INK}" stroke-width="1.4"/>')
                continue
            n = self.series.index(r["series"])
            at = y + (height - DOT * len(self.series)) / 2 + DOT * (n + 0.5)
            body.append(f'<line x1="{x(r["low"]):.1f}" y1="{at:.1f}" x2="{x(r["high"]):.1f}" y2="{at:.1f}" '
                        f'stroke="{COLOURS[n % len(COLOURS)]}" stroke-width="0.9"/>')
            place = axis.at(float(r["value"]))
            if 0 <= place <= 1:
                body.append(symbol(n, x(r["value"]), at))
                continue
            words = f"< {tick_text(float(r['value']))}" if place < 0 else f"{tick_text(float(r['value']))} >"
            begin = left + 2 if place < 0 else left + width - 2 - len(words) * CHARACTER
            body.append(self.text(begin, at + 2.7, words, fill=COLOURS[n % len(COLOURS)]))

    def svg(self):
        if self.problems:
            return ""
        self.all_axes = self.axes()
        body = []
        labels = max(len(x) for x in self.labels) * CHARACTER + 6
        width = (WIDTH - labels - MARGIN * (len(self.panels) - 1)) / len(self.panels)
        height = DOT * len(self.series) + 5
        top = self.legend(LINE, body) + LINE + 5
        bottom = top + height * len(self.labels)
        for n, label in enumerate(self.labels):
            y = top + height * n
            if n % 2:
                body.append(f'<rect x="0" y="{y:.1f}" width="{WIDTH:.0f}" height="{height:.1f}" fill="{PALE}"/>')
            body.append(self.text(0, y + height / 2 + SIZE * 0.36, label))
        for n, panel in enumerate(self.panels):
            self.panel(panel, labels + (width + MARGIN) * n, width, top, height, body)
        full = bottom + 2 * LINE + 4
        described = escape(f"{self.name}: {len(self.dots)} values of {len(self.series)} series")
        return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH:.0f} {full:.0f}" '
                f'width="{WIDTH:.0f}pt" height="{full:.0f}pt" font-family="{FONT}" font-size="{SIZE}">\n'
                f"<title>{described}</title>\n" + "\n".join(body) + "\n</svg>\n")


def number(text):
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
