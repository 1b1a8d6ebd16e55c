"""Networks (section 6), every run of a group at once: the first axis of every array is the run."""
import copy
import math

import numpy as np

from activations import ACTIVATIONS
from elementary import exp
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
    """weights [runs][out][in]; biases [runs][out], or None; operands: the weights as products take them."""

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
        self.operands = self.weights

    def sums(self, h):
        """z [runs][rows][out] from h [runs][rows][in]."""
        z = np.zeros((*h.shape[:2], self.weights.shape[1]), h.dtype)
        if self.biases is not None:
            z = z + self.biases[:, None, :]
        for k in range(h.shape[2]):
            z = fma(self.operands[:, None, :, k], h[:, :, k, None], z)
        return z


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
    def __init__(self, widths, activation, init, bias, seeds, precision):
        self.layers = [Layer(l, n_in, n_out, init, bias, seeds, precision.real)
                       for l, (n_in, n_out) in enumerate(zip(widths, widths[1:]))]
        self.activation, self.precision = ACTIVATIONS[activation], precision
        self.is_relu = activation == "relu"
        self.set_parameters(self.parameters())

    def of_runs(self, which):
        """A copy with some of the runs."""
        chosen = copy.deepcopy(self)
        chosen.precision = self.precision.of_runs(which)
        chosen.set_parameters(self.parameters()[which])
        return chosen

    def forward(self, x, factors=None):
        """(values of layer 0, 1, ... i.e. x and the hidden units; sums of every layer). factors: of dropout, by hidden
        layer."""
        values, sums = [self.precision.rounded(x)], []
        for i, layer in enumerate(self.layers):
            sums.append(layer.sums(values[-1]))
            if layer is not self.layers[-1]:
                h = self.activation.value(sums[-1])
                values.append(self.precision.rounded(h * factors[i] if factors else h))
        return values, sums

    def backward(self, values, sums, delta, factors=None):
        """The deltas of every layer, from those of the outputs, which are not yet scaled."""
        act, deltas = self.activation, [self.precision.rounded(delta * self.precision.loss_scale[:, None, None])]
        for i in reversed(range(len(self.layers) - 1)):
            h, z, s = values[i + 1], sums[i], np.zeros_like(values[i + 1])
            for j in range(deltas[0].shape[2]):
                s = fma(deltas[0][:, :, j, None], self.layers[i + 1].operands[:, None, j, :], s)
            back = s * (act.slope(z, act.value(z)) * factors[i]) if factors else act.delta(z, h, s)
            deltas.insert(0, self.precision.rounded(back))
        return deltas

    def tensors(self):
        """(tensor number, array) in the order of the parameters."""
        for l, layer in enumerate(self.layers):
            yield 2 * l, layer.weights
            if layer.biases is not None:
                yield 2 * l + 1, layer.biases

    def parameters(self):
        """[runs][parameters]"""
        return np.concatenate([array.reshape(len(array), -1) for _, array in self.tensors()], axis=1)

    def set_parameters(self, parameters):
        first = 0
        for number, array in list(self.tensors()):
            last = first + array[0].size
            own = parameters[:, first:last].reshape(-1, *array.shape[1:])
            setattr(self.layers[number // 2], "biases" if number % 2 else "weights", own)
            first = last
        for layer in self.layers:
            layer.operands = self.precision.rounded(layer.weights)
