// What one operation of each kind costs: a lane a scenario, and the floors as rulers across it.
import * as Plot from "@observablehq/plot";
import { absent, by_ratio, colour_of, dot, log_axis, marks, point_of, shown, style, table_of, tip, unit_axis } from "./common.js";
import { number, time } from "../names.js";

/// The steps, with what each is in words, and the scenario nearest to the one that is wanted.
const steps = [
  ["uncontended", /^await$/, "take a free permit and give it back, in a coroutine"],
  ["uncontended", /^blocking$/, "the same on a plain thread"],
  ["enqueue", /n = 1000$/, "begin to wait, one of 1,000"],
  ["storm", /^at once, n = 1000$/, "wake one of 1,000, all at once"],
  ["storm", /^one by one, n = 1000$/, "wake one of 1,000, one by one"],
  ["withdraw", /^random, n = 1000$/, "give up, one of 1,000"],
  ["ping_pong_inline", /^one thread$/, "hand over to a coroutine of the same thread"],
  ["ping_pong_executor", /^one thread$/, "the same through an executor"],
  ["oversubscription", /^plain, M = 1000, 2 threads$/, "a wait and a release, 1,000 tasks on 2 threads"],
  ["contended", /^2 threads, 1 permit$/, "2 threads fight for 1 permit"],
  ["ping_pong_threads", /^spins$/, "there and back between two spinning threads"],
  ["ping_pong_threads", /^sleeps at once$/, "there and back between two sleeping threads"]
];

export function lanes_of(run) {
  return steps.map(([workload, wanted, words]) => {
    const all = run.scenarios(workload);
    const scenario = all.find((s) => wanted.test(s)) ?? (workload.startsWith("ping") || workload === "uncontended" ? undefined : all[0]);
    return scenario && { workload, scenario, words };
  }).filter(Boolean);
}

export function ladder(store, run) {
  return {
    id: "ladder",
    title: "What each step costs",
    question: "How far is each semaphore from what the machine allows? Left is faster; the scale is logarithmic. The dashed rulers are floors: the same step by the least code that does it, which has no limit, no order or no withdrawal.",
    reading: "A thin line through a mark is its 95 % interval. Point at a mark, or go through them by the arrow keys; choose one to see its rows.",
    draw: (width) => draw_lanes(store, run, lanes_of(run), width)
  };
}

export function draw_lanes(store, run, lanes, width) {
  if (!lanes.length) return { why: "This file has none of the scenarios of this chart." };
  const every = lanes.flatMap(({ workload, scenario }) => run.in(workload, scenario));
  const points = [];
  const rulers = [];
  const heads = [];
  const names = []; // of the rulers, below the others
  let y = 0;
  for (const lane of lanes) {
    const all = shown(store, run.in(lane.workload, lane.scenario)).map((s) => point_of(store, s)).filter(Boolean);
    heads.push({ y, ...lane });
    y += 1.5;
    const floors = all.filter((p) => p.series.kind === "floor");
    const rest = all.filter((p) => p.series.kind !== "floor").sort((a, b) => a.value - b.value);
    const top = y - 0.55;
    for (const p of rest) points.push({ ...p, y: y++ });
    const some = by_ratio(store) ? [] : floors.sort((a, b) => a.value - b.value);
    for (const p of some) names.push({ ...p, y: y++ });
    const end = Math.max(y - 0.45, top + 0.8);
    for (const p of some) rulers.push({ ...p, y1: top, y2: end, y: (top + end) / 2 });
    y = end + 0.85;
  }
  const drawn = [...points, ...rulers];
  if (!points.length) return { why: "No contestant of these scenarios is switched on.", ...table_of(store, every) };
  const narrow = width < 620;
  const [marginLeft, marginRight] = narrow ? [6, 12] : [6, 215];
  const values = drawn.flatMap((p) => [p.value, p.other?.e.median ?? p.value]);
  const [low, high] = [Math.min(...values, by_ratio(store) ? 1 : Infinity) * 0.8, Math.max(...values) * 1.35];
  const axis = unit_axis(store);
  const x = log_axis(low, high, width - marginLeft - marginRight, axis.format);
  const row = narrow ? 15 : 14;
  const labelled = narrow ? [] : points;
  const plot = Plot.plot({
    width, height: Math.round(y * row + 60), marginLeft, marginRight, marginTop: 30, marginBottom: 34, style,
    x: { ...x, label: axis.label, axis: "both" }, y: { domain: [-0.6, y], range: [30, Math.round(y * row) + 26], axis: null },
    marks: marks([
      by_ratio(store) && Plot.ruleX([1], { stroke: "var(--c-grey)", strokeDasharray: "4 3", strokeWidth: 1.5 }),
      Plot.text(heads, { x: low, y: "y", text: (d) => d.words, textAnchor: "start", fontWeight: 600, fill: "currentColor", stroke: "var(--paper)", strokeWidth: 4 }),
      Plot.ruleX(rulers, { x: "value", y1: "y1", y2: "y2", stroke: "var(--c-grey)", strokeWidth: 1.6, strokeDasharray: "4 2" }),
      Plot.ruleY(points, { x1: "low", x2: "high", y: "y", stroke: (d) => colour_of(d.series), strokeWidth: 1.5 }),
      Plot.dot(points.filter((p) => p.other), { x: (p) => p.other.e.median, y: "y", r: 5.5, stroke: "currentColor", strokeWidth: 1.2, strokeDasharray: "2 1.5" }),
      by_contestant(points).map(([p, some]) => dot(some, p.series.contestant, p.series.kind, { x: "value", y: "y" })),
      labelled.length && Plot.text(labelled, { x: high, y: "y", dx: 8, textAnchor: "start", text: (d) => `${d.label}  ${by_ratio(store) ? number(d.value) + " ×" : time(d.value)}`, fill: "currentColor", fontSize: 11, clip: false }),
      !narrow && Plot.text(names, { x: high, y: "y", dx: 8, textAnchor: "start", text: (d) => `┆ ${d.label}  ${time(d.value)}`, fill: "var(--soft)", fontSize: 11, clip: false }),
      narrow && [true, false].map((left) => Plot.text(names.filter((p) => Math.log(p.value / low) / Math.log(high / low) > 0.5 === left), { x: "value", y: "y", dx: left ? -4 : 4, textAnchor: left ? "end" : "start", text: "label", fill: "var(--soft)", fontSize: 10, stroke: "var(--paper)", strokeWidth: 3 })),
      tip(drawn, { x: "value", y: "y" })
    ])
  });
  return { plot, points: drawn, ...table_of(store, every), notes: absent(store, run, lanes.map((l) => [l.workload, l.scenario])) };
}

export function by_contestant(points) {
  const all = new Map();
  for (const p of points) {
    const key = p.series.contestant;
    if (!all.has(key)) all.set(key, []);
    all.get(key).push(p);
  }
  return [...all.values()].map((some) => [some[0], some]);
}
