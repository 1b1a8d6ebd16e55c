#!/usr/bin/env python3
"""What `plan` says of the device, the time and the launches, and that `run` then has as many.

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

# Two arms, two numerics: four blocks of runs, each a launch at any speed, and five each of ten runs.
BLOCKS = {**SHORT, "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}},
          "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 2}],
          "design": {"kind": "crossed", "vary": {"init": 5, "order": 5}}}


def n_launches(program, store):
    return len(program.rows(store, "launches"))


def check_launches(program, tally):
    program.study("blocks", BLOCKS)
    planned = program.json("plan", "blocks.yaml")["launches"]
    program.must("run", "blocks.yaml")
    tally.equal((planned["number"], n_launches(program, "blocks.db")), (4, 4), "a launch for each arm and numerics")
    tally.equal(planned["runs_most"], 50, "the largest")
    for size in (10, 7, 1000):
        options = ("--launch", size, "--threads", 1)
        planned = program.json("plan", "blocks.yaml", *options)["launches"]
        program.must("run", "blocks.yaml", *options, "--store", f"{size}.db")
        tally.equal(n_launches(program, f"{size}.db"), planned["number"], f"launches of {size} runs")
    text = program.must("plan", "blocks.yaml", "--launch", 1).stdout
    tally.check("\n  launches  150, of up to 1 run\n" in text, "launches as text", text)


def check_options(program, tally):
    one, two = (program.json("plan", "long.yaml", "--device", "cpu", "--threads", n)["device"] for n in (1, 2))
    tally.check(1.7 < one["expected_s"] / two["expected_s"] < 2.01, "two threads", (one, two))
    tally.equal(one["reason"], "", "a device that was asked for needs no reason")
    done = program.call("plan", "long.yaml", "--device", "cpu:3")
    tally.check(done.returncode == 2 and done.stderr.count("\n") == 1, "no such device", done.stderr)


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
        tally.check("\n  device    cpu (" in text and "): a GPU would take longer to start\n" in text, "device as text", text)
        tally.check("\n  time      about " in text and "\n  memory    about " in text, "time and memory as text", text)
        check_options(program, tally)
        check_launches(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
