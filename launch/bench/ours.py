"""How far Vicinal's float32 gradients of the rivals' batch are off, from the same parameters. Usage: ours.py NETWORK
SETTING FOLDER PROGRAM; FOLDER is that of rival.py. Prints a number."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

import given
import network as networks

TYPES = {"F32": np.float32, "F64": np.float64, "I64": np.int64}


def _write(path, tensors):
    """A safetensors file."""
    names, header, place = {np.dtype(t): name for name, t in TYPES.items()}, {}, 0
    for name, array in tensors.items():
        end = place + array.nbytes
        header[name] = {"dtype": names[array.dtype], "shape": array.shape, "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in tensors.values():
            file.write(np.ascontiguousarray(array).tobytes())


def _read(path):
    with open(path, "rb") as file:
        data = file.read()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    return {name: np.frombuffer(data, TYPES[entry["dtype"]], int(np.prod(entry["shape"], dtype=int)),
                                begin + entry["data_offsets"][0]).reshape(entry["shape"])
            for name, entry in header.items() if name != "__metadata__"}


def _names(network):
    """Of the parameters, layer by layer."""
    return [[f"{l}.{i}.{what}" for i, f in enumerate(layer) if f.weight for what in ("weight", "bias")]
            for l, layer in enumerate(network.layers)]


def main():
    name, setting_name, folder, program = sys.argv[1:5]
    network = networks.read(name)
    setting = next(s for s in networks.SETTINGS if s.name == setting_name)
    expected = given.expected(network, setting, folder)[1]
    start, names = given.make(network), _names(network)
    with tempfile.TemporaryDirectory() as work:
        weights, batch, out = (os.path.join(work, f"{what}.safetensors") for what in ("weights", "batch", "out"))
        _write(weights, {n: a for some, arrays in zip(names, start.theta) for n, a in zip(some, arrays)})
        _write(batch, {"input": start.x, "target": start.y})
        command = [program, "infer", network.path, "--weights", weights, "--batch", batch, "--out", out]
        for setting_text in setting.texts(network):
            command += ["--set", setting_text]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stderr)
        found = _read(out)
    print(given.error([[found["grad." + n] for n in some] for some in names], expected))


main()
