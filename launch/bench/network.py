"""A network of configs/bench, and the products that a training step cannot do without."""
import dataclasses
import math
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def cores():
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))


@dataclasses.dataclass(frozen=True)
class Function:
    """One layer function; sizes are of one sample, channels first."""
    kind: str
    inward: tuple
    outward: tuple
    out: int = 0
    kernel: int = 0
    padding: int = 0

    @property
    def weight(self):
        """The shape of the weights, or None."""
        if self.kind == "linear":
            return (self.out, self.inward[0])
        if self.kind == "conv2d":
            return (self.out, self.inward[0], self.kernel, self.kernel)
        return None

    @property
    def multiplications(self):
        """Multiplications and additions of one application to one sample."""
        if self.weight is None:
            return 0
        places = math.prod(self.outward[1:]) if self.kind == "conv2d" else 1
        return 2 * math.prod(self.weight) * places


def _function(entry, inward):
    kind, option = (entry, None) if isinstance(entry, str) else next(iter(entry.items()))
    if kind == "linear":
        return Function(kind, inward, (option,), out=option)
    if kind == "conv2d":
        kernel, padding = option["kernel"], option.get("padding", 0)
        sides = tuple(side + 2 * padding - kernel + 1 for side in inward[1:])
        return Function(kind, inward, (option["out"], *sides), option["out"], kernel, padding)
    if kind == "maxpool2d":
        return Function(kind, inward, (inward[0], *(side // option for side in inward[1:])), kernel=option)
    if kind == "flatten":
        return Function(kind, inward, (math.prod(inward),))
    if kind in ("relu", "tanh"):
        return Function(kind, inward, inward)
    raise ValueError(f"the benchmark has no {kind}")


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    path: str
    input: tuple
    batch: int
    rate: float
    layers: tuple  # of tuples of functions

    @property
    def n_layers(self):
        return len(self.layers)


def read(name):
    """The network of configs/bench/NAME.yaml."""
    import yaml
    path = os.path.join(ROOT, "configs", "bench", name + ".yaml")
    with open(path, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    shape, layers = tuple(config["network"]["input"]), []
    for entries in config["network"]["layers"]:
        functions = []
        for entry in entries:
            functions.append(_function(entry, shape))
            shape = functions[-1].outward
        layers.append(tuple(functions))
    learning = config["learning"]
    return Network(name, path, tuple(config["network"]["input"]), learning["batch"],
                   learning["optimizer"]["adam"]["rate"], tuple(layers))


@dataclasses.dataclass(frozen=True)
class Setting:
    """An algorithm; steps 0 stands for as many as the network has layers."""
    name: str
    title: str
    algorithm: str
    eta: float
    steps: int

    def steps_of(self, network):
        return self.steps or network.n_layers

    def texts(self, network):
        """What --set takes."""
        return (f"inference.algorithm={self.algorithm}", f"inference.eta={self.eta}",
                f"inference.steps={self.steps_of(network)}")


SETTINGS = (
    Setting("exact", "backpropagation (exact)", "exact", 1, 1),
    Setting("fixed", "fixed-prediction, eta 1, n L", "fixed-prediction", 1, 0),
    Setting("fixed-20", "fixed-prediction, eta 0.1, n 20", "fixed-prediction", 0.1, 20),
    Setting("strict", "strict, eta 0.1, n 20", "strict", 0.1, 20),
)
NETWORKS = ("mnist-5", "mlp-300-100", "mlp-1024", "cifar-6", "chain-64")


def _feedbacks(setting, n, depth):
    """How often a population takes back the error above it, whose target is `depth` populations below the output."""
    if setting.algorithm == "exact":
        return 1
    if setting.algorithm == "strict":
        return max(0, n - depth)
    if setting.eta == 1 or depth == 0:
        return 1 if n > depth + 1 else 0
    return max(0, n - depth - 1)


def applications(network, setting):
    """How often a training step computes each layer's prediction, feedback and gradient, silence exploited."""
    n = setting.steps_of(network)
    for l, layer in enumerate(network.layers, 1):
        depth, predictions, feedbacks = network.n_layers - l, 1, 0  # one prediction is the sweep's
        if l > 1:
            feedbacks = _feedbacks(setting, n, depth)
            if setting.algorithm == "strict":  # predicts again once its own population has moved
                predictions += max(0, n - depth - 1)
        yield layer, predictions, feedbacks, int(setting.algorithm == "exact" or n > depth)


def needed(network, setting):
    """Floating-point operations of the products of one training step."""
    return sum(sum(times) * network.batch * sum(f.multiplications for f in layer)
               for layer, *times in applications(network, setting))
