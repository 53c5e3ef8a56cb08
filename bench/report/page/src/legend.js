// Contestants on and off, nanoseconds or ratio to the floor: one bar for all charts.
import * as Plot from "@observablehq/plot";
import { h } from "./dom.js";
import { look_of, shown_first } from "./names.js";

/// The mark of a contestant as a small drawing.
export function swatch(contestant, kind) {
  const { colour, symbol, hollow } = look_of(contestant, kind);
  if (kind === "floor") return h("span", { class: "swatch rule", "aria-hidden": "true" });
  const plot = Plot.plot({ width: 16, height: 16, margin: 0, axis: null, x: { domain: [0, 1], range: [8, 8] }, y: { domain: [0, 1], range: [8, 8] },
    symbol: { type: "identity" }, color: { type: "identity" },
    marks: [Plot.dot([0], { x: 0.5, y: 0.5, symbol: () => symbol, r: 5, stroke: colour, fill: hollow ? "none" : colour, strokeWidth: 1.8 })] });
  plot.setAttribute("aria-hidden", "true");
  plot.classList.add("swatch");
  return plot;
}

export function legend(store, run) {
  const buttons = new Map();
  const all = run.contestants().filter((c) => run.kind_of(c) !== "floor");
  const toggle = (c) => {
    const shown = new Set(store.get("shown"));
    if (!shown.delete(c)) shown.add(c);
    store.set("shown", shown);
  };
  const make = (c) => {
    const b = h("button", { type: "button", class: "series", "data-contestant": c, onclick: () => toggle(c) }, swatch(c, run.kind_of(c)), c);
    buttons.set(c, b);
    return b;
  };
  const groups = [["strategy", "ours"], ["peer", "what others use"], ["experiment", "lists alone"]]
    .map(([kind, title]) => [title, all.filter((c) => run.kind_of(c) === kind)]).filter(([, some]) => some.length);
  const preset = (title, of) => h("button", { type: "button", onclick: () => store.set("shown", of()) }, title);
  const unit = (value, text) => h("label", {}, h("input", { type: "radio", name: "unit", value, checked: store.get("unit") === value,
    onchange: () => store.set("unit", value) }), text);
  const floors = h("button", { type: "button", class: "series", "data-contestant": "floors", onclick: () => store.set("floors", !store.get("floors")) },
    swatch("", "floor"), "floors: what nothing of its shape goes below");
  const count = h("span");
  const box = h("details", { class: "legend", id: "legend" },
    h("summary", {}, "Contestants: ", count),
    h("div", { class: "presets" }, preset("some", () => shown_first(run)), preset("all", () => new Set(all)), preset("none", () => new Set()), floors),
    groups.map(([title, some]) => h("div", { class: "group", role: "group", "aria-label": title }, h("b", {}, title), some.map(make))),
    h("p", { class: "soft" }, "Filled: hand_off, first come, first served. Hollow, of ours: barging."));
  const show = () => {
    for (const [c, b] of buttons) b.setAttribute("aria-pressed", store.get("shown").has(c));
    floors.setAttribute("aria-pressed", store.get("floors"));
    count.textContent = `${store.get("shown").size} of ${all.length} shown`;
  };
  store.on_change(show);
  show();
  return h("div", { class: "bar" }, box, h("fieldset", { class: "unit" }, h("legend", {}, "Times as"), unit("ns", "nanoseconds"), unit("ratio", "ratio to the floor")));
}
