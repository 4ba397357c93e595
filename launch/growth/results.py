"""What growth.py measured, as markdown, JSON and a table to draw, and what is claimed of it."""
import json
import statistics
import subprocess

import files
import points

MIB = 2 ** 20
LARGE = 50e6  # bytes of arrays a rank, beside which what libraries take for themselves is little
ALLOWED = 0.05


def row_of(point, setting):
    """A point that has not been measured yet."""
    return {"axis": point.axis, "value": point.value, "algorithm": setting.name, "batch": point.batch,
            "width": point.width, "layers": point.layers, "ranks": point.ranks, "threads": point.threads,
            "rounds": [], "left_out": None}


def reason(failure):
    """Why a point is left out, in a line; ends all where it failed for another reason than time or memory."""
    if isinstance(failure, subprocess.TimeoutExpired):
        return f"did not end within {failure.timeout:.0f} s"
    for text in str(failure).splitlines():
        if "out of memory" in text:
            return text[text.index("out of memory"):]
    raise SystemExit(f"Vicinal fails: {failure}")


def note(row, told):
    """One run. Bytes are those of all ranks beyond what they hold bare; the peak is the largest of all rounds."""
    memory = told["memory"]
    row["rounds"].append(told["timing"]["whole"]["median"])
    row["bare"] = sum(memory["bare"])
    row["forecast"] = sum(memory["forecast"]) - row["bare"]
    row["taken"] = max(row.get("taken", 0), sum(memory["peak"]) - row["bare"])


def seconds(row):
    return statistics.median(row["rounds"])


def spread(row):
    """The least and the most."""
    return min(row["rounds"]), max(row["rounds"])


def ratio(row):
    """Forecast over taken."""
    return row["forecast"] / row["taken"]


def is_large(row):
    return bool(row["rounds"]) and row["forecast"] >= LARGE * row["ranks"]


def _number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def line(row):
    """A point in one line."""
    head = f"{row['axis']} {row['value']}, {row['algorithm']}: "
    if row["left_out"]:
        return head + "left out: " + row["left_out"]
    return head + (f"{_number(1e3 * seconds(row))} ms; {_number(row['forecast'] / MIB)} MiB forecast, "
                   f"{_number(row['taken'] / MIB)} taken")


def _cells(row):
    if not row["rounds"]:
        return [row["left_out"], "", "", "", ""]
    least, most = (_number(1e3 * value) for value in spread(row))
    return [_number(1e3 * seconds(row)), f"{least} to {most}", _number(row["forecast"] / MIB),
            _number(row["taken"] / MIB), f"{ratio(row):.3f}"]


def _table(result, axis):
    rows = [row for row in result["points"] if row["axis"] == axis.name]
    if not rows:
        return []
    lines = [f"| {axis.label} | algorithm | ms a step | rounds | MiB forecast | taken | forecast / taken |",
             "|---" * 7 + "|"]
    for row in rows:
        lines.append("| " + " | ".join([str(row["value"]), row["algorithm"], *_cells(row)]) + " |")
    return lines + [""]


def markdown(result):
    """The whole of it."""
    base, computer = result["base"], result["machine"]
    lines = [f"A training step of {base['layers']} layers of {base['width']}, the last of {points.OUTPUTS}, batch "
             f"{base['batch']}, but for what grows. Memory: arrays of all ranks, beyond bare processes.", ""]
    for axis in points.AXES.values():
        lines += _table(result, axis)
    lines.append(f"{computer['processor']}, {computer['cores']} cores; load at the start "
                 f"{computer['load_before']:.1f}; medians of at most {result['rounds']} rounds.")
    return "\n".join(lines) + "\n"


def _csv(result):
    lines = ["axis,value,algorithm,batch,width,layers,ranks,threads,seconds,least,most,bare,forecast,taken"]
    for row in result["points"]:
        if row["rounds"]:
            facts = [row[key] for key in ("axis", "value", "algorithm", "batch", "width", "layers", "ranks", "threads")]
            facts += [seconds(row), *spread(row), row["bare"], row["forecast"], row["taken"]]
            lines.append(",".join(map(str, facts)))
    return "\n".join(lines) + "\n"


def write(result, folder):
    files.write_whole(folder, {"growth.md": markdown(result), "growth.csv": _csv(result),
                               "growth.json": json.dumps(result, indent=2) + "\n"})


def judge(result):
    """Prints what is claimed of forecasts; 1 where it does not hold."""
    large = [row for row in result["points"] if is_large(row)]
    wrong = [row for row in large if abs(ratio(row) - 1) > ALLOWED]
    for row in wrong:
        print("FAILED: " + line(row))
    if large:
        off = max(large, key=lambda row: abs(ratio(row) - 1))
        print(f"forecasts of arrays of {LARGE / 1e6:.0f} MB and more a rank: {len(large)}, off by "
              f"{100 * abs(ratio(off) - 1):.1f} % at most, {100 * ALLOWED:.0f} % are allowed")
    return int(bool(wrong))
