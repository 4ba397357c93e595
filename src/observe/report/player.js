/* The player: one lane per run, a column per population, an edge between neighbours, all at one moment. */
const player = { run: 0, sample: 0, moment: 0, together: false, timer: 0, lanes: [], open: null, fresh: true };
const pace = 900;

function shownRuns() {
  return player.together ? data.runs : [data.runs[player.run]];
}

function momentsOf() {
  return Math.max(...player.lanes.map((lane) => lane.frames.length));
}

/* ---- building ---- */

function makePopulation(lane, id) {
  const about = populations[id];
  const canvas = element("canvas", { "aria-hidden": "true" });
  const meter = element("i");
  const share = element("span", { class: "share" });
  const button = element("button", { class: "pop", type: "button", "aria-expanded": "false", "aria-controls": "inside", "data-population": id, onclick: () => openInside(lane, id, button) },
    element("b", {}, "population " + id), element("small", {}, `${roleOf(id)}, rank ${about.rank}`, element("br"), `${about.neurons} neurons`), canvas,
    id > 0 ? element("span", { class: "meter", "aria-hidden": "true" }, meter) : null, share);
  return { button, canvas, meter, share };
}

function makeEdge(index) {
  const svg = element("svg", { viewBox: "0 0 100 116", preserveAspectRatio: "none", "aria-hidden": "true" });
  const cell = element("div", { class: "edge", "data-edge": index });
  const up = element("line", { x1: 2, x2: 98, y1: 36, y2: 36 }), down = element("line", { x1: 2, x2: 98, y1: 80, y2: 80 });
  svg.append(up, down);
  cell.append(svg);
  return { cell, svg, lines: { prediction: up, error: down } };
}

/* Neighbours stand side by side; an edge that passes a population by has no place of its own in a row. */
function makeLane(run) {
  const lane = { run, frames: framesOf(run, player.sample) };
  lane.populations = populations.map((_, id) => makePopulation(lane, id));
  lane.edges = edges.map((_, index) => makeEdge(index));
  lane.state = element("span");
  const cells = lane.populations.flatMap((p, id) => [p.button, ...lane.edges.filter((_, e) => edges[e].from === id).map((e) => e.cell)]);
  const chain = element("div", { class: "chain", style: `grid-template-columns: ${cells.map((c) => (c.className === "pop" ? "minmax(7rem, 9rem)" : "minmax(4.2rem, 1fr)")).join(" ")}` }, ...cells);
  lane.box = element("div", { class: "lane", "data-algorithm": run.algorithm, "data-eta": run.eta }, element("h3", {}, titleOf(run) + (run.configured ? " (as configured)" : ""), lane.state), chain);
  return lane;
}

function rebuild() {
  player.lanes = shownRuns().map(makeLane);
  byId("lanes").replaceChildren(...player.lanes.map((lane) => lane.box));
  const scrubber = byId("scrubber");
  scrubber.max = momentsOf() - 1;
  player.moment = Math.min(player.moment, Number(scrubber.max));
  const open = player.open;
  closeInside(false);
  show(player.moment, false);
  if (open !== null) openInside(player.lanes[0], open, player.lanes[0].populations[open].button, false);
}

/* ---- showing a moment ---- */

function showPopulation(lane, frame, id) {
  const p = lane.populations[id], step = stateStep(lane.run, frame, id);
  const deaf = step < 0;
  const error = id > 0 && !deaf ? errorNorm(lane.run, player.sample, id, step) : 0;
  const values = deaf ? new Float64Array(populations[id].view.count) : numbersOf(lane.run, player.sample, id, id === 0 ? "belief" : "error", step);
  let most;
  if (id > 0 && exactRun) most = largest(numbersOf(exactRun, player.sample, id, "error", exactRun.played)) || undefined;
  paint(p.canvas, id, values, id === 0 ? "belief" : "error", most);
  p.button.classList.toggle("lit", error > 0);
  p.button.dataset.error = error;
  if (id === 0) {
    p.share.textContent = "the data, clamped";
    return;
  }
  const share = shareOfExact(lane.run, player.sample, id, Math.max(0, step));
  p.meter.style.width = (deaf ? 0 : Math.min(100, 100 * share)) + "%";
  p.share.textContent = deaf ? "has heard nothing" : error === 0 ? "no error yet" : `|\u03b5| ${short(error)}: ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of exact`;
  p.button.setAttribute("aria-label", `Population ${id}, ${roleOf(id)}, ${p.share.textContent}. Open what it knows.`);
}

