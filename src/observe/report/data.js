/* The data, and what can be read from them. */
const data = JSON.parse(document.getElementById("data").textContent);
const populations = data.network.populations;
const edges = data.network.edges;
const last = populations.length - 1;
const exactRun = data.runs.findLast((run) => run.traits.is_backpropagation);

/* The numbers of a quantity at a step, as far as the page has them. */
function numbersOf(run, sample, population, quantity, step) {
  const rows = run.samples[sample].states[population][quantity];
  const count = populations[population].view.count;
  const values = new Float64Array(count);
  if (!rows) return values;
  let at = Math.min(step, rows.length - 1);
  while (rows[at] === null) at--;
  if (rows[at] === 0) return values;
  const [scale, text] = rows[at];
  const bytes = atob(text);
  for (let i = 0; i < count; i++) values[i] = (scale / 127) * ((bytes.charCodeAt(i) << 24) >> 24);
  return values;
}

/* |eps| of all neurons of the sample. */
function errorNorm(run, sample, population, step) {
  const norms = run.samples[sample].states[population].norm;
  return norms ? norms[Math.min(step, norms.length - 1)] : 0;
}

/* The same relative to the exact error. */
function shareOfExact(run, sample, population, step) {
  const exact = exactRun ? errorNorm(exactRun, sample, population, exactRun.played) : 0;
  return exact > 0 ? errorNorm(run, sample, population, step) / exact : 0;
}

/* Messages of the sample in a step: {edge, kind, from, to, norm}. */
function messagesAt(run, sample, step) {
  const found = [];
  run.samples[sample].messages.forEach((kinds, edge) => {
    for (const kind of ["prediction", "error"])
      for (const [when, norm] of kinds[kind])
        if (when === step) {
          const up = kind === "prediction";
          found.push({ edge, kind, norm, step, from: up ? edges[edge].from : edges[edge].to, to: up ? edges[edge].to : edges[edge].from });
        }
  });
  return found;
}

/* Moments that the player stops at. The sweep goes up edge by edge, and where errors pass down within a step they come
 * edge by edge; otherwise all populations act at once. */
function framesOf(run, sample) {
  const frames = [{ step: 0, before: true, messages: [] }];
  const oneByOne = (step, messages) => messages.forEach((m) => frames.push({ step, messages: [m], partly: m }));
  oneByOne(0, messagesAt(run, sample, 0).sort((a, b) => a.edge - b.edge));
  for (let step = 1; step <= run.played; step++) {
    const messages = messagesAt(run, sample, step);
    if (run.traits.passes_down && messages.length > 0) oneByOne(step, messages.sort((a, b) => b.edge - a.edge));
    else frames.push({ step, messages });
  }
  return frames;
}

/* The step whose state a population shows in a frame; -1: it has heard nothing yet. */
function stateStep(run, frame, population) {
  if (frame.before) return population === 0 ? 0 : -1;
  if (!frame.partly) return frame.step;
  if (frame.step === 0) return frame.partly.to >= population ? 0 : -1;
  return frame.partly.to <= population ? frame.step : frame.step - 1;
}

function titleOf(run) {
  return run.algorithm + (run.traits.single_step ? "" : ", \u03b7 " + run.eta) + (run.wires ? ", over its wires" : "");
}

function roleOf(population) {
  return population === 0 ? "input" : population === last ? "output" : "hidden";
}
