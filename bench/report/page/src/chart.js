// The frame of every chart: its question, its controls, the drawing, what is under the pointer, the point that was
// chosen with its command and raw rows, the table behind it, and what can be taken away.
//
// A chart is { id, title, question, reading, controls?, draw }. draw(width) returns
//   { plot: element or null, why: text where there is nothing to draw,
//     points: [{ label, series, quantity, x, y, text }], head, rows: the table, notes: [text] }
// Points are drawn with Plot.pointer by the chart; here they are reached by the keyboard too.
import { csv_of, save, svg_of } from "./download.js";
import { details, h, prose, table } from "./dom.js";
import { point_panel } from "./point.js";

export function chart(store, spec) {
  const place = h("div", { class: "drawing", tabindex: 0, role: "group",
    "aria-label": `${spec.title}: a chart; the arrow keys go from point to point, Enter shows a point's rows` });
  const said = h("p", { class: "said", role: "status", "aria-live": "polite" });
  const panel = h("div", { class: "panel" });
  const notes = h("div", { class: "notes" });
  const behind = h("div");
  const section = h("section", { id: spec.id, class: "chart" }, h("h2", {}, spec.title),
    spec.question && h("p", {}, prose(spec.question)), spec.controls?.(() => draw()), place, said, notes,
    spec.reading && h("p", { class: "soft reading" }, prose(spec.reading)), panel, behind);
  let now = { points: [] };
  let at = -1;

  const choose = (point) => {
    panel.replaceChildren(point?.series ? point_panel(store, point, () => { panel.replaceChildren(); place.focus(); }) : "");
  };
  const say = (point) => { said.textContent = point ? point.text.replaceAll("\n", " · ") : ""; };

  place.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step && now.points.length) {
      event.preventDefault();
      at = at < 0 && step < 0 ? now.points.length - 1 : (at + step + now.points.length) % now.points.length;
      say(now.points[at]);
    } else if (event.key === "Enter" && now.points[at]) {
      choose(now.points[at]);
    } else if (event.key === "Escape") {
      choose(null);
      say(null);
    }
  });

  function draw() {
    const width = Math.max(280, Math.floor(place.clientWidth || section.clientWidth || 640));
    now = { points: [], notes: [], ...spec.draw(width) };
    at = -1;
    say(null);
    if (now.plot) {
      now.plot.classList.add("plot");
      for (const plot of [now.plot, ...now.plot.querySelectorAll("svg")]) {
        plot.addEventListener("input", () => { place.pointed = plot.value ?? null; });
      }
      place.onclick = () => { if (place.pointed?.series) choose(place.pointed); };
      place.replaceChildren(now.plot);
    } else {
      place.replaceChildren(h("p", { class: "why" }, now.why));
    }
    notes.replaceChildren(...now.notes.map((n) => h("p", { class: "soft" }, n)));
    const open = behind.querySelector("details")?.open ?? false;
    const numbers = details("The table behind this chart", () => table(now.head, now.rows, { caption: spec.title, text: [0, 1] }));
    numbers.open = open;
    behind.replaceChildren(now.rows?.length ? h("div", { class: "behind" }, numbers, h("span", { class: "take" },
      h("button", { type: "button", class: "csv", onclick: () => save(`${spec.id}.csv`, "text/csv", csv_of(now.head, now.rows)) }, "CSV"),
      now.plot && h("button", { type: "button", class: "svg", onclick: () => save(`${spec.id}.svg`, "image/svg+xml", svg_of(now.plot, spec.title)) }, "SVG"))) : "");
  }

  store.on_change(() => { if (section.isConnected) draw(); });
  let last = 0;
  new ResizeObserver(() => {
    if (Math.abs(place.clientWidth - last) < 2) return;
    last = place.clientWidth;
    draw();
  }).observe(place);
  return section;
}