function pill(message) {
  const label = (message.kind === "prediction" ? "\u03bc" : "\u03b5") + subscript(edges[message.edge].to);
  return element("div", { class: "message" }, label);
}

function showMessages(lane, frame, moving) {
  lane.edges.forEach(({ cell, svg, lines }, index) => {
    cell.querySelectorAll(".message").forEach((old) => old.remove());
    for (const kind of ["prediction", "error"]) {
      const message = frame.messages.find((m) => m.edge === index && m.kind === kind);
      lines[kind].setAttribute("class", message ? "on " + kind : "");
      if (!message) continue;
      const made = pill(message);
      made.classList.add(kind);
      made.title = `${kind} ${message.from} \u2192 ${message.to}, length ${short(message.norm)}`;
      cell.append(made);
      if (moving && !stillness.matches && made.animate) {
        const [from, to] = kind === "prediction" ? ["0%", "100%"] : ["100%", "0%"];
        made.animate([{ left: from, opacity: 0.3 }, { opacity: 1, offset: 0.2 }, { left: to, opacity: 1, offset: 0.8 }, { left: "50%", opacity: 1 }], { duration: pace * 0.8, easing: "ease-in-out" });
      }
    }
  });
}

function tellMoment(lane, frame) {
  const { run } = lane;
  const awake = populations.filter((_, id) => id > 0 && Number(lane.populations[id].button.dataset.error) > 0).length;
  const spoken = frame.messages.length;
  if (frame.before) return "Before the sweep: only the input population knows anything, the data.";
  if (frame.step === 0) return `The sweep: population ${frame.partly.from} predicts population ${frame.partly.to}.` + (frame.partly.to === last ? " The output compares it with the target: the loss is known there, and nowhere else." : "");
  if (frame.partly) return `Population ${frame.partly.from} says its error to population ${frame.partly.to}, which passes ${run.traits.is_backpropagation ? "it on at once: backpropagation, as messages." : `its own on at once, in step ${frame.step} of ${run.played}.`}`;
  const all = `${awake} of ${last} populations above the input have an error.`;
  if (spoken === 0) return `Step ${frame.step}: silence. Nobody has anything new to say. ${all}`;
  const news = run.traits.predicts_in_steps ? "Beliefs move, and predictions follow them." : !run.traits.follows_law ? "Every rule is applied to what has come." : run.eta === 1 ? "At \u03b7 = 1 the news comes down exactly one layer a step, and arrives whole." : `At \u03b7 = ${run.eta} everybody takes a part of the news and keeps a part of the old: it diffuses, and the update stays short.`;
  return `Step ${frame.step} of ${run.played}: ${spoken} message${spoken === 1 ? "" : "s"}, all at once. ${news} ${all}`;
}

function nameOfMoment(frame) {
  return frame.before ? "before the sweep" : frame.step === 0 ? `sweep, edge ${frame.partly.edge + 1} of ${edges.length}` : `step ${frame.step}`;
}

function show(moment, moving) {
  player.moment = Math.max(0, Math.min(moment, momentsOf() - 1));
  for (const lane of player.lanes) {
    const ended = player.moment >= lane.frames.length;
    const frame = lane.frames[Math.min(player.moment, lane.frames.length - 1)];
    lane.frame = frame;
    populations.forEach((_, id) => showPopulation(lane, frame, id));
    showMessages(lane, ended ? { messages: [] } : frame, moving);
    lane.state.textContent = ended ? "done" : nameOfMoment(frame);
  }
  const frame = player.lanes[0].frame;
  byId("scrubber").value = player.moment;
  byId("scrubber").setAttribute("aria-valuetext", nameOfMoment(frame));
  byId("moment").textContent = player.together ? `moment ${player.moment} of ${momentsOf() - 1}` : nameOfMoment(frame);
  byId("caption").textContent = player.together ? "All runs at the same moment of the same sample. Bars show how much of the exact error has arrived." : tellMoment(player.lanes[0], frame);
  byId("deck").dataset.moment = player.moment;
  refreshInside();
}

