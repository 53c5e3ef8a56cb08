// One small run, event by event: who held, who waited, who overtook whom.
import * as Plot from "@observablehq/plot";
import { h } from "../dom.js";
import { marks, style, tip } from "./common.js";
import { time } from "../names.js";
import { stays_of } from "../stays.js";

export function swimlane(store, run) {
  const lanes = run.swimlanes;
  const preferred = ["intrusive_list/hand_off", "intrusive_list/barging"].map((c) => lanes.find((l) => l.contestant === c)).filter(Boolean);
  let chosen = preferred.length ? preferred : lanes.slice(0, 2);
  const option = (l) => h("option", { selected: chosen.length === 1 && chosen[0] === l }, l.contestant);
  return {
    id: "swimlane",
    title: "One small run, event by event",
    question: "What do the disciplines do? Each lane is a task, and time runs to the right. A thin hatched bar is a task that has asked for a permit and waits; a solid bar holds one. An arrow head marks a task that got its permit while another one, which had asked earlier, still waited: it overtook.",
    reading: "Under `hand_off` a released permit belongs to the task that has waited longest, so that nothing overtakes; between a release and the next hold the waiter has to be woken. Under `barging` the permit is free for all, and a task that is running takes it before the woken one gets there.",
    controls: lanes.length <= 2 ? undefined : (redraw) => h("label", { class: "choice" }, "Of ", h("select", { "aria-label": "One small run: whose",
      onchange: (event) => { const i = event.target.selectedIndex; chosen = i === 0 ? (preferred.length ? preferred : lanes.slice(0, 2)) : [lanes[i - 1]]; redraw(); } },
      h("option", {}, preferred.length > 1 ? "intrusive_list, both disciplines" : "the first two"), lanes.map(option))),
    draw: (width) => (lanes.length ? draw(chosen, width) : { why: "This file has no record of a small run, event by event: it is of a surewake-bench that recorded none, of a run that was ended before it, or of patterns that leave the workload swimlane out." })
  };
}

function draw(lanes, width) {
  const narrow = width < 620;
  const points = [];
  const rows = [];
  const plots = lanes.map((lane) => {
    const { stays, overtakings, end } = stays_of(lane);
    const start = Math.min(...lane.events.map((e) => e.t));
    const tasks = [...new Set(lane.events.map((e) => e.task))].sort((a, b) => a - b);
    for (const s of stays) {
      s.text = `${lane.contestant}\ntask ${s.task} ${s.is} ${time(s.to - s.from)}\nfrom ${time(s.from - start)} to ${time(s.to - start)}\nends: ${s.end.replaceAll("_", " ")}`;
      s.middle = (s.from + s.to) / 2 - start;
      rows.push([lane.contestant, s.task, s.is, s.from - start, s.to - start, s.to - s.from, s.end.replaceAll("_", " ")]);
    }
    for (const o of overtakings) {
      o.text = `${lane.contestant}\ntask ${o.task} overtook ${o.passed.map((t) => `task ${t}`).join(", ")}`;
      o.middle = o.t - start;
      rows.push([lane.contestant, o.task, "overtakes", o.t - start, o.t - start, 0, o.passed.map((t) => `task ${t}`).join(" ")]);
    }
    points.push(...stays, ...overtakings);
    const gone = stays.filter((s) => s.end === "gives_up" || s.end === "closed");
    const x = (v) => v - start;
    const plot = Plot.plot({
      width, height: tasks.length * 26 + (narrow ? 78 : 66), marginLeft: 52, marginRight: 16, marginTop: narrow ? 42 : 30, marginBottom: 34, style,
      x: { domain: [0, end - start || 1], label: "time", tickFormat: time, ticks: narrow ? 4 : 8, grid: true },
      y: { domain: tasks, label: null, tickFormat: (t) => `task ${t}`, tickSize: 0, padding: 0.25 },
      marks: marks([
        Plot.text([0], { frameAnchor: "top-left", dx: -50, dy: narrow ? -40 : -28, text: () => `${lane.contestant}:${narrow ? "\n" : " "}${tasks.length} tasks, ${lane.permits} permit${lane.permits === 1 ? "" : "s"}; ${overtakings.length ? `${overtakings.length} overtakings` : "nobody overtakes"}`, textAnchor: "start", fontWeight: 600, fill: "currentColor" }),
        Plot.barX(stays.filter((s) => s.is === "waits"), { x1: (s) => x(s.from), x2: (s) => x(s.to), y: "task", insetTop: 6, insetBottom: 6, fill: "url(#hatch)", stroke: "var(--c-orange)", strokeWidth: 1 }),
        Plot.barX(stays.filter((s) => s.is === "holds"), { x1: (s) => x(s.from), x2: (s) => x(s.to), y: "task", fill: "var(--c-blue)" }),
        Plot.dot(overtakings, { x: (o) => x(o.t), y: "task", symbol: "triangle", r: 5.5, rotate: 90, fill: "var(--c-vermilion)", stroke: "var(--paper)" }),
        Plot.text(gone, { x: (s) => x(s.to), y: "task", text: () => "×", fontSize: 16, fontWeight: 700, fill: "var(--c-vermilion)" }),
        tip([...stays, ...overtakings], { x: "middle", y: "task" })
      ])
    });
    return plot;
  });
  const hatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  hatch.setAttribute("width", 0);
  hatch.setAttribute("height", 0);
  hatch.innerHTML = '<defs><pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="1.6" height="5" fill="var(--c-orange)"/></pattern></defs>';
  const key = h("p", { class: "key" }, h("span", { class: "box waits" }), " waits  ", h("span", { class: "box holds" }), " holds  ", h("span", { class: "mark" }, "▶"), " overtook  ", h("span", { class: "mark" }, "×"), " gave up");
  return { plot: h("div", {}, hatch, key, plots), points, head: ["contestant", "task", "what", "from ns", "to ns", "for ns", "end"], rows };
}
