#!/usr/bin/env python3
"""`seedvar bisect` names the step, the layer and the parameter at which two runs part: where a probe moved one weight of
one seed, where the curves of every step say so, and where a store holds what no training gives. `seedvar replay` trains
the runs of a store again from what the store knows of its study.

usage: test_bisect.py PROGRAM
"""
import pathlib
import shutil
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument
from test_compare_stores import SEED, STEP, change_run
from test_compare_stores import STUDY as CHANGED

DONE, DIFFERENT, USAGE, DEVICE, STORE = 0, 1, 2, 4, 5
SERIAL = {"path": "serial"}
# 4 inputs, 7 units, 3 classes: parameters 0 to 27 and 28 to 34 are of layer 1, 35 to 55 and 56 to 58 of layer 2
STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [7]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 16, "steps": 180},
    "numerics": [SERIAL],
    "design": {"kind": "sweep", "seeds": 20},
    "record": {"checkpoints": "log2", "curves": "full"},
}
# moved parameter, and what it is
MOVED = [(17, (1, "weight", 4, 1)), (30, (1, "bias", 2, None)), (36, (2, "weight", 0, 1)), (57, (2, "bias", 1, None))]


def moved(step, parameter, ulps=1, seed=SEED):
    return {"path": "serial", "probe": {"step": step, "parameter": parameter, "ulps": ulps, "seed": seed}}


def run(program, name, numerics, study=STUDY, *options):
    """A store; the numerics go in by --set, as a store must remember that, too."""
    if not (program.folder / "study.yaml").exists():
        program.study("study", study)
    words = str(numerics).replace("'", "")
    program.must("run", "study.yaml", "--store", name, "--set", f"numerics={words}", *options)
    return name


def check_probe(program, tally):
    plain = run(program, "plain.db", [SERIAL])
    for parameter, place in MOVED:
        store = run(program, f"moved-{parameter}.db", [moved(100, parameter)])
        found = program.json("bisect", plain, store, code=DIFFERENT)
        part, first = found["parting"], found["parting"]["first"]
        tally.equal((found["b"]["run"], found["b"]["seeds"]["init"]), (SEED, SEED), f"{parameter}: the seed")
        tally.equal((part["step"], part["different"], part["parameters"]), (100, 1, 59), f"{parameter}: step")
        tally.equal((first["layer"], first["tensor"], first["out"], first["in"]), place, f"{parameter}: place")
        tally.equal((first["parameter"], first["ulps"]), (parameter, 1), f"{parameter}: parameter")
        bits = [int(first[side]["bits"], 16) for side in "ab"]
        tally.equal(abs(bits[0] - bits[1]), 1, f"{parameter}: one unit in the last place")
        tally.equal((found["a"]["reproduced"], found["b"]["reproduced"]), (True, True), f"{parameter}: both reproduced")
        blocks = program.json("compare", plain, store)["blocks"]
        tally.equal([(b["different"], b["promise"], b["first"]["seeds"]["init"], b["first"]["checkpoint_step"])
                     for b in blocks], [(1, "none", SEED, 128)], f"{parameter}: compare")
    text = program.must("bisect", plain, "moved-17.db", code=DIFFERENT).stdout
    for words in ("equal after step 99", "differ after step 100 of 180", "1 of 59 parameters", "init 7",
                  "layer 1, weight of unit 4 for input 1 (parameter 17), 1 ULP"):
        tally.check(words in text, f"text: {words}", text)
    text = program.must("compare", plain, "moved-17.db").stdout
    tally.check("serial fp32 +1@100:17 of 7 in B: 1 of 20 runs differ" in text, "compare: text", text)


def check_equal(program, tally):
    has_avx512 = "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()
    run(program, "16.db", [SERIAL], STUDY, "--simd", "avx512" if has_avx512 else "plain")
    run(program, "8.db", [SERIAL], STUDY, "--simd", "avx2")
    found = program.json("bisect", "16.db", "8.db")
    tally.equal((found["equal"], found["a"], found["parting"], found["trainings"]), (True, None, None, 0), "lanes")
    tally.check("equal bits in every run" in program.must("bisect", "16.db", "8.db").stdout, "lanes: text")
    found = program.json("bisect", "8.db", "--run", 3, "--against", 3)
    tally.equal((found["equal"], found["a"]["run"]), (True, 3), "a run and itself")


def check_curves(program, tally):
    """Every step is a checkpoint: the store itself says where two of its runs part."""
    study = {**STUDY, "record": {"checkpoints": {"every": 1}, "curves": "full"}, "design": {"kind": "sweep", "seeds": 2},
             "numerics": [SERIAL, {"path": "drawn", "split": 5, "replicates": 3}, moved(0, 2, 3, 1), moved(179, 2, 1, 0),
                          {"path": "tree", "split": 4}]}
    program.must("run", program.study("curves", study), "--store", "curves.db")
    digests = {}
    for row in program.rows("curves.db", "curves"):
        digests.setdefault(int(row["run"]), {})[int(row["step"])] = row["digest"]
    runs = program.rows("curves.db")
    n_parted = 0
    for run_a in runs:
        for run_b in runs:
            if run_a["seed_init"] != run_b["seed_init"] or int(run_a["run"]) >= int(run_b["run"]):
                continue
            a, b = int(run_a["run"]), int(run_b["run"])
            steps = [step for step in sorted(digests[a]) if digests[a][step] != digests[b][step]]
            found = program.json("bisect", "curves.db", "--run", a, "--against", b, code=DIFFERENT if steps else DONE)
            n_parted += bool(steps)
            step = found["parting"]["step"] if found["parting"] else None
            tally.equal(step, steps[0] if steps else None, f"runs {a} and {b}: step")
    tally.check(n_parted > 20, "most of these runs part", n_parted)


