"""Clusters by Lloyd's algorithm (section 7), one run at a time."""
import numpy as np

from exact import F64, fma
from metrics import chained, plain, weight_norm
from philox import INIT, below, word
from shuffle import shuffle

SEGMENT = 32


def distances(x, centres):
    """[rows][centres] in the type of x."""
    d = np.zeros((len(x), len(centres)), x.dtype)
    for f in range(x.shape[1]):
        t = x[:, f, None] - centres[:, f]
        d = fma(t, t, d)
    return d


def chain(terms):
    """Partial sums from +0, in order, along the first axis."""
    start = np.zeros((1, *terms.shape[1:]), terms.dtype)
    return np.add.accumulate(np.concatenate([start, terms]), axis=0)


def next_centre(nearest, seed, j):
    """The row that k-means++ draws for centre j; nearest: every row's distance from the centres before it."""
    segments = [nearest[i:i + SEGMENT] for i in range(0, len(nearest), SEGMENT)]
    totals = chain(np.array([chain(segment)[-1] for segment in segments]))
    high, low = (int(word(seed, INIT, 0, 4 * j + i)) for i in (0, 1))
    target = F64(high * 2**21 + low // 2**11) * 2.0**-53 * totals[-1]
    beyond = np.flatnonzero(totals[1:] > target)
    if not beyond.size:
        return int(below(np.uint64(high), len(nearest)))
    g = beyond[0]
    own = segments[g]
    p = np.add.accumulate(np.concatenate([totals[g:g + 1], own]))[1:]
    found = np.flatnonzero(p > target)
    return SEGMENT * g + (found[0] if found.size else np.flatnonzero(own > 0)[-1])


def start(x, n_clusters, rule, seed):
    n = len(x)
    if rule == "random":
        return x[shuffle([seed], INIT, 0, n)[0][:n_clusters]]
    rows = [int(below(word(seed, INIT, 0, 0), n))]
    nearest = distances(x, x[rows])[:, 0]
    for j in range(1, n_clusters):
        rows.append(next_centre(nearest.astype(F64), seed, j))
        nearest = np.minimum(nearest, distances(x, x[rows[-1:]])[:, 0])
    return x[rows]


def cluster(config, seed, x):
    """(centres, moves, clusters that were ever empty) for training rows x in *real*."""
    rule, n_clusters = config["model"]["start"], config["model"]["clusters"]
    centres = start(x, n_clusters, rule["centres"] if isinstance(rule, dict) else rule, seed).copy()
    own = distances(x, centres).argmin(axis=1)
    was_empty = np.bincount(own, minlength=n_clusters) == 0
    for n_moves in range(config["train"]["max_iterations"]):
        for j in range(n_clusters):
            if (own == j).any():
                centres[j] = chain(x[own == j])[-1] / x.dtype.type((own == j).sum())
        before, own = own, distances(x, centres).argmin(axis=1)
        was_empty |= np.bincount(own, minlength=n_clusters) == 0
        if (own == before).all():
            return centres, n_moves + 1, was_empty.sum()
    return centres, config["train"]["max_iterations"], was_empty.sum()


def inertia(x, centres):
    return chained(plain, distances(x, centres).min(axis=1).astype(F64))


def kmeans_run(config, run, rows):
    """(centres [1][parameters], metrics)"""
    x, test = rows.features["train"], rows.features["test"]
    centres, n_moves, n_empty = cluster(config, run.seeds["init"], x)
    metrics = {"inertia": inertia(x, centres), "steps": float(n_moves), "empty_clusters": float(n_empty),
               "weight_norm": weight_norm(centres.reshape(1, -1))[0]}
    if len(test):
        metrics["test_inertia"] = inertia(test, centres)
    return centres.ravel(), metrics
