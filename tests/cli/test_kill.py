#!/usr/bin/env python3
"""kill -9 at random moments of a sweep: the store stays sound, rows once seen stay as they were, the sweep goes on
where it stopped, and in the end the bits are those of a sweep that nobody disturbed.

usage: test_kill.py PROGRAM [N=50]
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from seedvar_cli import Program, Tally, program_argument

SEED = 20240229
STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [16]},
    "train": {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9}, "epochs": 60},
    "design": {"kind": "crossed", "vary": {"init": 16, "order": 12}},
    "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}],
}
LAUNCH = 3  # runs: 192 commits a sweep


class Victim:
    """One store, and what has been seen of it."""

    def __init__(self, program, tally, path, number):
        self.program, self.tally, self.path = program, tally, path
        self.name = f"store {number}"
        self.store = pathlib.Path(program.folder, f"victim{number}.db")
        self.seen = {}
        self.n_journals = 0  # kills in the middle of a commit

    def start(self):
        arguments = [self.program.path, "run", str(self.path), "--store", str(self.store), "--launch", str(LAUNCH)]
        return subprocess.Popen(arguments, cwd=self.program.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def look(self, when, must_answer):
        """Reads the rows; those seen before must be there unchanged."""
        done = self.program.call("export", self.store, "--format", "jsonl")
        if not must_answer and done.returncode != 0:
            return 0
        self.tally.check(done.returncode == 0, f"{self.name}: export {when}", done.stderr)
        rows = {line[: line.index(",")]: line for line in done.stdout.splitlines()}
        lost = [line for run, line in self.seen.items() if rows.get(run) != line]
        self.tally.check(not lost, f"{self.name}: rows seen earlier, {when}", lost[:2])
        self.seen.update(rows)
        return len(rows)

    def check_sound(self):
        """After a kill: no store yet, or a sound one that agrees with itself."""
        if not self.store.exists() or self.store.stat().st_size == 0:
            self.tally.check(not self.seen, f"{self.name}: the rows are gone")
            return
        self.n_journals += self.store.with_name(self.store.name + "-journal").exists()
        done = self.program.call("verify", self.store)
        self.tally.check(done.returncode == 0, f"{self.name}: verify after a kill", done.stderr)
        n_rows = self.look("after a kill", must_answer=True)
        done = self.program.call("status", self.store)
        complete = n_rows == 16 * 12 * 3
        self.tally.equal(done.returncode, 0 if complete else 3, f"{self.name}: status after a kill")


def disturb(victim, delay_s, looks):
    """One invocation, killed after delay_s; with `looks`, rows are read while it works. Returns whether it was killed
    before its end."""
    running = victim.start()
    deadline_s = time.monotonic() + delay_s
    if looks:
        time.sleep(delay_s * 0.8)
        victim.look("while it runs", must_answer=False)
    time.sleep(max(0.0, deadline_s - time.monotonic()))
    running.kill()
    said = running.communicate()[1].decode()
    victim.tally.check(running.returncode in (0, -9), f"{victim.name}: an invocation failed", said)
    victim.check_sound()
    return running.returncode == -9


def main():
    n_kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    tally, draw = Tally(), random.Random(SEED)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        path = program.study("kill", STUDY)
        started_s = time.monotonic()
        expected = program.json("run", path, "--store", "undisturbed.db", "--launch", LAUNCH)["study_digest"]
        duration_s = time.monotonic() - started_s
        rows = program.must("export", "undisturbed.db").stdout
        n_done, n_seen, n_journals, number = 0, 0, 0, 0
        while n_done < n_kills:
            victim = Victim(program, tally, path, number)
            number += 1
            is_killed = True
            while is_killed and n_done < n_kills:
                longest_s = 0.03 if draw.random() < 0.2 else min(0.3 * duration_s, 1.0)
                is_killed = disturb(victim, draw.uniform(0.0, longest_s), looks=draw.random() < 0.5)
                n_done += is_killed
            n_seen += len(victim.seen)
            n_journals += victim.n_journals
            digest = program.json("run", path, "--store", victim.store)["study_digest"]
            tally.equal(digest, expected, f"{victim.name}: study digest in the end")
            tally.check(program.must("export", victim.store).stdout == rows, f"{victim.name}: rows in the end")
            tally.equal(program.call("verify", victim.store).returncode, 0, f"{victim.name}: verify in the end")
    tally.check(n_seen > 0, "some rows were committed before a kill")
    print(f"{n_done} kills in {number} sweeps, {n_journals} of them in the middle of a commit; {n_seen} rows survived")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
