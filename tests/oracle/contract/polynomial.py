"""Gradient descent on a polynomial (section 7)."""
import numpy as np

from exact import F64, fma
from metrics import weight_norm
from philox import INIT, uniform, word


def _horner(coefficients, x):
    """coefficients ascending, of the type of x."""
    total = np.full(x.shape, coefficients[-1], x.dtype)
    for c in coefficients[-2::-1]:
        total = fma(total, x, c)
    return total


def maxima(coefficients):
    """The local maxima of the polynomial, by the signs of its derivative about the derivative's real roots."""
    derivative = np.polynomial.Polynomial(coefficients).deriv()
    roots = sorted(r.real for r in derivative.roots() if abs(r.imag) < 1e-7)
    return [r for r in roots if derivative(r - 1e-4) > 0 > derivative(r + 1e-4)]


def descend(config, runs, first_seed, real):
    """x_end [runs] in *real*."""
    model, train = config["model"], config["train"]
    coefficients = [F64(c) for c in model["coefficients"]]
    derivative = [real((k + 1) * c) for k, c in enumerate(coefficients[1:])]
    seeds = np.array([run.seeds["init"] for run in runs], np.uint64)
    if "uniform" in model["start"]:
        low, high = map(F64, model["start"]["uniform"])
        x = fma(uniform(word(seeds, INIT, 0, 0)).astype(real), real(high - low), real(low))
    else:
        x = np.array([model["start"]["given"][int(seed) - first_seed] for seed in seeds], real)
    step = -real(train["optimizer"]["lr"])
    for _ in range(train["steps"]):
        x = fma(step, _horner(derivative, x), x)
    return x


def poly_metrics(config, x):
    """Metrics of each run: a list of dictionaries."""
    coefficients = [F64(c) for c in config["model"]["coefficients"]]
    wide = x.astype(F64)
    f_end, tops = _horner(coefficients, wide), maxima(config["model"]["coefficients"])
    found = [{"x_end": x, "f_end": f, "weight_norm": norm, "steps": float(config["train"]["steps"])}
             for x, f, norm in zip(wide, f_end, weight_norm(wide[:, None]))]
    for metrics in found:
        if np.isfinite(metrics["x_end"]):
            metrics["basin"] = float(sum(top <= metrics["x_end"] for top in tops))
    return found
