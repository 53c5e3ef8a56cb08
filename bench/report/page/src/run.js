// A file of results as the page sees it: series of samples by workload, scenario and contestant.
//
// The program writes a block (page_data.cpp); a file that is dropped on the page is read here. Both become the same.
import { estimate, median } from "./statistics.js";

const text_fields = ["workload", "scenario", "contestant", "kind", "measures", "order", "floor", "placement"];
const kinds = ["floor", "strategy", "peer", "experiment"];
export const fewest = 3; // undisturbed samples, before the disturbed ones are left out

/// The samples of one contestant in one scenario: parts of rows that measured the same ("time", "allocations", ...).
/// A column is an array, or one value that all rows share.
class Series {
  constructor(facts, run) {
    Object.assign(this, facts);
    this.run = run;
    this.parts ??= [];
  }

  /// [value, block, whether disturbed] of every row that has the quantity.
  values_of(name) {
    const all = [];
    for (const part of this.parts) {
      for (let i = 0; i < part.rows; ++i) {
        const value = cell(part, name, i);
        if (typeof value !== "number" || Number.isNaN(value)) continue;
        all.push({ value, block: cell(part, "repeat", i), marked: (part.marks?.[i] ?? "") !== "" });
      }
    }
    return all;
  }

  get one_thread() { return this.threads === 1; }

  /// What the samples say of a quantity; null where they do not hold it.
  estimate_of(name) {
    this.known ??= new Map();
    if (!this.known.has(name)) this.known.set(name, summed(this.values_of(name), this.one_thread));
    return this.known.get(name);
  }

  /// The ratio to another contestant of the scenario, sample by sample of the same block.
  ratio_to(other, name = "time_ns_per_operation") {
    this.ratios ??= new Map();
    const key = `${name}/${other.contestant}`;
    if (!this.ratios.has(key)) this.ratios.set(key, summed(this.blocks_with(other, name), this.one_thread));
    return this.ratios.get(key);
  }

  blocks_with(other, name) {
    const blocks = new Map(other.values_of(name).filter((v) => v.block !== null).map((v) => [v.block, v]));
    return this.values_of(name).filter((v) => blocks.has(v.block)).map((v) => {
      const beside = blocks.get(v.block);
      return { value: v.value / beside.value, block: v.block, marked: v.marked || beside.marked };
    }).filter((v) => !Number.isNaN(v.value));
  }

  /// Values of a quantity, or their ratios to the floor, without those that do not count.
  kept(name, by_floor) {
    const floor = by_floor ? this.floor_series() : null;
    if (by_floor && !floor) return [];
    return kept(by_floor ? this.blocks_with(floor, name) : this.values_of(name), this.one_thread);
  }

  floor_series() {
    if (this.kind === "floor") return this;
    if (this.floor) return this.run.series(this.workload, this.scenario, this.floor);
    const floors = this.run.in(this.workload, this.scenario).filter((s) => s.kind === "floor");
    return floors.length === 1 ? floors[0] : null; // rows of version 1 do not say
  }

  /// The rows as the file has them, with what the block leaves out because it follows from the rest.
  raw_rows() {
    return this.parts.flatMap((part) => Array.from({ length: part.rows }, (_, i) => {
      const row = { measures: part.measures };
      for (const name of Object.keys(part.columns)) {
        const value = cell(part, name, i);
        if (value !== null) row[name] = value;
      }
      row.repeat = cell(part, "repeat", i) ?? undefined;
      row.marks = part.marks?.[i] || undefined;
      return row;
    }));
  }
}

function cell(part, name, i) {
  if (name === "repeat" && part.columns.repeat === undefined) return part.measures === "time" || part.measures === "memory" ? i : null;
  const column = part.columns[name];
  return (Array.isArray(column) ? column[i] : column) ?? null;
}

function kept(samples, one_thread) {
  const undisturbed = samples.filter((s) => !(one_thread && s.marked));
  return (undisturbed.length >= fewest ? undisturbed : samples).map((s) => s.value);
}

function summed(samples, one_thread) {
  const e = estimate(kept(samples, one_thread));
  if (e) Object.assign(e, { kept: e.n, n: samples.length, marked: samples.filter((s) => s.marked).length });
  return e;
}

export class Run {
  constructor({ name = "this run", about = {}, series = [], failures = [], swimlanes = [] }) {
    Object.assign(this, { name, about, failures, swimlanes });
    const failed = new Set(failures.map((f) => [f.workload, f.scenario, f.contestant].join("\n")));
    this.all = series.filter((s) => !failed.has([s.workload, s.scenario, s.contestant].join("\n")))
      .map((s) => new Series(s, this));
    const place = (s) => [kinds.indexOf(s.kind), s.contestant.endsWith("/barging") ? 1 : 0, s.contestant];
    this.all.sort((a, b) => compare(place(a), place(b)));
    this.by_key = new Map(this.all.map((s) => [[s.workload, s.scenario, s.contestant].join("\n"), s]));
    this.order = new Map();
    for (const s of series) {
      if (!this.order.has(s.workload)) this.order.set(s.workload, []);
      if (!this.order.get(s.workload).includes(s.scenario)) this.order.get(s.workload).push(s.scenario);
    }
  }

