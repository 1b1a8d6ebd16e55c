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
import typing

from seedvar_cli import Program, Tally, program_argument

SEED = 20240229


class Sweep(typing.NamedTuple):
    study: dict
    n_runs: int
    launch: int
    share: float  # of the kills


SWEEPS = {
    # most of the time goes into commits: 192 of them
    "networks": Sweep({
        "data": {"set": "iris", "standardize": True},
        "model": {"kind": "mlp", "hidden": [16]},
        "train": {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9}, "epochs": 60},
        "design": {"kind": "crossed", "vary": {"init": 16, "order": 12}},
        "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}],
    }, n_runs=576, launch=3, share=0.6),
    # launches too large for SQLite's cache: rows reach the file before the commit
    "descents": Sweep({
        "model": {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01], "start": {"uniform": [-4, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 100},
        "design": {"kind": "sweep", "seeds": 90000},
    }, n_runs=90000, launch=30000, share=0.4),
}


class Victim:
    """One store, and what has been seen of it."""

    def __init__(self, program, tally, path, sweep, name):
        self.program, self.tally, self.path, self.sweep, self.name = program, tally, path, sweep, name
        self.store = pathlib.Path(program.folder, f"{name}.db")
        self.seen = {}
        self.n_kills, self.n_journals = 0, 0  # journals: kills in the middle of a commit

    def start(self):
        arguments = [self.program.path, "run", self.path, "--store", self.store, "--launch", self.sweep.launch]
        return subprocess.Popen(list(map(str, arguments)), cwd=self.program.folder, stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE)

    def look(self, when, must_answer):
        """Reads the rows; those seen before must be there unchanged. Returns how many there are."""
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
        if not self.seen and self.store.stat().st_size == 0:
            return  # killed while the tables were made: rolled back to nothing
        self.tally.check(done.returncode == 0, f"{self.name}: verify after a kill", done.stderr)
        is_complete = self.look("after a kill", must_answer=True) == self.sweep.n_runs
        done = self.program.call("status", self.store)
        self.tally.equal(done.returncode, 0 if is_complete else 3, f"{self.name}: status after a kill")

    def disturb(self, delay_s, looks):
        """One invocation, killed after delay_s; with `looks`, rows are read while it works. Returns whether it was
        killed before its end."""
        running = self.start()
        deadline_s = time.monotonic() + delay_s
        if looks:
            time.sleep(delay_s * 0.8)
            self.look("while it runs", must_answer=False)
        time.sleep(max(0.0, deadline_s - time.monotonic()))
        running.kill()
        said = running.communicate()[1].decode()
        self.tally.check(running.returncode in (0, -9), f"{self.name}: an invocation failed", said)
        self.check_sound()
        self.n_kills += running.returncode == -9
        return running.returncode == -9

    def finish(self, digest, rows):
        found = self.program.json("run", self.path, "--store", self.store)["study_digest"]
        self.tally.equal(found, digest, f"{self.name}: study digest in the end")
        self.tally.check(self.program.must("export", self.store).stdout == rows, f"{self.name}: rows in the end")
        self.tally.equal(self.program.call("verify", self.store).returncode, 0, f"{self.name}: verify in the end")


def check_sweep(program, tally, name, n_kills):
    sweep, draw = SWEEPS[name], random.Random(f"{SEED} {name}")
    path, store = program.study(name, sweep.study), f"{name}-undisturbed.db"
    started_s = time.monotonic()
    digest = program.json("run", path, "--store", store, "--launch", sweep.launch)["study_digest"]
    duration_s = time.monotonic() - started_s
    rows = program.must("export", store).stdout
    victims = []
    while sum(victim.n_kills for victim in victims) < n_kills:
        victim = Victim(program, tally, path, sweep, f"{name}-{len(victims)}")
        victims.append(victim)
        is_killed = True
        while is_killed and sum(other.n_kills for other in victims) < n_kills:
            # a store without rows has more and more time to commit some, however slow the machine has become
            longest_s = min(0.4 * duration_s, 0.7) * (1 if victim.seen else 1.1 ** victim.n_kills)
            longest_s = 0.03 if draw.random() < 0.2 else longest_s
            is_killed = victim.disturb(draw.uniform(0.0, longest_s), looks=draw.random() < 0.4)
        victim.finish(digest, rows)
    n_seen = sum(len(victim.seen) for victim in victims)
    tally.check(n_seen > 0, f"{name}: some rows were committed before a kill")
    n_journals = sum(victim.n_journals for victim in victims)
    print(f"{name}: {n_kills} kills in {len(victims)} sweeps, {n_journals} of them in the middle of a commit; "
          f"{n_seen} rows were seen and kept")


def main():
    n_kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, sweep in SWEEPS.items():
            check_sweep(program, tally, name, round(n_kills * sweep.share))
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
