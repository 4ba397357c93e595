"""A process that runs training steps of one library on one cell. Usage: rival.py torch|jax NETWORK SETTING FOLDER.

Prints a line of JSON once its rules have been checked in float64, and for each line {"variant": ..., "steps": k} that
it reads the seconds of k steps, and how far the very program that is timed is off in float32. FOLDER keeps float64
gradients from one time to the next.
"""
import json
import sys
import time

import numpy as np

import given
import network as networks


def _torch(network, setting, start, expected):
    import rival_torch
    rivals, errors = {}, {}

    def of(variant):
        key = json.dumps(variant, sort_keys=True)
        if key not in rivals:
            rivals.clear()
            rivals[key] = rival_torch.Rival(network, setting, start, variant["threads"], variant["channels_last"],
                                            variant["compiled"])
            if key not in errors:
                errors[key] = given.error(rivals[key].update(), expected)
            rivals[key].step()
        return rivals[key], errors[key]

    return of, lambda small: rival_torch.Rival(network, setting, small, 1, True, False).update()


def _jax(network, setting, start, expected):
    import jax
    import rival_jax
    rival = rival_jax.Rival(network, setting, start)
    error = given.error(rival.update(), expected)

    def double(small):
        with jax.enable_x64(True):
            return rival_jax.Rival(network, setting, small, compiled=False).update()

    return lambda variant: (rival, error), double


def _seconds(rival, steps):
    times = []
    for _ in range(steps):
        began = time.perf_counter()
        rival.step()
        times.append(time.perf_counter() - began)
    return times


def main():
    library, name, setting_name, folder = sys.argv[1:5]
    network = networks.read(name)
    setting = next(s for s in networks.SETTINGS if s.name == setting_name)
    few, whole = given.expected(network, setting, folder)
    start = given.make(network)
    of, double = (_torch if library == "torch" else _jax)(network, setting, start, whole)
    error = given.error(double(start.of(np.float64, given.FEW)), few, given.DIGITS)
    print(json.dumps({"float64_error": error}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        rival, error = of(request["variant"])
        print(json.dumps({"seconds": _seconds(rival, request["steps"]), "float32_error": error}), flush=True)


main()
