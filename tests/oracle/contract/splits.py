"""Which rows train, validate and test, and what happens to them before *real* (section 5)."""
import math

import numpy as np

from datasets import draw_set, row_normals
from exact import F64, fma
from philox import NOISE, SPLIT, below, word
from shuffle import shuffle


def _portions(n_wanted, sizes):
    """How many of n_wanted rows each class gives, by largest remainders."""
    n = sum(sizes)
    portions = [n_wanted * m // n for m in sizes]
    by_remainder = sorted(range(len(sizes)), key=lambda c: (-(n_wanted * sizes[c] % n), c))
    for c in by_remainder[:n_wanted - sum(portions)]:
        portions[c] += 1
    return portions


def _strata(shares, table, n):
    """(rows, validation rows, test rows, part) of each stratum."""
    given = {k: shares[k] for k in ("train", "val", "test") if k in shares} or {"val": 0.2, "test": 0.2}
    n_val, n_test = (math.floor(given.get(k, 0) * n + 0.5) for k in ("val", "test"))
    if not shares.get("stratify", False):
        return [(np.arange(n), n_val, n_test, 0)], n_test > 0
    members = [np.flatnonzero(table.targets[:n] == c) for c in range(table.n_classes)]
    sizes = list(map(len, members))
    parts = range(1, 1 + len(members))
    return list(zip(members, _portions(n_val, sizes), _portions(n_test, sizes), parts)), n_test > 0


def _split_stratum(shares, rows, n_val, n_test, part, seed, has_test):
    """Lists of (train, val, test) rows."""
    test, train = [], []
    is_fixed, is_replaced = shares.get("test_fixed", False), shares.get("replace", False)
    n_train = len(rows) - n_val - n_test
    if is_fixed:
        order = shuffle([0], SPLIT, part, len(rows))[0]
        test, rows, n_test = rows[order[:n_test]], np.sort(rows[order[n_test:]]), 0
    if is_replaced:
        train = rows[below(word(seed, SPLIT, part + 2**31, np.arange(n_train)), len(rows))]
        rows, n_test = np.setdiff1d(rows, train), 0
    order = shuffle([seed], SPLIT, part, len(rows))[0]
    test = [*test, *rows[order[:n_test]]]
    val, rest = rows[order[n_test:n_test + n_val]], rows[order[n_test + n_val:]]
    if not is_replaced:
        train = rest
    elif has_test and not is_fixed:
        test = [*test, *rest]
    return train, val, test


def split(shares, table, n, seed):
    """Row numbers of train, val and test, each ascending, among the first n rows."""
    strata, has_test = _strata(shares, table, n)
    pieces = [_split_stratum(shares, *stratum, seed, has_test) for stratum in strata]
    return [np.sort(np.concatenate(own).astype(int)) for own in zip(*pieces)]


def standardized(features, train):
    n = F64(len(train))
    total = np.zeros(features.shape[1])
    for row in features[train]:
        total = total + row
    mean = total / n
    total = np.zeros(features.shape[1])
    for row in features[train]:
        d = row - mean
        total = fma(d, d, total)
    is_constant = (features[train] == features[train][0]).all(axis=0)
    centred = features - mean
    return np.where(is_constant, centred, centred / np.sqrt(total / n))


def _noisy(data, features, targets, rows, n_classes, seed):
    """The training rows, with the noise that belongs to their numbers."""
    d = features.shape[1]
    if data.get("input_noise", 0) > 0:
        z = row_normals(seed, NOISE, 1, rows * math.ceil(d / 4), d)
        features = fma(F64(data["input_noise"]), z, features)
    if data.get("label_noise", 0) > 0:
        w0, w1 = (word(seed, NOISE, 0, 4 * rows + i) for i in (0, 1))
        other = (targets + 1 + below(w1, n_classes - 1)) % n_classes
        targets = np.where(w0.astype(F64) < F64(data["label_noise"]) * 2.0**32, other, targets)
    return features, targets


class Rows:
    """What one run learns from: of each set (train, val, test) its row numbers, its features in *real* and its targets
    in binary64."""

    def __init__(self, data, kind, seeds, real):
        table, n_fresh = draw_set(data, seeds["data"])
        n = len(table.targets) - n_fresh
        shares = data.get("split", {})
        if (n_fresh or kind == "kmeans") and not {"train", "val", "test"} & shares.keys():
            shares = {**shares, "train": 1}
        train, val, test = split(shares, table, n, seeds["split"])
        self.numbers = {"train": train, "val": val, "test": np.concatenate([test, np.arange(n, n + n_fresh)])}
        self.n_classes = table.n_classes
        features = standardized(table.features, train) if data.get("standardize") else table.features
        sets = {name: (features[rows], table.targets[rows]) for name, rows in self.numbers.items()}
        sets["train"] = _noisy(data, *sets["train"], train, table.n_classes, seeds["noise"])
        self.features = {name: x.astype(real) for name, (x, _) in sets.items()}
        self.targets = {name: y for name, (_, y) in sets.items()}


def stacked(rows, name):
    """Features [runs][rows][columns] and targets [runs][rows] of one set."""
    return (np.stack(own) for own in zip(*((r.features[name], r.targets[name]) for r in rows)))
