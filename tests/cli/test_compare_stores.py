#!/usr/bin/env python3
"""Two stores of one study: equal where the program made them, on vectors of any width; a store in which one run was
changed from a step on, with all checksums made anew after docs/store.md, is told apart by run, seed and step.

usage: test_compare_stores.py PROGRAM
"""
import pathlib
import shutil
import sqlite3
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

DONE, DIFFERENT, USAGE, STORE, STOPPED = 0, 1, 2, 5, 75
SEED, STEP = 7, 16

STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [7]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 16, "epochs": 4},
    "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}},
    "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}],
    "design": {"kind": "sweep", "seeds": 20},
    "record": {"checkpoints": "log2", "curves": "full"},
}


# ---- docs/store.md, Checksums ----
class Checksum:
    def __init__(self):
        self.state = 0x6C62272E07BB014262B821756295C58D

    def word(self, value):
        self.state = (self.state ^ (value % 2**64)) * (2**88 + 0x13B) % 2**128

    def checksum(self, blob):
        for half in (blob[:8], blob[8:]):
            self.word(int.from_bytes(half, "big"))

    def value(self, value):
        if value is None:
            return self.word(ord("n"))
        if isinstance(value, int):
            self.word(ord("i"))
            return self.word(value)
        content = value.encode() if isinstance(value, str) else value
        self.word(ord("t") if isinstance(value, str) else ord("b"))
        self.word(len(content))
        for at in range(0, len(content), 8):
            part = content[at : at + 8]
            self.word(int.from_bytes(part, "little") | (len(part) << 56 if len(part) < 8 else 0))

    def rows(self, rows):
        for row in rows:
            for value in row:
                self.value(value)
        return self.blob()

    def blob(self):
        return self.state.to_bytes(16, "big")


def launch_checksum(before, machine, row):
    """before, machine: checksums; row: of launch, without its own checksum."""
    whole = Checksum()
    whole.checksum(before)
    whole.checksum(machine)
    for value in row:
        whole.value(value)
    return whole.blob()


def seal(database):
    """Makes the checksums of all launches and of the head anew; says whether they were right before."""
    before = database.execute("SELECT checksum FROM study").fetchone()[0]
    machines = dict(database.execute("SELECT machine, checksum FROM machine"))
    was_right = True
    for launch, *_ in database.execute("SELECT launch FROM launch ORDER BY launch").fetchall():
        runs = Checksum().rows(database.execute("SELECT * FROM run WHERE launch=? ORDER BY run", (launch,)))
        curves = Checksum().rows(database.execute(
            "SELECT curve.* FROM curve JOIN run USING (run) WHERE launch=? ORDER BY curve", (launch,)))
        distances = Checksum().rows(database.execute(
            "SELECT distance.* FROM distance JOIN run USING (run) WHERE launch=? ORDER BY distance", (launch,)))
        database.execute("UPDATE launch SET runs_checksum=?, curves_checksum=?, distances_checksum=? WHERE launch=?",
                         (runs, curves, distances, launch))
        *row, old = database.execute("SELECT * FROM launch WHERE launch=?", (launch,)).fetchone()
        before = launch_checksum(before, machines[row[1]], row)
        was_right = was_right and old == before
        database.execute("UPDATE launch SET checksum=? WHERE launch=?", (before, launch))
    database.execute("UPDATE head SET checksum=?", (before,))
    return was_right


def change_run(path, step):
    """Another digest for the run of SEED in arm tanh, serial, at its end and at checkpoints from a step on."""
    database = sqlite3.connect(path)
    with database:
        right = seal(database)
        run, digest = database.execute(
            "SELECT run, digest FROM run JOIN arm USING (arm) JOIN numerics USING (numerics) "
            "WHERE arm.name='tanh' AND path='serial' AND seed_init=?", (SEED,)).fetchone()
        other = bytes([digest[0] ^ 1]) + digest[1:]
        database.execute("UPDATE run SET digest=?, test_loss_bits=test_loss_bits+1 WHERE run=?", (other, run))
        database.execute("UPDATE curve SET digest=? WHERE run=? AND number IN (SELECT number FROM checkpoint "
                         "WHERE step>=?)", (other, run, step))
        seal(database)
    database.close()
    return run, right


