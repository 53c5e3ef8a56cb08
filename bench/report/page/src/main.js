// The report of one run: reads the block that the program wrote into the page, and lays out its parts, verdict first.
import { block_of } from "./block.js";
import { chart } from "./chart.js";
import { fairness } from "./charts/fairness.js";
import { ladder } from "./charts/ladder.js";
import { memory } from "./charts/memory.js";
import { percentiles } from "./charts/percentiles.js";
import { groups_of, sweep } from "./charts/sweep.js";
import { swimlane } from "./charts/swimlane.js";
import { workload_chart } from "./charts/workload.js";
import { comparison } from "./compare.js";
import { h } from "./dom.js";
import { conformance, failures, machine, machine_line, method, references, targets } from "./facts.js";
import { legend } from "./legend.js";
import { look_of, number, shown_first } from "./names.js";
import { Run } from "./run.js";
import { Store } from "./store.js";
import { verdict } from "./verdict_view.js";

const block = block_of(document.getElementById("surewake-results").textContent);
const run = new Run(block);
for (const c of run.contestants()) look_of(c, run.kind_of(c)); // in one order, so that symbols do not depend on what is drawn first

const processors = Number(block.about.machine?.cpus_allowed ?? block.about.machine?.cpus_online ?? 2);
const store = new Store({
  unit: "ns",
  shown: shown_first(run),
  floors: true,
  second: null,
  left_out: block.left_out ?? "",
  load: { today: "best", threads: processors >= 2 ? 2 : 1, permits: 2, waiters: 1000, gives_up: 0, fairness: "order" }
});

const described = (workload) => block.descriptions.find((d) => d.workload === workload);
const permits_word = (name) => name || "all";

const contention = sweep(store, run, {
  id: "contention", title: "More threads, or more tasks",
  question: "What does an acquire and its release cost as more of them compete? Flat is good. The lines are medians, the bars their 95 % intervals.",
  reading: "With more threads than processors the system's scheduler is measured too. Tasks of a pool do not have that problem: there the floor is a hop through the pool's queue.",
  x_label: "threads or tasks, logarithmic →",
  groups: [
    ...groups_of(run, "oversubscription", /M = (\d+)/, (n) => `oversubscription, tasks: ${n}`),
    ...groups_of(run, "contended", /^(\d+) threads?/, (n) => `contended, threads: ${permits_word(n)}`),
    ...groups_of(run, "scale", /^(\d+) threads?/, (n) => `scale, threads: ${permits_word(n)}`)
  ].sort((a, b) => (a.workload === "contended" ? -1 : 0) - (b.workload === "contended" ? -1 : 0))
});
const growth = sweep(store, run, {
  id: "growth", title: "More waiters",
  question: "Does waking, registering or giving up cost more when more wait? Both axes are logarithmic, so that a law n^k is a straight line. The broad pale line is fitted, and its slope k is written beside it: 0 is flat, 1 means that each looks through all that wait.",
  reading: "The last points leave the caches of the processor, which lifts every line, the floor's too: choose the ratio to the floor to see what is the queue's own.",
  x_label: "waiters n, logarithmic →",
  fit: true,
  groups: ["storm", "withdraw", "enqueue", "withdraw_freed", "withdraw_stop"].flatMap((w) => groups_of(run, w, /n = (\d+)$/, (n) => `${w}: ${n}`))
});

const charts = [swimlane(store, run), ladder(store, run), contention, percentiles(store, run), fairness(store, run), growth, memory(store, run)];

/// A workload's chart is made when its line is opened.
function every_workload() {
  return h("section", { id: "workloads" }, h("h2", {}, "Every workload"), h("p", {}, "All that was measured, by workload, with what one operation is."),
    run.workloads().map((w) => {
      const box = h("details", { class: "workload", id: `all-${w}` }, h("summary", {}, h("b", {}, described(w)?.title ?? w), " ", h("code", {}, w), ` ${run.scenarios(w).length} scenario${run.scenarios(w).length === 1 ? "" : "s"}`));
      box.addEventListener("toggle", () => { if (box.open && box.childElementCount === 1) box.append(chart(store, workload_chart(store, run, w, described(w), block.metrics))); });
      return box;
    }));
}

const titles = charts.map((c) => [c.id, c.title]);
const nav = h("nav", { "aria-label": "Parts of this page" }, [["verdict", "Verdict"], ["machine", "Machine"], ...titles, ["targets", "Targets"], ["conformance", "What each does"], ["workloads", "Every workload"], ["compare", "Beside another run"], ["references", "To cite"], ["method", "Method"]]
  .map(([id, title]) => h("a", { href: `#${id}` }, title)));

document.title = `surewake-bench ${block.about.machine?.commit ?? ""}`.trim();
document.getElementById("page").replaceChildren(...[
  verdict(store, run, `surewake-bench. ${machine_line(block.about)}`),
  machine(run, block),
  nav,
  legend(store, run),
  ...charts.map((c) => chart(store, c)),
  targets(block),
  failures(run),
  conformance(block),
  every_workload(),
  comparison(store, run),
  references(block),
  method(),
  block.left_out && h("p", { class: "soft" }, block.left_out)
].filter(Boolean));
document.body.dataset.ready = number(run.all.length);

export { run, store };
