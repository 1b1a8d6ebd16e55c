#!/usr/bin/env python3
"""The arithmetic contract: tests/oracle/contract, written from docs/numerics.md alone, must give the bits of every run.

usage: test_contract.py PROGRAM [CASE...]   (a whole number as a CASE: the study drawn at random from that seed)
"""
import collections
import pathlib
import struct
import sys
import tempfile
import time

from contract_cases import CASES, FILES, RANDOM_SEEDS
from seedvar_cli import Program, Tally, program_argument

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle" / "contract"))
from datasets import POINTS  # noqa: E402
from random_studies import random_study  # noqa: E402
from studies import Run, arm_config, predict  # noqa: E402

KEYS = ("run", "arm", "numerics", "replicate", "status", "digest")  # and the seeds: what is no metric


def bits(number):
    return struct.pack("<d", number)


def check_run(tally, name, row, run):
    where = f"{name}: run {row['run']} ({row['arm']}, {row['numerics']}, replicate {row['replicate']})"
    tally.equal(row["digest"], run.digest, f"{where} digest")
    tally.equal(row["status"], run.status, f"{where} status")
    stored = {k: v for k, v in row.items() if k not in KEYS and not k.startswith("seed_") and v != ""}
    tally.equal(sorted(stored), sorted(run.metrics), f"{where} names of metrics")
    for metric in stored.keys() & run.metrics.keys():
        expected = float(run.metrics[metric])
        is_equal = stored[metric] == "nan" if expected != expected else bits(float(stored[metric])) == bits(expected)
        tally.check(is_equal, f"{where} {metric}", f"{stored[metric]}, not {expected!r}")


def check_predictions(tally, name, study, rows, groups):
    """How often each test row got each class, over the runs that share a set of test points."""
    counted, expected = collections.defaultdict(dict), collections.defaultdict(collections.Counter)
    for row in rows:
        for key in (k for k in row if k.startswith("count_") and row[k] not in ("", "0")):
            place = int(row["row"]), int(row["label"]), int(key.removeprefix("count_"))
            counted[row["arm"], row["numerics"], row["seed_split"], row["seed_data"]][place] = int(row[key])
    for arm, pairs in groups.items():
        is_drawn = arm_config(study, arm)["data"].get("set") in POINTS
        for row, run in pairs:
            points = tuple(prediction[:2] for prediction in run.predictions)
            expected[arm, row["numerics"], points, run.seeds["data"] if is_drawn else 0].update(run.predictions)
    # the program keeps no counts of a single run
    shared = [(*key[:2], sorted(own.items())) for key, own in expected.items() if own.total() > len(key[2])]
    found = [(*key[:2], sorted(own.items())) for key, own in counted.items()]
    tally.equal(sorted(found) == sorted(shared), True, f"{name}: predictions of {len(shared)} sets of test points")


def check_case(program, tally, name, study):
    started_s = time.monotonic()
    program.must("run", program.study(name, study), "--store", f"{name}.db", "--device", "cpu")
    store = f"{name}.db"
    names = [row["name"] for row in program.rows(store, "numerics")]
    numerics = dict(zip(names, study.get("numerics", [{}]), strict=True))
    groups = collections.defaultdict(list)
    for row in program.rows(store):
        seeds = {k.removeprefix("seed_"): int(v) for k, v in row.items() if k.startswith("seed_")}
        groups[row["arm"]].append((row, Run(seeds, int(row["replicate"]), numerics[row["numerics"]])))
    for arm, pairs in groups.items():
        predict(study, arm, [run for _, run in pairs], program.folder)
        for row, run in pairs:
            check_run(tally, name, row, run)
    check_predictions(tally, name, study, program.rows(store, "predictions"), groups)
    n_runs = sum(map(len, groups.values()))
    print(f"{name}: {n_runs} runs in {time.monotonic() - started_s:.1f} s", flush=True)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, rows in FILES.items():
            program.folder.joinpath(name).write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
        for name in sys.argv[2:] or [*CASES, *map(str, RANDOM_SEEDS)]:
            check_case(program, tally, name, random_study(int(name)) if name.isdigit() else CASES[name])
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
