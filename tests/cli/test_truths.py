#!/usr/bin/env python3
"""Studies whose answers are known beforehand.

usage: test_truths.py PROGRAM   (SEEDVAR_TIMING=1: also fail when the million seeds take more than 5 s)
"""
import math
import os
import sys
import tempfile
import time

from seedvar_cli import Program, Tally, program_argument

LIMIT_S = 5.0
# f(x) = 0.01x^6 + (x-0.2)^3 + 2(x-1)^2: two minima, and between them a maximum at -1.869435.
POLYNOMIAL = {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01]}
DESCENT = {"optimizer": {"lr": 0.01}, "steps": 100}


def sweep(seeds, *vary, first_seed=0):
    return {"kind": "sweep", "seeds": seeds, "first_seed": first_seed, **({"vary": list(vary)} if vary else {})}


def summary(program, store, metric):
    found = program.json("analyze", store, "--metric", metric)["summary"]
    return next(entry for entry in found if entry["metric"] == metric)


def check_share(tally, found, truth, n, name):
    """A share of n seeds against the truth: within 3 standard errors."""
    error = math.sqrt(truth * (1 - truth) / n)
    print(f"{name}: {found:.6f}, in truth {truth:.6f} +- {error:.6f}")
    tally.check(abs(found - truth) <= 3 * error, name, f"{found} is more than 3 standard errors from {truth}")


def check_polynomial(program, tally):
    """A start in [-4, 2) ends left of the maximum with probability (4 - 1.869435) / 6."""
    n = 10**6
    path = program.study("polynomial", {"model": {**POLYNOMIAL, "start": {"uniform": [-4, 2]}}, "train": DESCENT,
                                        "design": sweep(n)})
    started_s = time.monotonic()
    done = program.json("run", path, "--store", "polynomial.db")
    duration_s = time.monotonic() - started_s
    print(f"polynomial: a million seeds took {duration_s:.2f} s ({done['elapsed_s']:.2f} s of it to train and store)")
    if os.environ.get("SEEDVAR_TIMING") == "1":
        tally.check(duration_s < LIMIT_S, "polynomial: a million seeds", f"{duration_s:.2f} s, not under {LIMIT_S} s")
    found = summary(program, "polynomial.db", "basin")
    tally.equal((found["n"], found["min"], found["max"]), (n, 0, 1), "polynomial: every seed has a basin, 0 or 1")
    check_share(tally, 1 - found["mean"], 0.355094, n, "polynomial: share that ends left of the maximum")


def check_given_starts(program, tally):
    """Two starts of the polynomial, under seeds 8 and 9, end in different minima."""
    path = program.study("starts", {"model": {**POLYNOMIAL, "start": {"given": [1.240576, -3.937755]}},
                                    "train": DESCENT, "design": sweep(2, "init", first_seed=8)})
    program.must("run", path, "--store", "starts.db")
    rows = program.rows("starts.db")
    found = [(row["seed_init"], row["basin"]) for row in rows]
    tally.equal(found, [("8", "1"), ("9", "0")], "starts: seeds and basins")
    for row, end in zip(rows, (0.7605, -3.0151)):
        tally.check(abs(float(row["x_end"]) - end) < 1e-3, f"starts: end of seed {row['seed_init']}",
                    f"{row['x_end']} is not {end}")


def check_dead_nets(program, tally):
    """With one positive feature and no bias a ReLU unit is silent with probability 1/2, a layer of N units with 2^-N,
    one of L layers with 1 - (1 - 2^-N)^L."""
    n = 10**5
    program.folder.joinpath("positive.csv").write_text("x,y\n" + "".join(f"{1 + i / 8},{i}\n" for i in range(8)))
    for width, layers in ((2, 4), (1, 3)):
        name = f"dead {layers} layers of {width}"
        path = program.study(name.replace(" ", "-"), {
            "data": {"set": "csv", "file": "positive.csv", "task": "regression", "split": {"train": 1}},
            "model": {"kind": "mlp", "hidden": [width] * layers, "init": "kaiming_normal", "bias": "zero"},
            "train": {"loss": "squared", "optimizer": {"lr": 0.1}, "steps": 0},
            "design": sweep(n, "init"),
        })
        program.must("run", path, "--store", f"{name}.db")
        found = summary(program, f"{name}.db", "dead")
        tally.equal(found["n"], n, f"{name}: seeds")
        check_share(tally, found["mean"], 1 - (1 - 0.5**width) ** layers, n, name)


def check_convex(program, tally):
    """Least squares by gradient descent has one optimum: at the end nothing is left of the start."""
    for steps in (0, 2000):
        path = program.study(f"convex-{steps}", {
            "data": {"set": "linear", "points": 60, "features": 3, "standardize": True},
            "model": {"kind": "linear", "fit": "sgd", "init": {"kind": "normal", "sd": 1.0}},
            "train": {"optimizer": {"lr": 0.1}, "batch_size": 1000, "steps": steps},
            "design": sweep(200, "init"),
            "numerics": [{"precision": "fp64"}],
        })
        program.must("run", path, "--store", f"convex-{steps}.db")
        for metric in ("test_loss", "weight_norm"):
            sd = summary(program, f"convex-{steps}.db", metric)["sd"]
            print(f"convex: SD of {metric} over init seeds after {steps} steps: {sd:.3g}")
            is_right = sd > 0.1 if steps == 0 else sd < 1e-12
            tally.check(is_right, f"convex: SD of {metric} after {steps} steps", sd)


def check_coins(program, tally):
    """One feature a row and symmetric weights: every prediction is a fair coin of its own, so that the accuracy on m
    rows has mean 1/2 and SD 1/sqrt(4m)."""
    n, n_rows = 20000, 20
    lines = [",".join(["1" if i == j else "0" for j in range(n_rows)] + [str(i % 2)]) for i in range(n_rows)]
    program.folder.joinpath("coins.csv").write_text("\n".join(lines) + "\n")
    path = program.study("coins", {
        "data": {"set": "csv", "file": "coins.csv", "header": "no", "split": {"train": 0.5, "test": 0.5}},
        "model": {"kind": "mlp", "hidden": [], "init": {"kind": "normal", "sd": 1.0}, "bias": False},
        "train": {"loss": "logistic", "optimizer": {"lr": 0.1}, "steps": 0},
        "design": sweep(n, "init"),
    })
    program.must("run", path, "--store", "coins.db")
    found = summary(program, "coins.db", "test_accuracy")
    check_share(tally, found["mean"], 0.5, n * n_rows // 2, "coins: accuracy")
    truth = math.sqrt(0.25 / (n_rows // 2))
    tally.check(abs(found["sd"] / truth - 1) < 3 / math.sqrt(2 * n), "coins: SD of the accuracy",
                f"{found['sd']} is not {truth}")
    tally.check(found["sd_low"] < truth < found["sd_high"], "coins: the SD's interval covers the truth", found)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for check in (check_polynomial, check_given_starts, check_dead_nets, check_convex, check_coins):
            check(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
