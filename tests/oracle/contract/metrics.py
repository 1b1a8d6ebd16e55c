"""Metrics (section 8), in binary64: arrays [runs] by name."""
import numpy as np

from elementary import exp, log
from exact import F64, fma
from networks import ascending_sum

CHAINS = 32


def chained(start_or_add, *terms):
    """The 32-chain sum over the last axis. start_or_add(total, *terms) adds the next terms to the chains' totals."""
    shape, n = np.broadcast_shapes(*(t.shape for t in terms)), terms[0].shape[-1]
    chains = np.zeros((*shape[:-1], CHAINS))
    for low in range(0, n, CHAINS):
        here = [t[..., low:low + CHAINS] for t in terms]
        width = here[0].shape[-1]
        chains[..., :width] = start_or_add(chains[..., :width], *here)
    return ascending_sum(chains)


def plain(total, x):
    return total + x


def squares(total, x):
    return fma(x, x, total)


def _cross_entropy(z, y):
    top = z[..., 0]
    for j in range(1, z.shape[-1]):
        top = np.where(z[..., j] > top, z[..., j], top)
    total = ascending_sum(exp(z - top[..., None]))
    own = np.take_along_axis(z, y.astype(int)[..., None], axis=-1)[..., 0]
    return log(total) - (own - top)


def _logistic(z, y):
    z = z[..., 0]
    return fma(-z, y, np.where(z > 0, z, F64(0))) + log(1 + exp(-np.abs(z)))


def loss_sum(loss, z, y):
    if loss == "squared":
        return chained(squares, z[..., 0] - y)
    return chained(plain, {"cross_entropy": _cross_entropy, "logistic": _logistic}[loss](z, y))


def set_loss(loss, z, y):
    """[runs], from z [runs][rows][outputs] in *real*."""
    return loss_sum(loss, z.astype(F64), y) / F64(y.shape[-1])


def classes(loss, z):
    """The class that each row of outputs gets."""
    if loss == "logistic":
        return (z[..., 0] > 0).astype(int)
    top, found = z[..., 0], np.zeros(z.shape[:-1], int)
    for j in range(1, z.shape[-1]):
        found = np.where(z[..., j] > top, j, found)
        top = np.where(z[..., j] > top, z[..., j], top)
    return found


def set_metrics(name, loss, z, y):
    """z [runs][rows][outputs] in *real*, y [runs][rows] in binary64, of one set."""
    z, n = z.astype(F64), F64(y.shape[-1])
    total = loss_sum(loss, z, y)
    found = {f"{name}_loss": total / n}
    if loss != "squared":
        found[f"{name}_accuracy"] = (classes(loss, z) == y).sum(axis=-1) / n
    elif name == "test":
        mean = chained(plain, y) / n
        found["mse"] = total / n
        found["r2"] = 1 - total / chained(squares, y - mean[..., None])
    return found


def weight_norm(parameters):
    return np.sqrt(chained(squares, parameters.astype(F64)))
