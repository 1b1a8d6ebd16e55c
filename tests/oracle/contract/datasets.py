"""The rows of a run: sets, split, standardizing (section 5). One data seed and one split seed at a time."""
import csv
import gzip
import io
import math
import pathlib

import numpy as np

from elementary import sincospi
from exact import fma
from philox import DATA, SPLIT, normal_pair, uniform, word
from shuffle import shuffle

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "data"


class Table:
    """features [rows][columns] and targets [rows] in binary64; targets are class numbers where n_classes is not 0."""

    def __init__(self, features, targets, n_classes):
        self.features, self.targets, self.n_classes = features, targets, n_classes

    def append(self, other):
        self.features = np.concatenate([self.features, other.features])
        self.targets = np.concatenate([self.targets, other.targets])


# ---- sets: functions of the study's map `data`, the data seed, the part of its stream, the number of rows ----
def moons(data, seed, part, n):
    rows = np.arange(n)
    words = [word(seed, DATA, part, 4 * rows + i) for i in range(4)]
    sine, cosine = sincospi(uniform(words[0]))
    z0, z1 = normal_pair(words[2], words[3])
    noise = np.float64(data.get("noise", 0.2))
    label = rows % 2
    x0 = fma(noise, z0, np.where(label == 0, cosine, 1 - cosine))
    x1 = fma(noise, z1, np.where(label == 0, sine, 0.5 - sine))
    return Table(np.stack([x0, x1], axis=1), label.astype(np.float64), 2)


def linear(data, seed, part, n):
    d = data.get("features", 1)
    start = 4 * np.arange(n) * math.ceil((d + 2) / 4)
    z0, _ = normal_pair(word(seed, DATA, part, start), word(seed, DATA, part, start + 1))
    x = fma(np.float64(2), uniform(word(seed, DATA, part, start[:, None] + 2 + np.arange(d))), -1)
    total = np.zeros(n)
    for j in range(d):
        total = total + x[:, j]
    return Table(x, fma(np.float64(data.get("noise", 1.0)), z0, total), 0)


def _classified(rows):
    """Rows of texts with the class in the last column."""
    names = sorted({row[-1] for row in rows})
    return Table(np.array([[float(x) for x in row[:-1]] for row in rows]),
                 np.array([float(names.index(row[-1])) for row in rows]), len(names))


def digits(*_):
    with gzip.open(FOLDER / "digits.csv.gz", "rt") as file:
        return _classified(list(csv.reader(file)))


def iris(*_):
    return _classified(list(csv.reader(io.StringIO((FOLDER / "iris.csv").read_text())))[1:])


def regression_file(data, *_):
    """A CSV file with a header and a number to predict in the last column."""
    rows = np.array([[float(x) for x in row] for row in list(csv.reader(pathlib.Path(data["file"]).open()))[1:]])
    return Table(rows[:, :-1], rows[:, -1], 0)


SETS = {"moons": moons, "linear": linear, "digits": digits, "iris": iris, "csv": regression_file}
POINTS = {"moons": 256, "linear": 100}


# ---- split ----
def _share(fraction, n):
    return math.floor(fraction * n + 0.5)


def _portions(n_wanted, members):
    """How many of n_wanted rows each class gives, by largest remainders."""
    n = sum(map(len, members))
    portions = [n_wanted * len(m) // n for m in members]
    by_remainder = sorted(range(len(members)), key=lambda c: (-(n_wanted * len(members[c]) % n), c))
    for c in by_remainder[:n_wanted - sum(portions)]:
        portions[c] += 1
    return portions


def split(split_map, table, seed):
    """Row numbers of (train, val, test), each ascending."""
    n = len(table.targets)
    given = {k: split_map[k] for k in ("train", "val", "test") if k in split_map} or {"val": 0.2, "test": 0.2}
    n_val, n_test = _share(given.get("val", 0), n), _share(given.get("test", 0), n)
    if split_map.get("stratify", False):
        members = [np.flatnonzero(table.targets == c) for c in range(table.n_classes)]
        orders = [m[shuffle([seed], SPLIT, 1 + c, len(m))[0]] for c, m in enumerate(members)]
        cuts = list(zip(_portions(n_test, members), _portions(n_val, members)))
    else:
        orders, cuts = [shuffle([seed], SPLIT, 0, n)[0]], [(n_test, n_val)]
    test = np.concatenate([order[:t] for order, (t, v) in zip(orders, cuts)])
    val = np.concatenate([order[t:t + v] for order, (t, v) in zip(orders, cuts)])
    train = np.concatenate([order[t + v:] for order, (t, v) in zip(orders, cuts)])
    return np.sort(train), np.sort(val), np.sort(test)


# ---- standardizing ----
def standardized(features, train):
    n = np.float64(len(train))
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


class Rows:
    """What one run learns from: features in *real*, targets in binary64, and the row numbers of each set."""

    def __init__(self, data, seeds, real):
        n, n_fresh = data.get("points", POINTS.get(data["set"])), data.get("test_points", 0)
        table = SETS[data["set"]](data, seeds["data"], 0, n)
        shares = data.get("split", {"train": 1} if n_fresh else {})
        self.train, self.val, self.test = split(shares, table, seeds["split"])
        if n_fresh:
            self.test = np.arange(n, n + n_fresh)
            table.append(SETS[data["set"]](data, seeds["data"], 1, n_fresh))
        features = standardized(table.features, self.train) if data.get("standardize") else table.features
        self.features, self.targets, self.n_classes = features.astype(real), table.targets, table.n_classes
