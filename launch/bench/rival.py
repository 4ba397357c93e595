"""A process that runs training steps of one library. Usage: rival.py torch|jax FOLDER

Reads lines of JSON, and answers each by one:
{"network": ..., "setting": ..., "is_checked": ..., "variants": [...]} prepares a cell and these variants: the error of
the rules in float64, or null where they are not to be checked;
{"variant": ..., "steps": k} runs steps of that cell: the seconds of each, and how far the very program that is timed is
off in float32.
FOLDER keeps float64 gradients from one time to the next.
"""
import json
import sys
import time

import numpy as np

import given
import network as networks


class Torch:
    """A cell, of which one variant at a time is in memory."""

    def __init__(self, network, setting, start):
        self.network, self.setting, self.start = network, setting, start
        self.key, self.rival, self.errors = None, None, {}

    def of(self, variant, expected):
        """The rival, after a step, and the error of its first gradients."""
        import rival_torch
        key = json.dumps(variant, sort_keys=True)
        if key != self.key:
            self.rival = None
            self.rival = rival_torch.Rival(self.network, self.setting, self.start, **variant)
            self.key = key
            if key not in self.errors:
                self.errors[key] = given.error(self.rival.update(), expected)
            self.rival.step()
        return self.rival, self.errors[key]

    def double(self, few):
        """Gradients in float64."""
        import rival_torch
        return rival_torch.Rival(self.network, self.setting, few, 1, True, False).update()


class Jax:
    """A cell, compiled; there is one variant."""

    def __init__(self, network, setting, start):
        import rival_jax
        self.network, self.setting = network, setting
        self.rival = rival_jax.Rival(network, setting, start)
        self.first, self.error = self.rival.update(), None

    def of(self, variant, expected):
        """The rival, and the error of its first gradients."""
        del variant
        if self.error is None:
            self.error = given.error(self.first, expected)
            self.first = None
        return self.rival, self.error

    def double(self, few):
        """Gradients in float64."""
        import jax
        import rival_jax
        with jax.enable_x64(True):
            return rival_jax.Rival(self.network, self.setting, few, compiled=False).update()


def _seconds(rival, steps):
    times = []
    for _ in range(steps):
        began = time.perf_counter()
        rival.step()
        times.append(time.perf_counter() - began)
    return times


class Server:
    """Answers requests."""

    def __init__(self, library, folder):
        self.begin, self.folder = {"torch": Torch, "jax": Jax}[library], folder
        self.cell, self.expected = None, None

    def prepare(self, request):
        network = networks.read(request["network"])
        setting = next(s for s in networks.SETTINGS if s.name == request["setting"])
        start, self.cell = given.make(network), None
        self.cell = self.begin(network, setting, start)
        double = self.cell.double(start.of(np.float64, given.FEW)) if request["is_checked"] else None
        few, self.expected = given.expected(network, setting, self.folder)  # late: another process makes it meanwhile
        for variant in request["variants"]:
            self.cell.of(variant, self.expected)
        return {"float64_error": given.error(double, few, given.DIGITS) if double else None}

    def run(self, request):
        rival, error = self.cell.of(request["variant"], self.expected)
        return {"seconds": _seconds(rival, request["steps"]), "float32_error": error}


def main():
    server = Server(*sys.argv[1:3])
    for line in sys.stdin:
        request = json.loads(line)
        answer = server.prepare(request) if "network" in request else server.run(request)
        print(json.dumps(answer), flush=True)


main()
