"""The sets (section 5): from the study's map `data`, a data seed and the part of its stream to a table of n rows."""
import csv
import gzip
import math
import pathlib

import numpy as np

from elementary import sincospi
from exact import F64, fma
from philox import DATA, normal_pair, uniform, word
from shuffle import shuffle
from strokes import stroke_digits

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "data"


class Table:
    """features [rows][columns] and targets [rows] in binary64; targets are class numbers where n_classes is not 0."""

    def __init__(self, features, targets, n_classes):
        self.features, self.targets, self.n_classes = features, np.asarray(targets, F64), n_classes

    def append(self, other):
        self.features = np.concatenate([self.features, other.features])
        self.targets = np.concatenate([self.targets, other.targets])


def row_normals(seed, stream, part, first_block, n):
    """[rows][n]: the normals of a row, from block first_block[row] on."""
    block = np.asarray(first_block)[:, None] + np.arange(math.ceil(n / 4))
    z = [z for i in (0, 2) for z in normal_pair(word(seed, stream, part, 4 * block + i),
                                                word(seed, stream, part, 4 * block + i + 1))]
    return np.stack(z, axis=2).reshape(len(block), -1)[:, :n]


def symmetric(w):
    return fma(F64(2), uniform(w), -1)


# ---- sets in the plane: (p, q) from t and the class ----
def _moons(data, t, label, n_classes):
    sine, cosine = sincospi(t)
    return np.where(label == 0, cosine, 1 - cosine), np.where(label == 0, sine, 0.5 - sine)


def _circles(data, t, label, n_classes):
    sine, cosine = sincospi(2 * t)
    radius = (label + 1) / n_classes
    return radius * cosine, radius * sine


def _spirals(data, t, label, n_classes):
    radius = np.sqrt(t)
    sine, cosine = sincospi(2 * fma(F64(data.get("turns", 1)), radius, label / n_classes))
    return radius * cosine, radius * sine


def plane(curve, noise):
    def draw(data, seed, part, n):
        rows, n_classes = np.arange(n), data.get("classes", 2)
        label = (rows % n_classes).astype(F64)
        curve_points = curve(data, uniform(word(seed, DATA, part, 4 * rows)), label, n_classes)
        z = normal_pair(*(word(seed, DATA, part, 4 * rows + i) for i in (2, 3)))
        sd = F64(data.get("noise", noise))
        return Table(np.stack([fma(sd, own, p) for own, p in zip(z, curve_points)], axis=1), label, n_classes)
    return draw


# ---- other generators ----
def blobs(data, seed, part, n):
    d, n_classes = data.get("features", 2), data.get("classes", 3)
    centres = symmetric(word(seed, DATA, 2, np.arange(n_classes * d))).reshape(n_classes, d)
    label = np.arange(n) % n_classes
    z = row_normals(seed, DATA, part, np.arange(n) * math.ceil(d / 4), d)
    return Table(fma(F64(data.get("noise", 0.2)), z, centres[label]), label, n_classes)


def linear(data, seed, part, n):
    d = data.get("features", 1)
    start = 4 * np.arange(n) * math.ceil((d + 2) / 4)
    z0, _ = normal_pair(word(seed, DATA, part, start), word(seed, DATA, part, start + 1))
    x = symmetric(word(seed, DATA, part, start[:, None] + 2 + np.arange(d)))
    total = np.zeros(n)
    for j in range(d):
        total = total + x[:, j]
    return Table(x, fma(F64(data.get("noise", 1.0)), z0, total), 0)


def parity(data, seed, part, n):
    d = data.get("features", 10)
    element = 4 * np.arange(n)[:, None] * math.ceil(d / 128) + np.arange(d) // 32
    bit = (word(seed, DATA, part, element) >> (np.arange(d) % 32).astype(np.uint64) & np.uint64(1)).astype(int)
    return Table(1.0 - 2 * bit, bit[:, :data.get("relevant", 3)].sum(axis=1) % 2, 2)


def modular_addition(data, seed, part, n):
    p = data["modulus"]
    pair = np.arange(p * p)
    if n is not None:
        first = data["points"] if part else 0
        pair = shuffle([seed], DATA, 0, p * p)[0][first:first + n]
    a, b = pair // p, pair % p
    return Table(np.concatenate([np.eye(p)[a], np.eye(p)[b]], axis=1), (a + b) % p, p)


def strokes(data, seed, part, n):
    size = data.get("size", 8)
    start = np.arange(n) * (2 + math.ceil(size * size / 4))
    label = np.arange(n) % 10
    v = F64(data.get("distortion", 1)) * symmetric(word(seed, DATA, part, 4 * start[:, None] + np.arange(8)))
    z = row_normals(seed, DATA, part, start + 2, size * size)
    return Table(fma(F64(data.get("noise", 0.1)), z, stroke_digits(label, v, size)), label, 10)


# ---- files ----
def _table_of_texts(rows, is_classified):
    features, last = np.array([[float(x) for x in row[:-1]] for row in rows]), [row[-1] for row in rows]
    if not is_classified:
        return Table(features, list(map(float, last)), 0)
    names = sorted(set(last))
    return Table(features, list(map(names.index, last)), len(names))


def digits(*_):
    with gzip.open(FOLDER / "digits.csv.gz", "rt") as file:
        return _table_of_texts(list(csv.reader(file)), True)


def iris(*_):
    return _table_of_texts(list(csv.reader((FOLDER / "iris.csv").open()))[1:], True)


def csv_file(data, *_):
    """With a header, the target in the last column, and the key task."""
    return _table_of_texts(list(csv.reader(pathlib.Path(data["file"]).open()))[1:], data["task"] == "classification")


SETS = {"moons": plane(_moons, 0.2), "circles": plane(_circles, 0.1), "spirals": plane(_spirals, 0.05), "blobs": blobs,
        "linear": linear, "parity": parity, "modular_addition": modular_addition, "stroke_digits": strokes,
        "digits": digits, "iris": iris, "csv": csv_file}
POINTS = {**dict.fromkeys(("moons", "circles", "spirals", "blobs", "parity"), 256),
          "linear": 100, "stroke_digits": 1000, "modular_addition": None}


def draw_set(data, seed):
    """The whole set, and how many of its rows (the last ones) are fresh test rows."""
    n, n_fresh = data.get("points", POINTS.get(data["set"])), data.get("test_points", 0)
    table = SETS[data["set"]](data, seed, 0, n)
    if n_fresh:
        table.append(SETS[data["set"]](data, seed, 1, n_fresh))
    return table, n_fresh
