#!/usr/bin/env python3
"""Stores that keep sums of their runs: the same whatever the launches, threads and resumes; what they tell is what the
runs themselves tell; what they cannot tell is named.

usage: test_rows_summary.py PROGRAM
"""
import json
import math
import pathlib
import shutil
import sqlite3
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

BOUND = 2.0**-11
NET = {"data": {"set": "iris", "standardize": True, "split": {"train": 0.6, "val": 0.2, "test": 0.2}},
       "model": {"kind": "mlp", "hidden": [4]},
       "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 32, "epochs": 3}}
POLY = {"model": {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01], "start": {"uniform": [-4, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 100}}
STUDIES = {
    "sweep": {**POLY, "arms": {"long": {}, "short": {"train.steps": 20}}, "design": {"kind": "sweep", "seeds": 5000}},
    "grid": {**NET, "design": {"kind": "crossed", "vary": {"order": 6, "init": 9, "split": 4}},
             "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}]},
    "repeated": {**NET, "design": {"kind": "sweep", "seeds": 15},
                 "numerics": [{"path": "serial", "replicates": 3}, {"path": "drawn", "split": 4, "replicates": 4}, {"path": "tree", "split": 4}]},
    "one seed": {**NET, "design": {"kind": "sweep", "seeds": 1}, "numerics": [{"path": "drawn", "split": 4, "replicates": 30}]},
    "nested": {**NET, "design": {"kind": "nested", "vary": {"split": 5, "init": 4, "order": 3}, "replicates": 2}},
    "diverging": {"data": {"set": "linear", "points": 60, "features": 3}, "model": {"kind": "mlp", "hidden": [5]},
                  "train": {"loss": "squared", "optimizer": {"lr": 100}, "batch_size": 16, "steps": 30},
                  "design": {"kind": "crossed", "vary": {"init": 6, "order": 6}}},
    "failing": {**NET, "arms": {"slow": {}, "wild": {"train.optimizer.lr": 1e30}}, "design": {"kind": "sweep", "seeds": 30}},
}
EXACT = ("n", "n_runs", "n_failed", "n_diverged", "failure_rate_low", "mean", "mean_low", "mean_high", "sd_of_runs", "sd", "sd_low",
         "sd_high", "min", "max")
ALSO = ("comparison", "famous_seeds", "howmany", "performance_profile", "predictions", "distribution")


def summed(study):
    return {**study, "record": {**study.get("record", {}), "rows": "summary"}}


def run(program, name, study, *options, code=0):
    program.must("run", program.study(name, study), "--store", f"{name}.db", "--device", "cpu", *options, code=code)
    return f"{name}.db"


def findings(program, store):
    found = program.json("analyze", store)
    for key in ("origin", "machine", "paragraph", "study"):
        found.pop(key)
    return found


def by_subject(rows):
    return {tuple(row.get(key) for key in ("arm", "numerics", "metric", "source")): row for row in rows}


def is_close(found, expected, tolerance):
    return found == expected or (None not in (found, expected) and math.isclose(found, expected, rel_tol=tolerance))


def check_against_rows(tally, name, found, exact):
    for key in ("summary", "components", "expected_best"):
        tally.equal(sorted(map(str, by_subject(found[key]))), sorted(map(str, by_subject(exact[key]))), f"{name}: {key}")
    summaries = by_subject(exact["summary"])
    for subject, row in by_subject(found["summary"]).items():
        expected = summaries[subject]
        for key in EXACT:
            tally.check(is_close(row.get(key), expected.get(key), 1e-11), f"{name}: {key} of {subject}",
                        f"{row.get(key)} is not {expected.get(key)}")
        for quantile, right in zip(row.get("quantiles", []), expected.get("quantiles", [])):
            size = max(abs(right["value"]), abs(expected["max"]), abs(expected["min"]))
            tally.check(abs(quantile["value"] - right["value"]) <= BOUND * size, f"{name}: quantile of {subject}")
    components = by_subject(exact["components"])
    for subject, row in by_subject(found["components"]).items():
        for key in ("variance", "low", "high", "share", "share_low", "bootstrap_low"):
            tally.check(is_close(row.get(key), components[subject].get(key), 1e-11), f"{name}: {key} of {subject}",
                        f"{row.get(key)} is not {components[subject].get(key)}")
    best = by_subject(exact["expected_best"])
    for subject, row in by_subject(found["expected_best"]).items():
        tally.equal(len(row["points"]), len(best[subject]["points"]), f"{name}: sizes of {subject}")
        for point, right in zip(row["points"], best[subject]["points"]):
            size = max(abs(summaries[subject]["max"]), abs(summaries[subject]["min"]))
            for key in ("mean", "plug_in"):
                tally.check(abs(point[key] - right[key]) <= BOUND * size, f"{name}: best of {point['n']} of {subject}",
                            f"{point[key]} and {right[key]}")


def check_study(program, tally, name, study):
    exact = findings(program, run(program, f"{name}-rows", study))
    whole = run(program, f"{name}-whole", summed(study))
    parts = f"{name}-parts"
    run(program, parts, summed(study), "--launch", 7, "--threads", 1, "--limit", 25, code=75)
    run(program, parts, summed(study), "--launch", 13)
    found = findings(program, whole)
    tally.equal(findings(program, f"{parts}.db"), found, f"{name}: findings of parts")
    digests = {program.json("status", store)["study_digest"] for store in (whole, f"{parts}.db")}
    tally.equal(len(digests), 1, f"{name}: study digest of parts")
    tally.equal(program.json("verify", f"{parts}.db")["is_sound"], True, f"{name}: verify")
    tally.equal(sqlite3.connect(program.folder / whole).execute("SELECT count(*) FROM run").fetchone(), (0,), f"{name}: rows")
    tally.equal((found["basis"], exact["basis"]), ("sums of runs", "runs"), f"{name}: basis")
    tally.equal((found["checks"]["n_missing"], found["design"], found["factors"]),
                (0, exact["design"], exact["factors"]), f"{name}: design")
    for key in ALSO:
        tally.check("record.rows: full" in json.dumps(found[key]), f"{name}: {key} is named as missing", found[key])
    check_against_rows(tally, name, found, exact)
    program.must("report", whole, "-o", f"{name}.html")


def check_other_seeds(program, tally):
    """The digest is that of the bits of every run."""
    other = summed({**STUDIES["sweep"], "design": {"kind": "sweep", "seeds": 5000, "first_seed": 1}})
    run(program, "other", other)
    digests = {program.json("status", f"{name}.db")["study_digest"] for name in ("other", "sweep-whole")}
    tally.equal(len(digests), 2, "study digest of other seeds")


def check_failing(program, tally):
    """An arm without a finite loss keeps its summary, in rows and in sums."""
    for store in ("failing-rows.db", "failing-whole.db"):
        losses = [row for row in findings(program, store)["summary"] if (row["arm"], row["metric"]) == ("wild", "test_loss")]
        told = [(row["n"], row["n_failed"], row["n_diverged"], row["mean"], row["reason"]) for row in losses]
        tally.equal(told, [(0, 30, 30, None, "none of its 30 runs has a finite value")], f"{store}: an arm that failed")
        text = program.must("analyze", store, "--metric", "test_loss").stdout
        tally.check("No run of wild has a finite test_loss." in text.replace("\n", " "), f"{store}: the text", text)


def check_incomplete(program, tally):
    run(program, "incomplete", summed(STUDIES["grid"]), "--limit", 100, code=75)
    found = findings(program, "incomplete.db")
    tally.check(found["checks"]["n_missing"] == 548 and found["summary"][0]["n"] == 100, "incomplete: counts", found["checks"])
    tally.check("548" not in found["components"][0]["reason"] and "116 of 216" in found["components"][0]["reason"],
                "incomplete: reason", found["components"][0])
    tally.check(found["components"][0].get("variance") is None, "incomplete: no components")


def check_refusals(program, tally):
    for command in (["export", "grid-whole.db", "--table", "runs"], ["compare", "grid-whole.db", "grid-parts.db"],
                    ["claim", "grid-whole.db", "--value", "0.9"]):
        done = program.call(*command)
        tally.check(done.returncode == 2 and "record.rows: full" in done.stderr, command[0], done.stderr)
    full = {**STUDIES["sweep"], "record": {"rows": "summary", "checkpoints": "log2", "curves": "full"}}
    done = program.call("spec", "check", program.study("curves", full))
    tally.check(done.returncode == 2 and "record.curves is full" in done.stderr, "curves: full", done.stderr)
    arrival = {**summed(NET), "design": {"kind": "sweep", "seeds": 5}, "numerics": [{"path": "arrival", "split": 8}]}
    done = program.call("spec", "check", program.study("arrival", arrival))
    tally.check(done.returncode == 2 and "path arrival" in done.stderr, "path arrival", done.stderr)


def check_damage(program, tally):
    """A changed sum, a lost row and a row too many are found by whoever reads them."""
    for statement in ("UPDATE run_summary SET n_ok=n_ok+1 WHERE launch=2",
                      "UPDATE run_summary SET failed=zeroblob(length(failed)-1) WHERE launch=1",
                      "DELETE FROM run_summary WHERE launch=3",
                      "INSERT INTO run SELECT 1,1,0,0,0,0,0,0,0,0,0,0,0,x'00000000000000000000000000000000'"
                      + ",NULL" * 18):
        shutil.copy(program.folder / "grid-parts.db", program.folder / "damaged.db")
        database = sqlite3.connect(program.folder / "damaged.db")
        database.execute(statement)
        database.commit()
        database.close()
        for command in (["verify", "damaged.db"], ["analyze", "damaged.db"], ["status", "damaged.db"]):
            done = program.call(*command)
            tally.check(done.returncode == 5 and "run" in done.stderr, f"{command[0]} after {statement[:40]}",
                        f"{done.returncode} {done.stderr}")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), pathlib.Path(folder))
        for name, study in STUDIES.items():
            check_study(program, tally, name, study)
        check_failing(program, tally)
        check_other_seeds(program, tally)
        check_incomplete(program, tally)
        check_refusals(program, tally)
        check_damage(program, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
