"""What all rivals begin with: parameters, a batch, and its gradients in float64, computed plainly by autograd."""
import dataclasses
import fcntl
import hashlib
import os

import numpy as np

FEW = 4  # samples of the batch on which rules are checked in float64
DIGITS = 1e-14  # what float64 loses where a belief of size 1 is subtracted from its prediction


@dataclasses.dataclass
class Given:
    theta: list  # of a list for each layer: weight and bias of each function that has them
    x: np.ndarray
    y: np.ndarray

    def of(self, dtype, samples):
        return Given([[a.astype(dtype) for a in layer] for layer in self.theta], self.x[:samples].astype(dtype),
                     self.y[:samples])


def make(network):
    """Parameters as PyTorch draws them, uniform within 1/sqrt(fan_in); pixels of 0 to 255, divided by 255."""
    random = np.random.default_rng(1)
    theta = []
    for layer in network.layers:
        arrays = []
        for f in layer:
            if f.weight:
                bound = 1 / np.sqrt(np.prod(f.weight[1:]))
                arrays += [random.uniform(-bound, bound, f.weight), random.uniform(-bound, bound, f.weight[0])]
        theta.append(arrays)
    pixels = random.integers(0, 256, (network.batch, *network.input)) / 255
    given = Given(theta, pixels, random.integers(0, network.layers[-1][-1].outward[0], network.batch))
    return given.of(np.float32, network.batch)


def error(found, expected, floor=0.0):
    """The largest error of an entry beyond `floor`, relative to the largest entry of its array; None stands for
    zeros."""
    worst = 0.0
    for layer, right in zip(found, expected):
        for i, array in enumerate(right):
            got = np.zeros_like(array) if layer is None else layer[i]
            most = np.abs(array).max()
            if not np.isfinite(got).all():
                return float("inf")
            off = max(0.0, np.abs(got.astype(np.float64) - array).max() - floor)
            worst = max(worst, off / most if most else (0.0 if off == 0 else np.inf))
    return float(worst)


def _plain(network, setting, given):
    """Gradients by autograd, every step of every population computed, whatever it is."""
    import torch
    import torch.nn.functional as F
    theta = [[torch.tensor(a, requires_grad=True) for a in layer] for layer in given.theta]
    x, y, count = torch.tensor(given.x), torch.tensor(given.y), network.n_layers

    def predict(l, v):
        parameters = iter(theta[l - 1])
        for f in network.layers[l - 1]:
            if f.kind == "linear":
                v = F.linear(v, next(parameters), next(parameters))
            elif f.kind == "conv2d":
                v = F.conv2d(v, next(parameters), next(parameters), padding=f.padding)
            else:
                v = {"relu": torch.relu, "tanh": torch.tanh, "flatten": lambda a: a.flatten(1),
                     "maxpool2d": lambda a, k=f.kernel: F.max_pool2d(a, k)}[f.kind](v)
        return v

    def back(l, v, eps):
        """The transposed Jacobian of layer l at v, times eps."""
        if not eps.any():
            return torch.zeros_like(v)
        v = v.detach().requires_grad_()
        return torch.autograd.grad(predict(l, v), v, eps)[0]

    def top(mu):
        mu = mu.detach().requires_grad_()
        return torch.autograd.grad(F.cross_entropy(mu, y), mu)[0]

    vhat = [x]
    for l in range(1, count + 1):
        vhat.append(predict(l, vhat[-1]).detach())
    if setting.algorithm == "exact":
        v = x
        for l in range(1, count + 1):
            v = predict(l, v)
        F.cross_entropy(v, y).backward()
        return [[p.grad.numpy() for p in layer] for layer in theta]
    v, eps = list(vhat), [None] + [torch.zeros_like(vhat[l]) for l in range(1, count)] + [top(vhat[count])]
    if setting.algorithm == "strict":
        for _ in range(setting.steps_of(network)):
            mu = [None] + [predict(l, v[l - 1]).detach() for l in range(1, count + 1)]
            eps = [None] + [mu[l] - v[l] for l in range(1, count)] + [top(mu[count])]
            v = [x] + [v[l] + setting.eta * (eps[l] - back(l + 1, v[l], eps[l + 1])) for l in range(1, count)] + [None]
    else:  # in error coordinates, which lose no digits: the errors after n - 1 updates
        for _ in range(setting.steps_of(network) - 1):
            eps = [None] + [eps[l] + setting.eta * (back(l + 1, vhat[l], eps[l + 1]) - eps[l])
                            for l in range(1, count)] + [eps[count]]
    for l in range(1, count + 1):
        predict(l, v[l - 1]).backward(eps[l])
    return [[p.grad.numpy() for p in layer] for layer in theta]


def _fingerprint(network, setting):
    here, text = os.path.dirname(os.path.abspath(__file__)), hashlib.sha256(repr((network, setting)).encode())
    for name in ("given.py", "rules.py", "rival_torch.py"):
        with open(os.path.join(here, name), "rb") as file:
            text.update(file.read())
    return text.hexdigest()[:16]


def _make_expected(network, setting, path):
    """Writes gradients in float64 of few samples and of the batch."""
    import rival_torch
    given = make(network)
    few = _plain(network, setting, given.of(np.float64, FEW))
    rival = rival_torch.Rival(network, setting, given.of(np.float64, FEW), os.cpu_count(), False, False)
    off = error(rival.update(), few, DIGITS)
    if not off < 1e-6:
        raise SystemExit(f"{network.name}, {setting.name}: the rules are off by {off:g} in float64")
    given = given.of(np.float64, network.batch)
    if setting.algorithm == "strict":
        whole = rival_torch.Rival(network, setting, given, os.cpu_count(), False, False).update()
    else:
        whole = _plain(network, setting, given)
    arrays = {f"few{l}.{i}": a for l, layer in enumerate(few) for i, a in enumerate(layer)}
    for l, layer in enumerate(whole):
        for i, like in enumerate(few[l]):
            arrays[f"whole{l}.{i}"] = np.zeros_like(like) if layer is None else layer[i]
    np.savez(path + ".part.npz", **arrays)
    os.replace(path + ".part.npz", path)


def expected(network, setting, folder):
    """Gradients in float64 of few samples and of the batch, plainly; of the batch in strict, which takes long, by the
    rules, once they agree on the few. Kept in `folder` for the next time; of processes that ask for them at once, one
    makes them."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{network.name}-{setting.name}-{_fingerprint(network, setting)}.npz")
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            _make_expected(network, setting, path)
    with np.load(path) as file:
        def all_of(kind):
            return [[file[f"{kind}{l}.{i}"] for i in range(sum(2 for f in layer if f.weight))]
                    for l, layer in enumerate(network.layers)]
        return all_of("few"), all_of("whole")