def check_equal(program, tally):
    has_avx512 = "avx512f" in pathlib.Path("/proc/cpuinfo").read_text()
    wide = "avx512" if has_avx512 else "plain"
    for store, simd in (("a.db", wide), ("b.db", "avx2")):
        program.must("run", "study.yaml", "--store", store, "--simd", simd, "--launch", 7 if simd == "avx2" else 16)
    found = program.json("compare", "a.db", "b.db")
    tally.equal((found["schema"], found["runs"], found["different"]), ("seedvar.compare/1", 120, 0), f"{wide} and avx2")
    tally.equal([block["promise"] for block in found["blocks"]], ["contract"] * 4, "blocks")
    tally.check("equal, bit for bit" in program.must("compare", "a.db", "b.db").stdout, "text of equal stores")
    means = {block["arm"]: block["mean_a"] for block in found["blocks"] if block["numerics"].startswith("serial")}
    rows = [row for row in program.rows("a.db") if row["numerics"].startswith("serial")]
    for arm, mean in means.items():
        values = [float(row["test_accuracy"]) for row in rows if row["arm"] == arm]
        tally.check(abs(mean - sum(values) / len(values)) < 1e-12, f"mean of {arm}", (mean, values))
    tally.equal([(c["a"] == c["b"]) for c in found["conclusions"]], [True] * 2, "conclusions")


def check_changed(program, tally):
    shutil.copy(program.folder / "b.db", program.folder / "moved.db")
    run, was_right = change_run(program.folder / "moved.db", STEP)
    tally.check(was_right, "checksums after docs/store.md are the program's")
    program.must("verify", "moved.db")
    found = program.json("compare", "a.db", "moved.db", "--metric", "test_loss", code=DIFFERENT)
    tally.equal((found["different"], found["forbidden"], found["metric"]), (1, 1, "test_loss"), "one run differs")
    [block] = [block for block in found["blocks"] if block["different"]]
    first = block["first"]
    found = (block["arm"], first["run"], first["seeds"]["init"], first["checkpoint_step"])
    tally.equal(found, ("tanh", run, SEED, STEP), "which run, and since when")
    tally.check(0 < block["largest_difference"] < 1e-14, "one ulp of its loss", block["largest_difference"])
    text = program.must("compare", "a.db", "moved.db", "--margin", 0.01, code=DIFFERENT).stdout
    tally.check(f"run {run}," in text and f"step {STEP} " in text and "equivalent at 0.01" in text, "text", text)


def check_refused(program, tally):
    program.study("other", {**STUDY, "train": {**STUDY["train"], "epochs": 5}})
    program.must("run", "other.yaml", "--store", "other.db")
    paces = [{**STUDY["train"], "optimizer": {"kind": "sgd", "lr": lr}} for lr in (0.05, 0.1 + 0.2, 0.3)]
    for i, train in enumerate(paces):
        program.must("run", program.study(f"pace{i}", {**STUDY, "train": train}), "--store", f"pace{i}.db", "--limit", 1,
                     code=STOPPED)
    program.must("run", "study.yaml", "--store", "half.db", "--limit", 30, code=STOPPED)
    (program.folder / "text.json").write_text("{}")
    shutil.copy(program.folder / "b.db", program.folder / "flipped.db")
    with sqlite3.connect(program.folder / "flipped.db") as database:
        database.execute("UPDATE run SET seed_init = seed_init + 1 WHERE run = 7")
    database.close()
    for words, code, fragment in ((("a.db", "other.db"), STORE, "arms[0].train"),
                                  (("pace0.db", "pace2.db"), STORE, "lr is 0.05 in the first and 0.3 in the second"),
                                  (("pace1.db", "pace2.db"), STORE, "lr is 0.30000000000000004 in the first"),
                                  (("a.db", "text.json"), USAGE, "is a store"),
                                  (("a.db", "flipped.db"), STORE, "flipped.db"),
                                  (("a.db", "b.db", "--metric", "frob"), USAGE, "no metric frob"),
                                  (("a.db", "nowhere.db"), USAGE, "nowhere.db")):
        done = program.call("compare", *words)
        tally.equal(done.returncode, code, f"compare {words}: exit code")
        tally.check(fragment in done.stderr, f"compare {words}: says {fragment!r}", done.stderr)
    found = program.json("compare", "a.db", "half.db")
    n = found["b"]["runs"]
    tally.equal((found["runs"], found["different"], n < 120), (n, 0, True), "what both hold")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        program.study("study", STUDY)
        for check in (check_equal, check_changed, check_refused):
            check(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
