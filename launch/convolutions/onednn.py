"""A process that times PyTorch's convolutions, which oneDNN computes, unless a sample is small and alone. Kernels are
3 x 3, numbers float32.

For each line of JSON on stdin it answers one. {"folder", "channels", "side", "out", "padding", "batch"}: takes the data
that timer.c has written there; the answer has what PyTorch computes with, and how far Vicinal's results and PyTorch's
are off from those in float64, by function, relative to the largest entry of a tensor. {"function", "threads", "last",
"times"}: the seconds of so many calls of forward, vjp or gradient, with channels last or first.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

import given

KERNEL, FEW = 3, 32  # samples that float64 takes at a time
MASKS = {"vjp": [True, False, False], "gradient": [False, True, True]}
aten = torch.ops.aten


class Layer:
    """Data and parameters of a convolution, in one memory format."""

    def __init__(self, x, error, weight, bias, padding, last=False):
        memory = torch.channels_last if last else torch.contiguous_format
        self.x, self.error, self.weight = (a.contiguous(memory_format=memory) for a in (x, error, weight))
        self.bias, self.padding = bias, padding

    def call(self, function):
        """The results, a list."""
        if function == "forward":
            return [F.conv2d(self.x, self.weight, self.bias, padding=self.padding)]
        one = [1, 1]
        results = aten.convolution_backward(self.error, self.x, self.weight, [len(self.bias)], one, [self.padding] * 2,
                                            one, False, [0, 0], 1, MASKS[function])
        return [a for a, wanted in zip(results, MASKS[function]) if wanted]

    def backend(self):
        """What PyTorch computes it with."""
        one = [1, 1]
        return torch._C._select_conv_backend(self.x, self.weight, self.bias, one, [self.padding] * 2, one, False,
                                             [0, 0], 1).name

    def in_float64(self):
        """The results by function, of few samples at a time."""
        parts, weight, bias = [], self.weight.double(), self.bias.double()
        for x, error in zip(self.x.split(FEW), self.error.split(FEW)):
            layer = Layer(x.double(), error.double(), weight, bias, self.padding)
            parts.append({function: layer.call(function) for function in ("forward", *MASKS)})
        whole = {f: [torch.cat([p[f][0] for p in parts])] for f in ("forward", "vjp")}
        whole["gradient"] = [sum(some) for some in zip(*(p["gradient"] for p in parts))]
        return {f: [a.numpy() for a in arrays] for f, arrays in whole.items()}


class Cell:
    """A layer in both memory formats; its results have been looked at."""

    def __init__(self, request):
        self.folder, channels, out = request["folder"], request["channels"], request["out"]
        batch, side, padding = request["batch"], request["side"], request["padding"]
        output = (batch, out, *[side + 2 * padding - KERNEL + 1] * 2)
        weight, self.input = (out, channels, KERNEL, KERNEL), (batch, channels, side, side)
        self.shapes = {"forward": [output], "vjp": [self.input], "gradient": [weight, (out,)]}
        arrays = [torch.from_numpy(self.read(*what)) for what in (("in", self.input), ("error", output),
                                                                   ("weight", weight), ("bias", (out,)))]
        self.layers = {last: Layer(*arrays, padding, last) for last in (False, True)}

    def read(self, name, shape):
        return np.fromfile(os.path.join(self.folder, name), np.float32).reshape(shape)

    def vicinals(self, function):
        names = ("gradient.weight", "gradient.bias") if function == "gradient" else (function,)
        return [self.read(*what) for what in zip(names, self.shapes[function])]

    def look(self):
        right = self.layers[False].in_float64()
        return {"backends": sorted({layer.backend() for layer in self.layers.values()}),
                "vicinal": {f: given.error([self.vicinals(f)], [right[f]]) for f in right},
                "onednn": {f: max(given.error([[a.numpy() for a in layer.call(f)]], [right[f]])
                                  for layer in self.layers.values()) for f in right}}

    def seconds(self, request):
        torch.set_num_threads(request["threads"])
        layer, times = self.layers[request["last"]], []
        for _ in range(request["times"]):
            began = time.perf_counter()
            layer.call(request["function"])
            times.append(time.perf_counter() - began)
        return times


@torch.no_grad()
def main():
    if not (torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled):
        raise SystemExit("this PyTorch has no oneDNN, or it is switched off")
    print(json.dumps({"torch": torch.__version__}), flush=True)
    cell = None
    for line in sys.stdin:
        request = json.loads(line)
        if "folder" in request:
            cell = None  # its memory, before more is taken
            cell = Cell(request)
            answer = cell.look()
        else:
            answer = {"seconds": cell.seconds(request)}
        print(json.dumps(answer), flush=True)


main()
