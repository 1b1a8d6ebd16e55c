#!/usr/bin/env python3
"""What `plan` says of the device and the time.

usage: test_plan.py PROGRAM
"""
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

SHORT = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [16]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 10},
    "design": {"kind": "sweep", "seeds": 100, "vary": ["init", "order"]},
}
# What needs a GPU is said by the tests on the emulated one.
LONG = {**SHORT, "design": {"kind": "sweep", "seeds": 10000000, "vary": ["init", "order"]}}
SPLITS = {**SHORT, "design": {"kind": "sweep", "seeds": 10000000, "vary": ["split"]}}


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        plans = {}
        for name, study in {"short": SHORT, "long": LONG, "splits": SPLITS}.items():
            program.study(name, study)
            plans[name] = program.json("plan", f"{name}.yaml")["device"]
        short, long, splits = plans["short"], plans["long"], plans["splits"]
        tally.check(short["name"] == "cpu" and 0 < short["expected_s"] < 1, "a short study", short)
        tally.check("longer to start" in short["reason"], "why the CPU", short)
        tally.check(long["expected_s"] > 1 and long["reason"] != "", "a long study", long)
        if long["name"] == "cpu":
            ratio = long["expected_s"] / short["expected_s"]
            tally.check(0.99e5 < ratio < 1.01e5, "a hundred thousand times the seeds", ratio)
            tally.check(splits["expected_s"] > long["expected_s"], "splits take time", (splits, long))
        text = program.must("plan", "short.yaml").stdout
        tally.check("\n  device    cpu (" in text and " s; a GPU would take longer to start" in text, "plan as text", text)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
