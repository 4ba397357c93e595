"""The table of launch/convolutions.sh: what conv2d computes, timed beside oneDNN in rounds that alternate."""
import argparse
import os
import statistics
import sys
import tempfile
import time

import bench
import contenders
import network as networks
import table

ROUND = 0.05  # seconds that a contender works in a round, at least; or one call
FUNCTIONS = ("forward", "vjp", "gradient")
BATCHES = (1, 32, 64, 300)
# How far results may be from those in float64, relative to their tensor's largest entry. That of PyTorch's says that it
# computes the same.
WITHIN = {"vicinal": 2e-6, "onednn": 1e-4}
HERE = os.path.dirname(os.path.abspath(__file__))
say = bench.say


def shapes():
    """The convolutions of MNIST-5 and CIFAR-6, by name."""
    found = [f for name in ("mnist-5", "cifar-6") for layer in networks.read(name).layers for f in layer
             if f.kind == "conv2d"]
    return {f"{f.inward[0]}-{f.out}": f for f in found}


def thread_counts():
    return tuple(dict.fromkeys((1, networks.cores())))


# ---- who takes part ----

class Vicinal:
    """timer.c on so many threads; its data are made from a seed."""

    def __init__(self, options, shape, batch, threads):
        self.title, self.threads, self.options = f"vicinal, {table.count(threads)}", threads, options
        words = [threads, shape.inward[0], shape.inward[1], shape.out, shape.padding, batch]
        self.process = contenders.Process([options.timer, *map(str, words), options.data], threads, contenders.LONGEST)

    def save(self):
        self.process.send("save")
        return self.process.answer()["block"]

    def run(self, function, times):
        self.process.send(f"{function} {times}")
        return self.process.answer()["seconds"]

    def close(self):
        self.process.close()


class OneDnn:
    """PyTorch on so many threads, with channels first or last; all share a process."""

    def __init__(self, process, threads, last):
        self.title = f"oneDNN, {table.count(threads)}, channels {'last' if last else 'first'}"
        self.process, self.threads, self.last = process, threads, last

    def run(self, function, times):
        self.process.ask(function=function, threads=self.threads, last=self.last, times=times)
        return self.process.answer()["seconds"]


# ---- a shape at a batch ----

def rough(contender, function):
    """Seconds of a call, after one that does not count."""
    return min(contender.run(function, 2)[1:] + contender.run(function, 1))


def chosen(contenders_, function):
    """The faster memory format on each number of threads, and rough times by title."""
    times = {c.title: rough(c, function) for c in contenders_}
    best = [min((c for c in contenders_ if c.threads == threads), key=lambda c: times[c.title])
            for threads in dict.fromkeys(c.threads for c in contenders_)]
    return best, times


def rounds(some, function, times, count):
    """Medians of each contender's rounds."""
    found = {c.title: [] for c in some}
    for turn in range(count):
        for i in range(len(some)):
            contender = some[(i + turn) % len(some)]
            calls = bench.steps_for(times[contender.title], ROUND)
            found[contender.title].append(statistics.median(contender.run(function, calls)))
    return found


def faults(errors, function, where):
    """Lines on results that are wrong."""
    return [f"{where}, {function}: {who} is off by {some[function]:.2g}, more than {WITHIN[who]:g}"
            for who, some in errors.items() if not some[function] <= WITHIN[who]]


def is_plain(backends, batch, where):
    """Has PyTorch, for one small sample, computed without oneDNN?"""
    if batch > 1 and backends != ["Mkldnn"]:
        raise SystemExit(f"{where}: PyTorch does not compute this by oneDNN, but by {', '.join(backends)}")
    return backends != ["Mkldnn"]


def cells_of(options, rival, name, shape, batch, ours):
    """The three functions of a shape at a batch."""
    block, where = ours[-1].save(), f"{name}, batch {batch}"
    errors, plain = {}, False
    if rival:
        rival.ask(folder=options.data, channels=shape.inward[0], side=shape.inward[1], out=shape.out,
                  padding=shape.padding, batch=batch)
        errors = rival.answer()
        plain = is_plain(errors.pop("backends"), batch, where)
    theirs = [OneDnn(rival, c.threads, last) for c in ours for last in (False, True)] if rival else []
    for function in FUNCTIONS:
        mine, times = chosen(ours, function)
        others, more = chosen(theirs, function)
        found = rounds(mine + others, function, {**times, **more}, options.rounds)
        medians = {title: statistics.median(some) for title, some in found.items()}
        yield {"shape": name, "batch": batch, "block": block, "function": function,
               "operations": shape.multiplications * batch, "rounds": found, "plain": plain,
               "vicinal": {c.threads: medians[c.title] for c in mine},
               "onednn": {c.threads: medians[c.title] for c in others},
               "formats": {c.threads: "last" if c.last else "first" for c in others},
               "errors": {who: some[function] for who, some in errors.items()},
               "faults": faults(errors, function, where)}


def measure(options, rival, name, shape, batch):
    ours = []
    try:
        for threads in thread_counts():
            ours.append(Vicinal(options, shape, batch, threads))
        yield from cells_of(options, rival, name, shape, batch, ours)
    finally:
        for vicinal in ours:
            vicinal.close()


# ---- all ----

def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--timer", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--shape", action="append")
    parser.add_argument("--batch", action="append", type=int)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--only-vicinal", action="store_true")
    return parser.parse_args()


def measure_all(options, rival):
    """Writes the results anew after each shape and batch. Returns whether all results are right."""
    began = time.monotonic()
    result = {"machine": bench.machine(), "rounds": options.rounds, "cells": [],
              "product_rates": {threads: bench.product_rate(threads) for threads in thread_counts()}}
    say("bare products of 1024^3: " + bench.report.rates_text(result["product_rates"]))
    for name, shape in shapes().items():
        if options.shape and name not in options.shape:
            continue
        for batch in options.batch or BATCHES:
            for cell in measure(options, rival, name, shape, batch):
                result["cells"].append(cell)
                say("\n".join(["  " + table.line(cell), *cell["faults"]]))
            result["seconds"] = time.monotonic() - began
            table.write(result, options.out)
    say("\n" + table.markdown(result))
    return not any(cell["faults"] for cell in result["cells"])


def main():
    options, rival, is_right = arguments(), None, False
    try:
        if not options.only_vicinal:
            rival = contenders.Process([sys.executable, os.path.join(HERE, "onednn.py")], networks.cores(),
                                       contenders.LONGEST)
            say("PyTorch " + rival.answer()["torch"])
        with tempfile.TemporaryDirectory(prefix="data-", dir=options.out) as options.data:
            is_right = measure_all(options, rival)
    except contenders.Failed as failure:
        sys.exit(f"a contender fails: {failure}")
    finally:
        if rival:
            rival.close()
    sys.exit(0 if is_right else 1)


if __name__ == "__main__":
    main()
