#!/usr/bin/env python3
"""Distances at checkpoints: they leave the runs as they are, do not depend on launches, threads or SIMD, agree with what
the runs themselves say, and a probe moves exactly one parameter by what it is told.

usage: test_distances.py PROGRAM
"""
import math
import struct
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

IRIS = {"set": "iris", "standardize": True}
NET = {"kind": "mlp", "hidden": [7]}
DRAWN = {"path": "drawn", "split": 4, "replicates": 2}
PROBE = {"path": "serial", "probe": {"step": 4, "parameter": 11}}
WIDE_PROBE = {"precision": "fp64", "probe": {"step": 0, "parameter": 3, "ulps": 5}}


def train(loss, **more):
    return {"loss": loss, "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9}, "batch_size": 16, **more}


CASES = {
    "networks": {
        "data": IRIS, "model": NET, "train": train("cross_entropy", epochs=3),
        "design": {"kind": "sweep", "seeds": 21},
        "numerics": [{"path": "serial", "replicates": 2}, DRAWN, {"path": "tree", "split": 4}, {"path": "fixed"},
                     {"precision": "bf16"}, {"precision": "fp64"}, {**DRAWN, "precision": "fp64"}, PROBE, WIDE_PROBE],
        "record": {"distances": True}},
    "stopping": {
        "data": IRIS, "model": {**NET, "dropout": 0.2},
        "train": {**train("cross_entropy", epochs=12, early_stopping={"patience": 2, "every": 3}),
                  "optimizer": {"kind": "adam", "lr": 0.05}},
        "design": {"kind": "sweep", "seeds": 19}, "numerics": [{"path": "serial"}, DRAWN],
        "record": {"checkpoints": {"every": 10}, "curves": "full", "distances": True}},
    "convolutions": {
        "data": {"set": "blobs", "points": 60, "features": 36}, "train": train("cross_entropy", epochs=3),
        "model": {"kind": "cnn", "hidden": [4], "conv": [{"channels": 5, "pool": "max"}, {"channels": 3}]},
        "design": {"kind": "crossed", "vary": {"init": 3, "order": 4}}, "numerics": [{"path": "serial"}, DRAWN],
        "record": {"checkpoints": [0, 5, 9], "curves": "none", "distances": True}},
    "one-weight": {
        "data": {"set": "linear", "points": 200, "features": 1, "noise": 0.3},
        "model": {"kind": "linear", "fit": "sgd", "intercept": False},
        "train": {**train("squared", steps=40), "optimizer": {"lr": 0.02}},
        "design": {"kind": "sweep", "seeds": 24}, "numerics": [{"path": "serial"}, DRAWN],
        "record": {"checkpoints": "log2", "curves": "full", "distances": True}},
}


def counts(text):
    return [int(n) for n in text.split()]


def run(program, name, study, *arguments):
    store = program.folder / f"{name}.store"
    program.must("run", program.study(name, study), "--store", store, *arguments)
    return store


def table(program, store, name):
    return program.rows(store, name)


def bits_of(value, is_wide):
    return struct.unpack("<q", struct.pack("<d", value))[0] if is_wide else struct.unpack("<i", struct.pack("<f", value))[0]


def check_rows(tally, program, name, store):
    """What holds of every row, and of the last checkpoint against the run."""
    runs = {int(row["run"]): row for row in table(program, store, "runs")}
    rows = table(program, store, "distances")
    last = max(int(row["checkpoint"]) for row in rows)
    tally.equal(len(rows), len(runs) * (last + 1), f"{name}: a row a run and checkpoint")
    n_parameters = {sum(counts(row["ulps"])) for row in rows}
    tally.equal(len(n_parameters), 1, f"{name}: every parameter is counted")
    for row in rows:
        ulps, bits, of_run = counts(row["ulps"]), counts(row["bits"]), runs[int(row["run"])]
        n_different, max_ulp = int(row["n_different"]), int(row["max_ulp"])
        is_right = sum(ulps[1:]) == n_different and max_ulp.bit_length() == len(ulps) - 1
        is_right &= (n_different == 0) == (max_ulp == 0) == (bits == []) and max(bits, default=0) <= n_different
        is_right &= sum(bits) >= n_different and (float(row["distance"]) == 0) == (n_different == 0)
        tally.check(is_right, f"{name}: counts agree", row)
        if int(row["checkpoint"]) == last:
            tally.equal(row["digest"], of_run["digest"], f"{name}: digest at the end")
            tally.equal(row["norm"], of_run["weight_norm"], f"{name}: norm at the end")
        if row["numerics"] == row["reference"]:
            tally.equal(n_different, 0, f"{name}: a deterministic entry equals itself")
    return runs, rows


def check_against_runs(tally, name, runs, rows):
    """Equal digests exactly where nothing differs; the loss difference is that of the two runs."""
    first = {}
    for run_number, of_run in runs.items():
        first.setdefault((of_run["numerics"], of_run["seed_init"], of_run["seed_order"]), of_run)
    last = max(int(row["checkpoint"]) for row in rows)
    for row in rows:
        if int(row["checkpoint"]) != last:
            continue
        of_run = runs[int(row["run"])]
        other = first[row["reference"], of_run["seed_init"], of_run["seed_order"]]
        tally.equal(int(row["n_different"]) == 0, of_run["digest"] == other["digest"], f"{name}: equal digests")
        tally.equal(float(row["loss_difference"]), float(of_run["train_loss"]) - float(other["train_loss"]),
                    f"{name}: loss difference")


def check_one_weight(tally, program, store):
    """The only weight is the norm, but for its sign: distance and ULPs follow."""
    curves = {(c["run"], c["checkpoint"]): c for c in table(program, store, "curves")}
    runs = {row["run"]: row for row in table(program, store, "runs")}
    reference = {row["seed_init"]: row["run"] for row in runs.values() if row["numerics"] == "serial fp32"}
    n_different = 0
    for row in table(program, store, "distances"):
        other = curves[reference[runs[row["run"]]["seed_init"]], row["checkpoint"]]
        a, b = float(row["norm"]), float(other["weight_norm"])
        tally.equal(float(row["distance"]), abs(a - b), "one weight: distance")
        tally.equal(int(row["max_ulp"]), abs(bits_of(a, False) - bits_of(b, False)), "one weight: ULPs")
        pattern = bits_of(a, False) ^ bits_of(b, False)
        tally.equal(counts(row["bits"]), [pattern >> i & 1 for i in range(pattern.bit_length())], "one weight: bits")
        tally.equal(row["churn"], "nan", "one weight: no classes, no churn")
        n_different += a != b
    tally.check(n_different > 20, "one weight: some runs differ", n_different)


def check_probe(tally, rows):
    for row in rows:
        step = int(row["step"])
        if row["numerics"] == "serial fp32 +1@4:11":
            tally.check(int(row["n_different"]) == 0 if step < 4 else True, "probe: nothing before its step", row)
            if step == 4:
                tally.equal((row["max_ulp"], row["n_different"]), ("1", "1"), "probe: one parameter by one ULP")
        if row["numerics"] == "serial fp64 +5@0:3" and step == 0:
            tally.equal((row["max_ulp"], row["n_different"]), ("5", "1"), "probe: five ULPs before the first step")


def check_invariance(tally, program, name, study, rows):
    plain = {key: value for key, value in study.items() if key != "record"}
    store = run(program, f"{name}-bare", {**plain, "record": {"predictions": "none"}})
    columns = ("run", "digest", "train_loss")
    bare = [[row[c] for c in columns] for row in table(program, store, "runs")]
    with_distances = table(program, program.folder / f"{name}.store", "runs")
    tally.equal(bare, [[row[c] for c in columns] for row in with_distances], f"{name}: runs stay what they are")
    for arguments in (["--launch", 5, "--threads", 1], ["--simd", "plain", "--launch", 33, "--threads", 3]):
        store = run(program, f"{name}-{arguments[1]}", study, *arguments)
        tally.equal(table(program, store, "distances"), rows, f"{name}: {arguments}")
        program.must("verify", store)


def check_findings(tally, program, store, rows):
    found = program.json("analyze", store)
    groups = {group["numerics"]: group for group in found["nondeterminism"]["distances"]}
    drawn = groups["drawn/4 fp32"]
    own = [row for row in rows if row["numerics"] == "drawn/4 fp32"]
    for point in drawn["checkpoints"]:
        here = [row for row in own if int(row["step"]) == point["step"]]
        mean = math.fsum(float(row["distance"]) for row in here) / len(here)
        tally.check(math.isclose(point["distance"], mean, rel_tol=1e-11), "findings: mean distance",
                    (point["distance"], mean))
        tally.equal(point["n_different"], sum(row["n_different"] != "0" for row in here), "findings: runs that differ")
        tally.equal(sum(point["ulps"]), sum(sum(counts(row["ulps"])) for row in here), "findings: ULP histogram")
    tally.equal(sum(p["n_first_different"] for p in drawn["checkpoints"]), drawn["n_different"], "findings: firsts")
    tally.equal(groups["serial fp32"]["n_runs"], 21, "findings: replicate 1 alone; replicate 0 is the reference")
    tally.equal(groups["serial fp32"]["n_different"], 0, "findings: serial repeats itself")
    probes = {probe["numerics"] for probe in found["probe"]}
    tally.equal(probes, {"serial fp32 +1@4:11", "serial fp64 +5@0:3"}, "findings: probes")


def check_reseed(tally, program):
    """Where the test rows are those of every seed, churn of a probe stands beside that of another seed."""
    data = {"set": "iris", "split": {"train": 0.4, "val": 0, "test": 0.6, "test_fixed": True}}
    study = {"data": data, "model": NET, "train": train("cross_entropy", epochs=2),
             "design": {"kind": "sweep", "seeds": 30}, "numerics": [{"path": "serial", "replicates": 3}, PROBE],
             "record": {"distances": True}}
    once = {**study, "numerics": [{"path": "serial"}, PROBE]}
    found = [program.json("analyze", run(program, f"reseed-{i}", s))["probe"][0] for i, s in enumerate((study, once))]
    tally.check(found[0]["reseed_churn"] > 0, "reseed: churn of another seed", found[0])
    tally.check(math.isclose(found[0]["reseed_churn"], found[1]["reseed_churn"], rel_tol=1e-9),
                "reseed: equal replicates do not count", found)
    tally.check(found[0]["churn"] < found[0]["reseed_churn"], "reseed: a probe changes less in two epochs", found[0])


def check_damage(tally, program, store):
    import sqlite3
    for statement in ("UPDATE distance SET max_ulp=max_ulp+1 WHERE run=30 AND number=3",
                      "DELETE FROM distance WHERE run=30 AND number=3", "UPDATE distance SET ulps=x'00' WHERE run=9",
                      "INSERT INTO distance SELECT 99999999,run,number,digest,norm_bits,l2_bits,loss_difference_bits,"
                      "churn_bits,max_ulp,ulps,bits FROM distance WHERE run=1 AND number=1"):
        copy = program.folder / "damaged.store"
        copy.write_bytes(store.read_bytes())
        with sqlite3.connect(copy) as database:
            database.execute(statement)
        database.close()
        done = program.call("verify", copy)
        tally.check(done.returncode == 5 and "distance" in done.stdout, f"damage is found: {statement}", done.stdout)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, study in CASES.items():
            store = run(program, name, study)
            runs, rows = check_rows(tally, program, name, store)
            check_against_runs(tally, name, runs, rows)
            check_invariance(tally, program, name, study, rows)
            if name == "networks":
                check_probe(tally, rows)
                check_findings(tally, program, store, rows)
                check_damage(tally, program, store)
            if name == "one-weight":
                check_one_weight(tally, program, store)
        plan = program.must("plan", program.folder / "networks.yaml").stdout
        tally.check("distances from references of 0.0" in plan, "the plan says what references take", plan)
        check_reseed(tally, program)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
