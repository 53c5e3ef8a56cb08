// What stands behind one point: how it was computed, the command that measures it again, and its rows as recorded.
import { details, h, table } from "./dom.js";
import { command_of, interval, number, of_n, spelt } from "./names.js";

export function point_panel(store, point, close) {
  const { series, text } = point;
  const command = command_of(series.run, series.workload, series.scenario);
  const rows = series.raw_rows();
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))].filter((c) => rows.some((r) => r[c] !== undefined));
  const estimates = columns.map((c) => [c, series.estimate_of(c)]).filter(([, e]) => e && e.n > 0);
  const left_out = store.get("left_out");
  return h("aside", { class: "point" },
    h("button", { type: "button", class: "close", "aria-label": "close", onclick: close }, "×"),
    h("h3", {}, spelt(series.contestant)), h("p", {}, `${series.workload} / ${series.scenario}, ${series.run.name}`),
    h("pre", { class: "fact" }, text),
    h("p", {}, "Measured again by ", h("code", { class: "command" }, command)),
    details(`Its ${rows.length} rows as recorded`, () => [
      table(columns, rows.map((r) => columns.map((c) => (typeof r[c] === "number" ? String(r[c]) : r[c] ?? ""))),
        { caption: `rows of ${series.contestant}` }),
      left_out && series.run.name === "this run" ? h("p", { class: "soft" }, left_out) : ""].filter(Boolean)),
    details("Every quantity of it", () => table(["quantity", "median [95 % interval]", "samples"],
      estimates.map(([c, e]) => [c, interval(e, number), of_n(e)]), { caption: `quantities of ${series.contestant}` })));
}
