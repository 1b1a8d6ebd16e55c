#!/usr/bin/env python3
"""Same bits over a generated table: model x activation x optimizer x schedule x source x path x precision x early
stopping x clipping x dropout x last batch. Every case is trained by several instruction sets, numbers of threads and sizes
of launches, and in two halves; every row of the store must stay the same.

A study varies one source; its arms and entries of numerics make the cases. Arms are drawn from a fixed seed, each the one
of many candidates that brings most pairs of values not yet met.

usage: test_same_bits_table.py PROGRAM
"""
import collections
import concurrent.futures
import itertools
import random
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument
from test_same_bits import available, fill, first_difference

N_ARMS, N_SEEDS, N_CANDIDATES = 7, 7, 60
SOURCES = [None, ["init"], ["order"], ["split"], ["dropout"], ["data"], ["noise"], ["schedule"]]
IRIS = {"set": "iris", "standardize": True, "split": {"train": 0.4, "val": 0.3, "test": 0.3}}
MOONS = {"set": "moons", "points": 40, "split": {"train": 0.5, "val": 0.25, "test": 0.25}, "label_noise": 0.1}
LINE = {"set": "linear", "points": 70, "features": 3, "split": {"train": 0.6, "val": 0.2, "test": 0.2}}
PICTURES = {"set": "blobs", "points": 40, "features": 30, "noise": 1,
            "split": {"train": 0.5, "val": 0.25, "test": 0.25}}

# What an arm is made of: name -> what it sets.
MODELS = {
    "classes": {"data": IRIS, "model": {"kind": "mlp", "hidden": [6]}, "train": {"loss": "cross_entropy"}},
    "deep": {"data": MOONS, "model": {"kind": "mlp", "hidden": [5, 3, 4], "bias": "zero"},
             "train": {"loss": "cross_entropy"}},
    "logistic": {"data": MOONS, "model": {"kind": "mlp", "hidden": [9, 2], "init": "glorot_normal"},
                 "train": {"loss": "logistic"}},
    "squared": {"data": LINE, "model": {"kind": "mlp", "hidden": [7], "bias": False}, "train": {"loss": "squared"}},
    "noisy": {"data": {**IRIS, "input_noise": 0.2}, "model": {"kind": "mlp", "hidden": [17]},
              "train": {"loss": "cross_entropy", "sampling": "replacement"}},
    "pooled": {"data": PICTURES, "train": {"loss": "cross_entropy"},
               "model": {"kind": "cnn", "image": [1, 6, 5], "hidden": [5],
                         "conv": [{"channels": 5, "pool": "max"}, {"channels": 3, "pool": "average"}]}},
    "strided": {"data": PICTURES, "train": {"loss": "cross_entropy"},
                "model": {"kind": "cnn", "image": [2, 5, 3], "hidden": [6], "init": "glorot_uniform",
                          "conv": [{"channels": 4, "kernel": 5}, {"channels": 9, "stride": 2}]}},
}
ACTIVATIONS = ["relu", "tanh", "sigmoid", "silu", "gelu"]
OPTIMIZERS = {
    "sgd": {"kind": "sgd", "lr": 0.1},
    "sgd decayed": {"kind": "sgd", "lr": 0.1, "weight_decay": 0.01},
    "momentum": {"kind": "momentum", "lr": 0.05, "momentum": 0.9},
    "momentum decayed": {"kind": "sgd", "lr": 0.05, "momentum": 0.7, "weight_decay": 0.1},
    "nesterov": {"kind": "nesterov", "lr": 0.05, "momentum": 0.9},
    "adam": {"kind": "adam", "lr": 0.01, "weight_decay": 0.01},
    "adamw": {"kind": "adamw", "lr": 0.02, "weight_decay": 0.1, "beta2": 0.9},
}
SCHEDULES = {"constant": "constant", "warm": {"kind": "constant", "warmup": 4}, "linear": "linear",
             "cosine": {"kind": "cosine", "warmup": 3, "final": 0.1}, "one_cycle": "one_cycle"}
STOPPING = {"none": None, "often": {"patience": 1, "every": 2}, "by epochs": {"patience": 2}}
CLIPPING = {"none": 0, "hard": 0.1, "soft": 1}
DROPOUT = {"none": 0, "some": 0.25, "most": 0.6}
BATCHES = {"kept": (9, "keep"), "dropped": (9, "drop"), "wide": (70, "keep"), "single": (1, "drop")}
AXES = {"model": MODELS, "activation": ACTIVATIONS, "optimizer": OPTIMIZERS, "schedule": SCHEDULES,
        "stopping": STOPPING, "clipping": CLIPPING, "dropout": DROPOUT, "batch": BATCHES}

PATHS = [{"path": "serial"}, {"path": "tree", "split": 8}, {"path": "butterfly", "split": 4},
         {"path": "compensated", "split": 5}, {"path": "binned", "split": 3}, {"path": "fixed"},
         {"path": "drawn", "split": 6, "replicates": 2}, {"path": "serial", "math": "device"}]
SCALES = [30, 20, 41, 36]  # 41: terms up to 2 in magnitude; fewer would not saturate a run
PRECISIONS = ["fp32", "fp64", "tf32", "bf16", "fp16"]


