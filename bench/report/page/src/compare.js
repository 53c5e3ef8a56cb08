// A second file, dropped on the page: what it is, and where it differs most.
import { h, table } from "./dom.js";
import { by_ratio, nanoseconds } from "./charts/common.js";
import { number, time } from "./names.js";
import { ratio_of_medians } from "./statistics.js";
import { run_of_file } from "./run.js";
import { csv_of, save } from "./download.js";

export function comparison(store, run) {
  const said = h("p", { class: "error", role: "alert" });
  const result = h("div");
  const read = async (file) => {
    said.textContent = "";
    try {
      store.set("second", run_of_file(await file.text(), file.name));
    } catch (error) {
      said.textContent = `Not read: ${error.message}`;
    }
  };
  const input = h("input", { type: "file", accept: ".jsonl,.csv", id: "second", onchange: () => input.files[0] && read(input.files[0]) });
  const section = h("section", { id: "compare" }, h("h2", {}, "Beside another run"),
    h("div", { class: "drop" }, h("label", { for: "second" }, "Drop a second results.jsonl anywhere on this page, or choose one: "), input),
    said, result);
  for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
  document.addEventListener("dragenter", () => document.body.classList.add("dragged"));
  for (const name of ["drop", "dragend", "dragleave"]) document.addEventListener(name, (event) => { if (name !== "dragleave" || !event.relatedTarget) document.body.classList.remove("dragged"); });
  document.addEventListener("drop", (event) => { if (event.dataTransfer?.files[0]) read(event.dataTransfer.files[0]); });

  function show() {
    const second = store.get("second");
    if (!second) return result.replaceChildren();
    const machines = ["commit", "compiler", "cpu", "kernel"].map((k) => [k, run.about.machine?.[k], second.about.machine?.[k]]).map(([k, a, b]) => [k, a ?? "–", b ?? "–", a === b ? "the same" : "differs"]);
    const rows = run.all.map((s) => {
      const other = second.series(s.workload, s.scenario, s.contestant);
      const change = other && ratio_of_medians(other.kept(nanoseconds, by_ratio(store)), s.kept(nanoseconds, by_ratio(store)));
      return change && { s, other, change };
    }).filter(Boolean).sort((a, b) => Math.abs(Math.log(b.change.median)) - Math.abs(Math.log(a.change.median)));
    const clear = rows.filter(({ change }) => change.low > 1 || change.high < 1);
    const shown = (x) => (by_ratio(store) ? x : x);
    const head = ["scenario", "contestant", run.name, second.name, "second by first", "from", "to"];
    const cells = ({ s, other, change }) => [`${s.workload} / ${s.scenario}`, s.contestant, time(s.estimate_of(nanoseconds).median), time(other.estimate_of(nanoseconds).median), number(change.median), number(change.low), number(change.high)];
    result.replaceChildren(
      h("p", {}, `${second.name}: ${rows.length} rows in common; in ${clear.length} the interval of the ratio does not hold 1. Every chart has the second median as a dashed ring; the tables have ratio and interval. The ratio is of ${by_ratio(store) ? "the ratios to the floor" : "the times: between machines choose the ratio to the floor"}. No correction is made for so many rows: surewake-bench compare makes one.`),
      h("button", { type: "button", onclick: () => store.set("second", null) }, "Take it away"), " ",
      h("button", { type: "button", class: "csv", onclick: () => save("comparison.csv", "text/csv", csv_of(head, rows.map(cells))) }, "CSV"),
      table(["", run.name, second.name, ""], machines, { caption: "What was measured on what", text: [0, 1, 2, 3] }),
      table(head, shown(rows).slice(0, 40).map(cells), { caption: "The 40 that differ most", text: [0, 1] }));
  }
  store.on_change(show);
  show();
  return section;
}