def check_long(program, tally):
    study = {**STUDY, "train": {**STUDY["train"], "steps": 3000, "optimizer": {"kind": "adam", "lr": 0.01}},
             "design": {"kind": "sweep", "seeds": 2}, "record": {"checkpoints": "none"}}
    program.study("long", {**study, "numerics": [{**SERIAL, "precision": "fp64"},
                                                 {**moved(2345, 40, 1, 1), "precision": "fp64"}]})
    program.must("run", "long.yaml", "--store", "long.db")
    found = program.json("bisect", "long.db", "--run", 1, "--against", 3, code=DIFFERENT)
    tally.equal((found["parting"]["step"], found["parting"]["first"]["parameter"]), (2345, 40), "3,000 steps of adam")
    tally.equal(len(found["parting"]["first"]["a"]["bits"]), 16, "fp64")
    tally.check(found["trainings"] <= 4, "few trainings", found["trainings"])


def check_damaged(program, tally):
    """A run that the store holds and that no training gives, from step STEP on."""
    program.must("run", program.study("changed", CHANGED), "--store", "right.db")
    shutil.copy(program.folder / "right.db", program.folder / "changed.db")
    number, _ = change_run(program.folder / "changed.db", STEP)
    found = program.json("bisect", "right.db", "changed.db", code=DIFFERENT)
    tally.equal((found["a"]["run"], found["parting"]), (number, None), "changed: which run")
    tally.equal((found["a"]["reproduced"], found["b"]["reproduced"]), (True, False), "changed: which store")
    tally.equal((found["b"]["store_equal_step"], found["b"]["store_different_step"]), (STEP // 2, STEP), "changed: since")
    text = program.must("bisect", "right.db", "changed.db", code=DIFFERENT).stdout
    tally.check(f"others at step {STEP}" in text and "B, trained again" in text, "changed: text", text)
    found = program.json("replay", "changed.db", code=DIFFERENT)
    tally.equal((found["different"], found["first_different"]), (1, number), "changed: replay")
    part = found["parting"]
    tally.equal((part["run"], part["store_equal_step"], part["store_different_step"], part["parting"]),
                (number, STEP // 2, STEP, None), "changed: replay says since which checkpoint")
    text = program.must("replay", "changed.db", "--run", number, code=DIFFERENT).stdout
    tally.check(f"bits up to step {STEP // 2}, others at step {STEP}" in text, "changed: replay's text", text)
    tally.equal(program.json("replay", "right.db")["parting"], None, "right: nothing parts")


def check_replay(program, tally):
    found = program.json("replay", "moved-17.db")
    tally.equal((found["replayed"], found["different"]), (20, 0), "replay: with what --set said")
    beside = program.folder / "data"
    beside.mkdir()
    rows = [f"{i % 5},{i % 7},{'ab'[i % 5 > 2]}" for i in range(60)]
    (beside / "table.csv").write_text("\n".join(["x,y,class", *rows]) + "\n")
    study = {**STUDY, "data": {"set": "csv", "file": "table.csv"}}
    path = program.study("data/table", study)
    program.must("run", path, "--store", "table.db")
    tally.equal(program.json("replay", "table.db", "--folder", "data")["different"], 0, "replay: data elsewhere")
    done = program.call("replay", "table.db")
    tally.check(done.returncode == USAGE and "table.csv" in done.stderr, "replay: no data", done.stderr)
    (beside / "table.csv").write_text("\n".join(["x,y,class", *rows[1:]]) + "\n")
    done = program.call("replay", "table.db", "--folder", "data")
    tally.check(done.returncode == STORE and "the data of arm" in done.stderr, "replay: other data", done.stderr)


def check_refused(program, tally):
    program.must("run", program.study("clusters", {
        "data": {"set": "iris"}, "model": {"kind": "kmeans", "clusters": 3, "start": "random"}, "train": {"max_iterations": 20}, "design": {"kind": "sweep", "seeds": 2}}),
        "--store", "clusters.db")
    program.must("run", program.study("shapes", {
        **STUDY, "arms": {"narrow": {}, "wide": {"model.hidden": [8]}}, "design": {"kind": "sweep", "seeds": 1}}),
        "--store", "shapes.db")
    for words, code, fragment in ((("plain.db",), USAGE, "--run N --against M"),
                                  (("plain.db", "--run", 1), USAGE, "--run N --against M"),
                                  (("plain.db", "--run", 1, "--against", 20), STORE, "no run 20"),
                                  (("plain.db", "shapes.db"), STORE, "different studies"),
                                  (("shapes.db", "--run", 0, "--against", 1), USAGE, "different shapes"),
                                  (("clusters.db", "--run", 0, "--against", 1), DEVICE, "kmeans"),
                                  (("study.yaml", "plain.db"), STORE, "not a store"),
                                  ((), USAGE, "bisect lacks A")):
        done = program.call("bisect", *words)
        tally.equal(done.returncode, code, f"bisect {words}: exit code")
        tally.check(fragment in done.stderr, f"bisect {words}: says {fragment!r}", done.stderr)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for check in (check_probe, check_equal, check_curves, check_long, check_damaged, check_replay, check_refused):
            check(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