/* ---- playing ---- */

function setPlaying(playing) {
  clearInterval(player.timer);
  player.timer = 0;
  if (playing) {
    if (player.fresh || player.moment >= momentsOf() - 1) show(0, false);
    player.fresh = false;
    player.timer = setInterval(() => {
      show(player.moment + 1, true);
      if (player.moment >= momentsOf() - 1) setPlaying(false);
    }, pace);
  }
  const button = byId("play");
  button.textContent = playing ? "\u275A\u275A Pause" : "\u25B6\uFE0E Play";
  button.setAttribute("aria-label", playing ? "Pause" : "Play");
  byId("deck").dataset.playing = playing;
}

function stepBy(steps) {
  setPlaying(false);
  player.fresh = false;
  show(player.moment + steps, steps > 0);
}

function chooseRun(index) {
  player.run = index;
  byId("runs").querySelectorAll("button").forEach((b, i) => {
    b.setAttribute("aria-checked", i === index);
    b.tabIndex = i === index ? 0 : -1;
  });
  rebuild();
  showLaw(index);
  showTraffic(index);
}

function makeRuns() {
  byId("runs").replaceChildren(...data.runs.map((run, i) => element("button", { type: "button", role: "radio", "aria-checked": "false", onclick: () => chooseRun(i) }, titleOf(run))));
  byId("runs").addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    chooseRun((player.run + way + data.runs.length) % data.runs.length);
    byId("runs").children[player.run].focus();
  });
}

function makeSamples() {
  byId("sample").replaceChildren(...data.samples.map((s, i) => element("option", { value: i }, `${s.index}: class ${s.class}, predicted ${s.predicted} (${s.about})`)));
  byId("sample").addEventListener("change", (event) => {
    player.sample = Number(event.target.value);
    rebuild();
  });
}

/* Arrows and space work wherever nothing else needs them. */
function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    const own = event.target.closest("input[type=range], select, summary, a, [role=radio], .scroll");
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && player.open !== null) closeInside(true);
    if (own) return;
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      event.preventDefault();
      stepBy(event.key === "ArrowRight" ? 1 : -1);
    }
    if (event.key === " " && !event.target.closest("button, input")) {
      event.preventDefault();
      setPlaying(!player.timer);
    }
  });
}

function startPlayer() {
  makeRuns();
  makeSamples();
  listenToKeys();
  byId("play").addEventListener("click", () => setPlaying(!player.timer));
  byId("back").addEventListener("click", () => stepBy(-1));
  byId("forward").addEventListener("click", () => stepBy(1));
  byId("scrubber").addEventListener("input", (event) => {
    setPlaying(false);
    player.fresh = false;
    show(Number(event.target.value), false);
  });
  byId("together").addEventListener("change", (event) => {
    player.together = event.target.checked;
    setPlaying(false);
    rebuild();
  });
  const shown = populations.map((p, id) => (p.view.count < p.neurons ? `population ${id}: ${p.view.count} of ${p.neurons} neurons` : "")).filter(Boolean);
  const cut = data.runs.filter((run) => run.played < run.steps).map((run) => `${titleOf(run)}: the first ${run.played} of ${run.steps} steps`);
  byId("limits").textContent = `Recorded on ${data.samples.length} sample${data.samples.length === 1 ? "" : "s"} of the first training batch (${data.config.batch}). ` +
    "So that this page stays small, values in pictures are rounded to 1/127 of the largest of their row; lengths are computed from all neurons." + (shown.length || cut.length ? " Shown are, of " + [...shown, ...cut].join("; ") + "." : "");
}
