// How long the slowest waits are: percentiles of latency, whose axis is stretched towards the tail.
import * as Plot from "@observablehq/plot";
import { h } from "../dom.js";
import { absent, by_ratio, colour_of, dot, log_axis, marks, shown, style, tip, words, worth } from "./common.js";
import { by_contestant } from "./ladder.js";
import { number, of_n, time } from "../names.js";

const steps = [["p50", 0.5, "50 %"], ["p90", 0.1, "90 %"], ["p99", 0.01, "99 %"], ["p999", 0.001, "99.9 %"], ["p9999", 0.0001, "99.99 %"]];
const kinds = { wake: "from a release to the waiter's next step", response: "response: from when a job was due to its end", service: "service: from a job's acquire to its end" };

export function percentiles(store, run) {
  const choices = run.workloads().flatMap((workload) => run.scenarios(workload).flatMap((scenario) => Object.keys(kinds)
    .filter((kind) => run.in(workload, scenario).some((s) => s.estimate_of(`${kind}_p50_ns`)))
    .map((kind) => ({ workload, scenario, kind, name: `${workload} / ${scenario}, ${kinds[kind]}` }))));
  let chosen = choices.find((c) => c.workload === "burst" && c.scenario === "load 0.90" && c.kind === "response") ?? choices[0];
  return {
    id: "percentiles",
    title: "The slowest waits",
    question: "How long do the unlucky ones wait? The median tells what is usual; the tail tells what a user complains about. Down is faster; to the right is rarer.",
    reading: "Each step to the right is ten times as rare. A percentile is shown where at least ten times lie beyond it. In an open loop (`burst`) response counts from when a job was due, so that a stall shows in all jobs that waited for it.",
    controls: choices.length < 2 ? undefined : (redraw) => h("label", { class: "choice" }, "Of ", h("select", { "aria-label": "The slowest waits: which",
      onchange: (event) => { chosen = choices[event.target.selectedIndex]; redraw(); } }, choices.map((c) => h("option", { selected: c === chosen }, c.name)))),
    draw: (width) => (chosen ? draw(store, run, chosen, width) : { why: "This file has no latencies (workloads paced and burst)." })
  };
}

function draw(store, run, { workload, scenario, kind }, width) {
  const every = run.in(workload, scenario);
  const head = ["scenario", "contestant", ...steps.map((s) => s[2]), "longest", "n"];
  const rows = every.filter((s) => s.estimate_of(`${kind}_p50_ns`)).map((s) => [scenario, s.contestant,
    ...[...steps.map((p) => p[0]), "max"].map((p) => time(s.estimate_of(`${kind}_${p}_ns`)?.median)), of_n(s.estimate_of(`${kind}_p50_ns`))]);
  const points = shown(store, every).flatMap((s) => steps.map(([name, beyond, label]) => {
    const quantity = `${kind}_${name}_ns`;
    const e = worth(store, s, quantity);
    return e && e.median > 0 && { series: s, quantity, beyond, value: e.median, low: e.low, high: e.high, label: s.contestant, text: `${label} of the times\n${words(store, s, quantity)}` };
  })).filter(Boolean);
  if (!points.length) return { why: "No contestant of this scenario is switched on.", head, rows };
  const narrow = width < 620;
  const marginRight = narrow ? 14 : 210;
  const height = 380;
  const values = points.map((p) => p.value);
  const [low, high] = [Math.min(...values) * 0.85, Math.max(...values) * 1.2];
  const y = log_axis(low, high, height - 64, by_ratio(store) ? (v) => `${number(v)}×` : time);
  const lines = by_contestant(points);
  const rarest = Math.min(...points.map((p) => p.beyond));
  const ends = lines.map(([, some]) => some.at(-1)).sort((a, b) => b.value - a.value);
  const pixel = (v) => 24 + (1 - Math.log(v / low) / Math.log(high / low)) * (height - 64);
  let last = -Infinity;
  for (const e of ends) last = e.at = Math.max(pixel(e.value), last + 14);
  for (let i = ends.length - 1, limit = height - 32; i >= 0; --i, limit -= 14) ends[i].at = Math.min(ends[i].at, limit);
  const back = (p) => low * (high / low) ** (1 - (p - 24) / (height - 64));
  const plot = Plot.plot({
    width, height, marginLeft: 54, marginRight, marginTop: 24, marginBottom: 40, style,
    x: { type: "log", reverse: true, domain: [0.6, rarest * 0.8], ticks: steps.map((s) => s[1]).filter((b) => b >= rarest), tickFormat: (b) => steps.find((s) => Math.abs(s[1] / b - 1) < 1e-6)?.[2] ?? "", label: "share of the times that are at most this long" },
    y: { ...y, label: by_ratio(store) ? "times the floor's percentile" : "time" },
    marks: marks([
      lines.map(([p, some]) => Plot.line(some, { x: "beyond", y: "value", stroke: colour_of(p.series), strokeWidth: p.series.kind === "floor" ? 2 : 1.5,
        strokeDasharray: p.series.kind === "floor" ? "4 3" : p.label.endsWith("/barging") ? "1 3" : undefined, strokeLinecap: "round" })),
      Plot.ruleX(points, { x: "beyond", y1: (p) => Math.max(p.low, low), y2: (p) => Math.min(p.high, high), stroke: (p) => colour_of(p.series) }),
      lines.filter(([p]) => p.series.kind !== "floor").map(([p, some]) => dot(some, p.label, p.series.kind, { x: "beyond", y: "value" })),
      !narrow && Plot.link(ends, { x1: "beyond", y1: "value", x2: rarest * 0.8, y2: (e) => back(e.at), stroke: "var(--line)" }),
      !narrow && Plot.text(ends, { x: rarest * 0.8, y: (e) => back(e.at), dx: 5, text: "label", textAnchor: "start", fill: "currentColor", fontSize: 11, clip: false }),
      tip(points, { x: "beyond", y: "value" })
    ])
  });
  return { plot, points, head, rows, notes: absent(store, run, [[workload, scenario]]) };
}
