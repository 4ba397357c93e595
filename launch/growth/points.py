"""The points of launch/growth.sh: one network, of which one number grows at a time, and how a point is measured."""
import dataclasses
import json
import os

import contenders
import network as networks

OUTPUTS = 10
NARROW = 64  # neurons of the layers that there may be 1,000 of


def _powers(first, last):
    return [2 ** k for k in range(first, last + 1)]


@dataclasses.dataclass(frozen=True)
class Axis:
    name: str
    label: str
    values: tuple
    quick: tuple
    power: int  # what the time is expected to grow by: a power of the value


AXES = {axis.name: axis for axis in (
    Axis("batch", "samples in a batch", tuple(_powers(0, 12)), (1, 32), 1),
    Axis("width", "neurons of each layer", tuple(_powers(4, 12)), (16, 64), 2),
    Axis("depth", f"layers, {NARROW} neurons each", (*_powers(1, 9), 1000), (2, 8), 1),
    Axis("ranks", "ranks, one a population at most", (1, 2, 3, 4, 5, 6), (1, 3), 0))}
ALGORITHMS = {setting.name: setting for setting in networks.SETTINGS if setting.name in ("exact", "strict")}


@dataclasses.dataclass(frozen=True)
class Point:
    """The layers are all of one width, but for the last one, and each is relu of linear."""
    axis: str
    value: int
    batch: int
    width: int
    layers: int
    ranks: int

    @property
    def threads(self):
        return max(1, networks.cores() // self.ranks)

    def network(self, folder):
        """Its config is written into the folder."""
        hidden, path = [[{"linear": self.width}, "relu"]] * (self.layers - 1), os.path.join(folder, "growth.yaml")
        config = {"name": "growth", "precision": "float32", "seed": 1,
                  "network": {"input": [self.width], "layers": hidden + [[{"linear": OUTPUTS}]],
                              "loss": "cross-entropy", "reduction": "mean"},
                  "inference": {"algorithm": "exact"},
                  "learning": {"optimizer": {"adam": {"rate": 0.001}}, "batch": self.batch, "epochs": 1},
                  "data": {"format": "idx", "scale": 255, "train": {"inputs": "none", "labels": "none"}}}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)  # which is YAML, too
        return networks.Network("growth", path, (self.width,), self.batch, 0.001, ((),) * self.layers)

    def run(self, options, setting, steps, limit):
        """What `train --timing` says of so many steps; at most `limit` seconds."""
        vicinal = contenders.Vicinal(options.program, options.mpirun, options.data, self.ranks, self.threads)
        vicinal.limit = limit
        return vicinal.train(self.network(options.data), setting, steps)


def base(quick):
    return {"batch": 16, "width": 64, "layers": 5} if quick else {"batch": 256, "width": 512, "layers": 5}


def points_of(axis, quick):
    """From the smallest on."""
    common = dict(base(quick), ranks=1)
    if axis.name == "depth":
        common["width"] = NARROW
    key = "layers" if axis.name == "depth" else axis.name
    return [Point(axis.name, value, **dict(common, **{key: value})) for value in (axis.quick if quick else axis.values)]
