"""Activations of hidden units and their slopes (section 4), and what becomes of a delta on its way back (section 6)."""
import numpy as np

from elementary import exp, tanh
from exact import fma


def _zero(z):
    return z.dtype.type(0)


def _one(z):
    return z.dtype.type(1)


def sigmoid(z):
    return _one(z) / (_one(z) + exp(-z))


class Relu:
    def value(self, z):
        return np.where(z > 0, z, _zero(z))

    def slope(self, z, h):
        return np.where(z > 0, _one(z), _zero(z))

    def delta(self, z, h, s):
        return np.where(h > 0, s, _zero(s))


class Smooth:
    """value(z); slope(z, h) with h the value that the slope is taken at, where it is taken at one."""

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def delta(self, z, h, s):
        return s * self.slope(z, h)


def _silu_slope(z, h):
    s = sigmoid(z)
    return s * fma(z, _one(z) - s, 1)


def _gelu_terms(z):
    """(y, q, a, t)"""
    kind = z.dtype.type
    q, a = z * z, kind(float.fromhex("0x1.9884533d43651p-1"))
    return kind(0.5) * z, q, a, tanh(a * fma(kind(0.044715) * q, z, z))


def _gelu(z):
    y, _, _, t = _gelu_terms(z)
    return fma(y, t, y)


def _gelu_slope(z, h):
    y, q, a, t = _gelu_terms(z)
    return fma(y * fma(-t, t, 1), a * fma(z.dtype.type(0.134145), q, 1), fma(z.dtype.type(0.5), t, 0.5))


ACTIVATIONS = {
    "relu": Relu(),
    "tanh": Smooth(tanh, lambda z, h: fma(-h, h, 1)),
    "sigmoid": Smooth(sigmoid, lambda z, h: fma(-h, h, h)),
    "silu": Smooth(lambda z: z * sigmoid(z), _silu_slope),
    "gelu": Smooth(_gelu, _gelu_slope),
}
