#!/usr/bin/env python3
"""The memory that `plan` names, beside what `run` takes at its peak.

usage: test_plan_memory.py PROGRAM
"""
import os
import subprocess
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

DIGITS = {"data": {"set": "digits", "standardize": True}, "model": {"kind": "mlp", "hidden": [16]},
          "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 1}}
POLY = {"model": {"kind": "poly", "coefficients": [3, -1, 2.5], "start": {"uniform": [-4, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 10}, "design": {"kind": "sweep", "seeds": 300000}}
# What fills the memory in turn: splits that are held at once, curves, references, records of runs.
HUNGRY = {
    "splits": {**DIGITS, "design": {"kind": "sweep", "seeds": 64, "vary": ["split"]}},
    "curves": {**DIGITS, "design": {"kind": "sweep", "seeds": 128}, "record": {"checkpoints": "log2", "curves": "full"}},
    "distances": {**DIGITS, "design": {"kind": "crossed", "vary": {"init": 6, "order": 6}},
                  "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4}],
                  "record": {"checkpoints": "log2", "distances": True}},
    "runs": POLY,
}
FACTOR = 1.6  # more or less: docs/performance.md


def peak_bytes(program, *arguments):
    """Of the resident memory of a run."""
    child = subprocess.Popen([program.path, *map(str, arguments)], cwd=program.folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * 1024 if child.returncode == 0 else 0


def check_memory(program, tally):
    for name, study in HUNGRY.items():
        program.study(name, study)
        planned = program.json("plan", f"{name}.yaml", "--threads", 2)["memory"]
        tally.equal(planned["device_bytes"], 0, f"{name}: no GPU's memory")
        taken = peak_bytes(program, "run", f"{name}.yaml", "--threads", 2)
        ratio = taken / planned["host_bytes"]
        tally.check(1 / FACTOR < ratio < FACTOR, f"{name}: memory taken, of the memory planned", ratio)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        check_memory(Program(program_argument(__doc__), folder), tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
