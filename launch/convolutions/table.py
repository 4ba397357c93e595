"""What convolutions.py measured, as markdown, JSON and a table to draw."""
import json

import files
import report


def count(threads):
    return f"{threads} thread{'s' * (threads > 1)}"


def best(cell):
    """The fewest seconds of oneDNN, on any number of threads; None without it."""
    return min(cell["onednn"].values()) if cell["onednn"] else None


def most_threads(cell):
    return max(cell["vicinal"])


def ratio(cell, threads):
    """oneDNN's time by Vicinal's on so many threads; on the most of them, that of oneDNN on its best number."""
    if not cell["onednn"]:
        return None
    theirs = best(cell) if threads == most_threads(cell) else cell["onednn"][threads]
    return theirs / cell["vicinal"][threads]


def title(cell):
    return f"{cell['shape']}, batch {cell['batch']}, {cell['function']}"


def line(cell):
    """A cell in one line."""
    words = []
    for threads, seconds in cell["vicinal"].items():
        words.append(f"{count(threads)} {report.milliseconds(seconds)} ms")
        if cell["onednn"]:
            words[-1] += f" (oneDNN {report.milliseconds(cell['onednn'][threads])})"
    return title(cell) + ": " + ", ".join(words)


def _row(cell, rates):
    words = [cell["shape"], cell["batch"], cell["function"]]
    for threads, seconds in cell["vicinal"].items():
        share = lambda some: f"{100 * cell['operations'] / some / rates[threads]:.0f} %"
        words += [report.milliseconds(seconds), share(seconds)]
        if cell["onednn"]:
            theirs = best(cell) if threads == most_threads(cell) else cell["onednn"][threads]
            words += [report.milliseconds(theirs) + " \\*" * cell["plain"], share(theirs),
                      f"**{ratio(cell, threads):.2f}**"]
    return "| " + " | ".join(map(str, words)) + " |"


def _losses(cells):
    """A line on those of all threads in which oneDNN is faster by more than a tenth."""
    lost = [f"{title(c)} ({ratio(c, most_threads(c)):.2f})" for c in cells if ratio(c, most_threads(c)) < 0.9]
    return "oneDNN is faster by more than a tenth in: " + ("; ".join(lost) if lost else "nothing")


def markdown(result):
    cells, rates = result["cells"], result["product_rates"]
    has_rival = bool(cells[0]["onednn"])
    heads = ["shape", "batch", "function"]
    for threads in cells[0]["vicinal"]:
        heads += [f"{count(threads)}, ms", "of peak"] + ["oneDNN, ms", "of peak", "ratio"] * has_rival
    lines = ["ms for a call in float32: Vicinal, oneDNN (PyTorch, its faster memory format, on most threads also its "
             "better number of threads), and oneDNN / Vicinal = ratio; above 1 Vicinal is faster. Of peak: operations "
             "of the plain sums, by the rate of bare products on as many threads; Winograd's algorithm does with "
             "fewer.", "",
             "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|", *(_row(c, rates) for c in cells), ""]
    if has_rival:
        off = {who: max(c["errors"][who] for c in cells) for who in cells[0]["errors"]}
        if any(c["plain"] for c in cells):
            lines += ["\\* PyTorch does not use oneDNN for one small sample.", ""]
        lines += [f"- {fault}" for c in cells for fault in c["faults"]]
        lines += ["", _losses(cells) + ".", "", f"Results are off by {off['vicinal']:.1e} of a tensor's largest entry at "
                  f"most, oneDNN's by {off['onednn']:.1e}.", ""]
    lines.append(report.how_measured(result))
    return "\n".join(lines) + "\n"


def _csv(result):
    lines = ["shape,batch,function,vicinal,onednn,ratio"]
    for cell in result["cells"]:
        threads = most_threads(cell)
        share = lambda some: cell["operations"] / some / result["product_rates"][threads]
        theirs = (share(best(cell)), ratio(cell, threads)) if cell["onednn"] else ("NaN", "NaN")
        lines.append(",".join(map(str, (cell["shape"], cell["batch"], cell["function"],
                                        share(cell["vicinal"][threads]), *theirs))))
    return "\n".join(lines) + "\n"


def write(result, folder):
    files.write_whole(folder, {"convolutions.md": markdown(result), "convolutions.csv": _csv(result),
                               "convolutions.json": json.dumps(result, indent=2) + "\n"})
