"""The table of launch/bench.sh: every cell is a network under a setting, measured in rounds that alternate."""
import argparse
import contextlib
import json
import math
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import contenders
import network as networks
import report

LONG = 2.0  # seconds of a step: one is enough of a trial; of its bare products: there are no trials, the choice for the
# network's other cells is taken
SMALL = 0.02  # seconds of bare products below which one core may be enough
HOPELESS = 3  # times the fastest in trials: slower ones do not go into the rounds
ROUND = 0.25  # seconds that a contender works in a round, at least; or one step
FAILURES = (contenders.Failed, subprocess.TimeoutExpired, OSError)  # of a contender, which the others outlive
HERE = os.path.dirname(os.path.abspath(__file__))


def say(text):
    print(text, flush=True)


def milliseconds(seconds):
    return f"{1e3 * seconds:.4g} ms"


# ---- the machine ----

def product_rate(threads):
    """Floating-point operations a second of bare products."""
    told = subprocess.run([sys.executable, os.path.join(HERE, "product.py"), "15"], capture_output=True, text=True,
                          check=True, env=dict(os.environ, OPENBLAS_NUM_THREADS=str(threads)))
    return float(told.stdout)


def machine():
    told = subprocess.run(["lscpu"], capture_output=True, text=True, check=False).stdout
    facts = dict(line.split(":", 1) for line in told.splitlines() if ":" in line)
    flags = facts.get("Flags", "").split()
    return {"processor": facts.get("Model name", "unknown").strip(), "cores": networks.cores(),
            "instructions": [f for f in ("avx2", "fma", "avx512f") if f in flags],
            "load_before": os.getloadavg()[0], "coretype": os.environ.get("OPENBLAS_CORETYPE")}


# ---- a cell ----

class Cell:
    def __init__(self, options, network, setting, rates, chosen):
        self.options, self.network, self.setting = options, network, setting
        self.operations = networks.needed(network, setting)
        self.floor = self.operations / max(rates.values())
        self.chosen = chosen  # the best of earlier cells of this network: titles "rival" and "vicinal", and "group"
        self.open, self.checked, self.trials = [], {}, {}  # open: rivals, then Vicinal's, that go into the rounds
        self.seconds = {}  # of the parts of the measurement

    def try_out(self, contender, guess):
        """Seconds of a step, roughly; None where it fails. Where there is no guess, one step is run to have it."""
        try:
            seconds = guess or contender.run(self.network, self.setting, 1)
            if guess or seconds < LONG:
                seconds = contender.run(self.network, self.setting, max(3, steps_for(seconds, ROUND / 3)))
        except FAILURES as failure:
            say(f"    {contender.title}: {failure}")
            return None
        say(f"    {contender.title}: {milliseconds(seconds)}")
        self.trials[contender.title] = seconds
        return seconds

    def is_long(self, kind):
        """Are there to be no trials, since they take long and the choice was made before?"""
        return self.floor > LONG and kind in self.chosen

    def best(self, some, kind, most=1):
        """The fastest ones, `most` of them, or the one that was chosen before where trials take long."""
        if self.is_long(kind) and self.chosen[kind] in [c.title for c in some]:
            return [c for c in some if c.title == self.chosen[kind]]
        tried, guess = [], None
        for contender in some:
            seconds = self.try_out(contender, guess)
            if seconds is not None:
                tried.append((seconds, len(tried), contender))
            if kind == "vicinal" and seconds and seconds < LONG:  # starting takes longer than a step
                guess = guess or seconds
        return [contender for *_, contender in self.fewer(tried, most)]

    def fewer(self, tried, most):
        """The fastest of tuples that begin with seconds: `most`, or one where steps take long, and no hopeless one."""
        tried = sorted(tried)[:1 if self.floor > LONG else most]
        return [one for one in tried if one[0] <= HOPELESS * tried[0][0]]

    def error_of_vicinal(self):
        """Begins to check Vicinal; what is started prints the error."""
        command = [sys.executable, os.path.join(HERE, "ours.py"), self.network.name, self.setting.name,
                   self.options.cache, self.options.program]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def prepared(self):
        """The groups that are ready to be timed. All are checked and compiled at the same time, and Vicinal checked."""
        groups = self.options.rivals.begin(self.network, self.setting, self.floor < SMALL,
                                           self.chosen["group"] if self.is_long("group") else None)
        with self.error_of_vicinal() as check:
            ready = [group for group in groups.values() if self.is_ready(group[0])]
            told = check.stdout.read()
        if check.returncode:
            raise SystemExit("the check of Vicinal fails: see above")
        self.checked["vicinal"] = float(told)
        return ready

    def is_ready(self, rival):
        """Is its process prepared? Ends all where its rules are wrong."""
        try:
            error = rival.process.answer()["float64_error"]
        except FAILURES as failure:
            say(f"    left out: {rival.group}: {failure}")
            return False
        if error is not None and not error < 1e-6:
            raise SystemExit(f"{rival.title} is off by {error:g} in float64")
        return True

    def best_rivals(self, groups):
        """The best of each group, of these the two fastest."""
        found = [rival for group in groups for rival in self.best(group, "rival")]
        tried = [(self.trials.get(rival.title, 0), i, rival) for i, rival in enumerate(found)]  # 0: chosen before
        return [rival for *_, rival in self.fewer(tried, 2)]

    def contend(self):
        """Leaves in `open` those that go into the rounds."""
        groups = []
        if self.options.rivals:
            with self.spent("preparation"):
                groups = self.prepared()
        with self.spent("trials"):
            ours = contenders.vicinals(self.options.program, self.options.mpirun, self.options.data, self.network,
                                       self.floor < SMALL)
            ours = self.best(ours, "vicinal", 2)
            self.open = self.best_rivals(groups) + ours
        if not ours:
            raise SystemExit("Vicinal fails: see above")

    @contextlib.contextmanager
    def spent(self, what):
        """Counts the seconds of a part of the measurement."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds[what] = time.monotonic() - began

    def rounds(self):
        """The medians of each contender's rounds; one that fails is left out of all of them."""
        found = {c.title: [] for c in self.open}
        for turn in range(self.options.rounds):
            for i in range(len(self.open)):
                contender = self.open[(i + turn) % len(self.open)]
                if contender.title not in found:
                    continue
                seconds = self.round_of(contender)
                if seconds is None:
                    del found[contender.title]
                else:
                    found[contender.title].append(seconds)
        return found

    def round_of(self, contender):
        """The median of a round's steps; None where it fails."""
        steps = steps_for(self.trials.get(contender.title, self.floor), ROUND)
        try:
            return contender.run(self.network, self.setting, steps)
        except FAILURES as failure:
            say(f"    left out: {contender.title}: {failure}")
            return None

    def measure(self):
        self.contend()
        with self.spent("rounds"):
            found = self.rounds()
        medians = {title: statistics.median(values) for title, values in found.items()}
        rivals = [c.title for c in self.open if isinstance(c, contenders.Rival) and c.title in medians]
        ours = [title for title in medians if title not in rivals]
        if not ours:
            raise SystemExit("Vicinal fails: see above")
        ours = min(ours, key=medians.get)
        best = min(rivals, key=medians.get) if rivals else None
        self.chosen["vicinal"] = ours
        self.checked.update({c.title: c.float32_error for c in self.open if c.title in rivals})
        if best:
            self.chosen.update(rival=best, group=next(c.group for c in self.open if c.title == best))
        return {"network": self.network.name, "batch": self.network.batch, "setting": self.setting.name,
                "operations": self.operations, "floor": self.floor, "vicinal": ours, "rival": best,
                "ratio": medians[best] / medians[ours] if best else None,
                "rounds": found, "trials": self.trials, "float32_errors": self.checked,
                "seconds": self.seconds}


