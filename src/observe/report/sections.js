/* What stands above and below the player. */
function sumOf(run, kind, key) {
  return run.edges.filter((e) => !kind || e.kind === kind).reduce((sum, e) => sum + e[key], 0);
}

function worst(run, key) {
  const values = run.layers.map((layer) => layer[key]).filter((x) => x !== null);
  return values.length ? Math.max(...values) : null;
}

function verdictBadge(passed, good, bad) {
  return element("p", { class: "verdict " + (passed ? "good" : "bad") }, (passed ? "\u2713 " : "\u2717 ") + (passed ? good : bad));
}

/* ---- the top ---- */

function claim(run) {
  const ulp = worst(run, "ulp");
  const who = `${populations.length} populations that only hear their neighbours`;
  if (run.traits.is_backpropagation) return [`${who} run backpropagation as messages.`];
  if (ulp === 0) return [`${who} arrive at backpropagation's updates: `, element("b", {}, "0 units in the last place apart, in every layer.")];
  if (run.passed) return [`${who} arrive at backpropagation's updates in direction; their length is `, element("b", {}, "the law's, in every layer.")];
  return [`${who}, and how far their updates are from backpropagation's: `, element("b", {}, `up to ${short(worst(run, "relative_error"))} relative, ${short(worst(run, "angle"))} degrees.`)];
}

function lastOf(column) {
  if (!data.metrics || data.metrics.rows.length === 0) return null;
  return data.metrics.rows.at(-1)[data.metrics.columns.indexOf(column)];
}

