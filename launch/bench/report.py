"""What bench.py measured, as markdown, JSON and a table to draw."""
import json
import statistics

import files
import network as networks


def _ours(cell):
    return statistics.median(cell["rounds"][cell["vicinal"]])


def _theirs(cell):
    return statistics.median(cell["rounds"][cell["rival"]]) if cell["rival"] else None


def milliseconds(seconds):
    value = 1e3 * seconds
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _spread(values):
    """Quartiles in ms."""
    if len(values) < 2:
        return "-"
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{milliseconds(low)} to {milliseconds(high)}"


def rates_text(rates):
    """Rates of bare products by the number of threads."""
    return ", ".join(f"{r / 1e9:.1f} GF/s on {t} thread{'s' * (t > 1)}" for t, r in rates.items())


def line(cell):
    """A cell in one line."""
    text = f"Vicinal ({cell['vicinal']}) {milliseconds(_ours(cell))} ms"
    if cell["rival"]:
        text = f"{cell['rival']} {milliseconds(_theirs(cell))} ms / {text} = {cell['ratio']:.2f}"
    return f"{text}, products {milliseconds(cell['floor'])} ms"


def _rows(result):
    """Cells by network, in the order of networks."""
    rows = {}
    for cell in result["cells"]:
        rows.setdefault((cell["network"], cell["batch"]), {})[cell["setting"]] = cell
    return rows


def _short(cell):
    if cell is None:
        return ""
    if cell["rival"] is None:
        return milliseconds(_ours(cell))
    return f"{milliseconds(_theirs(cell))} / {milliseconds(_ours(cell))} = **{cell['ratio']:.2f}**"


def _details(result):
    lines = ["| network, setting | products | Vicinal | on | quartiles | of it products | off | best rival | |"
             " quartiles | off |", "|---" * 11 + "|"]
    for cell in result["cells"]:
        words = [f"{cell['network']}, {cell['setting']}", milliseconds(cell["floor"]), milliseconds(_ours(cell)),
                 cell["vicinal"], _spread(cell["rounds"][cell["vicinal"]]), f"{100 * cell['floor'] / _ours(cell):.0f} %"]
        if cell["rival"]:
            ours, off = (cell["float32_errors"][name] for name in ("vicinal", cell["rival"]))
            words += [f"{ours:.1e}", milliseconds(_theirs(cell)), cell["rival"], _spread(cell["rounds"][cell["rival"]]),
                      f"{off:.1e}"]
        else:
            words += [""] * 5
        lines.append("| " + " | ".join(words) + " |")
    return lines


def how_measured(result):
    """The machine, the rates of its bare products, and how long it took."""
    computer = result["machine"]
    return (f"{computer['processor']}, {computer['cores']} cores, {' '.join(computer['instructions'])}; bare products "
            f"of 1024^3: {rates_text(result['product_rates'])}; load at the start {computer['load_before']:.1f}; "
            f"medians of {result['rounds']} rounds; {result['seconds'] / 60:.0f} minutes.")


def markdown(result):
    """The whole of it, in ms."""
    settings = [s for s in networks.SETTINGS if any(c["setting"] == s.name for c in result["cells"])]
    lines = ["ms for a training step: best rival / Vicinal = ratio", "",
             "| network, batch | " + " | ".join(s.title for s in settings) + " |", "|---" * (len(settings) + 1) + "|"]
    for (name, batch), cells in _rows(result).items():
        lines.append(f"| {name}, {batch} | " + " | ".join(_short(cells.get(s.name)) for s in settings) + " |")
    lines += ["", "off: the largest error of a float32 gradient, relative to the largest entry of its tensor", "",
              *_details(result), "",
              how_measured(result)]
    return "\n".join(lines) + "\n"


def _csv(result):
    lines = ["network,batch,setting,vicinal,rival,floor,ratio"]
    for cell in result["cells"]:
        rival, ratio = (_theirs(cell), cell["ratio"]) if cell["rival"] else ("NaN", "NaN")
        lines.append(",".join(map(str, (cell["network"], cell["batch"], cell["setting"], _ours(cell), rival,
                                        cell["floor"], ratio))))
    return "\n".join(lines) + "\n"


def write(result, folder):
    files.write_whole(folder, {"bench.md": markdown(result), "bench.csv": _csv(result),
                               "bench.json": json.dumps(result, indent=2) + "\n"})
