// What the charts share: which series are shown, what a point is worth in the chosen unit and how its words go, and the
// marks of one contestant.
import * as Plot from "@observablehq/plot";
import { interval, look_of, number, of_n, ratio, time } from "../names.js";
import { ratio_of_medians } from "../statistics.js";

export const nanoseconds = "time_ns_per_operation";

export const by_ratio = (store) => store.get("unit") === "ratio";

export function shown(store, series) {
  return series.filter((s) => (s.kind === "floor" ? store.get("floors") : store.get("shown").has(s.contestant)));
}

/// What a series is worth in the chosen unit; null where the file does not hold it, or it has no floor.
export function worth(store, series, quantity = nanoseconds) {
  if (!by_ratio(store)) return series.estimate_of(quantity);
  const floor = series.floor_series();
  return floor ? series.ratio_to(floor, quantity) : null;
}

/// The same contestant in the file that was dropped, and the ratio second by first.
export function beside(store, series, quantity = nanoseconds) {
  const second = store.get("second")?.series(series.workload, series.scenario, series.contestant);
  if (!second) return null;
  const e = worth(store, second, quantity);
  const change = ratio_of_medians(second.kept(quantity, by_ratio(store)), series.kept(quantity, by_ratio(store)));
  return e && change ? { series: second, e, change } : null;
}

export function words(store, series, quantity = nanoseconds, format = time) {
  const e = series.estimate_of(quantity);
  const floor = series.floor_series();
  const lines = [series.contestant, `${series.workload} / ${series.scenario}`, `${interval(e, format)}, ${of_n(e)}`];
  if (floor && floor !== series) lines.push(`${interval(series.ratio_to(floor, quantity), ratio)} of the floor, ${floor.contestant}`);
  if (series.kind === "floor") lines.push("a floor");
  const other = beside(store, series, quantity);
  if (other) lines.push(`${other.series.run.name}: ${interval(other.e, by_ratio(store) ? ratio : format)}`, `second by first: ${interval(other.change, ratio)}`);
  return lines.join("\n");
}

/// A point of a series, or null.
export function point_of(store, series, quantity = nanoseconds, format = time) {
  const e = worth(store, series, quantity);
  if (!e || !(e.median > 0)) return null;
  return { series, quantity, e, value: e.median, low: e.low, high: e.high, label: series.contestant,
    text: words(store, series, quantity, format), other: beside(store, series, quantity) };
}

export function dot(points, contestant, kind, channels) {
  const { colour, symbol, hollow } = look_of(contestant, kind);
  return Plot.dot(points, { ...channels, symbol, r: 4.2, stroke: colour, strokeWidth: 1.6, fill: hollow ? "var(--paper)" : colour });
}

/// Marks as Plot takes them: those that a condition left out are no marks.
export const marks = (some) => some.flat(Infinity).filter(Boolean);

export const colour_of = (s) => look_of(s.contestant, s.kind).colour;

/// The words at the point that is nearest to the pointer.
export function tip(points, channels) {
  return Plot.tip(points, Plot.pointer({ ...channels, title: "text", fill: "var(--paper)", stroke: "var(--line)", fontSize: 12, maxRadius: 30, lineWidth: 26 }));
}

export const style = { background: "none", color: "var(--ink)", fontSize: "12px", fontFamily: "inherit", overflow: "visible" };

/// Ticks of a logarithmic axis, sparse enough for its width.
export function log_axis(low, high, pixels, format) {
  const decades = Math.log10(high / low);
  const steps = decades < 1 ? [1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9] : decades < 2.2 && pixels / decades > 150 ? [1, 2, 5] : decades < 3 && pixels / decades > 90 ? [1, 3] : [1];
  const every = steps.length > 1 ? 1 : Math.max(1, Math.ceil((decades * 46) / pixels));
  const ticks = [];
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k += every) {
    for (const s of steps) if (s * 10 ** k >= low * 0.999 && s * 10 ** k <= high * 1.001) ticks.push(s * 10 ** k);
  }
  return { type: "log", domain: [low, high], ticks, tickFormat: format, grid: true };
}

export const unit_axis = (store) => (by_ratio(store) ? { label: "times the floor of its shape", format: (x) => `${number(x)}×` } : { label: "time an operation", format: time });

/// The columns that every table of times has.
export function table_of(store, series, quantity = nanoseconds) {
  const second = store.get("second");
  const head = ["scenario", "contestant", "median ns", "low", "high", "n", "marked", "ratio to floor", "ratio low", "ratio high", "floor"];
  if (second) head.push("second, median", "second by first", "from", "to");
  const rows = series.map((s) => {
    const e = s.estimate_of(quantity);
    if (!e) return null;
    const floor = s.floor_series();
    const r = floor && floor !== s ? s.ratio_to(floor, quantity) : null;
    const row = [`${s.workload} / ${s.scenario}`, s.contestant, number(e.median), number(e.low), number(e.high), e.n, e.marked,
      r ? number(r.median) : "", r ? number(r.low) : "", r ? number(r.high) : "", r ? floor.contestant : ""];
    const other = second && beside(store, s, quantity);
    if (second) row.push(...(other ? [number(other.e.median), number(other.change.median), number(other.change.low), number(other.change.high)] : ["", "", "", ""]));
    return row;
  }).filter(Boolean);
  return { head, rows };
}

/// What failed, and what is shown but was not measured: for the notes below a chart.
export function absent(store, run, places) {
  const notes = [];
  for (const f of run.failures) {
    if (places.some(([w, s]) => f.workload === w && f.scenario === s)) notes.push(`Failed, and so shown nowhere: ${f.contestant} in ${f.workload} / ${f.scenario}: ${f.why}`);
  }
  const missing = [...store.get("shown")].filter((c) => places.length && places.every(([w, s]) => !run.series(w, s, c)));
  if (missing.length) notes.push(`Not measured here, because it cannot express it or was left out: ${missing.join(", ")}.`);
  return notes;
}
