/* Neurons as pixels. */
function colourOf(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).split(",").map(Number);
}

function mix(a, b, share) {
  return a.map((x, i) => Math.round(x + (b[i] - x) * share));
}

/* "error": blue below 0, orange above, by the square root so that small ones are seen; "belief": from 0 to full where
 * nothing is negative, otherwise as errors, but linear. */
function paletteFor(values, style, most) {
  const zero = colourOf("--zero"), plus = colourOf("--plus"), minus = colourOf("--minus"), full = colourOf("--full");
  const signed = style === "error" || values.some((x) => x < 0);
  const scale = most > 0 ? 1 / most : 0;
  return (x) => {
    const share = Math.min(1, Math.abs(x) * scale);
    if (!signed) return mix(zero, full, share);
    return mix(zero, x < 0 ? minus : plus, style === "error" ? Math.sqrt(share) : share);
  };
}

function largest(values) {
  let most = 0;
  for (const x of values) most = Math.max(most, Math.abs(x));
  return most;
}

/* Maps stand side by side in a near-square; three maps of an input are the colours of one image. */
function layoutOf(population) {
  const view = populations[population].view;
  const colour = population === 0 && view.maps === 3 && populations[population].shape.length === 3;
  const maps = colour ? 1 : view.maps;
  const across = Math.ceil(Math.sqrt(maps));
  const gap = maps > 1 ? 1 : 0;
  return { view, colour, maps, across, gap, width: across * (view.columns + gap) - gap, height: Math.ceil(maps / across) * (view.rows + gap) - gap };
}

function paint(canvas, population, values, style, most) {
  const { view, colour, maps, across, gap, width, height } = layoutOf(population);
  canvas.width = width;
  canvas.height = height;
  canvas.style.aspectRatio = width + " / " + height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const shade = paletteFor(values, style, most ?? largest(values));
  const size = view.rows * view.columns;
  for (let i = 0; i < (colour ? size : Math.min(view.count, maps * size)); i++) {
    const map = Math.floor(i / size), within = i % size;
    const x = (map % across) * (view.columns + gap) + (within % view.columns);
    const y = Math.floor(map / across) * (view.rows + gap) + Math.floor(within / view.columns);
    const top = largest(values) || 1;
    const rgb = colour ? [0, 1, 2].map((c) => Math.round((255 * Math.max(0, values[i + c * size])) / top)) : shade(values[i]);
    image.data.set([...rgb, 255], 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
}

/* The neuron under the pointer, or -1. */
function neuronAt(canvas, population, event) {
  const { view, colour, across, gap, width, height } = layoutOf(population);
  const box = canvas.getBoundingClientRect();
  const x = Math.floor(((event.clientX - box.left) / box.width) * width), y = Math.floor(((event.clientY - box.top) / box.height) * height);
  const column = x % (view.columns + gap), row = y % (view.rows + gap);
  if (column >= view.columns || row >= view.rows) return -1;
  const map = colour ? 0 : Math.floor(y / (view.rows + gap)) * across + Math.floor(x / (view.columns + gap));
  const index = (map * view.rows + row) * view.columns + column;
  return index < view.count ? index : -1;
}

function describeOnHover(canvas, population, text) {
  const tip = byId("tip");
  canvas.addEventListener("pointermove", (event) => {
    const neuron = neuronAt(canvas, population, event);
    tip.hidden = neuron < 0;
    if (neuron < 0) return;
    tip.textContent = text(neuron);
    tip.style.left = Math.min(event.clientX + 14, window.innerWidth - 190) + "px";
    tip.style.top = event.clientY + 14 + "px";
  });
  canvas.addEventListener("pointerleave", () => (tip.hidden = true));
}
