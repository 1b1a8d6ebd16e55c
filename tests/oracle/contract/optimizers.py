"""The update of a tensor (section 6). State is one object a tensor; n is the number of samples in the batch."""
import numpy as np

from exact import fma

TINY = 2.0**-100


class Sgd:
    def __init__(self, optimizer, weights):
        self.lr = weights.dtype.type(optimizer["lr"])

    def update(self, weights, gradient, n):
        return fma(-(self.lr / n), gradient, weights)


class Momentum:
    def __init__(self, optimizer, weights):
        kind = weights.dtype.type
        self.lr, self.mu, self.velocity = kind(optimizer["lr"]), kind(optimizer["momentum"]), np.zeros_like(weights)

    def update(self, weights, gradient, n):
        one = weights.dtype.type(1)
        v = fma(self.mu, self.velocity, (one / n) * gradient)
        self.velocity = np.where(np.abs(v) < TINY, weights.dtype.type(0), v)
        return fma(-self.lr, self.velocity, weights)


def make(optimizer, weights):
    return (Momentum if optimizer.get("momentum", 0) else Sgd)(optimizer, weights)
