#!/usr/bin/env python3
"""Curves at checkpoints: they leave the runs as they are, a checkpoint is what training so many steps gives, summaries
are those of the single runs whatever the launches, threads, resumes and kills.

usage: test_curves.py PROGRAM
"""
import csv
import fractions
import io
import json
import math
import subprocess
import sys
import tempfile
import time

from seedvar_cli import Program, Tally, program_argument

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
QUANTILE_ERROR = 2.0**-11
IRIS = {"set": "iris", "standardize": True}
NET = {"kind": "mlp", "hidden": [7]}
POLY = {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01], "start": {"uniform": [-4, 2]}}


def train(loss, **more):
    return {"loss": loss, "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9}, "batch_size": 16, **more}


# name -> study, steps of its first arm
CASES = {
    "networks": ({
        "data": IRIS, "model": NET, "train": train("cross_entropy", epochs=3),
        "arms": {"base": {}, "short": {"train.epochs": 1, "model.activation": "tanh"}},
        "design": {"kind": "sweep", "seeds": 37},
        "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}, {"precision": "fp64"}],
        "record": {"checkpoints": "log2", "predictions": "none"}}, [0, 1, 2, 4, 8, 16, 18]),
    "diverging": ({
        "data": {"set": "linear", "points": 60, "features": 3}, "model": {"kind": "mlp", "hidden": [5]},
        "train": {**train("squared", steps=30), "optimizer": {"lr": 100}}, "design": {"kind": "sweep", "seeds": 21},
        "record": {"checkpoints": {"every": 7}}}, [0, 7, 14, 21, 28, 30]),
    "epochs": ({
        "data": IRIS, "model": NET, "train": train("cross_entropy", epochs=5),
        "design": {"kind": "crossed", "vary": {"init": 3, "order": 4}},
        "record": {"checkpoints": {"every_epochs": 2}, "predictions": "none"}}, [0, 12, 24, 30]),
    "descents": ({
        "model": POLY, "train": {"optimizer": {"lr": 0.01}, "steps": 100}, "design": {"kind": "sweep", "seeds": 3000},
        "numerics": [{"precision": "fp32"}, {"precision": "fp64"}],
        "record": {"checkpoints": [0, 3, 10, 100]}}, [0, 3, 10, 100]),
    "stopping": ({
        "data": IRIS, "model": {**NET, "dropout": 0.2, "activation": "gelu"},
        "train": {**train("cross_entropy", epochs=12, early_stopping={"patience": 2, "every": 3}),
                  "optimizer": {"kind": "adam", "lr": 0.05}},
        "design": {"kind": "sweep", "seeds": 33}, "numerics": [{"path": "serial"}, {"precision": "bf16"}],
        "record": {"checkpoints": {"every": 10}, "predictions": "none"}}, [0, 10, 20, 30, 40, 50, 60, 70, 72]),
    "convolutions": ({
        "data": {"set": "blobs", "points": 60, "features": 36}, "train": train("cross_entropy", epochs=3),
        "model": {"kind": "cnn", "hidden": [4], "conv": [{"channels": 5, "pool": "max"}, {"channels": 3}]},
        "design": {"kind": "sweep", "seeds": 21}, "numerics": [{"path": "serial"}, {"path": "tree", "split": 4}],
        "record": {"checkpoints": "log2", "predictions": "none"}}, [0, 1, 2, 4, 8, 9]),
    "closed form": ({
        "data": {"set": "linear", "points": 60, "features": 3}, "model": {"kind": "linear"},
        "design": {"kind": "sweep", "seeds": 20}, "record": {"checkpoints": "log2"}}, [0]),
}


def with_record(study, **record):
    return {**study, "record": {**study["record"], **record}}


def run(program, name, study, *options):
    """Runs a study of its own store; returns the store and the study digest."""
    store = f"{name}.db"
    path = program.study(name, study)
    return store, program.json("run", path, "--store", store, "--device", "cpu", *options)["study_digest"]


def curves(program, store):
    return program.must("export", store, "--table", "curves").stdout


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


RESULT_COLUMNS = {"run", "arm", "numerics", "checkpoint", "step"}


def result(row):
    """Status, digest and metrics of a row of runs or of full curves."""
    return {name: value for name, value in row.items()
            if value != "" and name not in RESULT_COLUMNS and name != "replicate" and not name.startswith("seed_")}


def check_runs(program, tally, name, study, steps):
    """Full curves against the runs themselves, and against runs that end at a checkpoint."""
    bare = {key: value for key, value in study.items() if key != "record"}
    _, expected = run(program, f"{name}-bare", bare)
    store, digest = run(program, f"{name}-full", with_record(study, curves="full"))
    tally.equal(digest, expected, f"{name}: checkpoints change no run")
    rows = read(curves(program, store))
    runs = {row["run"]: row for row in program.rows(store)}
    arm = next(iter(study.get("arms", {"base": {}})))
    found = [int(row["step"]) for row in program.rows(store, "checkpoints") if row["arm"] == arm]
    tally.equal(found, steps, f"{name}: the steps of the first arm")
    last = {row["run"]: row for row in rows}
    tally.equal(len(last), len(runs), f"{name}: every run has a curve")
    wrong = [number for number, row in last.items() if result(row) != result(runs[number])]
    tally.check(not wrong, f"{name}: the last checkpoint is the end", wrong[:3])
    if "train" in study and "early_stopping" not in study["train"]:
        check_ends(program, tally, name, bare, [row for row in rows if row["arm"] == arm], runs, steps)
    return rows


def check_stopping(tally, name, rows):
    """A run that has stopped stays what it is; until then every checkpoint is another."""
    runs = {}
    for row in rows:
        runs.setdefault(row["run"], []).append(row)
    ends = {int(points[-1]["steps"]) for points in runs.values()}
    tally.check(len(ends) > 3, f"{name}: runs stop at different steps", ends)
    for points in runs.values():
        end, last = int(points[-1]["steps"]), result(points[-1])
        for row in points:
            step, found = int(row["step"]), result(row)
            tally.check((found == last) == (step >= end), f"{name}: run {row['run']}, step {step} of {end}")
            tally.check(step >= end or int(row["steps"]) == step, f"{name}: run {row['run']}: steps at {step}")


def check_ends(program, tally, name, bare, rows, runs, steps):
    training = {key: value for key, value in bare["train"].items() if key not in ("epochs", "steps")}
    for step in steps[:-1]:
        short = {key: value for key, value in bare.items() if key != "arms"}
        short["train"] = {**training, "steps": step}
        store, _ = run(program, f"{name}-{step}", short)
        ends = {identity(row): result(row) for row in program.rows(store)}
        at = [row for row in rows if int(row["step"]) == step]
        wrong = [row["run"] for row in at if result(row) != ends[identity(runs[row["run"]])]]
        tally.check(len(at) == len(ends) and not wrong, f"{name}: step {step} is what {step} steps give", wrong[:3])


def identity(row):
    return tuple(value for name, value in row.items()
                 if name in ("numerics", "replicate") or name.startswith("seed_"))


# ---- summaries ----

def exact_sd(values, mean):
    """In whole numbers, rounded once by the square root."""
    square = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    shift = 2 * max(0, 120 + square.denominator.bit_length() - square.numerator.bit_length())
    return fractions.Fraction(math.isqrt((square.numerator << shift) // square.denominator), 1 << shift // 2)


def is_near(found, exact, error):
    return abs(fractions.Fraction(found) - exact) <= error * abs(exact)


def check_quantiles(tally, what, row, values):
    values = sorted(values)
    for p in QUANTILES:
        place = p * (len(values) - 1)
        below = min(int(place), len(values) - 1)
        above = min(below + 1, len(values) - 1)
        exact = values[below] + (place - int(place)) * (values[above] - values[below])
        bound = QUANTILE_ERROR * max(abs(values[below]), abs(values[above])) * (1 + 1e-9)
        tally.check(abs(float(row[f"q{p:g}"]) - exact) <= bound, f"{what}: quantile {p}", (row, exact))


def check_summary_row(tally, name, row, group):
    what = f"{name}: {row['arm']}, {row['numerics']}, step {row['step']}, {row['metric']}"
    values = [float(other[row["metric"]]) for other in group if other[row["metric"]] != ""]
    finite = [value for value in values if math.isfinite(value)]
    tally.equal(int(row["n_runs"]), len(group), f"{what}: n_runs")
    tally.equal(int(row["n"]), len(finite), f"{what}: n")
    tally.equal(int(row["n_diverged"]), sum(other["status"] == "diverged" for other in group), f"{what}: n_diverged")
    if not finite:
        tally.equal((row["mean"], row["min"], row["q0.5"]), ("", "", ""), f"{what}: nothing finite")
        return
    exact = [fractions.Fraction(value) for value in finite]
    mean = sum(exact) / len(exact)
    tally.check(is_near(float(row["mean"]), mean, 3e-16), f"{what}: mean", (row["mean"], float(mean)))
    tally.equal((float(row["min"]), float(row["max"])), (min(finite), max(finite)), f"{what}: extremes")
    if len(finite) > 1:
        sd = exact_sd(exact, mean)
        tally.check(is_near(float(row["sd"]), sd, 4e-16), f"{what}: SD", (row["sd"], float(sd)))
    check_quantiles(tally, what, row, finite)


def check_summary(program, tally, name, study, full_rows):
    store, _ = run(program, f"{name}-summary", with_record(study, curves="summary"))
    text = curves(program, store)
    groups = {}
    for row in full_rows:
        groups.setdefault((row["arm"], row["numerics"], row["checkpoint"], row["step"]), []).append(row)
    rows = read(text)
    seen = {(row["arm"], row["numerics"], row["checkpoint"], row["step"]) for row in rows}
    tally.equal(seen, set(groups), f"{name}: a summary for every checkpoint")
    for row in rows:
        check_summary_row(tally, name, row, groups[row["arm"], row["numerics"], row["checkpoint"], row["step"]])
    findings = [program.json("analyze", f"{name}-{curve}.db")["curves"] for curve in ("summary", "full")]
    tally.equal(len(findings[0]), len(rows), f"{name}: findings of every summary")
    tally.check(findings[0] == findings[1], f"{name}: the findings of both kinds of store")
    table = program.must("analyze", store).stdout.partition("in the course of training")[2].partition("\n\n")[0]
    tally.check("5%" in table, f"{name}: the report's table", table)
    tally.equal("diverged" in table, any(row["status"] == "diverged" for row in full_rows),
                f"{name}: diverged runs beside the curves")
    return text


# ---- surroundings ----

SURROUNDINGS = {
    "1 thread, launches of 1": [["--threads", "1", "--launch", "1"]],
    "2 threads, launches of 7": [["--threads", "2", "--launch", "7"]],
    "plain, one launch": [["--simd", "plain", "--launch", "100000"]],
    "three parts": [["--limit", "11", "--launch", "2"], ["--limit", "5"], ["--launch", "5"]],
}


def check_surroundings(program, tally, name, study, expected):
    for kind in ("summary", "full"):
        path = program.study(f"{name}-{kind}", with_record(study, curves=kind))
        texts = [] if kind == "full" else [expected]
        for number, (what, commands) in enumerate(SURROUNDINGS.items()):
            store = f"{name}-{kind}-{number}.db"
            for i, options in enumerate(commands):
                program.must("run", path, "--store", store, "--device", "cpu", *options,
                             code=0 if i == len(commands) - 1 else 75)
            texts.append(curves(program, store))
            tally.check(texts[-1] == texts[0], f"{name}: curves {kind}: {what}")
            tally.equal(program.call("verify", store).returncode, 0, f"{name}: {what}: verify")


def check_kills(program, tally, name, study, expected):
    """Killed again and again, and gone on with; the first three times in a quarter of what the whole takes."""
    path = program.study(f"{name}-killed", with_record(study, curves="summary"))
    store = program.folder / f"{name}-killed.db"
    arguments = ["run", path, "--device", "cpu", "--launch", "1", "--store"]
    started_s = time.monotonic()
    program.must(*arguments, f"{name}-undisturbed.db")
    whole_s = time.monotonic() - started_s
    command = [program.path, *arguments, store]
    n_kills = 0
    for i in range(12):
        running = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole_s * (1 + i) / 24)
        running.kill()
        n_kills += running.wait() == -9
    tally.check(n_kills > 2, f"{name}: some were killed", n_kills)
    program.must("run", path, "--store", store, "--device", "cpu")
    tally.check(curves(program, store) == expected, f"{name}: summary after {n_kills} kills")
    tally.equal(program.call("verify", store).returncode, 0, f"{name}: verify after kills")


def check_refusals(program, tally):
    study = CASES["networks"][0]
    for record, code, fragment in [
            ({"checkpoints": {"every": 1}, "curves": "summary"}, 0, ""),
            ({"checkpoints": [0, 19], "curves": "summary"}, 2, "names step 19, but the arm takes 18 steps"),
            ({"checkpoints": "none", "curves": "full"}, 2, "record.checkpoints is none")]:
        path = program.study("refusal", with_record(study, **record))
        done = program.call("plan", path)
        tally.check(done.returncode == code and fragment in done.stderr, f"plan of {json.dumps(record)}", done.stderr)
    path = program.study("refusal", with_record({**study, "train": train("cross_entropy", epochs=100)},
                                                checkpoints={"every": 2}))
    done = program.call("run", path, "--store", "refusal.db")
    tally.check(done.returncode == 2 and "301 checkpoints in 600 steps" in done.stderr, "too many", done.stderr)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, (study, steps) in CASES.items():
            slug = name.replace(" ", "-")
            rows = check_runs(program, tally, slug, study, steps)
            text = check_summary(program, tally, slug, study, rows)
            if name in ("networks", "diverging"):
                check_surroundings(program, tally, slug, study, text)
            if name == "networks":
                check_kills(program, tally, slug, study, text)
            if name == "stopping":
                check_stopping(tally, slug, rows)
            if name == "diverging":
                tally.check(any(row["status"] == "diverged" for row in rows) and
                            any(row["status"] == "ok" for row in rows), "some have diverged on the way")
        check_refusals(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
