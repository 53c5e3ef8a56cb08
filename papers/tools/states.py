"""Draws a strategy's states as SVG: boxes, arrows with numbers, and below them what each number is.

Rows of `kind` state have a box's name and its place, x and y from 0 to 1. Those of `kind` arrow have the state that is
left, the one that is reached, a number and its words; arrows between the same two states are one, with all numbers. A
state that leads to itself has a loop.
"""

import math
from xml.sax.saxutils import escape

from figure import CHARACTER, FONT, GREY, INK, PALE, RED, SIZE, WIDTH, wrapped

LINE = 9.6
TALL = 17.0  # a box
LEVEL = 54.0  # between y = 0 and y = 1
BEND = 15.0  # of an arrow, so that one there and one back are two


class Picture:
    """One figure of a state machine."""

    COLUMNS = ("kind", "state", "to", "x", "y", "number", "words")

    def __init__(self, name, rows):
        self.name, self.problems = name, []
        boxes = [r for r in rows if r["kind"] == "state"]
        self.arrows = [r for r in rows if r["kind"] == "arrow"]
        self.wide = {r["state"]: (len(r["state"]) + 3) * CHARACTER for r in boxes}
        self.top = LEVEL / 2
        room = max(self.wide.values(), default=0) / 2 + 24
        self.at = {r["state"]: (room + float(r["x"]) * (WIDTH - 2 * room), self.top + float(r["y"]) * LEVEL * 2)
                   for r in boxes}
        self.problems += [f"figure {name}: arrow {a['number']} names the state {s}, which has no place"
                          for a in self.arrows for s in (a["state"], a["to"]) if s not in self.at]
        self.problems += [f"figure {name}: no arrow leads to or from the state {s}" for s in self.at
                          if not any(s in (a["state"], a["to"]) for a in self.arrows)]

    def edge(self, state, towards):
        """Where a line from the middle of a box to a point leaves the box."""
        (x, y), (tx, ty) = self.at[state], towards
        dx, dy = tx - x, ty - y
        share = min([abs(self.wide[state] / 2 / dx)] * bool(dx) + [abs(TALL / 2 / dy)] * bool(dy))
        return x + dx * share, y + dy * share

    def label(self, x, y, words, body):
        width = (len(words) + 1) * CHARACTER
        body.append(f'<rect x="{x - width / 2:.1f}" y="{y - 5:.1f}" width="{width:.1f}" height="10" fill="#ffffff"/>')
        body.append(f'<text x="{x - len(words) * CHARACTER / 2:.1f}" y="{y + 2.7:.1f}" fill="{RED}">{words}</text>')

    def arrow(self, state, to, words, body):
        if state == to:
            (x, y), half = self.at[state], TALL / 2
            if y > self.top + LEVEL:
                half = -half  # below the box, where no arrow comes in
            out = math.copysign(1, half)
            body.append(f'<path d="M{x - 7:.1f} {y - half:.1f} C{x - 16:.1f} {y - half - 17 * out:.1f} {x + 16:.1f} '
                        f'{y - half - 17 * out:.1f} {x + 7:.1f} {y - half:.1f}" fill="none" stroke="{INK}" '
                        'stroke-width="0.8" marker-end="url(#to)"/>')
            self.label(x, y - half - 13 * out, words, body)
            return
        (ax, ay), (bx, by) = self.at[state], self.at[to]
        length = math.hypot(bx - ax, by - ay)
        cx, cy = (ax + bx) / 2 + (by - ay) / length * BEND, (ay + by) / 2 - (bx - ax) / length * BEND
        (fx, fy), (tx, ty) = self.edge(state, (cx, cy)), self.edge(to, (cx, cy))
        body.append(f'<path d="M{fx:.1f} {fy:.1f} Q{cx:.1f} {cy:.1f} {tx:.1f} {ty:.1f}" fill="none" stroke="{INK}" '
                    'stroke-width="0.8" marker-end="url(#to)"/>')
        a, b, c = 0.49, 0.42, 0.09  # nearer to where it comes from, since arrows cross in the middle
        self.label(a * fx + b * cx + c * tx, a * fy + b * cy + c * ty, words, body)

    def svg(self):
        if self.problems:
            return ""
        joined = {}
        for a in self.arrows:
            joined.setdefault((a["state"], a["to"]), []).append(a["number"])
        body = []
        for (state, to), numbers in joined.items():
            self.arrow(state, to, ",".join(numbers), body)
        for state, (x, y) in self.at.items():
            wide = self.wide[state]
            body.append(f'<rect x="{x - wide / 2:.1f}" y="{y - TALL / 2:.1f}" width="{wide:.1f}" height="{TALL}" '
                        f'rx="4" fill="{PALE}" stroke="{GREY}" stroke-width="0.6"/>')
            body.append(f'<text x="{x - len(state) * CHARACTER / 2:.1f}" y="{y + 2.7:.1f}" fill="{INK}" '
                        f'font-weight="bold">{escape(state)}</text>')
        y = max(y for _, y in self.at.values()) + TALL / 2 + 26
        columns = int((WIDTH - 20) / CHARACTER)
        for number, words in {a["number"]: a["words"] for a in self.arrows}.items():
            body.append(f'<text x="{14 - len(number) * CHARACTER:.1f}" y="{y:.1f}" fill="{RED}">{number}</text>')
            for line in wrapped(words, columns):
                if len(line) > columns:
                    self.problems.append(f"figure {self.name}: a line of arrow {number} does not fit: {line}")
                body.append(f'<text x="20" y="{y:.1f}" fill="{INK}" xml:space="preserve">{escape(line)}</text>')
                y += LINE
        return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH:.0f} {y:.0f}" '
                f'width="{WIDTH:.0f}pt" height="{y:.0f}pt" font-family="{FONT}" font-size="{SIZE}">\n'
                f"<title>{escape(self.name)}: {len(self.at)} states</title>\n"
                '<defs><marker id="to" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="6" markerHeight="6" '
                f'orient="auto"><path d="M0 0 L6 3 L0 6 z" fill="{INK}"/></marker></defs>\n' +
                "\n".join(body) + "\n</svg>\n")
