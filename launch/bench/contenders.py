"""Who takes part: Vicinal on some ranks and threads, and processes of rival.py. Each runs k steps when asked."""
import json
import math
import os
import queue
import random
import re
import struct
import subprocess
import sys
import tempfile
import threading

import network as networks

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 1800  # seconds that anything may take
LONGEST_COMPILATION = 60


class Failed(Exception):
    pass


# ---- Vicinal ----

def _write_idx(path, shape, data):
    with open(path + ".part", "wb") as file:
        file.write(bytes((0, 0, 8, len(shape))) + struct.pack(f">{len(shape)}I", *shape) + data)
    os.replace(path + ".part", path)


def _write_data(network, batches, folder):
    """Random pixels and labels; returns the paths."""
    random.seed(1)
    samples, pixels = network.batch * batches, 1
    for side in network.input:
        pixels *= side
    inputs, labels = (os.path.join(folder, f"{network.name}-{what}") for what in ("inputs", "labels"))
    _write_idx(inputs, (samples, *network.input), random.randbytes(samples * pixels))
    _write_idx(labels, (samples,), bytes(random.randrange(10) for _ in range(samples)))
    return inputs, labels


class Vicinal:
    """`ranks` processes, each with so many threads. Data are written into the folder `data`, over those before."""

    def __init__(self, program, mpirun, data, ranks, threads, transport=None):
        self.program, self.mpirun, self.data, self.ranks, self.threads = program, mpirun, data, ranks, threads
        self.transport, self.limit = transport, LONGEST
        self.title = f"{ranks} rank{'s' * (ranks > 1)}" + f", {threads} threads" * (threads > 1)

    def _command(self, network, setting, folder, inputs, labels):
        command = [self.program, "train", network.path, "--timing", "--json", "--out", folder]
        for text in (*setting.texts(network), f"data.train.inputs={inputs}", f"data.train.labels={labels}"):
            command += ["--set", text]
        if takes_threads(self.program):
            command += ["--threads", str(self.threads)]
        if self.transport:
            command += ["--transport", self.transport]
        return (self.mpirun + ["-np", str(self.ranks)] if self.ranks > 1 else []) + command

    def train(self, network, setting, steps):
        """What `train --timing --json` says of `steps` steps, after one that is not counted."""
        inputs, labels = _write_data(network, steps + 1, self.data)
        blas_threads = 1 if takes_threads(self.program) else self.threads
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(self._command(network, setting, folder, inputs, labels), capture_output=True,
                                  text=True, timeout=self.limit, check=False, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, OPENBLAS_NUM_THREADS=str(blas_threads)))
        if done.returncode:
            raise Failed(f"vicinal on {self.title}: {done.stderr.strip()[-2000:]}")
        told = json.loads(done.stdout)
        timed = told["timing"]["steps"]
        if timed != steps:
            raise Failed(f"vicinal on {self.title}: {timed} steps were timed, not {steps}")
        return told

    def run(self, network, setting, steps):
        """The median seconds of `steps` steps."""
        return self.train(network, setting, steps)["timing"]["whole"]["median"]

    def close(self):
        pass


_threads = {}


def takes_threads(program):
    if program not in _threads:
        told = subprocess.run([program, "train", "--help"], capture_output=True, text=True, check=True).stdout
        _threads[program] = re.search(r"^ +--threads ", told, re.M) is not None
    return _threads[program]


def vicinals(program, mpirun, data, network):
    """On one rank with one thread and with all cores, on two ranks, and with a rank for each population."""
    cores = networks.cores()
    shapes = [(1, 1), (1, cores), (2, max(1, cores // 2)), (network.n_layers + 1, 1)]
    return [Vicinal(program, mpirun, data, *shape) for shape in dict.fromkeys(shapes)]


# ---- rivals ----

class Process:
    """rival.py, started, checked and waiting."""

    def __init__(self, library, network, setting, folder, cores, limit):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS")}
        environment["TORCHINDUCTOR_CACHE_DIR"] = os.path.join(folder, "inductor")
        command = [sys.executable, os.path.join(HERE, "rival.py"), library, network.name, setting.name, folder]
        allowed = sorted(os.sched_getaffinity(0))[-cores:]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=environment,
                                        preexec_fn=lambda: os.sched_setaffinity(0, allowed))
        self.lines, self.limit = queue.Queue(), limit
        threading.Thread(target=self._read, daemon=True).start()
        self.checked = self._answer()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def _answer(self):
        try:
            line = self.lines.get(timeout=self.limit)
        except queue.Empty:
            line = ""
        if not line:
            self.close()
            self.log.seek(0)
            raise Failed(self.log.read().strip()[-2000:] or f"no answer within {self.limit} s")
        return json.loads(line)

    def steps(self, variant, steps):
        """The seconds of each step, and how far the program that made them is off in float32."""
        self.process.stdin.write(json.dumps({"variant": variant, "steps": steps}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self):
        self.process.kill()
        self.process.wait()


class Rival:
    """A library at one setting of its own. Rivals of one library that can, share a process."""

    def __init__(self, title, process, variant):
        self.title, self.process, self.variant, self.float32_error = title, process, variant, None

    def run(self, network, setting, steps):
        del network, setting
        told = self.process.steps(self.variant, steps)
        self.float32_error = told["float32_error"]
        if self.float32_error == math.inf:
            raise Failed("has gradients that are not finite")
        seconds = sorted(told["seconds"])
        middle = len(seconds) // 2
        return seconds[middle] if len(seconds) % 2 else (seconds[middle - 1] + seconds[middle]) / 2

    def close(self):
        self.process.close()


def _torch_rivals(network, setting, folder, compiled):
    cores = networks.cores()
    process = Process("torch", network, setting, folder, cores, LONGEST_COMPILATION if compiled else LONGEST)
    has_pictures = len(network.input) > 1
    for threads in (cores,) if compiled else (cores, 1):
        for last in (True, False) if has_pictures and not compiled else (has_pictures,):
            words = ["torch", f"{threads} thread{'s' * (threads > 1)}"]
            words += ["channels-last" if last else "channels-first"] * has_pictures + ["compiled"] * compiled
            yield Rival(", ".join(words), process, {"threads": threads, "channels_last": last, "compiled": compiled})


def _jax_rivals(network, setting, folder, cores):
    process = Process("jax", network, setting, folder, cores, LONGEST)
    yield Rival(f"jax, {cores} thread{'s' * (cores > 1)}", process, {})


def rival_groups(network, setting, folder, is_small):
    """Functions that start rivals, one process each, by name. JAX on one core has a chance where steps are small."""
    cores = networks.cores()
    groups = {"torch": lambda: list(_torch_rivals(network, setting, folder, False)),
              "jax": lambda: list(_jax_rivals(network, setting, folder, cores))}
    if cores > 1 and is_small:
        groups["jax-1"] = lambda: list(_jax_rivals(network, setting, folder, 1))
    if len(network.input) == 1 and network.n_layers * setting.steps_of(network) <= 30:  # more takes minutes to compile
        groups["torch-compiled"] = lambda: list(_torch_rivals(network, setting, folder, True))
    return groups
