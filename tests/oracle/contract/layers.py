"""Layers (section 6), of every run of a group at once: the first axis of every array is the run."""
import math

import numpy as np

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
    """weights [runs][out][in]; biases [runs][out], or None; operands: the weights as products take them. In a
    convolution `out` are the channels and `in` the taps; fan_out is what initial values take for out."""

    def __init__(self, l, n_in, n_out, init, bias, seeds, real, fan_out=None):
        shape = (len(seeds), n_out, n_in)
        if init["kind"] == "zero":
            self.weights = np.zeros(shape, real)
        else:
            self.weights = _drawn(seeds, 2 * l, n_in * n_out, *_bound_or_sd(init, n_in, fan_out or n_out), real)
            self.weights = self.weights.reshape(shape)
        self.biases = None
        if bias == "zero":
            self.biases = np.zeros(shape[:2], real)
        elif bias == "default":
            self.biases = _drawn(seeds, 2 * l + 1, n_out, False, 1 / math.sqrt(n_in), real)
        self.operands = self.weights

    def first_sums(self, n_samples):
        """What the chains start from: [runs][samples][out]."""
        z = np.zeros((len(self.weights), n_samples, self.weights.shape[1]), self.weights.dtype)
        return z if self.biases is None else z + self.biases[:, None, :]


class Dense(Layer):
    def sums(self, h):
        """z [runs][samples][out] from h [runs][samples][in]."""
        z = self.first_sums(h.shape[1])
        for k in range(h.shape[2]):
            z = fma(self.operands[:, None, :, k], h[:, :, k, None], z)
        return z

    def back(self, delta):
        """s [runs][samples][in] from the deltas [runs][samples][out]."""
        s = np.zeros((*delta.shape[:2], self.weights.shape[2]), delta.dtype)
        for j in range(delta.shape[2]):
            s = fma(delta[:, :, j, None], self.operands[:, None, j, :], s)
        return s

    def terms(self, delta, h):
        """What the gradient of a weight adds up: deltas [runs][samples][terms][out], values [runs][samples][terms][in],
        and where there is a term at all [terms][in]."""
        return delta[:, :, None], h[:, :, None], np.ones((1, h.shape[2]), bool)
