// What fairness costs: throughput to the right, evenness upwards.
import * as Plot from "@observablehq/plot";
import { h } from "../dom.js";
import { absent, beside, dot, log_axis, marks, shown, style, tip } from "./common.js";
import { interval, number, of_n, ratio } from "../names.js";

/// The two ways in which files tell of it.
const jain_of = (s) => s.estimate_of("fairness_jain_index") ?? s.estimate_of("fairness_jain");
const jain_name = (s) => (s.estimate_of("fairness_jain_index") ? "fairness_jain_index" : "fairness_jain");

export function fairness(store, run) {
  const choices = ["contended", "scale", "fairness"].flatMap((workload) => run.scenarios(workload)
    .filter((scenario) => run.in(workload, scenario).some(jain_of)).map((scenario) => ({ workload, scenario, name: `${workload} / ${scenario}` })));
  let chosen = choices.find((c) => /^8 threads, 1 permit$/.test(c.scenario)) ?? choices[0];
  return {
    id: "fairness",
    title: "What fairness costs",
    question: "Can I have both? To the right is more acquisitions a second, all threads together; at the top everybody gets the same (Jain's index 1), at the bottom one thread gets nearly all.",
    reading: "`hand_off` gives every thread its turn, and pays a sleep and a wake for nearly each. `barging` lets the thread that runs go on. Nothing says which is right: a job queue wants the top, a cache the right.",
    controls: choices.length < 2 ? undefined : (redraw) => h("label", { class: "choice" }, "Of ", h("select", { "aria-label": "What fairness costs: which",
      onchange: (event) => { chosen = choices[event.target.selectedIndex]; redraw(); } }, choices.map((c) => h("option", { selected: c === chosen }, c.name)))),
    draw: (width) => (chosen ? draw(store, run, chosen, width) : { why: "This file has neither contended nor fairness rows." })
  };
}

const rate_of = (s) => {
  const e = s.estimate_of("time_ns_per_operation");
  return e && { ...e, median: 1e9 / e.median, low: 1e9 / e.high, high: 1e9 / e.low };
};

function draw(store, run, { workload, scenario }, width) {
  const every = run.in(workload, scenario).filter((s) => jain_of(s) && rate_of(s));
  const extra = ["fairness_min_share", "fairness_max_share", "overtakings", "longest_bypass", "voluntary_switches"].filter((m) => every.some((s) => s.estimate_of(m)));
  const head = ["scenario", "contestant", "acquisitions a second", "low", "high", "Jain", "low", "high", "n", ...extra];
  const rows = every.map((s) => [scenario, s.contestant, number(rate_of(s).median), number(rate_of(s).low), number(rate_of(s).high),
    ...["median", "low", "high"].map((k) => jain_of(s)[k].toFixed(4)), of_n(jain_of(s)), ...extra.map((m) => number(s.estimate_of(m)?.median))]);
  const points = shown(store, every).map((s) => {
    const [rate, jain] = [rate_of(s), jain_of(s)];
    const other = beside(store, s);
    const words = [s.contestant, `${workload} / ${scenario}`, `${interval(rate)} acquisitions a second, ${of_n(rate)}`, `Jain ${interval(jain, (x) => x.toFixed(3))}`];
    for (const m of extra.slice(2)) words.push(`${m.replaceAll("_", " ")} ${number(s.estimate_of(m)?.median)}`);
    if (other) words.push(`${other.series.run.name}: time second by first ${interval(other.change, ratio)}`);
    return { series: s, quantity: jain_name(s), label: s.contestant, x: rate.median, x1: rate.low, x2: rate.high, y: jain.median, y1: jain.low, y2: jain.high, text: words.join("\n"), other };
  });
  if (!points.length) return { why: "No contestant of this scenario is switched on.", head, rows };
  const narrow = width < 620;
  const height = 380;
  const marginRight = narrow ? 16 : 40;
  const [low, high] = [Math.min(...points.map((p) => p.x)) * 0.6, Math.max(...points.map((p) => p.x)) * 1.6];
  const floor_y = Math.max(0, Math.floor((Math.min(...points.map((p) => p.y1)) - 0.06) * 10) / 10);
  // A label is left out where another one lies within reach: the table and the pointer have the name.
  const [w, tall] = [width - 54 - marginRight, height - 64];
  const at = (p) => [Math.log(p.x / low) / Math.log(high / low) * w, (1 - (p.y - floor_y) / (1.03 - floor_y)) * tall];
  const placed = [];
  for (const p of [...points].sort((a, b) => (b.label.startsWith("intrusive") ? 1 : 0) - (a.label.startsWith("intrusive") ? 1 : 0))) {
    const [px, py] = at(p);
    const length = 10 + p.label.length * 5.9;
    const left = px + length > w + 30;
    const box = { x1: left ? px - length : px, x2: left ? px : px + length, y: py, p, left };
    if (placed.some((q) => Math.abs(q.y - box.y) < 13 && q.x1 < box.x2 && box.x1 < q.x2)) continue;
    if (left && px - length < 0) continue;
    placed.push(box);
  }
  const text = (left) => Plot.text(placed.filter((b) => b.left === left).map((b) => b.p), { x: "x", y: "y", dx: left ? -8 : 8, textAnchor: left ? "end" : "start", text: "label", fill: "currentColor", fontSize: 11, stroke: "var(--paper)", strokeWidth: 3 });
  const plot = Plot.plot({
    width, height, marginLeft: 54, marginRight, marginTop: 24, marginBottom: 40, style,
    x: { ...log_axis(low, high, w, (x) => number(x)), label: "acquisitions a second, all threads" },
    y: { domain: [floor_y, 1.03], grid: true, label: "Jain's index" },
    marks: marks([
      Plot.ruleY([1], { stroke: "var(--c-grey)", strokeDasharray: "4 3", strokeWidth: 1.5 }),
      Plot.ruleY(points, { x1: "x1", x2: "x2", y: "y", stroke: "var(--c-grey)" }),
      Plot.ruleX(points, { y1: "y1", y2: (p) => Math.min(p.y2, 1.03), x: "x", stroke: "var(--c-grey)" }),
      points.map((p) => dot([p], p.label, p.series.kind, { x: "x", y: "y" })),
      text(false), text(true),
      tip(points, { x: "x", y: "y" })
    ])
  });
  return { plot, points, head, rows, notes: absent(store, run, [[workload, scenario]]) };
}
