// Cost over something that grows: threads, tasks or waiters. A group is what else the scenarios have in common.
import * as Plot from "@observablehq/plot";
import { h } from "../dom.js";
import { absent, by_ratio, colour_of, dot, log_axis, marks, point_of, shown, style, table_of, tip, unit_axis } from "./common.js";
import { by_contestant } from "./ladder.js";
import { number } from "../names.js";
import { power_law } from "../statistics.js";

/// Scenarios of a workload whose names differ in one number alone: [{ name, workload, points: [{ x, scenario }] }].
export function groups_of(run, workload, number_of, name_of) {
  const all = new Map();
  for (const scenario of run.scenarios(workload)) {
    const found = number_of.exec(scenario);
    if (!found) continue;
    const name = name_of(scenario.replace(found[0], "").replace(/^[, ]+|[, ]+$/g, "").replace(/, ,/g, ","));
    if (!all.has(name)) all.set(name, { name, workload, places: [] });
    all.get(name).places.push({ x: Number(found[1]), scenario });
  }
  for (const g of all.values()) g.places.sort((a, b) => a.x - b.x);
  return [...all.values()].filter((g) => g.places.length > 1).sort((a, b) => b.places.length - a.places.length);
}

export function sweep(store, run, { id, title, question, reading, groups, x_label, fit }) {
  let chosen = groups[0];
  return {
    id, title, question, reading,
    controls: groups.length < 2 ? undefined : (redraw) => h("label", { class: "choice" }, "Of ", h("select", {
      "aria-label": `${title}: which`, onchange: (event) => { chosen = groups[event.target.selectedIndex]; redraw(); }
    }, groups.map((g) => h("option", {}, g.name)))),
    draw: (width) => (chosen ? draw(store, run, chosen, { x_label, fit }, width) : { why: "This file has no scenarios that differ in this alone." })
  };
}

function draw(store, run, group, { x_label, fit }, width) {
  const places = group.places;
  const every = places.flatMap(({ scenario }) => run.in(group.workload, scenario));
  const points = places.flatMap(({ x, scenario }) => shown(store, run.in(group.workload, scenario)).map((s) => {
    const p = point_of(store, s);
    return p && { ...p, x };
  })).filter(Boolean);
  const table = table_of(store, every);
  if (!points.length) return { why: "No contestant of these scenarios is switched on.", ...table };
  const lines = by_contestant(points);
  const ends = lines.map(([p, some]) => {
    const law = fit ? power_law(some.map((q) => [q.x, q.value])) : null;
    return { ...some.at(-1), law, contestant: p.label };
  });
  const narrow = width < 620;
  const marginRight = narrow ? (fit ? 46 : 14) : 232;
  const height = narrow ? 340 : 400;
  const values = points.flatMap((p) => [p.value, p.low > 0 ? p.low : p.value, p.high]);
  const [low, high] = [Math.min(...values) * 0.85, Math.max(...values) * 1.2];
  const axis = unit_axis(store);
  const y = log_axis(low, high, height - 70, axis.format);
  const xs = [...new Set(points.map((p) => p.x))];
  const marginLeft = 54;
  const [marginTop, marginBottom] = [24, 40];
  // Labels at the right, moved apart so that each can be read; a thin line goes to its series.
  const pixel = (v) => marginTop + (1 - Math.log(v / low) / Math.log(high / low)) * (height - marginTop - marginBottom);
  ends.sort((a, b) => pixel(a.value) - pixel(b.value));
  const step = 14;
  let last = -Infinity;
  for (const e of ends) last = e.at = Math.max(pixel(e.value), last + step);
  for (let i = ends.length - 1, limit = height - marginBottom + 8; i >= 0; --i, limit -= step) ends[i].at = Math.min(ends[i].at, limit);
  const back = (p) => low * (high / low) ** (1 - (p - marginTop) / (height - marginTop - marginBottom));
  const x_end = Math.max(...xs);
  const slope = (e) => (e.law ? `n^${e.law.slope.toFixed(2)}` : "");
  const plot = Plot.plot({
    width, height, marginLeft, marginRight, marginTop, marginBottom, style,
    x: { type: "log", domain: [Math.min(...xs) * 0.85, x_end * 1.15], ticks: xs, tickFormat: (v) => (v >= 1000 ? `${number(v / 1000)}k`.replace("1000k", "1M") : String(v)), label: x_label },
    y: { ...y, label: axis.label },
    marks: marks([
      by_ratio(store) && Plot.ruleY([1], { stroke: "var(--c-grey)", strokeDasharray: "4 3", strokeWidth: 1.5 }),
      lines.map(([p, some]) => Plot.line(some, { x: "x", y: "value", stroke: colour_of(p.series), strokeWidth: p.series.kind === "floor" ? 2 : 1.4,
        strokeDasharray: p.series.kind === "floor" ? "4 3" : p.label.endsWith("/barging") ? "1 3" : undefined, strokeLinecap: "round" })),
      fit && lines.map(([p, some]) => {
        const law = power_law(some.map((q) => [q.x, q.value]));
        return law && Plot.line(xs.map((v) => [v, law.at(v)]), { x: "0", y: "1", stroke: colour_of(p.series), strokeOpacity: 0.35, strokeWidth: 5 });
      }).filter(Boolean),
      Plot.ruleX(points, { x: "x", y1: (p) => Math.max(p.low, low), y2: "high", stroke: (p) => colour_of(p.series), strokeWidth: 1.4 }),
      Plot.dot(points.filter((p) => p.other), { x: "x", y: (p) => p.other.e.median, r: 5.5, stroke: "currentColor", strokeWidth: 1.2, strokeDasharray: "2 1.5" }),
      lines.filter(([p]) => p.series.kind !== "floor").map(([p, some]) => dot(some, p.label, p.series.kind, { x: "x", y: "value" })),
      narrow && fit && Plot.text(ends, { x: x_end, y: (e) => back(e.at), dx: 8, text: slope, textAnchor: "start", fill: (e) => colour_of(e.series), fontSize: 10, clip: false }),
      !narrow && Plot.link(ends, { x1: "x", y1: "value", x2: x_end * 1.15, y2: (e) => back(e.at), stroke: "var(--line)" }),
      !narrow && Plot.text(ends, { x: x_end * 1.15, y: (e) => back(e.at), dx: 5, text: (e) => [e.contestant, slope(e)].filter(Boolean).join("  "), textAnchor: "start", fill: "currentColor", fontSize: 11, clip: false }),
      tip(points, { x: "x", y: "value" })
    ])
  });
  const notes = absent(store, run, places.map((p) => [group.workload, p.scenario]));
  if (fit && narrow) notes.unshift(`Slopes: ${ends.map((e) => `${e.contestant} ${slope(e)}`).join(" · ")}`);
  if (fit) {
    table.head.push("fitted slope");
    const law_of = new Map(lines.map(([p, some]) => [p.label, power_law(some.map((q) => [q.x, q.value]))]));
    for (const r of table.rows) r.push(law_of.get(r[1]) ? law_of.get(r[1]).slope.toFixed(3) : "");
  }
  return { plot, points, ...table, notes };
}
