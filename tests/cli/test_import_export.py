#!/usr/bin/env python3
"""A store's exported runs, imported again, give the findings of the store; Python's own mean and SD agree with both.

usage: test_import_export.py PROGRAM
"""
import csv
import json
import math
import resource
import statistics
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

TRAIN = {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 4}
IRIS = {"set": "iris", "standardize": True}
STUDIES = {
    "crossed": {"data": IRIS, "model": {"kind": "mlp", "hidden": [5]}, "train": TRAIN,
                "arms": {"base": {}, "big": {"model.hidden": [20]}},
                "design": {"kind": "crossed", "vary": {"init": 6, "order": 5}},
                "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}]},
    "sweep": {"data": {"set": "moons"}, "model": {"kind": "mlp", "hidden": [4], "activation": "tanh"},
              "train": {**TRAIN, "loss": "logistic"}, "arms": {"slow-steady": {"train.optimizer.lr": 0.01}, "fast": {}},
              "design": {"kind": "sweep", "seeds": 40, "first_seed": 7}},
    "split": {"data": IRIS, "model": {"kind": "mlp", "hidden": []}, "train": TRAIN,
              "design": {"kind": "crossed", "vary": {"init": 4, "order": 3, "split": 5}}},
    "nested": {"data": IRIS, "model": {"kind": "mlp", "hidden": [3]}, "train": TRAIN,
               "arms": {"base": {}, "big": {"model.hidden": [9]}},
               "design": {"kind": "nested", "vary": {"split": 4, "order": 3, "init": 2}, "replicates": 2}},
    "one-at-a-time": {"data": IRIS, "model": {"kind": "mlp", "hidden": [3]}, "train": TRAIN,
                      "arms": {"base": {}, "big": {"model.hidden": [9]}},
                      "design": {"kind": "one-at-a-time", "vary": {"init": 4, "order": 3, "split": 3}, "bases": 9}},
    "pick-freeze": {"data": IRIS, "model": {"kind": "mlp", "hidden": [3]}, "train": TRAIN,
                    "arms": {"base": {}, "big": {"model.hidden": [9]}}, "design": {"kind": "pick-freeze", "rows": 16}},
    "diverging": {"data": {"set": "linear", "points": 50, "features": 3}, "model": {"kind": "linear", "fit": "sgd"},
                  "train": {"optimizer": {"lr": 1.4}, "batch_size": 5, "epochs": 30},
                  "design": {"kind": "sweep", "seeds": 60},
                  "numerics": [{"precision": "fp64"}, {"precision": "fp32"}]},
    "polynomial": {"model": {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01],
                             "start": {"uniform": [-4, 2]}},
                   "train": {"optimizer": {"lr": 0.01}, "steps": 100}, "design": {"kind": "sweep", "seeds": 300}},
}
# What a table of runs cannot tell: where it came from, what trained it and in what time, how many runs were asked for.
UNKNOWN = {"study", "origin", "machine", "n_missing", "paragraph", "predictions", "distribution", "seconds_per_run",
           "time_ratio"}


def without_unknown(findings):
    if isinstance(findings, dict):
        return {key: without_unknown(value) for key, value in findings.items() if key not in UNKNOWN}
    return [without_unknown(entry) for entry in findings] if isinstance(findings, list) else findings


def difference(a, b, place=""):
    """Where two findings differ first, or an empty text."""
    if isinstance(a, dict) and isinstance(b, dict):
        pairs = [(f".{key}", a.get(key), b.get(key)) for key in {**a, **b}]
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        pairs = [(f"[{i}]", x, y) for i, (x, y) in enumerate(zip(a, b))]
    else:
        return "" if a == b else f"{place}: {str(a)[:200]} is not {str(b)[:200]}"
    return next(filter(None, (difference(x, y, place + step) for step, x, y in pairs)), "")


def check_round_trip(program, tally, name, study):
    """Numbers are exported with 17 significant digits: the findings are equal to their last digit."""
    program.must("run", program.study(name, study), "--store", f"{name}.db")
    program.must("export", f"{name}.db", "-o", f"{name}.csv")
    for metric in ([], ["--metric", "weight_norm"]):
        stored = program.json("analyze", f"{name}.db", *metric)
        imported = program.json("import", f"{name}.csv", *metric)
        tally.check(stored["summary"], f"{name}: there is a summary")
        for part in ("summary", "components", "indices", "comparison"):
            found = difference(imported[part], stored[part])
            tally.check(not found, f"{name}: {part} of the import {metric}", found)
        found = difference(without_unknown(imported), without_unknown(stored))
        tally.check(not found, f"{name}: everything else of the import {metric}", found)
    return stored


