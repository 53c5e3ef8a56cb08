// The first thing on the page: the form, three sentences, and the rows that back them, as a figure.
import * as Plot from "@observablehq/plot";
import { details, h, prose, table } from "./dom.js";
import { decide, fairness_needs } from "./verdict.js";
import { bytes, interval, number, of_n, ratio, spelt, time } from "./names.js";
import { log_axis, marks, style, tip } from "./charts/common.js";
import { point_panel } from "./point.js";

const signs = { ahead: "▲ ahead", lost: "▼ LOST", level: "= level", "not measured": "– not measured" };
const colours = { ahead: "var(--good)", lost: "var(--bad)", level: "var(--c-ink)" };

function select(name, label, options, value, change) {
  return h("label", {}, label, h("select", { name, onchange: (e) => change(e.target.value) },
    options.map(([v, text]) => h("option", { value: v, selected: String(v) === String(value) }, text))));
}

export function verdict(store, run, about) {
  const words = h("div", { class: "sentences", role: "status", "aria-live": "polite" });
  const figure = h("div", { class: "forest" });
  const panel = h("div");
  const behind = h("div");
  const numbers = (all) => all.map((n) => [n, n.toLocaleString("en")]);
  const load = () => store.get("load");
  const set = (name, parse) => (value) => store.set("load", { ...load(), [name]: parse(value) });
  const rivals = run.contestants().filter((c) => run.kind_of(c) === "peer");
  const form = h("form", { class: "load", onsubmit: (e) => e.preventDefault(), "aria-label": "Your load" },
    select("today", "You use today", [["best", "whatever is best"], ...rivals.map((c) => [c, c])], load().today, set("today", String)),
    select("threads", "Threads", numbers([...new Set([1, 2, 4, 8, 16, load().threads])].sort((a, b) => a - b)), load().threads, set("threads", Number)),
    select("permits", "Permits", numbers([1, 2, 4, 8, 64, 1024]), load().permits, set("permits", Number)),
    select("waiters", "Waiters at a time", numbers([0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000]), load().waiters, set("waiters", Number)),
    select("gives_up", "Of them give up", [[0, "none"], [0.01, "1 %"], [0.1, "10 %"], [0.5, "half"], [1, "all"]], load().gives_up, set("gives_up", Number)),
    select("fairness", "Order needed", Object.entries(fairness_needs), load().fairness, set("fairness", String)));
  const section = h("section", { id: "verdict" }, h("h1", {}, "Is it faster than what you use today, for your load?"),
    h("p", { class: "soft" }, about), form, words, figure, panel, behind);

  function show() {
    const d = decide(run, load());
    words.replaceChildren(...d.sentences.map((s) => h("p", {}, prose(s))));
    draw_forest(d);
    behind.replaceChildren(details("The numbers behind the verdict", () => [backing(d), ranked(d)]));
  }

  function draw_forest({ duels, best }) {
    if (!duels.length) return figure.replaceChildren();
    const width = Math.max(280, figure.clientWidth || 640);
    const narrow = width < 620;
    const points = duels.map((d, i) => ({ ...d, i, series: d.ours, value: d.speed?.median ?? 1,
      text: d.speed ? `${best.contestant}: ${format(d, d.ours)}\n${d.theirs.contestant}: ${format(d, d.theirs)}\n${interval(d.speed, ratio)} as fast, ${of_n(d.speed)}\n${d.workload} / ${d.scenario}` : `${d.workload} / ${d.scenario}: ${d.ours ? "the peer" : "ours"} was not measured here` }));
    const known = points.filter((p) => p.speed);
    const row = narrow ? 58 : 44;
    const low = Math.min(0.8, ...known.map((p) => p.speed.low)) * 0.85;
    const high = Math.max(1.5, low ** (-1 / 3), ...known.map((p) => p.speed.high)) * 1.2; // room for the words beside 1
    const right = narrow ? 12 : 24 + 7.2 * Math.max(...points.map((p) => said(p).length));
    const axis = log_axis(low, high, width - right - 8, (x) => `${number(x)}×`);
    const plot = Plot.plot({
      width, height: points.length * row + 66, marginLeft: 8, marginRight: right, marginTop: 26, marginBottom: 30, style,
      x: { ...axis, label: null, axis: "bottom" }, y: { domain: [-0.7, points.length - 0.3], range: [26, points.length * row + 36], axis: null },
      marks: marks([
        Plot.rect([0], { x1: 1, x2: high, y1: -0.7, y2: points.length - 0.3, fill: "var(--good)", fillOpacity: 0.07 }),
        Plot.ruleX([1], { stroke: "currentColor", strokeWidth: 1.5 }),
        Plot.text([narrow ? "faster →" : "faster than what you use →"], { x: 1, frameAnchor: "top", dy: -16, dx: 6, textAnchor: "start", fill: "var(--good)", fontWeight: 600, text: (t) => t }),
        (Math.log(1 / low) / Math.log(high / low)) * (width - right - 8) > 64 && Plot.text(["← slower"], { x: 1, frameAnchor: "top", dy: -16, dx: -6, textAnchor: "end", fill: "var(--bad)", fontWeight: 600, text: (t) => t, clip: false }),
        Plot.text(points, { x: low, y: "i", dy: narrow ? -18 : -13, textAnchor: "start", text: (p) => `${p.says}${narrow ? "" : `   ·   ${p.workload} / ${p.scenario}`}`, fill: "currentColor", stroke: "var(--paper)", strokeWidth: 4, clip: false }),
        Plot.ruleY(known, { x1: (p) => p.speed.low, x2: (p) => p.speed.high, y: "i", dy: narrow ? 13 : 4, stroke: (p) => colours[p.verdict], strokeWidth: 4, strokeOpacity: 0.55 }),
        Plot.dot(known, { x: "value", y: "i", dy: narrow ? 13 : 4, r: 5, symbol: (p) => (p.verdict === "level" ? "square" : "triangle"), rotate: (p) => (p.verdict === "lost" ? 180 : 0), fill: (p) => colours[p.verdict], stroke: "var(--paper)" }),
        Plot.text(points, { x: narrow ? low : high, y: "i", dy: narrow ? -3 : 4, dx: narrow ? 0 : 8, textAnchor: "start", text: said, stroke: "var(--paper)", strokeWidth: 3, fill: (p) => colours[p.verdict] ?? "var(--soft)", fontWeight: 600, clip: false }),
        tip(points, { x: "value", y: "i" })
      ]),
      symbol: { type: "identity" }
    });
    plot.classList.add("plot");
    plot.setAttribute("aria-label", "How many times as fast ours is, row by row");
    plot.addEventListener("input", () => { figure.pointed = plot.value; });
    figure.onclick = () => { if (figure.pointed?.series) panel.replaceChildren(point_panel(store, { series: figure.pointed.series, text: figure.pointed.text }, () => panel.replaceChildren())); };
    figure.replaceChildren(plot);
  }

  store.on_change(show);
  new ResizeObserver(show).observe(figure);
  return section;
}

