"""JAX: the whole step, Adam included, unrolled and compiled by XLA; samples first, channels last."""
import jax
import jax.numpy as jnp
import numpy as np

import rules


def _convolve(padding):
    def apply(v, weight):
        return jax.lax.conv_general_dilated(v, weight, (1, 1), [(padding, padding)] * 2,
                                            dimension_numbers=("NHWC", "HWIO", "NHWC"))
    return apply


def _corners(v, k):
    height, width = v.shape[1] // k * k, v.shape[2] // k * k
    return [v[:, i:height:k, j:width:k] for i in range(k) for j in range(k)]


def _pool(v, k):
    """The maxima, and for each place of a window whether it is the first one."""
    corners = _corners(v, k)
    most = corners[0]
    for corner in corners[1:]:
        most = jnp.maximum(most, corner)
    first, found = [], jnp.zeros_like(most, bool)
    for corner in corners:
        first.append((corner == most) & ~found)
        found = found | first[-1]
    return most, first


def _unpool(g, first, k, shape):
    zero = jnp.zeros_like(g)
    rows = [jnp.stack([jnp.where(first[i * k + j], g, zero) for j in range(k)], 3) for i in range(k)]
    batch, height, width, channels = g.shape
    full = jnp.stack(rows, 2).reshape(batch, height * k, width * k, channels)
    return jnp.pad(full, ((0, 0), (0, shape[1] - height * k), (0, shape[2] - width * k), (0, 0)))


class Ops:
    def __init__(self, network):
        self.network = network

    def forward(self, l, theta, v):
        saved, parameters = [], iter(theta)
        for f in self.network.layers[l - 1]:
            given = v
            if f.kind == "linear":
                weight, bias = next(parameters), next(parameters)
                v = v @ weight + bias
                saved.append((given, weight))
            elif f.kind == "conv2d":
                weight, bias = next(parameters), next(parameters)
                v = _convolve(f.padding)(v, weight) + bias
                saved.append((given, weight))
            elif f.kind == "maxpool2d":
                v, first = _pool(v, f.kernel)
                saved.append((given.shape, first))
            elif f.kind == "flatten":
                v = v.reshape(v.shape[0], -1)
                saved.append(given.shape)
            else:
                v = jnp.maximum(v, 0) if f.kind == "relu" else jnp.tanh(v)
                saved.append(v)
        return v, saved

    def pull(self, l, theta, saved, g, to_input, to_theta):
        gradient, functions = [], self.network.layers[l - 1]
        for i in range(len(functions) - 1, -1, -1):
            f, kept = functions[i], saved[i]
            wanted = to_input or i > 0
            if f.kind == "linear":
                if to_theta:
                    gradient = [kept[0].T @ g, g.sum(0)] + gradient
                g = g @ kept[1].T if wanted else None
            elif f.kind == "conv2d":
                _, pull = jax.vjp(_convolve(f.padding), *kept)
                back, weight = pull(g)  # what of it nobody uses is not compiled
                if to_theta:
                    gradient = [weight, g.sum((0, 1, 2))] + gradient
                g = back if wanted else None
            elif f.kind == "maxpool2d":
                g = _unpool(g, kept[1], f.kernel, kept[0])
            elif f.kind == "flatten":
                g = g.reshape(kept)
            elif f.kind == "relu":
                g = jnp.where(kept > 0, g, jnp.zeros_like(g))
            else:
                g = g * (1 - kept * kept)
        return (g if to_input else None), gradient

    def loss(self, mu, y):
        logarithms = jax.nn.log_softmax(mu)
        hot = jax.nn.one_hot(y, mu.shape[1], dtype=mu.dtype)
        return -(logarithms * hot).sum() / len(y), (jnp.exp(logarithms) - hot) / len(y)


def _order(f):
    """Of a linear function behind a flatten: where each input of the channels-first order is in the other one."""
    channels, height, width = f.inward
    return np.arange(channels * height * width).reshape(channels, height, width).transpose(1, 2, 0).reshape(-1)


class Layout:
    """Arrays as files have them, channels first, and as they are here."""

    def __init__(self, network):
        self.network = network
        self.functions, self.orders, flat = [], [], None
        for layer in network.layers:
            learned = []
            for f in layer:
                if f.kind == "flatten":
                    flat = _order(f)
                if f.weight:
                    learned.append((f, flat if f.kind == "linear" else None))
                    flat = None if f.kind == "linear" else flat
            self.functions.append(learned)

    def inward(self, layer, arrays):
        result = []
        for (f, order), weight, bias in zip(self.functions[layer], arrays[::2], arrays[1::2]):
            weight = weight.transpose(2, 3, 1, 0) if f.kind == "conv2d" else weight.T
            result += [weight if order is None else weight[order], bias]
        return result

    def outward(self, layer, arrays):
        result = []
        for (f, order), weight, bias in zip(self.functions[layer], arrays[::2], arrays[1::2]):
            weight, bias = np.asarray(weight), np.asarray(bias)
            if f.kind == "conv2d":
                weight = weight.transpose(3, 2, 0, 1)
            else:
                weight = (weight if order is None else weight[np.argsort(order)]).T
            result += [weight, bias]
        return result

    def data(self, x):
        return x.transpose(0, 2, 3, 1) if x.ndim == 4 else x


def _adam(rate, count, gradient, first, second, theta):
    first = 0.9 * first + 0.1 * gradient
    second = 0.999 * second + 0.001 * gradient * gradient
    root = jnp.sqrt(second) / jnp.sqrt(1 - 0.999 ** count) + 1e-8
    return first, second, theta - rate / (1 - 0.9 ** count) * first / root


class Rival:
    """A training step; threads are as many as the process may use cores."""

    def __init__(self, network, setting, given, compiled=True):
        self.layout, ops = Layout(network), Ops(network)
        self.x, self.y = jnp.asarray(self.layout.data(given.x)), jnp.asarray(given.y)
        self.theta = [[jnp.asarray(a) for a in self.layout.inward(l, arrays)] for l, arrays in enumerate(given.theta)]
        self.first = jax.tree.map(jnp.zeros_like, self.theta)
        self.second = jax.tree.map(jnp.zeros_like, self.theta)
        self.count = jnp.zeros((), self.x.dtype)
        steps = setting.steps_of(network)

        def step(theta, first, second, count, x, y):
            loss, changes = rules.gradients(ops, setting, steps, theta, x, y)
            count = count + 1
            for l, layer in enumerate(changes):
                for i, gradient in enumerate(layer or []):
                    first[l][i], second[l][i], theta[l][i] = _adam(network.rate, count, gradient, first[l][i],
                                                                   second[l][i], theta[l][i])
            return theta, first, second, count, loss

        self._step = jax.jit(step, donate_argnums=(0, 1, 2, 3)) if compiled else step

    def update(self):
        """The gradients as numpy arrays, read from Adam's first moments after its first step."""
        self.step()
        return [self.layout.outward(l, [10 * np.asarray(a) for a in layer]) for l, layer in enumerate(self.first)]

    def step(self):
        self.theta, self.first, self.second, self.count, loss = self._step(
            self.theta, self.first, self.second, self.count, self.x, self.y)
        return float(loss)
