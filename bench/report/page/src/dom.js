// Elements in one expression, and the prose of the program: what is in `back quotes` becomes code.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
  return element;
}

export function prose(text) {
  return text.split("`").map((part, i) => (i % 2 === 1 ? h("code", {}, part) : part));
}

/// A table that scrolls by itself; `rows` of texts or elements. A cell that is null stays empty.
export function table(head, rows, { caption, text = [0] } = {}) {
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": caption ?? "table" },
    h("table", {}, caption && h("caption", {}, caption),
      h("thead", {}, h("tr", {}, head.map((c, i) => h("th", { scope: "col", class: text.includes(i) && "text" }, c)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((c, i) =>
        h(i === 0 ? "th" : "td", { scope: i === 0 && "row", class: text.includes(i) && "text" }, c ?? "")))))));
}

export function details(summary, make) {
  const element = h("details", {}, h("summary", {}, summary));
  element.addEventListener("toggle", () => {
    if (element.open && element.childElementCount === 1) element.append(...[make()].flat());
  });
  return element;
}