def numerics(place):
    """Every path; the precisions change places from study to study."""
    entries = []
    for number, path in enumerate(PATHS):
        entry = {**path, "precision": PRECISIONS[(number + place) % len(PRECISIONS)]}
        if entry["path"] == "fixed":
            entry["scale"] = SCALES[place % len(SCALES)]
        if entry["precision"] == "fp16" and place % 2:
            entry["loss_scale"] = 1024
        entries.append(entry)
    return entries


def pairs(arm):
    return set(itertools.combinations(sorted(arm.items()), 2))


def draw_arms(dice, met, n):
    """n arms as {axis: name of a value}. met: the pairs of values so far, added to."""
    arms = []
    for _ in range(n):
        candidates = [{axis: dice.choice(list(values)) for axis, values in AXES.items()} for _ in range(N_CANDIDATES)]
        best = max(candidates, key=lambda arm: len(pairs(arm) - met))
        met |= pairs(best)
        arms.append(best)
    return arms


def arm_settings(arm):
    settings = {key: dict(value) for key, value in MODELS[arm["model"]].items()}
    batch_size, last_batch = BATCHES[arm["batch"]]
    settings["model"].update(activation=arm["activation"], dropout=DROPOUT[arm["dropout"]])
    settings["train"].update(optimizer={**OPTIMIZERS[arm["optimizer"]], "clip_norm": CLIPPING[arm["clipping"]]},
                             schedule=SCHEDULES[arm["schedule"]], batch_size=batch_size, last_batch=last_batch,
                             **({"epochs": 3} if batch_size > 1 else {"steps": 25}))
    if STOPPING[arm["stopping"]]:
        settings["train"]["early_stopping"] = STOPPING[arm["stopping"]]
    return settings


def table():
    """One study for each source, and the arms of each as values of the axes."""
    dice, met, studies, drawn = random.Random(20260101), set(), [], []
    for place, vary in enumerate(SOURCES):
        arms = draw_arms(dice, met, N_ARMS)
        design = {"kind": "sweep", "seeds": N_SEEDS, **({"vary": vary} if vary else {})}
        named = {f"arm{n}": arm_settings(arm) for n, arm in enumerate(arms)}
        studies.append({"arms": named, "design": design, "numerics": numerics(place)})
        drawn.append(arms)
    return studies, drawn


def check_coverage(tally, drawn):
    arms = list(itertools.chain(*drawn))
    for axis, values in AXES.items():
        n_met = collections.Counter(arm[axis] for arm in arms)
        for value in values:
            tally.check(n_met[value] >= 2, f"{axis} {value} is met twice", n_met[value])
    met = set().union(*map(pairs, arms))
    n_pairs = sum(len(a) * len(b) for a, b in itertools.combinations(AXES.values(), 2))
    tally.check(len(met) >= 0.97 * n_pairs, "nearly all pairs of values are met", f"{len(met)} of {n_pairs}")
    return len(met), n_pairs


def check_study(program, tally, simds, place, study):
    path = program.study(f"table{place}", study)
    middle, last = simds[len(simds) // 2], simds[-1]
    surroundings = {
        f"{middle}, 1 thread": [f"--simd {middle} --threads 1"],
        f"{last}, launches of 3": [f"--simd {last} --threads 2 --launch 3"],
        "two halves": [f"--simd {middle} --launch 5 --limit {{half}}", f"--simd {simds[0]} --threads 1 --launch 4"],
    }
    digest, expected = fill(program, path, f"table{place}.db", [f"--simd {simds[0]} --threads 2"], 0)
    for number, (what, commands) in enumerate(surroundings.items()):
        commands = [f"--device cpu {options}" for options in commands]
        found, rows = fill(program, path, f"table{place}-{number}.db", commands, len(expected))
        tally.equal(found, digest, f"{study['design']}: {what}: study digest")
        for arm, numerics_name in sorted({(row["arm"], row["numerics"]) for row in expected}):
            ours, theirs = ([row for row in side if (row["arm"], row["numerics"]) == (arm, numerics_name)]
                            for side in (rows, expected))
            tally.check(ours == theirs, f"{what}: {study['arms'][arm]}, {numerics_name}", first_difference(ours, theirs))
    return expected


def main():
    tally = Tally()
    studies, drawn = table()
    n_met, n_pairs = check_coverage(tally, drawn)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        simds = available(program)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(check_study, program, tally, simds, place, study) for place, study in enumerate(studies)]
            rows = list(itertools.chain(*(job.result() for job in jobs)))
    n_cases = sum(len(study["arms"]) * len(study["numerics"]) for study in studies)
    tally.check(n_cases >= 200, "the table is large", n_cases)
    statuses = collections.Counter(row["status"] for row in rows)
    tally.check(statuses["ok"] > len(rows) / 2 and statuses["saturated"] > 0, "runs are sound, some saturate", statuses)
    steps = {row["steps"] for row in rows}
    tally.check(len(steps) > 8, "runs stop early in many places", sorted(steps))
    digests = {row["digest"] for row in rows}
    tally.check(len(digests) > len(rows) / 2, "the cases differ", f"{len(digests)} digests of {len(rows)} runs")
    print(f"{n_cases} cases, {len(rows)} runs each time, {n_met} of {n_pairs} pairs of values; {dict(statuses)}")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
