// What surrounds the charts: machine and noise, targets, what fails which probe, references, method.
import { details, h, prose, table } from "./dom.js";
import { number, time } from "./names.js";
import { noise_of } from "./run.js";
import { save } from "./download.js";

const text_of = (value) => (typeof value === "string" ? value : Array.isArray(value) && value.every((v) => typeof v === "number") ? value.map((v) => number(v)).join(", ") : JSON.stringify(value));

export function machine_line(about) {
  const m = about.machine ?? {};
  return [m.cpu, m.cpus_online && `${m.cpus_online} processors${m.virtual_machine ? " of a virtual machine" : ""}`, m.compiler, m.commit && `commit ${m.commit}`, about.started].filter(Boolean).join(" · ");
}

export function machine(run, block) {
  const { about } = block;
  const noise = noise_of(run);
  const marks = [...noise.marks].sort((a, b) => b[1] - a[1]).map(([name, n]) => `${name} ${number(n)}`).join(", ");
  const load = (name) => (about[name] ? about[name].map((x) => number(x)).join(" ") : "not recorded");
  const rows = [
    ["samples", `${noise.samples.toLocaleString("en")}, of which ${noise.marked.toLocaleString("en")} are marked (${noise.samples ? Math.round((100 * noise.marked) / noise.samples) : 0} %)${marks ? `: ${marks}` : ""}`],
    ["the unit, a bare pair of locked RMWs", noise.unit ? `${time(noise.unit.median)}; nine tenths of its samples lie between ${time(noise.unit.low)} and ${time(noise.unit.high)}` : "not recorded"],
    ["load average, 1, 5 and 15 minutes", `before ${load("load_average_before")}; after ${load("load_average_after")}`],
    ["frequency governor", about.machine?.governor ?? "not recorded"],
    ["virtual machine", about.machine?.virtual_machine === undefined ? "not recorded" : about.machine.virtual_machine ? "yes: the host may take time unseen" : "no"],
    ["the run", `${about.state ?? "unknown"}${about.smoke ? "; a smoke run, whose numbers mean nothing" : ""}`]
  ];
  const doctor = about.doctor ?? [];
  const ill = doctor.filter((f) => f.is !== "good" && f.is !== "unknown");
  const found = (some, caption) => table(["", "", "seen", "how to mend it"], some.map((f) => [f.what, f.is, f.seen, f.mend]), { caption, text: [0, 1, 2, 3] });
  const everything = Object.entries(about).filter(([key]) => !["machine", "record", "doctor", "provenance"].includes(key)).map(([key, value]) => [key, text_of(value)]);
  const flat = (object) => Object.entries(object ?? {}).flatMap(([key, value]) => (value && typeof value === "object" && !Array.isArray(value) ? flat(value) : [[key, text_of(value)]]));
  return h("section", { id: "machine" }, h("h2", {}, "The machine, and its noise"),
    about.smoke && h("p", { class: "error" }, "A smoke run: everything once and small. Its numbers mean nothing."),
    about.state && about.state !== "complete" && h("p", { class: "error" }, `The run is incomplete (${about.state}): what was measured until then is shown.`),
    table(["", ""], rows, { caption: "What may have moved these numbers", text: [0, 1] }),
    ill.length > 0 && found(ill, "What spoils, or may spoil, measurements here"),
    doctor.length > 0 && details(`All ${doctor.length} findings of the doctor`, () => found(doctor, "What the doctor looked at before the run")),
    doctor.length === 0 && h("p", { class: "soft" }, "This file has no findings of ", h("code", {}, "surewake-bench doctor"), "."),
    details("All facts of machine and run", () => table(["", ""], [...flat(about.machine), ...everything, ["page by", block.by]], { caption: "Machine and run", text: [0, 1] })));
}

export function targets(block) {
  const { goals, tally, gains } = block;
  const verdict = (g) => h("span", { class: g.verdict === "reached" ? "verdict-ahead" : g.verdict.startsWith("NOT") ? "verdict-lost" : "verdict-not" }, g.verdict === "reached" ? "▲ reached" : g.verdict.startsWith("NOT") ? "▼ LOST" : `– ${g.verdict}`);
  const lost = goals.filter((g) => g.verdict.startsWith("NOT"));
  const cells = (g) => [g.group, g.what, g.subject, g.against, g.measured === null ? null : g.sure ? `${number(g.measured)} [${number(g.sure[0])} – ${number(g.sure[1])}] ${g.unit}` : `${number(g.measured)} ${g.unit}`, `${g.at_least ? "≥" : "≤"} ${number(g.limit)}`, verdict(g)];
  const head = ["target", "row", "of", "beside", "measured", "limit", ""];
  return h("section", { id: "targets" }, h("h2", {}, "What the project has promised itself"),
    h("p", {}, `${tally}. Each is a ratio within the same block of this run, or something counted.`),
    lost.length > 0 && table(head, lost.map(cells), { caption: "Lost in this run", text: [0, 1, 2, 3] }),
    details(`All ${goals.length} targets`, () => table(head, goals.map(cells), { caption: "All targets", text: [0, 1, 2, 3] })),
    gains.length > 0 && details("What the strategies gain over mutex + deque", () => gains.map((g) => table([g.discipline, ...g.strategies],
      [["as published", ...g.published], ...g.lines.map((l) => [l.scenario, ...l.measured])], { caption: `Gain over mutex_deque, ${g.discipline}` }))));
}

