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
LONGEST_COMPILATION = 150  # of torch.compile, while the others prepare


class Failed(Exception):
    pass


# ---- Vicinal ----

def _write_idx(path, shape, make):
    """Writes what `make` returns, unless the file is there already, with this shape."""
    header = bytes((0, 0, 8, len(shape))) + struct.pack(f">{len(shape)}I", *shape)
    if os.path.exists(path):
        with open(path, "rb") as file:
            if file.read(len(header)) == header:
                return
    with open(path + ".part", "wb") as file:
        file.write(header + make())
    os.replace(path + ".part", path)


def _write_data(network, batches, prefix):
    """Random pixels and labels; returns the paths, which begin with the prefix."""
    random.seed(1)
    samples, pixels = network.batch * batches, math.prod(network.input)
    inputs, labels = (f"{prefix}-{what}" for what in ("inputs", "labels"))
    _write_idx(inputs, (samples, *network.input), lambda: random.randbytes(samples * pixels))
    _write_idx(labels, (samples,), lambda: bytes(byte % 10 for byte in random.randbytes(samples)))
    return inputs, labels


class Vicinal:
    """`ranks` processes, each with so many threads. Data are written into the folder `data`, over those before, unless
    they are as many."""

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
        prefix = os.path.join(self.data, f"{network.name}-{self.ranks}-{self.threads}")
        inputs, labels = _write_data(network, steps + 1, prefix)
        settings = {"OPENBLAS_NUM_THREADS": "1" if takes_threads(self.program) else str(self.threads)}
        if self.ranks == 1:
            settings["OMPI_MCA_ess_singleton_isolated"] = "1"  # Open MPI starts no daemon
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(self._command(network, setting, folder, inputs, labels), capture_output=True,
                                  text=True, timeout=self.limit, check=False, stdin=subprocess.DEVNULL,
                                  env=dict(os.environ, **settings))
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


_threads = {}


def takes_threads(program):
    if program not in _threads:
        told = subprocess.run([program, "train", "--help"], capture_output=True, text=True, check=True).stdout
        _threads[program] = re.search(r"^ +--threads ", told, re.M) is not None
    return _threads[program]


def vicinals(program, mpirun, data, network, is_small):
    """On one rank with all cores, and where steps are small with one, on two ranks, and with a rank for each
    population."""
    cores = networks.cores()
    shapes = [(1, cores), (2, max(1, cores // 2)), (network.n_layers + 1, 1)] + [(1, 1)] * is_small
    return [Vicinal(program, mpirun, data, *shape) for shape in dict.fromkeys(shapes)]


# ---- rivals ----

class Process:
    """A command that answers lines with lines of JSON, on the last of the cores that this process may use. An answer
    may take `limit` seconds."""

    def __init__(self, command, cores, limit, environment=None):
        allowed = sorted(os.sched_getaffinity(0))[-cores:]
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=environment,
                                        preexec_fn=lambda: os.sched_setaffinity(0, allowed))
        self.lines, self.limit = queue.Queue(), limit
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("")

    def send(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self._fail("it has ended")

    def ask(self, **request):
        """`answer` then waits for the answer."""
        self.send(json.dumps(request))

    def answer(self):
        """Of the request before; a process that does not answer is ended."""
        try:
            line = self.lines.get(timeout=self.limit)
        except queue.Empty:
            line = ""
        if not line:
            self._fail(f"no answer within {self.limit} s")
        return json.loads(line)

    def _fail(self, reason):
        """Raises what the process has said, or else the reason."""
        self.close()
        self.log.seek(0)
        raise Failed(self.log.read().strip()[-2000:] or reason)

    def lives(self):
        return self.process.poll() is None

    def close(self):
        self.process.kill()
        self.process.wait()


class RuleProcess(Process):
    """rival.py of a library, for one cell after another."""

    def __init__(self, library, folder, cores, limit):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS")}
        environment["TORCHINDUCTOR_CACHE_DIR"] = os.path.join(folder, "inductor")
        super().__init__([sys.executable, os.path.join(HERE, "rival.py"), library, folder], cores, limit, environment)


class Rival:
    """A library at one setting of its own. Rivals of one group share a process."""

    def __init__(self, title, group, process, variant):
        self.title, self.group, self.process, self.variant = title, group, process, variant
        self.float32_error = None

    def run(self, network, setting, steps):
        del network, setting
        self.process.ask(variant=self.variant, steps=steps)
        told = self.process.answer()
        self.float32_error = told["float32_error"]
        if self.float32_error == math.inf:
            raise Failed("has gradients that are not finite")
        seconds = sorted(told["seconds"])
        middle = len(seconds) // 2
        return seconds[middle] if len(seconds) % 2 else (seconds[middle - 1] + seconds[middle]) / 2


def _torch_variants(network, compiled, threads_of):
    """By title, for each of these numbers of threads."""
    has_pictures, variants = len(network.input) > 1, {}
    for threads in threads_of:
        for last in (True, False) if has_pictures and not compiled else (has_pictures,):
            words = ["torch", f"{threads} thread{'s' * (threads > 1)}"]
            words += ["channels-last" if last else "channels-first"] * has_pictures + ["compiled"] * compiled
            variants[", ".join(words)] = {"threads": threads, "channels_last": last, "compiled": compiled}
    return variants


def _jax_variants(cores):
    return {f"jax, {cores} thread{'s' * (cores > 1)}": {}}


def _groups(network, setting, is_small):
    """What takes part, by name: a library, its cores and its variants. One core has a chance where steps are small."""
    cores = networks.cores()
    threads = dict.fromkeys((cores, 1)) if is_small else (cores,)
    groups = {"torch": ("torch", cores, _torch_variants(network, False, threads)),
              "jax": ("jax", cores, _jax_variants(cores))}
    if cores > 1 and is_small:
        groups["jax-1"] = ("jax", 1, _jax_variants(1))
    if len(network.input) == 1 and network.n_layers * setting.steps_of(network) <= 30:  # more takes minutes to compile
        groups["torch-compiled"] = ("torch", cores, _torch_variants(network, True, (cores,)))
    return groups


class Rivals:
    """All rivals of a benchmark. Each group has a process, which goes on from cell to cell."""

    def __init__(self, folder):
        self.folder, self.processes = folder, {}

    def _process(self, name, library, cores):
        """That of the group; a new one where it has none or it has ended."""
        if name not in self.processes or not self.processes[name].lives():
            limit = LONGEST_COMPILATION if name == "torch-compiled" else LONGEST
            self.processes[name] = RuleProcess(library, self.folder, cores, limit)
        return self.processes[name]

    def begin(self, network, setting, is_small, only=None):
        """Groups by name, or the one of that name where it takes part. Their processes prepare the cell at the same
        time and answer with the error of the rules, which one of each library checks."""
        groups, begun, checked = _groups(network, setting, is_small), {}, set()
        for name in [only] if only in groups else groups:
            library, cores, variants = groups[name]
            process = self._process(name, library, cores)
            process.ask(network=network.name, setting=setting.name, is_checked=library not in checked,
                        variants=list(variants.values()) if name == "torch-compiled" else [])
            checked.add(library)
            begun[name] = [Rival(title, name, process, variant) for title, variant in variants.items()]
        return begun

    def close(self):
        for process in self.processes.values():
            process.close()
