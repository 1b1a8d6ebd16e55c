#!/usr/bin/env python3
"""400 networks that PyTorch trained on digits: their table, imported, gives the findings of a store of the same numbers.

usage: test_import_torch.py PROGRAM FILL_STORE
"""
import csv
import gzip
import pathlib
import subprocess
import sys
import tempfile

import torch

from seedvar_cli import Program, Tally, program_argument
from test_import_export import difference, without_unknown

DIGITS = pathlib.Path(__file__).resolve().parents[2] / "data" / "digits.csv.gz"
N_INIT, N_ORDER, N_TRAIN, N_VAL, BATCH, EPOCHS = 10, 20, 1000, 300, 100, 3
ARMS = {"relu": torch.relu, "tanh": torch.tanh}
NUMERICS = "serial fp32"  # the store's: one thread of PyTorch gives the same bits again
METRICS = ("val_loss", "test_loss", "val_accuracy", "test_accuracy")
STUDY = {"data": {"set": "digits"}, "model": {"kind": "mlp", "hidden": [16]},
         "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.5}, "batch_size": BATCH, "epochs": EPOCHS},
         "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}},
         "design": {"kind": "crossed", "vary": {"init": N_INIT, "order": N_ORDER}}}


def digits():
    """Pixels and labels, in an order of their own."""
    with gzip.open(DIGITS, "rt") as file:
        rows = torch.tensor([[float(cell) for cell in row] for row in csv.reader(file)])
    rows = rows[torch.randperm(len(rows), generator=torch.Generator().manual_seed(1))]
    return rows[:, :-1] / 16, rows[:, -1].long()


def layers(seed):
    """PyTorch's own initial values of two layers."""
    torch.manual_seed(seed)
    return [p.detach() for layer in (torch.nn.Linear(64, 16), torch.nn.Linear(16, 10))
            for p in (layer.weight.T, layer.bias[None])]


def losses(parameters, activation, x, y):
    """Cross-entropy and accuracy of each network; x: one set of rows for all or one for each."""
    w1, b1, w2, b2 = parameters
    scores = activation(x @ w1 + b1) @ w2 + b2
    y = y.expand(scores.shape[:2])
    loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), y, reduction="none").mean(1)
    return loss, (scores.argmax(2) == y).double().mean(1)


def train(activation, x, y):
    """A row of METRICS for every pair of seeds, all networks at once: the seed of the order varies fastest."""
    starts = [layers(seed) for seed in range(N_INIT)]
    parameters = [torch.stack(ps).repeat_interleave(N_ORDER, 0).requires_grad_() for ps in zip(*starts)]
    orders = [torch.Generator().manual_seed(1000 + seed) for seed in range(N_ORDER)]
    optimizer = torch.optim.SGD(parameters, lr=0.5)
    for _ in range(EPOCHS):
        visits = torch.stack([torch.randperm(N_TRAIN, generator=order) for order in orders]).repeat(N_INIT, 1)
        for rows in visits.split(BATCH, 1):
            optimizer.zero_grad()
            losses(parameters, activation, x[rows], y[rows])[0].sum().backward()
            optimizer.step()
    with torch.no_grad():
        val = losses(parameters, activation, x[N_TRAIN:N_TRAIN + N_VAL], y[N_TRAIN:N_TRAIN + N_VAL])
        test = losses(parameters, activation, x[N_TRAIN + N_VAL:], y[N_TRAIN + N_VAL:])
    return list(zip(*(values.tolist() for values in (val[0], test[0], val[1], test[1]))))


def comparable(findings):
    """PyTorch gives no digests."""
    findings = without_unknown(findings)
    findings["checks"] = {key: value for key, value in findings["checks"].items() if "digests" not in key}
    return findings


def write_table(path, runs):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arm", "numerics", "seed_init", "seed_order", *METRICS])
        writer.writerows([arm, NUMERICS, i // N_ORDER, i % N_ORDER, *values]
                         for arm, rows in runs.items() for i, values in enumerate(rows))


def fill_store(program, fill, study, store, runs):
    values = "\n".join(" ".join(map(repr, row)) for rows in runs.values() for row in rows)
    done = subprocess.run([fill, study, program.folder / store, *METRICS], input=values, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{fill}: {done.stderr}")


def check_against_torch(tally, findings, runs):
    """The program's means and SDs, and the split of the variance, against PyTorch's sums."""
    for entry in findings["summary"]:
        values = torch.tensor([row[METRICS.index(entry["metric"])] for row in runs[entry["arm"]]], dtype=torch.float64)
        what = f"{entry['arm']}, {entry['metric']}"
        tally.equal(entry["n"], N_INIT * N_ORDER, f"{what}: runs")
        for key, value in (("mean", values.mean()), ("sd_of_runs", values.std())):
            tally.check(abs(entry[key] / value.item() - 1) < 1e-9, f"{what}: {key}", (entry[key], value))
        grid = values.reshape(N_INIT, N_ORDER)
        rest = grid - grid.mean(1, keepdim=True) - grid.mean(0, keepdim=True) + grid.mean()
        error = (rest ** 2).sum() / ((N_INIT - 1) * (N_ORDER - 1))
        expected = {"init": grid.mean(1).var() - error / N_ORDER, "order": grid.mean(0).var() - error / N_INIT}
        rows = [row for row in findings["components"] if all(row[key] == entry[key] for key in ("arm", "metric"))]
        found = {row["source"]: row["variance"] for row in rows}
        total = sum(found.values())
        tally.check(abs(entry["sd"] ** 2 / total - 1) < 1e-9, f"{what}: SD of a run with fresh seeds", (entry["sd"], total))
        for source, value in expected.items():
            tally.check(abs(found[source] - value.item()) < 1e-9 * total, f"{what}: {source}", (found, expected))


def main():
    tally = Tally()
    path, fill = program_argument(__doc__), pathlib.Path(sys.argv[2]).resolve()
    torch.set_num_threads(1)
    x, y = digits()
    runs = {arm: train(activation, x, y) for arm, activation in ARMS.items()}
    tally.equal(sum(map(len, runs.values())), 400, "runs")
    tally.check(min(row[3] for rows in runs.values() for row in rows) > 0.2, "every network has learnt")
    with tempfile.TemporaryDirectory() as folder:
        program = Program(path, folder)
        write_table(program.folder / "torch.csv", runs)
        fill_store(program, fill, program.study("torch", STUDY), "torch.db", runs)
        stored, imported = program.json("analyze", "torch.db"), program.json("import", "torch.csv")
        found = difference(comparable(imported), comparable(stored))
        tally.check(not found, "findings", found)
        check_against_torch(tally, imported, runs)
        for part in ("summary", "components", "comparison"):
            tally.check(imported[part], f"the import has {part}")
        # One number changed in its last digits: the comparison must see it.
        runs["tanh"][77] = (*runs["tanh"][77][:3], runs["tanh"][77][3] + 1e-9)
        write_table(program.folder / "changed.csv", runs)
        changed = program.json("import", "changed.csv")
        tally.check(difference(comparable(changed), comparable(imported)), "a changed number is seen")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
