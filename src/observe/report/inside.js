/* The inside of one population: what it holds, and what it has heard. Nothing else is known to it. */
let insideOf = null; /* {lane, id, opener} */

function tile(id, name, meaning, values, style, most) {
  const canvas = element("canvas", { role: "img", "aria-label": `${name} of population ${id}: largest ${short(largest(values))}` });
  paint(canvas, id, values, style, most);
  describeOnHover(canvas, id, (i) => `neuron ${i}: ${short(values[i])}`);
  return element("div", { class: "tile" }, element("h3", {}, name), canvas, element("p", {}, `${meaning} Largest: ${short(largest(values))}.`));
}

function tilesOf(run, id, step) {
  const at = (quantity) => numbersOf(run, player.sample, id, quantity, step);
  if (step < 0) return [element("p", {}, "Nothing yet: no prediction has come.")];
  if (id === 0) return [tile(id, "belief v\u2080", "The data. It is clamped: nothing moves it.", at("belief"), "belief")];
  const changes = run.traits.predicts_in_steps && run.coordinates === "error" && step > 0;
  const tiles = [
    tile(id, "belief v" + subscript(id), "What it holds to be so.", at("belief"), "belief"),
    tile(id, "prediction heard \u03bc" + subscript(id), changes ? "From below: by how much the prediction has changed since the sweep." : "From below: what it should be.", at("prediction"), changes ? "error" : "belief"),
    tile(id, "error \u03b5" + subscript(id), id === last ? "The gradient of the loss, which it alone knows." : "By how much the prediction misses its belief.", at("error"), "error"),
  ];
  if (id < last) tiles.push(tile(id, "asked from above", "J\u1d40\u03b5 of the last error heard, through its own synapses.", at("feedback"), "error"));
  return tiles;
}

function heardBy(lane, id) {
  const moment = Math.min(player.moment, lane.frames.length - 1);
  return lane.frames.slice(0, moment + 1).flatMap((frame) => frame.messages.filter((m) => m.to === id)).reverse();
}

function messageList(lane, id) {
  const heard = heardBy(lane, id);
  if (heard.length === 0) return element("p", {}, "It has heard nothing.");
  return element("ol", {}, ...heard.slice(0, 12).map((m) => element("li", {}, `${m.step === 0 ? "sweep" : "step " + m.step}: `, element("b", { class: m.kind === "prediction" ? "up" : "down" }, `${m.kind === "prediction" ? "prediction \u03bc" : "error \u03b5"}${subscript(edges[m.edge].to)}`), ` from population ${m.from}, length ${short(m.norm)}`)),
    heard.length > 12 ? element("li", {}, `and ${heard.length - 12} before`) : null);
}

function owned(id) {
  const out = edges.filter((edge) => edge.from === id);
  if (out.length === 0) return "It owns the loss, and no synapses.";
  return "It owns the synapses that leave it: " + out.map((edge) => `${edge.functions} to population ${edge.to} (${edge.parameters} parameters)`).join("; ") + ". It never sees anybody else's.";
}

function refreshInside() {
  if (!insideOf) return;
  const { lane, id } = insideOf, step = stateStep(lane.run, lane.frame, id);
  const panel = byId("inside");
  const about = populations[id];
  const close = panel.querySelector("button.close") ?? element("button", { class: "close", type: "button", onclick: () => closeInside(true) }, "Close (Esc)");
  const title = panel.querySelector("h3") ?? element("h3", { id: "inside-title", tabindex: "-1" });
  title.textContent = `What population ${id} knows, ${nameOfMoment(lane.frame)}, ${titleOf(lane.run)}`;
  const body = element("div", { class: "body" }, element("p", { class: "note" }, `A ${roleOf(id)} population of ${about.neurons} neurons (${about.shape.join(" \u00d7 ")}) on rank ${about.rank}. ${owned(id)}`), element("div", { class: "tiles" }, ...tilesOf(lane.run, id, step)), element("h3", {}, "The last messages it heard"), messageList(lane, id));
  if (panel.querySelector(".body")) panel.querySelector(".body").replaceWith(body);
  else panel.replaceChildren(element("div", { class: "top" }, title, close), body);
}

function openInside(lane, id, opener, moveFocus = true) {
  const again = player.open === id && insideOf && insideOf.lane === lane;
  closeInside(false);
  if (again) return;
  insideOf = { lane, id, opener };
  player.open = id;
  opener.setAttribute("aria-expanded", "true");
  byId("inside").hidden = false;
  refreshInside();
  if (!moveFocus) return;
  byId("inside-title").focus({ preventScroll: true });
  byId("inside").scrollIntoView({ block: "nearest" });
}

function closeInside(returnFocus) {
  if (!insideOf) return;
  insideOf.opener.setAttribute("aria-expanded", "false");
  if (returnFocus) insideOf.opener.focus();
  insideOf = null;
  player.open = null;
  byId("inside").hidden = true;
  byId("inside").replaceChildren();
}
