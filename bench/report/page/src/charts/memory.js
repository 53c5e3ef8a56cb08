// Where a waiter's memory lies.
import * as Plot from "@observablehq/plot";
import { absent, marks, shown, style, tip } from "./common.js";
import { bytes, of_n } from "../names.js";

const parts = [["rest of the frame", "--m-rest", "coroutine"], ["acquire, in the frame", "--m-acquire", "acquire"], ["heap beyond the frame", "--m-heap", "heap"]];

export function memory(store, run) {
  const scenario = run.scenarios("memory").at(-1);
  return {
    id: "memory",
    title: "What a waiter weighs",
    question: "How much memory does one more waiter take, and where does it lie? Shorter is better; what lies in the frame is there anyway, and what lies on the heap is allocated by waiting.",
    reading: "A frame is rounded to 16 bytes. `resident` in the table counts pages.",
    draw: (width) => (scenario ? draw(store, run, scenario, width) : { why: "This file has no row of the workload memory." })
  };
}

function draw(store, run, scenario, width) {
  const every = run.in("memory", scenario);
  const of = (s, name) => s.estimate_of(name)?.median ?? 0;
  const split = (s) => [of(s, "frame_bytes_per_waiter") - of(s, "awaiter_bytes_per_waiter"), of(s, "awaiter_bytes_per_waiter"), of(s, "heap_bytes_per_waiter")];
  const head = ["scenario", "contestant", ...parts.map((p) => p[0]), "sum", "resident", "n"];
  const measured = every.filter((s) => s.estimate_of("frame_bytes_per_waiter") || s.estimate_of("heap_bytes_per_waiter"));
  const rows = measured.map((s) => [scenario, s.contestant, ...split(s).map((x) => Math.round(x)), Math.round(split(s).reduce((a, b) => a + b)), Math.round(of(s, "rss_bytes_per_waiter")) || "", of_n(s.estimate_of("frame_bytes_per_waiter") ?? s.estimate_of("heap_bytes_per_waiter"))]);
  const some = shown(store, measured).sort((a, b) => split(a).reduce((x, y) => x + y) - split(b).reduce((x, y) => x + y));
  if (!some.length) return { why: "No contestant of this workload is switched on.", head, rows };
  const points = some.map((s) => {
    const [rest, acquire, heap] = split(s);
    return { series: s, quantity: "bytes_per_waiter", label: s.contestant, sum: rest + acquire + heap,
      text: `${s.contestant}\n${parts[0][0]}: ${bytes(rest)}\n${parts[1][0]}: ${bytes(acquire)}\n${parts[2][0]}: ${bytes(heap)}` };
  });
  const boxes = some.flatMap((s) => {
    let from = 0;
    return split(s).map((size, i) => ({ label: s.contestant, from, to: (from += size), size, i }));
  }).filter((b) => b.size > 0);
  const narrow = width < 620;
  const row = narrow ? 38 : 26;
  const most = Math.max(...points.map((p) => p.sum)) * 1.12;
  const marginLeft = narrow ? 8 : 190;
  const fits = (b) => (b.size / most) * (width - marginLeft - 20);
  const plot = Plot.plot({
    width, height: some.length * row + 84, marginLeft, marginRight: 20, marginTop: 44, marginBottom: 36, style,
    x: { domain: [0, most], label: "bytes a waiter", grid: true },
    y: { domain: points.map((p) => p.label), label: null, axis: narrow ? null : "left", tickSize: 0, padding: narrow ? 0.45 : 0.3 },
    marks: marks([
      Plot.barX(boxes, { x1: "from", x2: "to", y: "label", fill: (b) => `var(${parts[b.i][1]})`, insetRight: 1, insetTop: narrow ? 6 : 0 }),
      Plot.text(boxes.filter((b) => fits(b) > 84), { x: (b) => (b.from + b.to) / 2, y: "label", dy: narrow ? 3 : 0, text: (b) => `${parts[b.i][2]} ${Math.round(b.size)}`, fill: "var(--m-text)", fontSize: 11 }),
      Plot.text(boxes.filter((b) => fits(b) <= 84 && fits(b) > 26), { x: (b) => (b.from + b.to) / 2, y: "label", dy: narrow ? 3 : 0, text: (b) => Math.round(b.size), fill: "var(--m-text)", fontSize: 11 }),
      narrow && Plot.text(points, { x: 0, y: "label", dy: -15, textAnchor: "start", text: "label", fill: "currentColor", fontSize: 11 }),
      parts.map(([name, colour], i) => [
        Plot.text([0], { frameAnchor: "top-left", dx: (narrow ? 118 : 170) * i, dy: -38, text: () => `■`, fill: `var(${colour})`, fontSize: 15, textAnchor: "start" }),
        Plot.text([0], { frameAnchor: "top-left", dx: (narrow ? 118 : 170) * i + 15, dy: -36, text: () => (narrow ? ["rest of frame", "acquire", "heap"][i] : name), fill: "currentColor", textAnchor: "start", fontSize: narrow ? 11 : 12 })]),
      tip(points, { x: "sum", y: "label" })
    ])
  });
  return { plot, points, head, rows, notes: absent(store, run, [["memory", scenario]]) };
}
