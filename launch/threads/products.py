"""The bare products of a training step of a perceptron, by OpenBLAS, on threads that work side by side."""
import array
import ctypes
import threading
import time

import network as networks

ROW_MAJOR, PLAIN, TURNED = 101, 111, 112


def _blas():
    """OpenBLAS, which computes on the thread that calls it. A call lets other threads of Python go on."""
    blas = ctypes.CDLL("libopenblas.so.0")
    blas.openblas_set_num_threads(1)
    return blas


def _numbers(count):
    """So many floats that are neither 0 nor 1."""
    return (ctypes.c_float * count).from_buffer(array.array("f", [0.3, -0.7, 0.9, -0.2, 0.6]) * (count // 5 + 1))


class _Layer:
    """A linear layer's three products, as (operations, the words of cblas_sgemm)."""

    def __init__(self, f, batch):
        out, inward = f.weight
        weight, gradient = _numbers(out * inward), _numbers(out * inward)
        given, predicted, error, feedback = (_numbers(n * batch) for n in (inward, out, out, inward))
        self.prediction = self._words(PLAIN, PLAIN, out, batch, inward, weight, inward, given, batch, predicted)
        self.feedback = self._words(TURNED, PLAIN, inward, batch, out, weight, inward, error, batch, feedback)
        self.gradient = self._words(PLAIN, TURNED, out, inward, batch, error, batch, given, batch, gradient)

    @staticmethod
    def _words(turn_a, turn_b, rows, columns, inner, a, a_width, b, b_width, c):
        return (ROW_MAJOR, turn_a, turn_b, rows, columns, inner, ctypes.c_float(1), a, a_width, b, b_width,
                ctypes.c_float(0), c, columns)


def of_step(network, setting):
    """The words of each product that a training step cannot do without."""
    found = []
    for layer, predictions, feedbacks, gradients in networks.applications(network, setting):
        for f in layer:
            if f.weight:
                made = _Layer(f, network.batch)
                found += [made.prediction] * predictions + [made.feedback] * feedbacks + [made.gradient] * gradients
    return found


class Products:
    """As many threads, each with arrays of its own, each of which makes all products of a step."""

    def __init__(self, threads):
        self.threads, self.blas = threads, _blas()

    def run(self, network, setting, steps):
        """The seconds of a step, from when the first thread begins until the last has ended."""
        barrier, begins, ends = threading.Barrier(self.threads), [0.0] * self.threads, [0.0] * self.threads
        works = [of_step(network, setting) for _ in ends]

        def work(i):
            self.make(works[i])  # one step that does not count
            barrier.wait()
            begins[i] = time.perf_counter()
            for _ in range(steps):
                self.make(works[i])
            ends[i] = time.perf_counter()

        workers = [threading.Thread(target=work, args=(i,)) for i in range(self.threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return (max(ends) - min(begins)) / steps

    def make(self, products):
        for words in products:
            self.blas.cblas_sgemm(*words)
