"""The table of launch/threads.sh: what more threads or ranks gain, beside simultaneous bare products."""
import argparse
import json
import shlex
import statistics
import subprocess
import sys
import tempfile

import bench
import contenders
import files
import network as networks
import products

NETWORK = "mlp-1024"
SETTINGS = ("exact", "fixed-20", "strict")


# ---- what is timed ----

def ways(options, network):
    """By name: a rank with one thread, with a thread for each core, and a rank for each core that has populations."""
    cores = networks.cores()
    shapes = {"one": (1, 1), "threads": (1, cores), "ranks": (min(cores, network.n_layers + 1), 1)}
    return {name: contenders.Vicinal(options.program, options.mpirun, options.data, *shape)
            for name, shape in shapes.items()}


# ---- gains ----

def gains(found):
    """What so many cores gain, by name: medians of the rounds' ratios, in each of which all are measured side by side.
    Bare products: each thread makes all of a step's, so that as many steps are done as there are threads."""
    cores = networks.cores()
    by_round = {"threads": [one / more for one, more in zip(found["one"], found["threads"])],
                "ranks": [one / more for one, more in zip(found["one"], found["ranks"])],
                "bare": [cores * one / more for one, more in zip(found["bare"], found["bare_together"])]}
    result = {name: statistics.median(some) for name, some in by_round.items()}
    for name in ("threads", "ranks"):
        result[f"{name}_of_bare"] = statistics.median(a / b for a, b in zip(by_round[name], by_round["bare"]))
    return result


def measure(options, name):
    network, setting = networks.read(NETWORK), next(s for s in networks.SETTINGS if s.name == name)
    some = {**ways(options, network), "bare": products.Products(1),
            "bare_together": products.Products(networks.cores())}
    found = bench.take_turns(some, options.rounds, network, setting)
    return {"setting": name, "title": setting.title, "rounds": found, "gain": gains(found),
            "median": {way: statistics.median(times) for way, times in found.items()}}


# ---- the table ----

def line(row):
    times = [f"{bench.report.milliseconds(row['median'][way])}" for way in ("one", "threads", "ranks", "bare")]
    gain = [f"{row['gain'][name]:.2f}" for name in ("bare", "threads", "threads_of_bare", "ranks", "ranks_of_bare")]
    return "| " + " | ".join([row["title"], *times, *gain]) + " |"


def markdown(result):
    computer = result["machine"]
    return "\n".join([
        f"A training step of {NETWORK} on {computer['cores']} cores: on one rank with one thread, on one with a thread "
        "for each core, on a rank for each core; the bare products of a step on one thread. Gains are times divided: "
        "one thread's by that of all. The gain of bare products is that of as many threads as cores, each of which "
        "makes all of them.", "",
        "| setting | one thread, ms | threads, ms | ranks, ms | products, ms | gain of products | gain of threads "
        "| of products' | gain of ranks | of products' |", "|---" * 10 + "|", *map(line, result["rows"]), "",
        f"{computer['processor']}, {computer['cores']} cores; load at the start {computer['load_before']:.1f}; medians "
        f"of {result['rounds']} rounds."]) + "\n"


def write(result, folder):
    files.write_whole(folder, {"threads.md": markdown(result), "threads.json": json.dumps(result, indent=2) + "\n"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--mpirun", required=True, type=shlex.split)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("setting", nargs="*")
    options = parser.parse_args()
    result = {"machine": bench.machine(), "rounds": options.rounds, "rows": []}
    with tempfile.TemporaryDirectory(prefix="data-", dir=options.out) as options.data:
        for name in options.setting or SETTINGS:
            bench.say(f"{name} ...")
            try:
                result["rows"].append(measure(options, name))
            except (contenders.Failed, subprocess.TimeoutExpired) as failure:
                sys.exit(f"Vicinal fails: {failure}")
            bench.say("  " + line(result["rows"][-1]))
            write(result, options.out)
    bench.say("\n" + markdown(result))


if __name__ == "__main__":
    main()
