"""Networks (section 6), every run of a group at once: the first axis of every array is the run."""
import copy
import math

import numpy as np

from elementary import exp, tanh
from exact import fma
from philox import INIT, normal_pair, uniform, word


# ---- initial values ----
def _bound_or_sd(init, n_in, n_out):
    """(is normal, B or s) in binary64."""
    kind = init["kind"]
    return {
        "kaiming_uniform": lambda: (False, math.sqrt(6 / n_in)),
        "kaiming_normal": lambda: (True, math.sqrt(2 / n_in)),
        "glorot_uniform": lambda: (False, math.sqrt(6 / (n_in + n_out))),
        "glorot_normal": lambda: (True, math.sqrt(2 / (n_in + n_out))),
        "uniform": lambda: (False, init["bound"]),
        "normal": lambda: (True, init["sd"]),
    }[kind]()


def _drawn(seeds, tensor, n, is_normal, scale, real):
    seeds, e = np.asarray(seeds, np.uint64)[:, None], np.arange(n)
    if is_normal:
        z0, _ = normal_pair(word(seeds, INIT, tensor, 2 * e), word(seeds, INIT, tensor, 2 * e + 1))
        return (z0 * np.float64(scale)).astype(real)
    b = real(scale)
    return fma(real(2) * uniform(word(seeds, INIT, tensor, e)).astype(real), b, -b)


class Layer:
    """weights [runs][out][in]; biases [runs][out], or None."""

    def __init__(self, l, n_in, n_out, init, bias, seeds, real):
        shape = (len(seeds), n_out, n_in)
        if init["kind"] == "zero":
            self.weights = np.zeros(shape, real)
        else:
            self.weights = _drawn(seeds, 2 * l, n_in * n_out, *_bound_or_sd(init, n_in, n_out), real).reshape(shape)
        self.biases = None
        if bias == "zero":
            self.biases = np.zeros(shape[:2], real)
        elif bias == "default":
            self.biases = _drawn(seeds, 2 * l + 1, n_out, False, 1 / math.sqrt(n_in), real)

    def sums(self, h):
        """z [runs][rows][out] from h [runs][rows][in]."""
        n_out = self.weights.shape[1]
        z = np.zeros((*h.shape[:2], n_out), h.dtype)
        if self.biases is not None:
            z = z + self.biases[:, None, :]
        for k in range(h.shape[2]):
            z = fma(self.weights[:, None, :, k], h[:, :, k, None], z)
        return z


# ---- activations: value from z; delta from the value h and the sum s of what comes back ----
def _zero(x):
    return x.dtype.type(0)


ACTIVATIONS = {
    "relu": (lambda z: np.where(z > 0, z, _zero(z)), lambda h, s: np.where(h > 0, s, _zero(s))),
    "tanh": (tanh, lambda h, s: s * fma(-h, h, 1)),
}


# ---- losses: delta [runs][rows][out] from z and the targets [runs][rows] ----
def softmax_terms(z):
    """(top, e_j) in the type of z."""
    top = z[..., 0]
    for j in range(1, z.shape[-1]):
        top = np.where(z[..., j] > top, z[..., j], top)
    return top, exp(z - top[..., None])


def ascending_sum(e):
    total = e[..., 0]
    for j in range(1, e.shape[-1]):
        total = total + e[..., j]
    return total


def _cross_entropy(z, y):
    _, e = softmax_terms(z)
    p = e / ascending_sum(e)[..., None]
    is_class = np.arange(z.shape[-1]) == y[..., None]
    return np.where(is_class, p - z.dtype.type(1), p)


def _logistic(z, y):
    one = z.dtype.type(1)
    return one / (one + exp(-z)) - y[..., None].astype(z.dtype)


def _squared(z, y):
    return z.dtype.type(2) * (z - y[..., None].astype(z.dtype))


DELTAS = {"cross_entropy": _cross_entropy, "logistic": _logistic, "squared": _squared}


class Network:
    def __init__(self, widths, activation, init, bias, seeds, real):
        self.layers = [Layer(l, n_in, n_out, init, bias, seeds, real)
                       for l, (n_in, n_out) in enumerate(zip(widths, widths[1:]))]
        self.activation = activation

    def of_runs(self, which):
        """A copy with some of the runs."""
        chosen = copy.deepcopy(self)
        for number, array in self.tensors():
            chosen.set_tensor(number, array[which])
        return chosen

    def forward(self, x):
        """(values of layer 0, 1, ... i.e. x and the hidden units; sums of every layer)."""
        act, _ = ACTIVATIONS[self.activation]
        values, sums = [x], []
        for layer in self.layers:
            sums.append(layer.sums(values[-1]))
            values.append(act(sums[-1]) if layer is not self.layers[-1] else None)
        return values[:-1], sums

    def backward(self, values, delta):
        """The deltas of every layer."""
        _, back = ACTIVATIONS[self.activation]
        deltas = [delta]
        for layer, h in zip(self.layers[:0:-1], values[:0:-1]):
            s = np.zeros_like(h)
            for j in range(delta.shape[2]):
                s = fma(delta[:, :, j, None], layer.weights[:, None, j, :], s)
            delta = back(h, s)
            deltas.insert(0, delta)
        return deltas

    def tensors(self):
        """(tensor number, array) in the order of the parameters."""
        for l, layer in enumerate(self.layers):
            yield 2 * l, layer.weights
            if layer.biases is not None:
                yield 2 * l + 1, layer.biases

    def set_tensor(self, number, array):
        setattr(self.layers[number // 2], "biases" if number % 2 else "weights", array)

    def parameters(self):
        """[runs][parameters]"""
        return np.concatenate([array.reshape(len(array), -1) for _, array in self.tensors()], axis=1)


def weight_gradient(delta, h):
    """One chain over the samples of a part."""
    g = np.zeros((len(h), delta.shape[2], h.shape[2]), h.dtype)
    for i in range(h.shape[1]):
        g = fma(delta[:, i, :, None], h[:, i, None, :], g)
    return g


def bias_gradient(delta):
    g = np.zeros((len(delta), delta.shape[2]), delta.dtype)
    for i in range(delta.shape[1]):
        g = g + delta[:, i]
    return g
