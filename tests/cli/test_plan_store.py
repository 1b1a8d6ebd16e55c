#!/usr/bin/env python3
"""The size of the store that `plan` names, beside that of the store that `run` writes.

usage: test_plan_store.py PROGRAM
"""
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

IRIS, DIGITS = {"set": "iris", "standardize": True}, {"set": "digits", "standardize": True}
BASE = {"data": IRIS, "model": {"kind": "mlp", "hidden": [8]},
        "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2}}
SWEEP = {"kind": "sweep", "seeds": 2000}
NO_COUNTS = {"predictions": "none"}
# What fills a store in turn.
STUDIES = {
    "runs": {**BASE, "design": SWEEP, "record": NO_COUNTS},
    "few": {**BASE, "design": {"kind": "sweep", "seeds": 9}, "record": NO_COUNTS},
    "poly": {"model": {"kind": "poly", "coefficients": [3, -1, 2.5], "start": {"uniform": [-4, 2]}},
             "train": {"optimizer": {"lr": 0.01}, "steps": 10}, "design": {"kind": "sweep", "seeds": 20000}},
    "kmeans": {"data": {"set": "iris"}, "model": {"kind": "kmeans", "clusters": 3, "start": "random"},
               "train": {"max_iterations": 9}, "design": SWEEP},
    "splits-first": {**BASE, "data": DIGITS, "design": {"kind": "crossed", "vary": {"split": 8, "init": 12}},
                     "record": {"predictions": "counts"}},
    "splits-last": {**BASE, "data": DIGITS, "design": {"kind": "crossed", "vary": {"init": 12, "split": 8}},
                    "record": {"predictions": "counts"}},
    "curves": {**BASE, "design": {"kind": "sweep", "seeds": 300}, "record": {**NO_COUNTS, "checkpoints": "log2", "curves": "full"}},
    "distances": {**BASE, "design": {"kind": "sweep", "seeds": 300},
                  "numerics": [{"path": "serial"}, {"path": "drawn", "split": 8, "replicates": 2}, {"path": "serial", "precision": "bf16"}],
                  "record": {**NO_COUNTS, "checkpoints": "log2", "distances": True}},
}
FACTOR = 1.5


def check_sizes(program, tally):
    for name, study in STUDIES.items():
        program.study(name, study)
        for launch in (0, 17):
            options, store = (f"--launch={launch}",) if launch else (), f"{name}-{launch}.db"
            planned = program.json("plan", f"{name}.yaml", *options)["store_bytes"]
            program.must("run", f"{name}.yaml", "--store", store, *options)
            ratio = (program.folder / store).stat().st_size / planned
            tally.check(1 / FACTOR < ratio < FACTOR, f"{name}, launches of {launch or 'any size'}: the store, of what was planned", ratio)


def check_words(program, tally):
    hint = "record: {rows: summary} keeps sums"
    small, large = (program.must("plan", "runs.yaml", "--set", f"design.seeds={n}").stdout for n in (2000, 10**9))
    tally.check("\n  store     about 1 MB\n" in small and hint not in small, "a small store", small)
    tally.check("\n  store     about 1" in large and f" GB; {hint}" in large, "a large store", large)
    program.study("sums", {**BASE, "design": SWEEP, "record": {**NO_COUNTS, "rows": "summary"}})
    tally.equal(program.json("plan", "sums.yaml")["store_bytes"], None, "of sums the size is not known")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        check_sizes(program, tally)
        check_words(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