export function conformance(block) {
  const c = block.conformance;
  const section = h("section", { id: "conformance" }, h("h2", {}, "What each semaphore does, and what it cannot"));
  if (!c) {
    section.append(h("p", { class: "why" }, "There is no conformance.json beside the results: ", h("code", {}, "surewake-bench conformance --json DIR/conformance.json"), " writes it, and the report shows it."));
    return section;
  }
  const probes = c.probes ?? Object.keys(c.semaphores[0]?.probes ?? {}).map((name) => ({ name, asks: "" })); // older files
  const names = probes.map((p) => p.name);
  const notes = [];
  const cell = (s, name) => {
    const o = s.probes[name];
    if (!o || o.verdict === "absent") return null;
    if (o.verdict !== "fails") return o.cell;
    notes.push([s.semaphore, name, o.saw]);
    return h("span", { class: "verdict-lost" }, `▼ ${o.cell} `, h("sup", {}, String(notes.length)));
  };
  section.append(h("p", {}, "Asked of the semaphores themselves by probes of the same program. ▼: what the probe asks for does not hold. An empty cell: it cannot be asked, because it has no such operation."),
    table(["semaphore", ...names, "waiters leave by"], c.semaphores.map((s) => [s.semaphore, ...names.map((n) => cell(s, n)), s.withdrawal]), { caption: "Conformance", text: [0, ...names.map((_, i) => i + 1), names.length + 1] }),
    h("ol", { class: "notes" }, notes.map(([who, probe, saw]) => h("li", {}, `${who}, ${probe}: ${saw}`))),
    c.probes ? details("What the probes ask", () => h("ul", {}, c.probes.map((p) => h("li", {}, h("b", {}, p.name), ": ", p.asks)))) : "");
  return section;
}

export function failures(run) {
  if (!run.failures.length) return null;
  return h("section", { id: "failures" }, h("h2", {}, "Wrong results"), h("p", {}, "A contestant that gave a wrong result is shown in no row of that scenario."),
    table(["contestant", "kind", "scenario", "why"], run.failures.map((f) => [f.contestant, f.kind, `${f.workload} / ${f.scenario}`, f.why]), { caption: "Wrong results", text: [0, 1, 2, 3] }));
}

export function references(block) {
  return h("section", { id: "references" }, h("h2", {}, "To cite"),
    h("p", {}, "What a paper must cite for the rows of this run, as ", h("code", {}, "surewake-bench cite"), " gives it. ", h("button", { type: "button", class: "bibtex", onclick: () => save("surewake.bib", "application/x-bibtex", block.bibtex) }, "BibTeX")),
    details("The entries", () => h("pre", {}, block.bibtex)));
}

export function method() {
  const points = [
    "Contestants of a scenario alternate, in an order drawn anew for each block from the recorded seed. Ratios are of samples of the same block, milliseconds apart: what disturbs a block disturbs both.",
    "A mark on a chart is the median of all samples, and the line through it the 95 % bootstrap interval of that median. Of one-thread scenarios the disturbed samples are left out, as long as three others are left; they are in the file and in the raw rows.",
    "Nothing is averaged, and no sample is dropped at the source: results.jsonl has a line for each.",
    "Every sample checks its own result: permits conserved, each waiter woken once. A contestant with a wrong result is reported, and counts for nothing.",
    "A floor is the least code of the same shape: what nothing that does as much can go below on this machine. Nanoseconds do not carry over to another machine; ratios to floors do, mostly.",
    "One process, one binary, one compiler, one machine: the alignment of code alone moves a loop of ten nanoseconds by some percent. Micro-benchmarks run with warm caches and predicted branches: they show what an operation costs at least.",
    "With more threads than processors the system's scheduler is part of what is measured."
  ];
  return h("section", { id: "method" }, h("h2", {}, "Method, and its limits"), h("ul", {}, points.map((p) => h("li", {}, prose(p)))));
}
