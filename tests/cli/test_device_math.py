#!/usr/bin/env python3
"""math: device takes exp and tanh from the library of the machine and leaves the contract's bits alone: with another
library put before the C library's own, entries with math: device change and no others.

usage: test_device_math.py PROGRAM C_COMPILER
"""
import os
import subprocess
import sys
import tempfile

from seedvar_cli import Program, Tally

SEEDS = 24
STUDY = {
    "data": {"set": "iris", "standardize": True, "split": {"train": 0.6, "val": 0.2, "test": 0.2}},
    "model": {"kind": "mlp", "hidden": [12]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 8, "epochs": 8},
    "arms": {
        "tanh": {"model.activation": "tanh"}, "sigmoid": {"model.activation": "sigmoid"},
        "silu": {"model.activation": "silu"}, "gelu": {"model.activation": "gelu"}, "relu": {"model.activation": "relu"},
        "plain": {"data": {"set": "linear", "points": 80, "features": 3}, "train": {"loss": "squared", "optimizer": {"lr": 0.01}}}},
    "design": {"kind": "sweep", "seeds": SEEDS, "replicates": 2},
    "numerics": [{"path": "serial"}, {"path": "serial", "math": "device"},
                 {"path": "serial", "precision": "fp64", "math": "device"}],
}
OTHER_LIBRARY = """
#include <math.h>
static double near(double y) { return nextafter(y, 2 * y); }
static float near_f(float y) { return nextafterf(y, 2 * y); }
double exp(double x) { return near(expl(x)); }
double tanh(double x) { return near(tanhl(x)); }
float expf(float x) { return near_f(expl(x)); }
float tanhf(float x) { return near_f(tanhl(x)); }
"""


def digests(program, store):
    """(arm, numerics) -> {seed: set of the replicates' digests}"""
    found = {}
    for row in program.rows(store):
        seeds = found.setdefault((row["arm"], row["numerics"]), {})
        seeds.setdefault(row["seed_init"], set()).add(row["digest"])
    return found


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[-1])
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(sys.argv[1], folder)
        study = program.study("math", STUDY)
        program.must("run", study, "--store", "own.db", "--device", "cpu")
        own = digests(program, "own.db")
        contract = {arm: seeds for (arm, numerics), seeds in own.items() if numerics == "serial fp32"}
        for (arm, numerics), seeds in own.items():
            tally.check(all(len(replicates) == 1 for replicates in seeds.values()), f"{arm}, {numerics}: replicates agree")
            if numerics == "serial fp32 device-math":
                n = sum(seeds[seed] != contract[arm][seed] for seed in seeds)
                if arm == "plain":
                    tally.equal(n, 0, "relu and squared loss take no exp")
                else:
                    tally.check(n > 0, f"{arm}: runs that the C library changes", n)

        source, library = program.folder / "other.c", program.folder / "other.so"
        source.write_text(OTHER_LIBRARY, encoding="utf-8")
        subprocess.run([sys.argv[2], "-std=c17", "-O1", "-fno-builtin", "-shared", "-fPIC", source, "-o", library, "-lm"],
                       check=True)
        os.environ["LD_PRELOAD"] = str(library)
        program.must("run", study, "--store", "other.db", "--device", "cpu")
        del os.environ["LD_PRELOAD"]
        other = digests(program, "other.db")
        for (arm, numerics), seeds in other.items():
            n = sum(seeds[seed] != own[arm, numerics][seed] for seed in seeds)
            has_none = arm == "plain" or "device" not in numerics
            tally.check(n == 0 if has_none else n > SEEDS / 2, f"{arm}, {numerics}: runs that another library changes", n)

        done = program.call("compare", "own.db", "other.db", "--json")
        tally.check(done.returncode == 0, "compare: what is measured may differ", done.stdout + done.stderr)
        tally.check('"promise": "measured"' in done.stdout and '"promise": "contract"' in done.stdout, "compare tells them apart",
                    done.stdout)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
