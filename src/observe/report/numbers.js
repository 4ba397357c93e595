/* Numbers and elements. */
function short(x, digits = 3) {
  if (x === null || x === undefined || Number.isNaN(x)) return "\u2013";
  if (x === 0) return "0";
  const size = Math.abs(x);
  if (size >= 1e6 || size < 1e-3) return x.toExponential(digits - 1);
  return size >= 1000 ? String(Math.round(x)) : String(Number(x.toPrecision(digits)));
}

function percent(x) {
  return x === null || x === undefined ? "\u2013" : (100 * x).toFixed(2) + " %";
}

function bytesText(n) {
  return n < 1024 ? n + " B" : n < 1048576 ? short(n / 1024) + " KiB" : short(n / 1048576) + " MiB";
}

function element(name, attributes = {}, ...children) {
  const svg = ["svg", "g", "line", "path", "rect", "text", "circle", "title", "polyline"].includes(name);
  const made = svg ? document.createElementNS(document.documentElement.namespaceURI.replace("1999/xhtml", "2000/svg"), name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function byId(id) {
  return document.getElementById(id);
}

function table(caption, head, rows) {
  const body = rows.map((row) => element("tr", {}, ...row.map((cell, i) => (i === 0 ? element("th", { scope: "row" }, String(cell)) : element("td", {}, String(cell))))));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    element("table", {}, element("caption", {}, caption), element("thead", {}, element("tr", {}, ...head.map((h) => element("th", { scope: "col" }, h)))), element("tbody", {}, ...body)));
}

function folded(summary, content) {
  return element("details", {}, element("summary", {}, summary), content);
}

function subscript(n) {
  return String(n).replace(/\d/g, (d) => "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089"[d]);
}

const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");
