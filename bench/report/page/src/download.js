// Files that the reader takes away: made in the page, so that nothing is asked of a network.

export function save(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const quoted = (cell) => {
  const text = String(cell ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

export const csv_of = (head, rows) => [head, ...rows].map((r) => r.map(quoted).join(",")).join("\n") + "\n";

/// An SVG that stands by itself: what the page's style decides is written into its elements.
export function svg_of(figure, title) {
  const parts = figure.tagName === "svg" ? [figure] : [...figure.querySelectorAll("svg")];
  const paper = getComputedStyle(document.body).backgroundColor;
  let top = 0;
  const copies = parts.map((svg) => {
    const copy = svg.cloneNode(true);
    const from = [svg, ...svg.querySelectorAll("*")];
    const to = [copy, ...copy.querySelectorAll("*")];
    from.forEach((element, i) => {
      const style = getComputedStyle(element);
      for (const name of ["fill", "stroke"]) {
        const value = element.getAttribute(name);
        if (value !== null && /var\(|currentColor/i.test(value)) to[i].setAttribute(name, style[name]);
      }
      to[i].removeAttribute("class");
    });
    copy.querySelectorAll("style").forEach((s) => s.remove());
    copy.setAttribute("y", top);
    copy.setAttribute("color", getComputedStyle(svg).color);
    top += Number(svg.getAttribute("height"));
    return copy;
  });
  const width = Math.max(...parts.map((p) => Number(p.getAttribute("width"))));
  const text = copies.map((c) => new XMLSerializer().serializeToString(c)).join("\n");
  const escaped = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" ` +
    `font-family="sans-serif" font-size="12"><title>${escaped}</title>` +
    `<rect width="100%" height="100%" fill="${paper}"/>\n${text}\n</svg>\n`;
}
