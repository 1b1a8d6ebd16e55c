"""The update (section 6) of all parameters at once: arrays [runs][parameters] in the order of the parameters' numbers."""
import numpy as np

from exact import F64, fma, without_tiny
from metrics import chained, squares

class Optimizer:
    """update(w, g, n, rate): parameters after a step, from the gradient g summed over n samples and the step's rate in
    binary64."""

    def __init__(self, options, w):
        self.real = w.dtype.type
        self.clip_norm, self.decay = F64(options.get("clip_norm", 0)), self.real(options.get("weight_decay", 0))

    def mean_gradient(self, w, g, n):
        mean = (self.real(1) / n) * g
        if self.clip_norm:
            norm = np.sqrt(chained(squares, mean.astype(F64)))[:, None]
            mean = np.where(norm > self.clip_norm, mean * (self.clip_norm / norm).astype(self.real), mean)
        return fma(self.decay, w, mean) if self.decay else mean


class Sgd(Optimizer):
    def update(self, w, g, n, rate):
        rate = self.real(rate)
        if not self.clip_norm and not self.decay:
            return fma(-(rate / n), g, w)
        return fma(-rate, self.mean_gradient(w, g, n), w)


class Momentum(Optimizer):
    def __init__(self, options, w):
        super().__init__(options, w)
        self.is_nesterov, self.mu = options.get("kind") == "nesterov", self.real(options["momentum"])
        self.velocity = np.zeros_like(w)

    def update(self, w, g, n, rate):
        mean = self.mean_gradient(w, g, n)
        self.velocity = without_tiny(fma(self.mu, self.velocity, mean))
        return fma(-self.real(rate), fma(self.mu, self.velocity, mean) if self.is_nesterov else self.velocity, w)


class Adam(Optimizer):
    def __init__(self, options, w):
        super().__init__(options, w)
        self.beta1, self.beta2 = F64(options.get("beta1", 0.9)), F64(options.get("beta2", 0.999))
        self.power1, self.power2 = F64(1), F64(1)
        self.epsilon = self.real(options.get("epsilon", 1e-8))
        self.weight_decay = F64(0)
        if options["kind"] == "adamw":
            self.weight_decay, self.decay = F64(options.get("weight_decay", 0)), self.real(0)
        self.first, self.second = np.zeros_like(w), np.zeros_like(w)

    def update(self, w, g, n, rate):
        self.power1, self.power2 = self.power1 * self.beta1, self.power2 * self.beta2
        a, r, e, beta1, rest1, beta2, rest2 = map(self.real, (
            rate / (1 - self.power1), 1 / np.sqrt(1 - self.power2), rate * self.weight_decay,
            self.beta1, 1 - self.beta1, self.beta2, 1 - self.beta2))
        mean = self.mean_gradient(w, g, n)
        u = fma(-e, w, w)
        self.first = without_tiny(fma(beta1, self.first, rest1 * mean))
        self.second = without_tiny(fma(beta2, self.second, (rest2 * mean) * mean))
        return fma(-a, self.first / fma(np.sqrt(self.second), r, self.epsilon), u)


def make(options, w):
    kind = options.get("kind", "sgd")
    if kind in ("adam", "adamw"):
        return Adam(options, w)
    return (Momentum if options.get("momentum", 0) or kind == "nesterov" else Sgd)(options, w)