  series(workload, scenario, contestant) { return this.by_key.get([workload, scenario, contestant].join("\n")) ?? null; }
  workloads() { return [...this.order.keys()]; }
  scenarios(workload) { return this.order.get(workload) ?? []; }
  in(workload, scenario) { return this.all.filter((s) => s.workload === workload && s.scenario === scenario); }
  contestants() { return [...new Set(this.all.map((s) => s.contestant))]; }
  kind_of(contestant) { return this.all.find((s) => s.contestant === contestant)?.kind; }
  best(workload, scenario, kind, name = "time_ns_per_operation") {
    const some = this.in(workload, scenario).filter((s) => s.kind === kind && s.estimate_of(name));
    return some.sort((a, b) => a.estimate_of(name).median - b.estimate_of(name).median)[0] ?? null;
  }
}

function compare(a, b) {
  for (let i = 0; i < a.length; ++i) if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  return 0;
}

/// Rows, one object a sample, as series.
function series_of(rows) {
  const all = new Map();
  for (const row of rows) {
    const key = [row.workload, row.scenario, row.contestant].join("\n");
    if (!all.has(key)) {
      const { workload, scenario, contestant, kind, floor, order, threads, permits, waiters } = row;
      all.set(key, { workload, scenario, contestant, kind, floor, order, threads, permits, waiters, parts: [] });
    }
    const parts = all.get(key).parts;
    let part = parts.find((p) => p.measures === row.measures);
    if (!part) parts.push(part = { measures: row.measures, rows: 0, columns: {}, marks: [] });
    part.columns.repeat ??= [];
    const numbers = { ...row, ...row.metrics };
    for (const [name, value] of Object.entries(numbers)) {
      if (typeof value === "number") (part.columns[name] ??= [])[part.rows] = value;
    }
    part.marks[part.rows++] = (row.marks ?? []).join(" ");
  }
  return [...all.values()];
}

/// Reads results.jsonl. Errors: Error, naming the line.
export function run_of_lines(text, name) {
  const run = { name, rows: [], about: {}, failures: [], swimlanes: [] };
  const lines = text.split("\n");
  lines.pop(); // what has no end of line is of a run that was killed; the rest is whole
  lines.forEach((line, i) => {
    let record;
    try {
      record = JSON.parse(line);
    } catch (error) {
      throw new Error(`${name}:${i + 1}: ${error.message}`);
    }
    if (i === 0 && record.record !== "run") throw new Error(`${name}:1: the record of a run is expected here`);
    if (record.record === "swimlane") run.swimlanes = [...run.swimlanes.filter((s) => s.contestant !== record.contestant), record];
    else if (record.record === "sample") run.rows.push(record);
    else if (record.record === "failure") run.failures.push(record);
    else if (record.record === "run" || record.record === "end") Object.assign(run.about, record);
  });
  if (lines.length === 0) throw new Error(`${name}: it is empty, or no results.jsonl`);
  return new Run({ ...run, series: series_of(run.rows) });
}

/// Reads the CSV of version 1. Errors: Error.
export function run_of_csv(text, name) {
  const [head, ...lines] = text.trim().split("\n").map((l) => {
    const fields = [""];
    let inside = false;
    for (const c of l.replace(/\r$/, "")) {
      if (c === '"') inside = !inside;
      else if (c === "," && !inside) fields.push("");
      else fields[fields.length - 1] += c;
    }
    return fields;
  });
  const rows = lines.map((fields) => Object.fromEntries(head.map((column, i) =>
    [column, text_fields.includes(column) ? fields[i] : fields[i] === "" ? undefined : Number(fields[i])])));
  for (const row of rows) row.marks = row.preemptions > 0 ? ["preempted"] : [];
  return new Run({ name, series: series_of(rows) });
}

export function run_of_file(text, name) {
  return text.startsWith("workload,") ? run_of_csv(text, name) : run_of_lines(text, name);
}

/// Shares of the samples that were disturbed, by mark, and the unit's medians at either end of its range.
export function noise_of(run) {
  const marks = new Map();
  const units = [];
  let samples = 0;
  let marked = 0;
  for (const s of run.all) {
    for (const part of s.parts) {
      if (part.measures !== "time" && part.measures !== "memory") continue;
      samples += part.rows;
      for (let i = 0; i < part.rows; ++i) {
        const unit = cell(part, "unit_before_ns", i);
        if (unit) units.push(unit);
        const some = (part.marks?.[i] ?? "").split(" ").filter(Boolean);
        if (some.length) ++marked;
        for (const m of some) marks.set(m, (marks.get(m) ?? 0) + 1);
      }
    }
  }
  units.sort((a, b) => a - b);
  const at = (q) => units[Math.floor(q * (units.length - 1))];
  return { samples, marked, marks, unit: units.length ? { low: at(0.05), median: median(units), high: at(0.95) } : null };
}