def steps_for(seconds, enough):
    return max(1, min(200, math.ceil(enough / seconds)))


def take_turns(contending, rounds, network, setting):
    """The seconds of a step of each, by name, round after round; each begins once in turn."""
    found, steps = {name: [] for name in contending}, {}
    for name, contender in contending.items():
        steps[name] = steps_for(contender.run(network, setting, 1), ROUND)
    names = list(contending)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(contending[name].run(network, setting, steps[name]))
    return found


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--mpirun", required=True, type=shlex.split)
    parser.add_argument("--out", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--network", action="append")
    parser.add_argument("--setting", action="append")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--only-vicinal", action="store_true")
    return parser.parse_args()


def measure_all(options):
    """Writes the results anew after each cell, so that a run that is interrupted leaves those it has."""
    began = time.monotonic()
    result = {"machine": machine(), "rounds": options.rounds, "cells": []}
    rates = {threads: product_rate(threads) for threads in dict.fromkeys((1, networks.cores()))}
    result["product_rates"] = rates
    say("bare products of 1024^3: " + report.rates_text(rates))
    for name in options.network or networks.NETWORKS:
        network, chosen = networks.read(name), {}
        for setting in networks.SETTINGS:
            if options.setting and setting.name not in options.setting:
                continue
            say(f"{name}, {setting.title}")
            cell = Cell(options, network, setting, rates, chosen).measure()
            result["cells"].append(cell)
            result["seconds"] = time.monotonic() - began
            report.write(result, options.out)
            say("  " + report.line(cell))
    say("\n" + report.markdown(result))


def main():
    options = arguments()
    os.makedirs(options.out, exist_ok=True)
    options.rivals = None if options.only_vicinal else contenders.Rivals(options.cache)
    with tempfile.TemporaryDirectory(prefix="data-", dir=options.out) as options.data:
        try:
            measure_all(options)
        finally:
            if options.rivals:
                options.rivals.close()


if __name__ == "__main__":
    main()
