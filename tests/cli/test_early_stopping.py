#!/usr/bin/env python3
"""Early stopping, replayed from outside: an arm for every number of steps after which a run might be measured tells what
the rule must do with each seed, to the bit.

usage: test_early_stopping.py PROGRAM
"""
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

N_SEEDS, N_STEPS, EVERY, PATIENCE = 19, 61, 4, 3
PLACES = [*range(EVERY, N_STEPS, EVERY), N_STEPS]  # the last steps are measured too
MODEL = {"kind": "mlp", "hidden": [8], "activation": "tanh", "dropout": 0.2}
BASE = {
    "data": {"set": "moons", "points": 60, "noise": 0.4, "split": {"train": 0.5, "val": 0.5}},
    "model": MODEL,
    "train": {"loss": "logistic", "batch_size": 7, "optimizer": {"kind": "adam", "lr": 0.05}},
    "design": {"kind": "sweep", "seeds": N_SEEDS},
    "numerics": [{"precision": "fp32"}, {"path": "binned"}, {"precision": "fp16"}, {"path": "tree", "split": 4,
                                                                                 "precision": "fp64"}]}
SAME = ("digest", "status", "train_loss", "val_loss", "train_accuracy", "val_accuracy", "weight_norm")


def replay(losses, patience):
    """(step of the best, step of the stop) for val_loss by step."""
    best, best_at, waited = float("inf"), None, 0
    for step in PLACES:
        if losses[step] < best:
            best, best_at, waited = losses[step], step, 0
        else:
            waited += 1
        if waited == patience:
            return best_at, step
    return best_at, N_STEPS


def main():
    tally = Tally()
    stopping = {f"patience-{p}": {"train": {"steps": N_STEPS, "early_stopping": {"patience": p, "every": EVERY}}}
                for p in (1, PATIENCE, 1000)}
    fixed = {f"steps-{step}": {"train.steps": step} for step in PLACES}
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        path = program.study("stopping", {**BASE, "arms": {**fixed, **stopping}})
        program.must("run", path, "--store", "stopping.db")
        rows = program.rows("stopping.db")
    place = {(row["arm"], row["numerics"], int(row["seed_init"])): row for row in rows}
    stops = {}
    for arm in stopping:
        patience = int(arm.split("-")[1])
        for numerics in sorted({row["numerics"] for row in rows}):
            for seed in range(N_SEEDS):
                losses = {step: float(place[f"steps-{step}", numerics, seed]["val_loss"]) for step in PLACES}
                best_at, stop = replay(losses, patience)
                row, best = place[arm, numerics, seed], place[f"steps-{best_at}", numerics, seed]
                where = f"{arm}, {numerics}, seed {seed}"
                tally.check(all(row[name] == best[name] for name in SAME), f"{where}: not the run of {best_at} steps",
                            row)
                tally.equal(float(row["val_loss"]), min(x for s, x in losses.items() if s <= stop), f"{where}: val_loss")
                tally.equal(int(row["steps"]), stop, f"{where}: steps")
                stops.setdefault(patience, []).append((best_at, stop))
    late = [best for best, _ in stops[1000]]
    tally.check(all(stop == N_STEPS for _, stop in stops[1000]), "no run stops where patience is endless")
    tally.check(any(best < N_STEPS for best in late), "some runs get worse in the end")
    for patience in (1, PATIENCE):
        tally.check(any(stop < N_STEPS for _, stop in stops[patience]), f"patience {patience} stops some runs")
        tally.check([best for best, _ in stops[patience]] != late, f"patience {patience} misses some minima")
    tally.check(stops[1] != stops[PATIENCE], "patience matters")
    tally.check(len(set(stops[PATIENCE])) > 5, "runs stop at many places")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
