"""The table of launch/ranks.sh: what a rank for each population costs beside one rank on the same machine."""
import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import bench
import contenders
import files
import network as networks
import report

STRICT = next(setting for setting in networks.SETTINGS if setting.name == "strict")
CHAINS = {"populations-64": (64, 512, 256), "populations-128": (128, 512, 256), "quick": (4, 16, 32)}
KNOWN = ("mlp-1024", "mnist-5", "chain-64")  # of configs/bench
START = (8, 4)  # neurons of each population and samples of the only batch of a run that is a start and little else
MIB = 2 ** 20
FIRST_USE = MIB  # part of each forecast that is no array: what BLAS and MPI take when work begins


def say(text):
    print(text, flush=True)


# ---- networks ----

def chain(folder, name, populations, width, batch):
    """Populations of one width, each layer relu of linear; its config is written into the folder."""
    path = os.path.join(folder, name + ".yaml")
    config = {"name": name, "precision": "float32", "seed": 1,
              "network": {"input": [width], "layers": [[{"linear": width}, "relu"]] * (populations - 2) +
                          [[{"linear": 10}]], "loss": "cross-entropy", "reduction": "mean"},
              "inference": {"algorithm": "exact"},
              "learning": {"optimizer": {"adam": {"rate": 0.001}}, "batch": batch, "epochs": 1},
              "data": {"format": "idx", "scale": 255, "train": {"inputs": "none", "labels": "none"}}}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)  # which is YAML, too
    return networks.Network(name, path, (width,), batch, 0.001, ((),) * (populations - 1))


def network_of(name, folder):
    return networks.read(name) if name in KNOWN else chain(folder, name, *CHAINS[name])


# ---- memory ----

def _descendants(pid):
    """Of a process, itself included; those that end meanwhile may be missing."""
    found = [pid]
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                for child in file.read().split():
                    found += _descendants(int(child))
    except OSError:
        pass
    return found


def _proportional(pid):
    """The proportional set size of a process in bytes; 0 where it has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return next(1024 * int(line.split()[1]) for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def _is_rank(pid, program):
    try:
        return os.path.samefile(f"/proc/{pid}/exe", program)
    except OSError:
        return False


class Watch(threading.Thread):
    """Looks again and again how much each rank of this process's runs has; `most` is by process."""

    def __init__(self, program):
        super().__init__(daemon=True)
        self.program, self.ended, self.most = program, threading.Event(), {}

    def run(self):
        while not self.ended.wait(0.2):
            for pid in _descendants(os.getpid()):
                if _is_rank(pid, self.program):
                    self.most[pid] = max(self.most.get(pid, 0), _proportional(pid))


def beyond_arrays(options, vicinal, network):
    """The bytes that the largest rank has beyond its arrays: the mean would hide one. Not timed."""
    watch = Watch(options.program)
    watch.start()
    try:
        memory = vicinal.train(network, STRICT, 2)["memory"]
    finally:
        watch.ended.set()
        watch.join()
    if len(watch.most) < vicinal.ranks:
        return None
    arrays = sorted(forecast - bare - FIRST_USE for forecast, bare in zip(memory["forecast"], memory["bare"]))
    return max(most - least for most, least in zip(sorted(watch.most.values())[-vicinal.ranks:], arrays))


# ---- time ----

def seconds_of(command):
    began = time.monotonic()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
                          timeout=contenders.LONGEST)
    if done.returncode:
        raise SystemExit(f"{command[0]} fails: {done.stderr.strip()[-2000:]}")
    return time.monotonic() - began


def start(options, populations):
    """The seconds from mpirun to the end of a training of one batch of a small network, and of a program that calls
    MPI_Init and MPI_Finalize alone; medians."""
    small = chain(options.data, "start", populations, *START)
    vicinal = contenders.Vicinal(options.program, options.mpirun, options.data, populations, 1)
    launcher, times = options.mpirun + ["-np", str(populations)], ([], [])
    for _ in range(options.rounds):
        began = time.monotonic()
        vicinal.train(small, STRICT, 1)
        times[0].append(time.monotonic() - began)
        times[1].append(seconds_of(launcher + [options.bare]))
    return [statistics.median(some) for some in times]


# ---- the table ----

def measure(options, name):
    network, cores = network_of(name, options.data), networks.cores()
    ranks = network.n_layers + 1
    way = lambda *shape, **more: contenders.Vicinal(options.program, options.mpirun, options.data, *shape, **more)
    ways = {"one": way(1, cores), "shared": way(ranks, 1, transport="shared"), "mpi": way(ranks, 1, transport="mpi")}
    times = bench.take_turns(ways, options.rounds, network, STRICT)
    begun, bare = start(options, ranks)
    return {"network": name, "populations": ranks, "rounds": times, "start": begun, "bare_start": bare,
            "beyond_arrays": beyond_arrays(options, ways["shared"], network),
            **{title: statistics.median(some) for title, some in times.items()}}


def line(row):
    beyond = f"{row['beyond_arrays'] / MIB:.1f}" if row["beyond_arrays"] is not None else "unknown"
    times = [report.milliseconds(row[way]) for way in ("one", "shared", "mpi")]
    ratios = [f"{row[way] / row['one']:.2f}" for way in ("shared", "mpi")]
    cells = [row["network"], row["populations"], *times, *ratios, beyond, f"{row['start'] / row['bare_start']:.2f}"]
    return "| " + " | ".join(map(str, cells)) + " |"


def markdown(result):
    computer = result["machine"]
    return "\n".join([
        "A training step, strict inference (eta 0.1, 20 steps). One rank with a thread for each core, beside a rank for "
        "each population, with messages through shared memory and through MPI.", "",
        "| network | populations | one rank, ms | shared, ms | mpi, ms | shared / one | mpi / one "
        "| MiB beyond arrays, a rank | start / bare MPI |", "|---" * 9 + "|", *map(line, result["rows"]), "",
        f"{computer['processor']}, {computer['cores']} cores; load at the start {computer['load_before']:.1f}; medians "
        f"of {result['rounds']} rounds."]) + "\n"


def write(result, folder):
    files.write_whole(folder, {"ranks.md": markdown(result), "ranks.json": json.dumps(result, indent=2) + "\n"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--bare", required=True)
    parser.add_argument("--mpirun", required=True, type=shlex.split)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("network", nargs="+")
    options = parser.parse_args()
    result = {"machine": bench.machine(), "rounds": options.rounds, "rows": []}
    with tempfile.TemporaryDirectory(prefix="data-", dir=options.out) as options.data:
        for name in options.network:
            say(f"{name} ...")
            try:
                result["rows"].append(measure(options, name))
            except (contenders.Failed, subprocess.TimeoutExpired) as failure:
                sys.exit(f"Vicinal fails: {failure}")
            say("  " + line(result["rows"][-1]))
            write(result, options.out)
    say("\n" + markdown(result))


if __name__ == "__main__":
    main()