function showTop() {
  const run = data.runs[0];
  document.title = data.config.name + " - vicinal report";
  byId("title").textContent = data.config.name;
  byId("claim").append(...claim(run));
  const figures = [
    ["test accuracy", percent(lastOf("test_accuracy"))],
    [run.algorithm, run.traits.single_step ? "1 pass" : `\u03b7 ${run.eta}, ${run.steps} steps`],
    ["populations / ranks", `${populations.length} / ${data.ranks}`],
    ["messages per batch", String(sumOf(run, null, "messages"))],
    ["bytes per batch", bytesText(sumOf(run, null, "bytes"))],
    worst(run, "ulp") === 0 ? ["off exact, at most", "0 ulp"] : ["relative error, most", short(worst(run, "relative_error"))],
  ];
  byId("figures").append(...figures.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
  byId("about").textContent = `Made by vicinal ${data.version} from ${data.folder}: ${data.config.parameters} parameters, ${data.config.precision}, loss ${data.config.loss}, seed ${data.config.seed}. This file needs no network.`;
}

/* ---- the law ---- */

function showLaw(index) {
  const run = data.runs[index], curves = run.trajectory;
  const layers = run.layers.filter((layer) => layer.scale !== null || layer.relative_error !== null);
  const steps = Array.from({ length: run.compared }, (_, i) => i + 1);
  const points = (key, layer) => steps.map((n, i) => [n, curves[key][layer.layer - 1]?.[i] ?? null]);
  const lawful = curves && layers.some((layer) => layer.law !== null);
  byId("law-lead").textContent = `${titleOf(run)}: ` + (run.traits.is_backpropagation ? "this is backpropagation, the reference itself." : lawful
    ? "after n steps an update points where backpropagation's does, and is P[Binomial(n\u22121, \u03b7) \u2265 L\u2212l] times as long. Marks are measured on this page's batch, lines are the law."
    : run.wires ? "over wires that are not perfect there is no such law for one batch. This is how far its updates are from exact."
    : "it promises no such law. This is how far its updates are from exact.");
  const charts = [];
  if (curves) {
    charts.push(lineChart({ title: "Length of the update, relative to exact", subtitle: lawful ? "lines: the law; marks: measured" : "measured", xName: "inference steps n", low: 0,
      series: layers.flatMap((layer, i) => [{ name: "layer " + layer.layer, points: points(lawful ? "law" : "scale", layer), ink: i }, ...(lawful ? [{ name: "layer " + layer.layer + " measured", named: false, line: false, dots: true, points: points("scale", layer), ink: i }] : [])]) }));
    charts.push(lineChart({ title: "Angle to backpropagation's update", subtitle: "degrees; no mark while an update is zero", xName: "inference steps n", low: 0, high: 1,
      series: layers.map((layer, i) => ({ name: "layer " + layer.layer, points: points("angle", layer), dots: true, ink: i })) }));
  }
  byId("law-charts").replaceChildren(...charts);
  const rows = run.layers.map((l) => [l.layer, short(l.relative_error), short(l.angle), l.ulp ?? "\u2013", short(l.scale, 6), short(l.law, 6)]);
  const badge = run.passed === null ? null : verdictBadge(run.passed, "every layer is the law times exact", "a layer differs from the law times exact");
  byId("law-table").replaceChildren(...[table(`Updates after ${run.steps} step${run.steps === 1 ? "" : "s"} beside exact, on the first training batch`, ["layer", "relative error", "angle (deg)", "ulp (most)", "length", "law"], rows), badge].filter(Boolean));
  if (curves) byId("law-table").append(folded("The lengths after every number of steps", table("Measured length (law) after n steps", ["n", ...layers.map((l) => "layer " + l.layer)], steps.map((n, i) => [n, ...layers.map((l) => `${short(curves.scale[l.layer - 1][i], 4)} (${short(curves.law[l.layer - 1][i], 4)})`)]))));
}

/* ---- learning ---- */

function column(sheet, name) {
  const place = sheet.columns.indexOf(name);
  return sheet.rows.map((row) => row[place]);
}

function showLearning() {
  const m = data.metrics;
  if (!m || m.rows.length === 0) {
    byId("learning-charts").append(element("p", {}, "There is no metrics.csv in the run folder."));
    return;
  }
  const epochs = column(m, "epoch");
  const series = (names) => names.map(([name, key, factor]) => ({ name, points: epochs.map((e, i) => [e, column(m, key)[i] === null ? null : factor * column(m, key)[i]]) })).filter((s) => s.points.some((p) => p[1] !== null));
  byId("learning-charts").append(
    lineChart({ title: "Loss", subtitle: "mean over the set", xName: "epoch", low: 0, series: series([["training", "train_loss", 1], ["test", "test_loss", 1]]) }),
    lineChart({ title: "Accuracy", subtitle: "percent", xName: "epoch", high: 100, series: series([["training", "train_accuracy", 100], ["test", "test_accuracy", 100]]) }));
  byId("learning-charts").after(folded("The numbers", table(m.left_out ? `metrics.csv, ${m.left_out} epochs left out` : "metrics.csv", m.columns, m.rows.map((row) => row.map((x, i) => (i < 2 ? x : short(x, 4)))))));
}

function showCompare() {
  const c = data.compare;
  if (!c || c.rows.length === 0) {
    byId("compare").append(element("p", { class: "note" }, "How updates compare with exact during learning is recorded with ", element("code", {}, "--set learning.compare.every=10"), "."));
    return;
  }
  const layers = [...new Set(column(c, "layer"))];
  const series = (key) => layers.map((layer) => ({ name: "layer " + layer, points: c.rows.filter((row) => row[c.columns.indexOf("layer")] === layer).map((row) => [row[0], row[c.columns.indexOf(key)]]) }));
  const law = layers.map((layer, i) => ({ name: "law of layer " + layer, named: false, line: false, dots: true, ink: i, points: c.rows.filter((row) => row[c.columns.indexOf("layer")] === layer && row[c.columns.indexOf("law")] !== null).map((row) => [row[0], 1 - row[c.columns.indexOf("law")]]).filter((_, i, all) => i % Math.max(1, Math.ceil(all.length / 12)) === 0) }));
  byId("compare").append(element("h3", {}, "During learning, against exact on the same batch"), element("div", { class: "charts" },
    lineChart({ title: "Relative error of the update", subtitle: "lines: measured; marks: what the law says, 1 \u2212 law", xName: "update", low: 0, series: [...series("relative_error"), ...law.filter((s) => s.points.length)] }),
    lineChart({ title: "Angle to exact", subtitle: "degrees", xName: "update", low: 0, high: 1, series: series("angle") })),
    folded("The numbers", table(c.left_out ? `compare.csv, ${c.left_out} updates left out` : "compare.csv", c.columns, c.rows.map((row) => row.map((x, i) => (i < 3 ? x : short(x, 4)))))));
}

/* ---- traffic ---- */

function showTraffic(index) {
  const run = data.runs[index];
  const named = (edge) => `${edge.from} \u2013 ${edge.to}`;
  const groups = edges.map((edge) => ({ name: named(edge), bars: ["prediction", "error"].map((kind) => ({ value: run.edges.find((e) => e.from === edge.from && e.to === edge.to && e.kind === kind).bytes, kind: kind === "prediction" ? "--up" : "--down" })) }));
  byId("traffic-lead").textContent = `${titleOf(run)}: what crosses each edge in one inference of a batch of ${data.config.batch}. Nothing else is sent: no weights, no gradients, no collective operation.`;
  byId("traffic-charts").replaceChildren(
    barChart({ title: "Bytes per edge", subtitle: "upper bar: predictions, lower bar: errors", groups, unit: bytesText }),
    barChart({ title: "Messages of every recorded run", subtitle: "upper bar: predictions, lower bar: errors", unit: String, groups: data.runs.map((r) => ({ name: r.traits.single_step ? r.algorithm : r.algorithm.split("-")[0] + " " + r.eta, bars: [{ value: sumOf(r, "prediction", "messages"), kind: "--up" }, { value: sumOf(r, "error", "messages"), kind: "--down" }] })) }));
  byId("traffic-table").replaceChildren(table(`${titleOf(run)}, ${run.steps} steps, ${short(1e6 * run.seconds)} \u00b5s an inference (median of 5)`, ["edge", "kind", "messages", "bytes", "posting (\u00b5s)", "waiting (\u00b5s)", "in steps (0: the sweep)"],
    run.edges.map((e) => [e.kind === "prediction" ? `${e.from} \u2192 ${e.to}` : `${e.from} \u2190 ${e.to}`, e.kind, e.messages, e.bytes, short(1e6 * e.seconds_posting), short(1e6 * e.seconds_waiting), stretches(e.by_step.map((s) => s.step))])));
}

/* 1, 2, 3, 7 as "1-3, 7" */
function stretches(steps) {
  const found = [];
  for (const s of steps) {
    if (found.length && found.at(-1)[1] === s - 1) found.at(-1)[1] = s;
    else found.push([s, s]);
  }
  return found.map(([a, b]) => (a === b ? a : `${a}-${b}`)).join(", ") || "\u2013";
}

/* ---- the audit ---- */

/* MPI's interposer has witnessed the one, the ledger declares the other. */
function auditPart(part) {
  const sum = (matrix) => matrix.flat().reduce((a, b) => a + b, 0);
  return { messages: sum(part.messages), bytes: sum(part.bytes) };
}

function auditCell(audit, from, to) {
  const n = audit.messages[from][to], m = audit.shared?.messages[from][to] ?? 0;
  const bytes = audit.bytes[from][to] + (audit.shared?.bytes[from][to] ?? 0);
  return n + m === 0 ? null : `${n + m} (${bytesText(bytes)})` + (m === 0 ? "" : n === 0 ? ", declared" : `, ${m} declared`);
}

function auditMatrix(audit) {
  const ranks = audit.messages.map((_, i) => i), wired = new Set(audit.wired.map(String));
  const cell = (from, to) => {
    const isWired = wired.has(String([from, to])) || wired.has(String([to, from]));
    return element("td", { class: isWired ? "wired" : undefined, title: isWired ? "joined by an edge" : "no edge" }, auditCell(audit, from, to) ?? (isWired ? "0" : "\u00b7"));
  };
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Messages between ranks" }, element("table", {}, element("caption", {}, "Messages inside inferences, from the rank of the row to the rank of the column; ranks that an edge joins are outlined"),
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "from \\ to"), ...ranks.map((r) => element("th", { scope: "col" }, "rank " + r)))),
    element("tbody", {}, ...ranks.map((from) => element("tr", {}, element("th", { scope: "row" }, "rank " + from), ...ranks.map((to) => cell(from, to)))))));
}

