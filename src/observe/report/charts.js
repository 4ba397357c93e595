/* Line and bar charts. Lines differ in dash and mark as well as in colour. */
const inks = ["#1f6fd6", "#c4560e", "#2e8b57", "#9440b8", "#b3365f", "#5c7a1f", "#0d8a94", "#8a6d3b"];
const dashes = ["", "7 4", "2 4", "10 3 2 3", "5 2", "1 3", "12 4", "3 3 8 3"];

function ticks(low, high, wanted = 4) {
  const rough = (high - low) / wanted || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const found = [];
  for (let t = Math.ceil(low / step - 1e-9) * step; t <= high + step * 1e-6; t += step) found.push(Number(t.toPrecision(12)));
  return found;
}

/* series: [{name, points: [[x, y]], dots, line}]; a y that is null leaves a gap. */
function lineChart({ title, subtitle, series, xName, yName, low, high }) {
  const width = 520, height = 260, left = 52, right = 12, top = 10, bottom = 38;
  const points = series.flatMap((s) => s.points).filter((p) => p[1] !== null && Number.isFinite(p[1]));
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const x0 = Math.min(...xs), x1 = Math.max(...xs), y0 = low ?? Math.min(0, ...ys), most = Math.max(high ?? -Infinity, ...ys), y1 = most > y0 ? most : y0 + 1;
  const x = (v) => left + ((v - x0) / (x1 - x0 || 1)) * (width - left - right);
  const y = (v) => top + (1 - (v - y0) / (y1 - y0)) * (height - top - bottom);
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title + ". The numbers are in the table below." });
  for (const t of ticks(y0, y1)) svg.append(element("line", { class: "rule", x1: left, x2: width - right, y1: y(t), y2: y(t) }), element("text", { x: left - 6, y: y(t) + 4, "text-anchor": "end" }, short(t)));
  for (const t of ticks(x0, x1, 6).filter((t) => Number.isInteger(t))) svg.append(element("text", { x: x(t), y: height - bottom + 17, "text-anchor": "middle" }, String(t)));
  svg.append(element("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, xName));
  series.forEach((s, i) => {
    const ink = inks[(s.ink ?? i) % inks.length], dash = dashes[(s.ink ?? i) % dashes.length];
    let path = "", pen = "M";
    for (const [px, py] of s.points) {
      if (py === null || !Number.isFinite(py)) { pen = "M"; continue; }
      path += `${pen}${x(px).toFixed(1)} ${y(py).toFixed(1)}`;
      pen = "L";
    }
    if (s.line !== false) svg.append(element("path", { d: path, fill: "none", stroke: ink, "stroke-width": 2, "stroke-dasharray": dash }));
    if (s.dots) for (const [px, py] of s.points) if (py !== null) svg.append(element("circle", { cx: x(px).toFixed(1), cy: y(py).toFixed(1), r: 3, fill: ink }, element("title", {}, `${s.name}: ${short(py, 4)} at ${px}`)));
  });
  const key = element("div", { class: "key" }, ...series.filter((s) => s.name && s.named !== false).map((s, i) => {
    const n = s.ink ?? i;
    return element("span", {}, element("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" }, element("line", { x1: 0, x2: 30, y1: 6, y2: 6, stroke: inks[n % inks.length], "stroke-width": 2.5, "stroke-dasharray": dashes[n % dashes.length] })), s.name);
  }));
  return element("figure", {}, element("figcaption", {}, title, element("small", {}, subtitle ?? yName)), svg, key);
}

/* One row per group: [{name, bars: [{name, value, kind}]}] */
function barChart({ title, subtitle, groups, unit }) {
  const width = 520, left = 70, right = 84, bar = 13, gap = 12, height = groups.reduce((h, g) => h + g.bars.length * (bar + 2) + gap, 10);
  const most = Math.max(1e-300, ...groups.flatMap((g) => g.bars.map((b) => b.value)));
  const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title + ". The numbers are in the table below." });
  let y = 6;
  for (const group of groups) {
    svg.append(element("text", { x: left - 8, y: y + (group.bars.length * (bar + 2)) / 2 + 4, "text-anchor": "end" }, group.name));
    for (const b of group.bars) {
      const w = Math.max(b.value > 0 ? 1.5 : 0, (b.value / most) * (width - left - right));
      svg.append(element("rect", { x: left, y, width: w, height: bar, rx: 3, style: `fill: var(${b.kind})`, ...(b.kind === "--down" ? { "fill-opacity": 0.85 } : {}) }), element("text", { x: left + w + 6, y: y + bar - 2 }, unit(b.value)));
      y += bar + 2;
    }
    y += gap;
  }
  return element("figure", {}, element("figcaption", {}, title, element("small", {}, subtitle)), svg);
}