const format = (d, s) => (d.quantity === "bytes_per_waiter" ? bytes : time)(s.estimate_of(d.quantity).median);
function said(d) {
  if (!d.speed) return signs["not measured"];
  return `${signs[d.verdict]} ${ratio(d.speed.median)}${d.theirs ? ` ${d.theirs.contestant}` : ""}`;
}

function backing({ duels, best }) {
  return table(["row", "what it says", best.contestant, "beside it", "its time", "times as fast", "95 % interval", "pairs", "verdict"], duels.map((d) => [
    `${d.workload} / ${d.scenario}`, d.says, d.ours ? format(d, d.ours) : null, d.theirs?.contestant ?? null, d.theirs ? format(d, d.theirs) : null,
    d.speed ? number(d.speed.median) : null, d.speed ? `${number(d.speed.low)} – ${number(d.speed.high)}` : null, d.speed ? of_n(d.speed) : null,
    h("span", { class: `verdict-${d.verdict.split(" ")[0]}` }, signs[d.verdict])]), { caption: "The rows that back it", text: [0, 1, 3] });
}

function ranked({ ranked: all }) {
  return table(["ours", "cost beside the least of each row", "Jain's index when contended", "rows"], all.map((r) => [
    spelt(r.contestant), number(r.cost), r.jain ? r.jain.median.toFixed(3) : null, r.known]), { caption: "All combinations that fit, by their cost for this load" });
}
