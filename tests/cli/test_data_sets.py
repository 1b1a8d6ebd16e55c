#!/usr/bin/env python3
"""Sets of data from the study file to the store: every set trains, noise and splits do what their keys say.

usage: test_data_sets.py PROGRAM
"""
import collections
import gzip
import struct
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

CLASSIFIER = {"model": {"kind": "mlp", "hidden": [4]},
              "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 1}}
LINE = {"model": {"kind": "linear", "intercept": False}}
SETS = [
    {"set": "circles", "classes": 3, "points": 60},
    {"set": "spirals", "points": 60, "test_points": 20},
    {"set": "blobs", "features": 5, "points": 60},
    {"set": "parity", "points": 60},
    {"set": "modular_addition", "modulus": 7},
    {"set": "modular_addition", "modulus": 11, "points": 60, "test_points": 61},
    {"set": "stroke_digits", "points": 40, "size": 9},
    {"set": "iris", "label_noise": 0.2, "input_noise": 0.1, "standardize": True},
    {"set": "iris", "split": {"train": 0.5, "val": 0.2, "test": 0.3, "replace": True}},
    {"set": "iris", "split": {"train": 0.5, "val": 0.2, "test": 0.3, "replace": True, "test_fixed": True}},
]


def run(program, name, study, *arguments):
    """Trains a study and returns its store and its digest."""
    store = program.folder / f"{name}{'-'.join(arguments)}.db"
    done = program.json("run", program.study(name, study), "--store", store, *arguments)
    return store, done["study_digest"]


def every_set_trains_alike(program, tally):
    for number, data in enumerate(SETS):
        name = f"set-{number}-{data['set']}"
        study = {"data": data, **CLASSIFIER, "design": {"kind": "sweep", "seeds": 12}}
        store, digest = run(program, name, study)
        rows = program.rows(store)
        tally.equal(len({row["digest"] for row in rows}), 12, f"{name}: every seed has its own result")
        tally.equal({row["status"] for row in rows}, {"ok"}, f"{name}: status")
        for how in (["--threads", "3"], ["--simd", "plain"]):
            tally.equal(run(program, name, study, *how)[1], digest, f"{name} with {how}")


def noise_is_a_source(program, tally):
    data = {"set": "iris", "label_noise": 0.3, "split": {"train": 0.5, "val": 0.25, "test": 0.25}}
    study = {"data": data, **CLASSIFIER, "design": {"kind": "crossed", "vary": {"init": 3, "noise": 4}}}
    store, _ = run(program, "noise", study)
    rows = program.rows(store)
    tally.equal(len({row["digest"] for row in rows}), 12, "init and noise seeds all matter")
    tally.equal(sorted({row["seed_noise"] for row in rows}), list("0123"), "noise seeds")
    for key in ("label_noise", "input_noise"):
        study["data"] = {**data, "label_noise": 0, key: 0}
        refused = program.call("plan", program.study(f"silent-{key}", study))
        tally.equal(refused.returncode, 2, f"noise is refused where {key} is 0")
        tally.check("draws from noise" in refused.stderr, "the reason", refused.stderr)
    # untrained networks do not see the noise, and are tested on clean rows
    study["data"], study["train"] = data, {**CLASSIFIER["train"], "epochs": 0}
    rows = program.rows(run(program, "untrained", study)[0])
    by_init = collections.defaultdict(set)
    for row in rows:
        by_init[row["seed_init"]].add((row["test_loss"], row["val_loss"]))
    tally.check(all(len(values) == 1 for values in by_init.values()), "test and validation rows are clean", by_init)
    tally.equal(len({row["train_loss"] for row in rows}), 12, "training rows are noisy")


def drawing_with_replacement_leaves_the_rest_to_test(program, tally):
    """The line fitted to 75 of 100 points, tested on those that were not drawn."""
    data = {"set": "linear", "noise": 0.5, "split": {"train": 0.75, "val": 0, "test": 0.25, "replace": True}}
    study = {"data": data, **LINE, "design": {"kind": "sweep", "seeds": 10, "vary": ["split"]}}
    rows = program.rows(run(program, "line", study)[0])
    r2 = [float(row["r2"]) for row in rows]
    tally.equal(len(set(r2)), 10, "ten splits, ten R2")
    tally.check(all(-1 < value < 1 for value in r2) and max(r2) - min(r2) > 0.01, "R2 differ visibly", r2)
    # predictions: as many rows as were not drawn, another number for each split
    split = {"train": 0.5, "val": 0.2, "test": 0.3, "replace": True}
    study = {"data": {"set": "iris", "split": split}, **CLASSIFIER,
             "design": {"kind": "crossed", "vary": {"init": 5, "split": 7}}}
    rows = program.rows(run(program, "replaced", study)[0], "predictions")
    n_points = collections.Counter(row["seed_split"] for row in rows)
    tally.equal(len(n_points), 7, "a table for each split")
    tally.check(len(set(n_points.values())) > 2 and min(n_points.values()) >= 45, "sizes", n_points)
    tally.equal({row["n_runs"] for row in rows}, {"5"}, "runs of each")
    counts = [sum(int(row[f"count_{c}"]) for c in range(3)) for row in rows]
    tally.equal(set(counts), {5}, "every run predicts every row")


def fixed_test_rows_are_pooled(program, tally):
    split = {"train": 0.5, "val": 0.2, "test": 0.3, "test_fixed": True}
    study = {"data": {"set": "iris", "split": split}, **CLASSIFIER, "design": {"kind": "sweep", "seeds": 20}}
    store, _ = run(program, "fixed", study)
    rows = program.rows(store, "predictions")
    tally.equal(len(rows), 45, "one table of test rows")
    tally.equal({(row["seed_split"], row["n_runs"]) for row in rows}, {("0", "20")}, "for all splits")
    accuracy = [float(row["test_accuracy"]) for row in program.rows(store)]
    n_right = sum(int(row[f"count_{row['label']}"]) for row in rows)
    tally.equal(round(sum(accuracy) * 45), n_right, "the counts are those of the accuracies")
    program.must("verify", store)
    study["data"]["split"] = {"train": 0.7, "test": 0.3, "test_fixed": True}
    study["design"]["vary"] = ["split"]
    refused = program.call("plan", program.study("no-split", study))
    tally.check(refused.returncode == 2 and "draws from split" in refused.stderr,
                "a fixed test set and no validation leave the split nothing to draw", refused.stderr)


def idx_files_are_read(program, tally):
    pixels = bytes(i * 37 % 251 for i in range(60 * 9))
    labels = bytes(i * 7 % 3 for i in range(60))
    images_file = struct.pack(">4I", 0x803, 60, 3, 3) + pixels
    (program.folder / "images.idx").write_bytes(images_file)
    (program.folder / "images.idx.gz").write_bytes(gzip.compress(images_file))
    (program.folder / "labels.idx").write_bytes(struct.pack(">2I", 0x801, 60) + labels)
    digests = set()
    for name in ("images.idx", "images.idx.gz"):
        data = {"set": "idx", "file": name, "target_file": "labels.idx", "standardize": True}
        study = {"data": data, **CLASSIFIER, "design": {"kind": "sweep", "seeds": 3}}
        digests.add(run(program, name.replace(".", "-"), study)[1])
    tally.equal(len(digests), 1, "plain and packed files give the same results")


def arms_share_their_rows(program, tally):
    arms = {"base": {}, "scaled": {"data.standardize": True}, "fixed": {"data.split": {"test_fixed": True}},
            "noisy": {"data.label_noise": 0.5}}
    study = {"data": {"set": "iris"}, **CLASSIFIER, "arms": arms, "design": {"kind": "sweep", "seeds": 4}}
    rows = program.rows(run(program, "arms", study)[0])
    for name, change in arms.items():
        alone = {**study, "arms": {"base": change}}
        digests = [row["digest"] for row in program.rows(run(program, f"alone-{name}", alone)[0])]
        tally.equal([row["digest"] for row in rows if row["arm"] == name], digests, f"arm {name} beside others")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        every_set_trains_alike(program, tally)
        noise_is_a_source(program, tally)
        drawing_with_replacement_leaves_the_rest_to_test(program, tally)
        fixed_test_rows_are_pooled(program, tally)
        idx_files_are_read(program, tally)
        arms_share_their_rows(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
