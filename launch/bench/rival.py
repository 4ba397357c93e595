"""A process that runs training steps of one library on one cell. Usage: rival.py torch|jax NETWORK SETTING FOLDER.

Prints a line of JSON once it has been checked, and for each line {"variant": ..., "steps": k} that it reads the seconds
of k steps. FOLDER keeps float64 gradients from one time to the next.
"""
import json
import os
import sys
import time

import numpy as np

import given
import network as networks


def _torch(network, setting, start):
    import rival_torch
    rivals = {}

    def of(variant):
        key = json.dumps(variant, sort_keys=True)
        if key not in rivals:
            rivals.clear()
            rivals[key] = rival_torch.Rival(network, setting, start, variant["threads"], variant["channels_last"],
                                            variant["compiled"])
            rivals[key].step()
        return rivals[key]

    def check(few, whole):
        small = given.make(network).of(np.float64, given.FEW)
        double = rival_torch.Rival(network, setting, small, 1, True, False).update()
        single = rival_torch.Rival(network, setting, start, os.cpu_count(), True, False).update()
        return given.error(double, few, given.DIGITS), given.error(single, whole)

    return of, check


def _jax(network, setting, start):
    import jax
    import rival_jax
    rival = rival_jax.Rival(network, setting, start)

    def check(few, whole):
        with jax.enable_x64(True):
            small = given.make(network).of(np.float64, given.FEW)
            double = rival_jax.Rival(network, setting, small, compiled=False).update()
        return given.error(double, few, given.DIGITS), given.error(rival.update(), whole)

    return lambda variant: rival, check


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
    expected = given.expected(network, setting, folder)
    of, check = (_torch if library == "torch" else _jax)(network, setting, given.make(network))
    double, single = check(*expected)
    print(json.dumps({"float64_error": double, "float32_error": single}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"seconds": _seconds(of(request["variant"]), request["steps"])}), flush=True)


main()
