#!/usr/bin/env python3
"""Are the shuffles of docs/numerics.md as good as uniform permutations? For lengths on both sides of the change from
Fisher-Yates to the keyed bijection: parity, inversions, the place of every item, neighbours, and the first two places,
each as a z-score against its exact or asymptotic law under uniform permutations. Then the SD of trained models' metrics
under our orders and under numpy's.

usage: shuffle_quality.py
"""
import math
import pathlib
import sys
from unittest import mock

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cli"))
import training  # noqa: E402
from philox import ORDER  # noqa: E402
from seedvar_cli import Tally  # noqa: E402
from shuffle import shuffle  # noqa: E402
from studies import Run, predict  # noqa: E402

LENGTHS = (2, 3, 5, 16, 63, 64, 65, 100, 127, 128, 129, 256, 1024, 1437)
N_ITEMS = 400_000  # shuffled per length
LIMIT = 4.5        # standard errors: some 100 scores, seeds are fixed


def n_cycles(orders):
    """Of each permutation: items that are the least of their cycle, found by doubling the reach."""
    least = np.broadcast_to(np.arange(orders.shape[1]), orders.shape).copy()
    reach = orders.copy()
    for _ in range(orders.shape[1].bit_length()):
        least = np.minimum(least, np.take_along_axis(least, reach, axis=1))
        reach = np.take_along_axis(reach, reach, axis=1)
    return (least == np.arange(orders.shape[1])).sum(axis=1)


def n_inversions(orders):
    total = np.zeros(len(orders))
    for i in range(orders.shape[1] - 1):
        total += (orders[:, i, None] > orders[:, i + 1:]).sum(axis=1)
    return total


def chi_square_z(counts, expected, degrees, scale=1.0):
    statistic = scale * (((counts - expected) ** 2) / expected).sum()
    return (statistic - degrees) / math.sqrt(2 * degrees)


def scores(orders):
    """(name, z) of every test that n permits."""
    n_orders, n = orders.shape
    is_odd = (n - n_cycles(orders)) % 2
    yield "parity", (is_odd.mean() - 0.5) * 2 * math.sqrt(n_orders)
    inversions = n_inversions(orders[:max(200, min(2000, 10**8 // n**2))])
    mean, variance = n * (n - 1) / 4, n * (n - 1) * (2 * n + 5) / 72
    yield "inversions", (inversions.mean() - mean) / math.sqrt(variance / len(inversions))
    if n <= 5:
        code = np.unique(orders @ n ** np.arange(n), return_counts=True)[1]
        counts = np.zeros(math.factorial(n))
        counts[:len(code)] = code
        yield "permutations", chi_square_z(counts, n_orders / len(counts), len(counts) - 1)
        return
    kurtosis = 3 - 1.08 / n  # of the number of inversions, within 1%
    yield "SD of inversions", (inversions.var() / variance - 1) / math.sqrt((kurtosis - 1) / len(inversions))
    place = np.bincount((orders * n + np.arange(n)).ravel(), minlength=n * n)
    yield "places", chi_square_z(place, n_orders / n, (n - 1) ** 2, (n - 1) / n)
    step = np.bincount(((orders[:, 1:] - orders[:, :-1]) % n).ravel(), minlength=n)[1:]
    yield "steps", chi_square_z(step, n_orders, n - 2)
    pairs = np.bincount((orders[:, 1:] * n + orders[:, :-1]).ravel(), minlength=n * n)
    is_pair = ~np.eye(n, dtype=bool).ravel()
    yield "neighbours", chi_square_z(pairs[is_pair], n_orders / n, (n - 1) ** 2)
    first = np.bincount(orders[:, 1] * n + orders[:, 0], minlength=n * n)[is_pair]
    if n_orders >= 2 * n * n:
        yield "first two places", chi_square_z(first, n_orders / (n * (n - 1)), n * (n - 1) - 1)


def check_permutations(tally):
    for n in LENGTHS:
        orders = shuffle(np.arange(max(2000, N_ITEMS // n)), ORDER, 3, n)
        tally.check((np.sort(orders, axis=1) == np.arange(n)).all(), f"n = {n}: every item once")
        found = dict(scores(orders))
        words = ", ".join(f"{name} {z:+.2f}" for name, z in found.items())
        print(f"n = {n}, {len(orders)} orders: {words}", flush=True)
        for name, z in found.items():
            tally.check(abs(z) < LIMIT, f"n = {n}: {name}", f"{z:.2f} standard errors")


# ---- SD of a metric ----
def study(n_rows):
    return {"data": {"set": "linear", "points": n_rows, "features": 3, "noise": 0.5, "test_points": 50},
            "model": {"kind": "mlp", "hidden": [4], "activation": "relu"},
            "train": {"loss": "squared", "optimizer": {"lr": 0.05, "momentum": 0.5}, "batch_size": 8, "epochs": 4}}


def metrics_of(n_rows, n_seeds):
    runs = [Run({"init": 7, "data": 7, "split": 7, "noise": 7, "dropout": 7, "order": seed}) for seed in range(n_seeds)]
    predict(study(n_rows), "base", runs)
    names = ("train_loss", "test_loss", "weight_norm")
    return {name: np.array([run.metrics[name] for run in runs]) for name in names}


def log_sd(x):
    """log SD and its standard error."""
    kurtosis = ((x - x.mean()) ** 4).mean() / x.var() ** 2
    return math.log(x.std(ddof=1)), math.sqrt((kurtosis - 1) / len(x)) / 2


def check_spread(tally, n_seeds=2000):
    for n_rows in (48, 65, 128):
        ours = metrics_of(n_rows, n_seeds)
        draw = np.random.default_rng(n_rows)

        def fisher_yates(train, n, seeds, epoch):
            return draw.permuted(np.tile(np.arange(n), (len(seeds), 1)), axis=1)

        with mock.patch.object(training, "epoch_order", fisher_yates):
            theirs = metrics_of(n_rows, n_seeds)
        for name in ours:
            (a, error_a), (b, error_b) = log_sd(ours[name]), log_sd(theirs[name])
            error = math.hypot(error_a, error_b)
            spread = math.sqrt((ours[name].var() + theirs[name].var()) / n_seeds)
            shift = (ours[name].mean() - theirs[name].mean()) / spread
            print(f"{n_rows} rows, {name}: SD {math.exp(a - b):.3f} times that under numpy's orders, "
                  f"z {(a - b) / error:+.2f}; mean z {shift:+.2f}", flush=True)
            tally.check(abs(a - b) < 4 * error, f"{n_rows} rows: SD of {name}", (a - b) / error)
            tally.check(abs(shift) < 4, f"{n_rows} rows: mean of {name}", shift)


def main():
    tally = Tally()
    check_permutations(tally)
    check_spread(tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
