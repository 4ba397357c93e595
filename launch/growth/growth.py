"""The measurement of launch/growth.sh: the time and the memory of a training step along each axis."""
import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
import time

import bench
import contenders
import points
import results

FIRST_GUESS = 0.05  # seconds of a step of the smallest point of an axis
LONG = 2.0  # seconds of a step: runs of longer ones are not repeated
FAILURES = (contenders.Failed, subprocess.TimeoutExpired)


def say(text):
    print(text, flush=True)


class Series:
    """One algorithm along one axis."""

    def __init__(self, options, axis, setting):
        self.options, self.axis, self.setting = options, axis, setting
        self.rows, self.seconds = {}, {}

    def expected(self, point):
        """Seconds of a step: known, or from the next smaller point."""
        smaller = [value for value in self.seconds if value <= point.value]
        if not smaller:
            return FIRST_GUESS
        nearest = max(smaller)
        return self.seconds[nearest] * (point.value / nearest) ** self.axis.power

    def run(self, point):
        """One run, noted in the point's row; where it would take too long or fails, the row says so and stays."""
        row = self.rows.setdefault(point.value, results.row_of(point, self.setting))
        expected = self.expected(point)
        if row["left_out"] or row["rounds"] and row["rounds"][-1] > LONG:
            return
        if 2 * expected > self.options.limit:
            row["left_out"] = f"a step would take about {expected:.0f} s"
            return
        try:
            told = point.run(self.options, self.setting, bench.steps_for(expected, bench.ROUND), 4 * self.options.limit)
        except FAILURES as failure:
            row["left_out"] = results.reason(failure)
            return
        results.note(row, told)
        self.seconds[point.value] = row["rounds"][-1]


def measure_axis(options, axis, result):
    """All points once, then again, so that no point has all its rounds while the machine is busy."""
    measured = [Series(options, axis, setting) for setting in points.ALGORITHMS.values()]
    others = [row for row in result["points"] if row["axis"] != axis.name]
    for turn in range(options.rounds):
        for point in points.points_of(axis, options.quick):
            for series in measured:
                series.run(point)
                if turn == 0:
                    say("  " + results.line(series.rows[point.value]))
            result["points"] = others + [row for series in measured for row in series.rows.values()]
            results.write(result, options.out)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--mpirun", required=True, type=shlex.split)
    parser.add_argument("--out", required=True)
    parser.add_argument("--axis", action="append")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--limit", type=float, required=True)
    parser.add_argument("--quick", action="store_true")
    return parser.parse_args()


def found_before(options):
    """Points of axes that are not measured now stay, where they are of the same network."""
    try:
        with open(os.path.join(options.out, "growth.json"), encoding="utf-8") as file:
            result = json.load(file)
    except (OSError, ValueError):
        return []
    return result["points"] if result.get("base") == points.base(options.quick) else []


def main():
    options = arguments()
    os.makedirs(options.out, exist_ok=True)
    began = time.monotonic()
    result = {"machine": bench.machine(), "rounds": options.rounds, "limit": options.limit,
              "base": points.base(options.quick), "points": found_before(options)}
    with tempfile.TemporaryDirectory(prefix="data-", dir=options.out) as options.data:
        for name in options.axis or points.AXES:
            say(points.AXES[name].label)
            measure_axis(options, points.AXES[name], result)
    say("\n" + results.markdown(result))
    say(f"{time.monotonic() - began:.0f} s")
    sys.exit(results.judge(result))


if __name__ == "__main__":
    main()
