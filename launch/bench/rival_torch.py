"""PyTorch: functions and derivatives by its own kernels, no autograd; Adam fused."""
import torch
import torch.nn.functional as F

import rules

aten = torch.ops.aten


class Ops:
    """Layers 1..L of a network in one memory format; theta[l - 1] is a list of weight and bias for each function that
    has them."""

    def __init__(self, network, channels_last):
        self.network = network
        self.format = torch.channels_last if channels_last else torch.contiguous_format

    def lay(self, array):
        return array.contiguous(memory_format=self.format) if array.dim() == 4 else array.contiguous()

    def forward(self, l, theta, v):
        saved, parameters = [], iter(theta)
        for f in self.network.layers[l - 1]:
            given = v
            if f.kind == "linear":
                weight, bias = next(parameters), next(parameters)
                v = torch.addmm(bias, v, weight.t())
                saved.append((given, weight))
            elif f.kind == "conv2d":
                weight, bias = next(parameters), next(parameters)
                v = F.conv2d(v, weight, bias, padding=f.padding)
                saved.append((given, weight))
            elif f.kind == "maxpool2d":
                v, places = aten.max_pool2d_with_indices(v, [f.kernel, f.kernel])
                saved.append((given, places))
            elif f.kind == "flatten":
                v = v.flatten(1)
                saved.append(given.shape)
            else:
                v = torch.relu(v) if f.kind == "relu" else torch.tanh(v)
                saved.append(v)
        return v, saved

    def pull(self, l, theta, saved, g, to_input, to_theta):
        gradient, functions = [], self.network.layers[l - 1]
        for i in range(len(functions) - 1, -1, -1):
            f, kept = functions[i], saved[i]
            wanted = to_input or i > 0
            if f.kind == "linear":
                if to_theta:
                    gradient = [g.t() @ kept[0], g.sum(0)] + gradient
                g = g @ kept[1] if wanted else None
            elif f.kind == "conv2d":
                one = [1, 1]
                g, weight, bias = aten.convolution_backward(
                    g, kept[0], kept[1], [f.out], one, [f.padding] * 2, one, False, [0, 0], 1,
                    [wanted, to_theta, to_theta])
                if to_theta:
                    gradient = [weight, bias] + gradient
            elif f.kind == "maxpool2d":
                size = [f.kernel, f.kernel]
                g = aten.max_pool2d_with_indices_backward(g, kept[0], size, size, [0, 0], [1, 1], False, kept[1])
            elif f.kind == "flatten":
                g = self.lay(g.reshape(kept))
            elif f.kind == "relu":
                g = aten.threshold_backward(g, kept, 0)
            else:
                g = aten.tanh_backward(g, kept)
        return (g if to_input else None), gradient

    def loss(self, mu, y):
        logarithms = F.log_softmax(mu, 1)
        eps = logarithms.exp()
        eps[torch.arange(len(y)), y] -= 1
        return F.nll_loss(logarithms, y), eps / len(y)


class Rival:
    """A training step at a number of threads, in a memory format, compiled or not."""

    def __init__(self, network, setting, given, threads, channels_last, compiled):
        torch.set_num_threads(threads)
        self.ops = Ops(network, channels_last)
        self.x, self.y = self.ops.lay(torch.tensor(given.x)), torch.tensor(given.y)
        self.theta = [[self.ops.lay(torch.tensor(array)) for array in layer] for layer in given.theta]
        self.optimizer = torch.optim.Adam([p for layer in self.theta for p in layer], network.rate, fused=True)
        steps = setting.steps_of(network)

        def gradients(theta, x, y):
            return rules.gradients(self.ops, setting, steps, theta, x, y)

        self.gradients = torch.compile(gradients) if compiled else gradients

    @torch.no_grad()
    def update(self):
        """The gradients as numpy arrays, None where there are none, without learning."""
        _, gradients = self.gradients(self.theta, self.x, self.y)
        return [None if layer is None else [array.numpy() for array in layer] for layer in gradients]

    @torch.no_grad()
    def step(self):
        loss, gradients = self.gradients(self.theta, self.x, self.y)
        for layer, arrays in zip(self.theta, gradients):
            for parameter, array in zip(layer, arrays or [None] * len(layer)):
                parameter.grad = array
        self.optimizer.step()
        return loss.item()