def finite(rows, metric):
    values = [float(row[metric]) for row in rows if row["status"] == "ok" and row[metric] != ""]
    return [value for value in values if math.isfinite(value)]


def printed(value):
    """As findings have it."""
    return float(f"{value:.12g}")


def is_close(a, b):
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)


def check_against_python(program, tally, name, findings):
    rows = program.rows(f"{name}.db")
    for entry in findings["summary"]:
        mine = [row for row in rows if (row["arm"], row["numerics"]) == (entry["arm"], entry["numerics"])]
        values = finite(mine, entry["metric"])
        what = f"{name}: {entry['arm']}, {entry['numerics']}, {entry['metric']}"
        tally.equal(entry["n_runs"], len(mine), f"{what}: runs")
        tally.equal(entry["n_diverged"], sum(row["status"] == "diverged" for row in mine), f"{what}: diverged runs")
        tally.equal(entry["n"], len(values), f"{what}: values")
        tally.check(is_close(entry["mean"], statistics.fmean(values)), f"{what}: mean", (entry["mean"], len(values)))
        tally.check(is_close(entry["sd_of_runs"], statistics.stdev(values)), f"{what}: SD",
                    (entry["sd_of_runs"], statistics.stdev(values)))
        if not entry["shares_seeds"]:
            tally.equal(entry["sd"], entry["sd_of_runs"], f"{what}: independent runs have one SD")
        elif entry["sd_low"] is not None:
            tally.check(entry["sd_low"] <= entry["sd"] <= entry["sd_high"], f"{what}: the SD is in its interval", entry)
        tally.equal((entry["min"], entry["max"]), (printed(min(values)), printed(max(values))), f"{what}: extremes")


def check_fewer_columns(program, tally):
    """`seed` in place of seven columns, and nothing but one metric: the same numbers."""
    rows = program.rows("sweep.db")
    with open(program.folder / "plain.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["seed", "arm", "test_accuracy"])
        writer.writerows([row["seed_init"], row["arm"], row["test_accuracy"]] for row in rows)
    keys = ("arm", "n", "mean", "sd", "sd_low", "sd_high", "quantiles")
    stored = [entry for entry in program.json("analyze", "sweep.db")["summary"] if entry["metric"] == "test_accuracy"]
    found = program.json("import", "plain.csv")["summary"]
    tally.equal([{key: entry[key] for key in keys} for entry in found],
                [{key: entry[key] for key in keys} for entry in stored], "fewer columns: summary")


def check_formats(program, tally):
    """CSV and JSON lines hold the same values."""
    for table in ("runs", "arms", "numerics", "launches", "machines", "predictions"):
        rows = program.rows("crossed.db", table)
        lines = program.must("export", "crossed.db", "--table", table, "--format", "jsonl").stdout.splitlines()
        tally.check(rows and len(rows) == len(lines), f"{table}: as many rows as lines", (len(rows), len(lines)))
        for row, line in zip(rows, map(json.loads, lines)):
            is_same = list(row) == list(line) and all(
                row[key] == value if isinstance(value, str) else float(row[key]) == value
                for key, value in line.items())
            if not tally.check(is_same, f"{table}: a row and its line", (row, line)):
                break


def check_many_runs(program, tally):
    """One run more than an import holds: refused where it stands, with less than a gigabyte held."""
    n = 2_000_000
    with open(program.folder / "many.csv", "w") as file:
        file.write("seed,score\n")
        file.writelines(f"{i},{i % 1000}\n" for i in range(n + 1))
    done = program.call("import", "many.csv")
    tally.equal(done.returncode, 2, "many runs: exit code")
    tally.check(f"many.csv:{n + 2}:1: more than {n} runs" in done.stderr, "many runs: message", done.stderr)
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tally.check(held < 1 << 20, "many runs: memory, KiB", held)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, study in STUDIES.items():
            findings = check_round_trip(program, tally, name, study)
            check_against_python(program, tally, name, findings)
        check_fewer_columns(program, tally)
        check_formats(program, tally)
        check_many_runs(program, tally)
        n_diverged = sum(row["status"] == "diverged" for row in program.rows("diverging.db"))
        tally.check(0 < n_diverged < 120, "diverging: some runs diverge and some do not", n_diverged)
    print(f"{len(STUDIES)} studies exported and imported")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
