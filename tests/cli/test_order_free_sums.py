#!/usr/bin/env python3
"""Sums whose order does not matter, and sums whose order does. Paths binned and fixed give one digest whatever the split,
and whatever the order of the samples in a batch; tree, butterfly, compensated and serial do not. A fixed-point sum that
leaves its range says so.

usage: test_order_free_sums.py PROGRAM
"""
import json
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

FREE = ("binned", "fixed")
PRECISIONS = ("fp32", "fp64", "tf32", "bf16", "fp16")
BASE = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [6], "activation": "tanh"},
    "train": {"loss": "cross_entropy", "batch_size": 37, "optimizer": {"kind": "momentum", "lr": 0.1, "momentum": 0.9},
              "epochs": 4}}


def rows_of(program, name, study):
    program.must("run", program.study(name, study), "--store", f"{name}.db")
    return program.rows(f"{name}.db")


def check_splits(program, tally):
    """Every split of 1 to 32, on each path that has it."""
    splits = {"binned": range(1, 33), "fixed": range(1, 33), "tree": (2, 4, 8, 16, 32), "butterfly": (2, 4, 8, 16, 32),
              "compensated": range(2, 33)}
    for precision in PRECISIONS:
        numerics = [{"path": path, "split": split, "precision": precision} for path in splits for split in splits[path]]
        design = {"kind": "sweep", "seeds": 3}
        rows = rows_of(program, f"splits-{precision}",
                       {**BASE, "design": design, "numerics": [{"precision": precision}, *numerics]})
        found = {path: {} for path in ("serial", *splits)}
        for row in rows:
            path = row["numerics"].split()[0].split("/")[0]
            found[path].setdefault(row["seed_init"], []).append(row["digest"])
        for path, seeds in found.items():
            for seed, digests in seeds.items():
                where, n = f"{path} {precision}, seed {seed}", len(set(digests))
                tally.equal(len(digests), len(splits.get(path, [1])), f"{where}: runs")
                if path in FREE or path == "serial":
                    tally.equal(n, 1, f"{where}: digests")
                else:
                    tally.check(n > 1, f"{where}: the split matters", n)
        if precision == "fp64":  # in binary32 both mostly round the exact sum of the same terms
            tally.check(found["binned"] != found["fixed"], "binned and fixed are different sums")


def check_orders(program, tally):
    """The whole training set is one batch, so that the order source does nothing but permute its samples."""
    numerics = [{"path": path, "precision": precision, **({"split": split} if split else {})}
                for precision in PRECISIONS
                for path, split in (("serial", 0), ("tree", 8), ("compensated", 7), ("binned", 0), ("fixed", 0))]
    n_orders = 30
    study = {**BASE, "train": {**BASE["train"], "batch_size": 10**6, "epochs": 12}, "numerics": numerics,
             "design": {"kind": "sweep", "seeds": n_orders, "vary": ["order"]}}
    found = {}
    for row in rows_of(program, "orders", study):
        found.setdefault(row["numerics"], []).append(row["digest"])
    for name, digests in found.items():
        n = len(set(digests))
        tally.equal(len(digests), n_orders, f"{name}: runs")
        if name.startswith(FREE):
            tally.equal(n, 1, f"{name}: {n_orders} orders of the samples give one digest")
        else:
            tally.check(n > n_orders / 2, f"{name}: the order of the samples matters", n)


def check_saturation(program, tally):
    """Terms of magnitude 2^(42 - scale) or more saturate: here none at 30 bits, some runs at 41, all at 42."""
    design = {"kind": "sweep", "seeds": 40, "vary": ["init"]}
    numerics = [{"path": "fixed", "scale": scale} for scale in (30, 40, 41, 42)]
    rows = rows_of(program, "saturating", {**BASE, "design": design, "numerics": numerics})
    n = {name: sum(row["status"] == "saturated" for row in rows if row["numerics"] == name)
         for name in ("fixed fp32", "fixed.40 fp32", "fixed.41 fp32", "fixed.42 fp32")}
    print(f"saturated: {n}")
    tally.equal(n["fixed fp32"], 0, "nothing saturates at 30 bits")
    tally.equal(n["fixed.42 fp32"], 40, "every run saturates at 42 bits")
    tally.check(0 < n["fixed.41 fp32"] < 40, "some runs saturate at 41 bits", n)
    tally.check(all(row["status"] in ("ok", "saturated") for row in rows), "no run has another status")
    text = program.must("analyze", "saturating.db").stdout
    for name, n_saturated in n.items():
        line = f"{name}: {n_saturated} of 40 runs saturated"
        tally.equal(line in " ".join(text.split()), n_saturated > 0, f"the analysis says: {line}")
    findings = json.loads(program.must("analyze", "saturating.db", "--json").stdout)
    tally.equal(findings["checks"]["n_saturated"], sum(n.values()), "n_saturated")
    for entry in findings["summary"]:
        tally.equal(entry["n_saturated"], n[entry["numerics"]], f"{entry['numerics']}, {entry['metric']}: n_saturated")
        tally.equal(entry["n"], 40, f"{entry['numerics']}, {entry['metric']}: saturated runs count")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        check_splits(program, tally)
        check_orders(program, tally)
        check_saturation(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