/* What was seen, and by whom. */
function auditLead(audit) {
  const seen = auditPart(audit), declared = audit.shared ? auditPart(audit.shared) : { messages: 0, bytes: 0 };
  const counted = (part) => `${part.messages} message${part.messages === 1 ? "" : "s"} (${bytesText(part.bytes)})`;
  const through = declared.messages === 0 ? ""
    : ` ${counted(declared)} went through shared memory, where no call of MPI shows them: the ledger declares them, they are not witnessed; with --transport mpi all are.`;
  const ledger = `the ledger ${audit.ledger_agrees ? "agrees" : "does not agree"} with what was witnessed${audit.ledger_agrees ? " to the byte" : ""}`;
  return `${audit.inferences} inferences on ${audit.ranks} rank${audit.ranks === 1 ? "" : "s"}. ${counted(seen)} between ranks ${seen.messages === 1 ? "was" : "were"} witnessed at MPI's profiling interface; ${ledger}.${through} ${audit.collectives_inside} collective calls inside an inference. ${audit.within_ranks.messages} messages stayed inside a rank.`;
}

function auditVerdict(audit) {
  const declared = audit.shared ? auditPart(audit.shared).messages : 0;
  const note = declared ? `; ${declared} of ${declared + auditPart(audit).messages} messages are declared, not witnessed` : "";
  return verdictBadge(audit.passed, "no message outside the wiring, no collective inside an inference" + note, audit.faults.join("; "));
}

function showAudit() {
  const audit = data.audit, body = byId("audit-body");
  if (!audit) {
    body.append(element("p", {}, "This run was not audited. An independent witness watches every MPI call of a run with ", element("code", {}, "vicinal train CONFIG --audit"), "; a report made afterwards shows its matrix and verdict here."));
    return;
  }
  body.append(auditVerdict(audit), element("p", { class: "lead" }, auditLead(audit)),
    auditMatrix(audit),
    folded("What each population holds", table("Bytes held, all arrays of a population together", ["population", "rank", "bytes"], audit.populations.map((p) => [p.population, p.rank, p.bytes]))));
}
