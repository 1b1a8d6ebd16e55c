"""Networks (section 6) and their losses, every run of a group at once."""
import copy
import math

import numpy as np

from activations import ACTIVATIONS
from elementary import exp
from exact import without_tiny
from images import POOLS, Convolution, image_of
from layers import Dense


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
    return without_tiny(np.where(is_class, p - z.dtype.type(1), p))


def _logistic(z, y):
    one = z.dtype.type(1)
    return without_tiny(one / (one + exp(-z)) - y[..., None].astype(z.dtype))


def _squared(z, y):
    return z.dtype.type(2) * (z - y[..., None].astype(z.dtype))


DELTAS = {"cross_entropy": _cross_entropy, "logistic": _logistic, "squared": _squared}


# ---- networks ----
def start_of(model):
    """(init, bias) with the defaults of the model's kind."""
    is_line = model["kind"] == "linear"
    init = model.get("init", "zero" if is_line else "kaiming_uniform")
    init = {"kind": init} if isinstance(init, str) else {"kind": "zero" if is_line else "kaiming_uniform", **init}
    bias = ("zero" if model.get("intercept", True) else False) if is_line else model.get("bias", "default")
    return init, bias


def layers_of(model, n_in, n_out, seeds, real):
    """(layers, the pool or None after each hidden one)"""
    start, layers, pools = (*start_of(model), seeds, real), [], []
    image = image_of(model, n_in)
    for stage in model.get("conv", []):
        layers.append(Convolution(len(layers), image, stage, *start))
        image, pool = layers[-1].made, POOLS[stage.get("pool", "none")]
        pools.append(pool and pool(image))
        image = pools[-1].made if pool else image
    widths = [math.prod(image) if layers else n_in, *model.get("hidden", []), n_out]
    layers += [Dense(len(layers) + i, *ends, *start) for i, ends in enumerate(zip(widths, widths[1:]))]
    return layers, pools + [None] * (len(layers) - 1 - len(pools))


class Pass:
    """inputs: of each layer; sums: of each layer; hidden: the values of each hidden layer, before its pool."""

    def __init__(self, x):
        self.inputs, self.sums, self.hidden = [x], [], []


class Network:
    """Layers from n_in features to n_out outputs, starting at their initial values."""

    def __init__(self, model, n_in, n_out, seeds, precision):
        self.layers, self.pools = layers_of(model, n_in, n_out, seeds, precision.real)
        self.is_relu = model.get("activation", "relu") == "relu"
        self.activation, self.precision = ACTIVATIONS[model.get("activation", "relu")], precision
        self.set_parameters(self.parameters())

    def of_runs(self, which):
        """A copy with some of the runs."""
        chosen = copy.deepcopy(self)
        chosen.precision = self.precision.of_runs(which)
        chosen.set_parameters(self.parameters()[which])
        return chosen

    def forward(self, x, factors=None):
        """factors: of dropout, by hidden layer."""
        seen, rounded = Pass(self.precision.rounded(x)), self.precision.rounded
        for i, layer in enumerate(self.layers):
            seen.sums.append(layer.sums(seen.inputs[-1]))
            if layer is not self.layers[-1]:
                h, pool = self.activation.value(seen.sums[-1]), self.pools[i]
                seen.hidden.append(rounded(h * factors[i] if factors else h))
                seen.inputs.append(rounded(pool.value(seen.hidden[-1])) if pool else seen.hidden[-1])
        return seen

    def backward(self, seen, delta, factors=None):
        """The deltas of every layer, from those of the outputs, which are not yet scaled."""
        act, rounded = self.activation, self.precision.rounded
        deltas = [rounded(delta * self.precision.loss_scale[:, None, None])]
        for i in reversed(range(len(self.layers) - 1)):
            h, z, s = seen.hidden[i], seen.sums[i], self.layers[i + 1].back(deltas[0])
            if self.pools[i]:
                s = self.pools[i].back(h, rounded(s))
            back = s * (act.slope(z, act.value(z)) * factors[i]) if factors else act.delta(z, h, s)
            deltas.insert(0, rounded(back))
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
