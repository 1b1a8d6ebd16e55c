#!/usr/bin/env python3
"""`seedvar replay`: runs of a store trained again have the same bits; those on path arrival in the orders that an emulated
GPU logged, on any instruction set, while the atomic paths cannot be repeated.

usage: test_replay.py PROGRAM (with the emulated GPU)
"""
import os
import sqlite3
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument
from test_compare_stores import seal

STUDY = {
    "data": {"set": "blobs", "points": 61, "features": 5, "classes": 3, "noise": 0.9,
             "split": {"train": 0.7, "val": 0.1, "test": 0.2}},
    "model": {"kind": "mlp", "hidden": [9]},
    "train": {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9}, "batch_size": 13,
              "steps": 12},
    "design": {"kind": "sweep", "seeds": 2},
}
ARRIVAL = [{"path": "arrival", "split": 8, "replicates": 4}, {"path": "arrival", "split": 5, "precision": "fp64"},
           {"path": "serial"}]


def refuses(tally, program, fragment, code, *arguments):
    done = program.call(*arguments)
    tally.check(done.returncode == code and fragment in done.stderr, f"{arguments}: {fragment}", done.stderr)


def check_partings(program, tally):
    """A digest of the store that no device comes to: the CPU stands by the GPU; and distances say since when."""
    record = {"checkpoints": [2, 5, 12], "distances": True, "curves": "none"}
    program.must("run", program.study("watched", {**STUDY, "record": record}), "--store", "watched.db")
    tally.equal(program.json("replay", "watched.db", "--device", "cuda:0")["parting"], None, "equal on the GPU")
    with sqlite3.connect(program.folder / "watched.db") as database:
        right = seal(database)
        [(digest,)] = database.execute("SELECT digest FROM run WHERE run = 1")
        other = bytes([digest[0] ^ 1]) + digest[1:]
        database.execute("UPDATE run SET digest = ? WHERE run = 1", (other,))
        database.execute("UPDATE distance SET digest = ? WHERE run = 1 AND number > 0", (other,))
        seal(database)
    database.close()
    tally.check(right, "checksums are the program's")
    for device in ("cpu", "cuda:0"):
        found = program.json("replay", "watched.db", "--device", device, code=1)
        part = found["parting"]
        tally.equal((found["first_different"], part["checkpoints"]), (1, 2), device)
        tally.equal((part["store_equal_step"], part["store_different_step"]), (2, 5), f"{device}: since when")
        tally.equal((part["cpu_reproduced"], part["parting"]), (None if device == "cpu" else False, None), f"{device}: CPU")
    text = program.must("replay", "watched.db", "--device", "cuda:0", code=1).stdout
    tally.check("The CPU and cuda:0 are equal after all 12 steps" in text, "text", text)
    found = program.json("replay", "atomic.db", "--device", "cuda:0", code=1)["parting"]
    tally.equal((found["checkpoints"], found["cpu_reproduced"]), (0, None), "a path that no CPU has")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        arrival = program.study("arrival", {**STUDY, "numerics": ARRIVAL})
        atomic = program.study("atomic", {**STUDY, "numerics": [{"path": "atomic-shared", "split": 8}]})
        drawn = program.study("drawn", {**STUDY, "numerics": [{"path": "drawn", "split": 8, "replicates": 3}]})
        os.environ["SEEDVAR_EMULATOR"] = "seed=5"
        program.must("run", arrival, "--store", "arrival.db", "--device", "cuda:0")
        program.must("run", atomic, "--store", "atomic.db", "--device", "cuda:0")
        program.must("run", drawn, "--store", "drawn.db", "--device", "cpu")
        digests = {row["digest"] for row in program.rows("arrival.db") if row["numerics"] == "arrival/8 fp32"}
        tally.check(len(digests) > 2, "replicates on path arrival differ", digests)
        for simd in ("auto", "plain"):
            found = program.json("replay", "arrival.db", "--simd", simd)
            tally.equal((found["replayed"], found["different"], found["first_different"]), (12, 0, None), simd)
        tally.equal(program.json("replay", "arrival.db", "--run", 3)["replayed"], 1, "one run")
        tally.equal(program.json("replay", "drawn.db")["different"], 0, "drawn")
        mixed = program.study("mixed", {**STUDY, "numerics": [
            {"path": "tree", "split": 4, "stress": "delays"}, {"path": "arrival", "split": 8, "stress": "all"},
            {"path": "atomic-shared", "split": 8}]})
        program.must("run", mixed, "--store", "mixed.db", "--device", "cuda:0")
        found = program.json("replay", "mixed.db")
        n = len(program.rows("mixed.db")) // 3
        tally.equal((found["replayed"], found["left_out"], found["different"]), (2 * n, n, 0), "what none can repeat is left out")
        text = program.must("replay", "mixed.db").stdout
        tally.check(f"{n} runs left out" in text, "and told", text)
        os.environ["SEEDVAR_EMULATOR"] = "seed=6"
        found = program.json("replay", "atomic.db", "--device", "cuda:0", code=1)
        tally.check(found["different"] > 0 and found["first_different"] is not None, "atomics differ", found)
        refuses(tally, program, "path drawn", 4, "run", arrival, "--store", "other.db", "--device", "cpu")
        refuses(tally, program, "path drawn", 4, "replay", "atomic.db")
        refuses(tally, program, "use --device cpu", 4, "replay", "arrival.db", "--device", "cuda:0")
        refuses(tally, program, "no run 12; the study's are 0 to 11", 5, "replay", "arrival.db", "--run", 12)
        refuses(tally, program, "replay takes STORE", 2, "replay", "arrival.db", "drawn.db")
        refuses(tally, program, "not a store", 5, "replay", arrival)
        tally.equal(program.call("verify", "arrival.db").returncode, 0, "the store is sound")
        check_partings(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
