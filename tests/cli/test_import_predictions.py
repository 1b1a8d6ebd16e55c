"""Imports with predictions: the calibrated coin-flip, a second count in NumPy, and
what is wrong with files. test_import_predictions.py PROGRAM
"""
import math
import sys
import tempfile

import numpy as np

from seedvar_cli import Program, Tally, program_argument


def write(program, name, seeds, columns, predictions, labels):
    """RUNS.csv, and the two .npy files."""
    names = ["seed", *columns]
    rows = [",".join(repr(value) for value in row) for row in zip(seeds, *columns.values())]
    (program.folder / f"{name}.csv").write_text("\n".join([",".join(names), *rows]) + "\n")
    np.save(program.folder / f"{name}_p.npy", predictions)
    np.save(program.folder / f"{name}_l.npy", labels)
    return [f"{name}.csv", "--predictions", f"{name}_p.npy", "--labels", f"{name}_l.npy"]


def check_coin_flips(program, tally):
    """Labels and predictions are tossed with the same chance: D = err, E Var = err/(2n), nothing of the distribution."""
    rng = np.random.default_rng(8)
    runs, points = 500, 4000
    chance = rng.uniform(size=points)
    labels = (rng.uniform(size=points) < chance).astype(np.int64)
    predictions = (rng.uniform(size=(runs, points)) < chance).astype(np.uint8)
    accuracy = [float(a) for a in (predictions == labels).mean(axis=1)]
    words = write(program, "coins", range(runs), {"test_accuracy": accuracy}, predictions, labels)
    findings = program.json("import", *words, "--level", "0.999")
    row, split = findings["predictions"][0], findings["distribution"][0]
    error = 1 - np.mean(accuracy)
    tally.check(math.isclose(row["error"], error, rel_tol=1e-12), "coins: error", row)
    tally.check(row["churn_less_error_low"] < 0 < row["churn_less_error_high"], "coins: D = err", row)
    tally.check(split["test_set_variance_low"] < error / (2 * points) < split["test_set_variance_high"],
                "coins: variance is err/(2n)", split)
    tally.check(split["distribution_variance_low"] < 0 < split["distribution_variance_high"],
                "coins: nothing is left for the distribution", split)
    tally.check(math.isclose(split["binary_reference_sd"], math.sqrt(error / (2 * points)), rel_tol=1e-12), "coins: err/(2n)")


def check_arms(program, tally):
    """Two arms, each counted by itself, the rows mixed."""
    rng = np.random.default_rng(9)
    labels = rng.integers(0, 5, 60)
    arms = ["a" if i % 3 else "b" for i in range(90)]
    predictions = np.where(rng.uniform(size=(90, 60)) < 0.7, labels, rng.integers(0, 5, (90, 60)))
    names = ["seed,arm,score", *(f"{i},{arm},{i * 0.5}" for i, arm in enumerate(arms))]
    words = write(program, "arms", range(90), {"score": [0.5 * i for i in range(90)]}, predictions.astype(">i2"), labels)
    (program.folder / "arms.csv").write_text("\n".join(names) + "\n")
    findings = program.json("import", *words)
    for row, split in zip(findings["predictions"], findings["distribution"]):
        mine = predictions[[arm == row["arm"] for arm in arms]]
        n, wrong = len(mine), mine != labels
        counts = np.stack([(mine == c).sum(axis=0) for c in range(5)])
        churn = 1 - (counts * (counts - 1)).sum(axis=0) / (n * (n - 1))
        covariance = np.cov(wrong.T)
        for name, found, expected in [
                ("runs", row["n_runs"], n), ("error", row["error"], wrong.mean()), ("churn", row["churn"], churn.mean()),
                ("variance", split["test_set_variance"], wrong.mean(axis=1).var(ddof=1)),
                ("distribution", split["distribution_variance"],
                 (covariance.sum() - np.trace(covariance)) / (60 * 59))]:
            tally.check(math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-15), f"arm {row['arm']}: {name}",
                        f"{found} is not {expected}")


def check_order(program, tally):
    """The accuracies of the table against those of the predictions, run by run."""
    rng = np.random.default_rng(10)
    labels = rng.integers(0, 3, 400)
    predictions = np.where(rng.uniform(size=(20, 400)) < 0.8, labels, rng.integers(0, 3, (20, 400)))
    accuracy = (predictions == labels).mean(axis=1)
    cases = {"share": accuracy, "percent": 100 * accuracy, "two decimals": accuracy.round(2)}
    for name, told in cases.items():
        for metric in ("test_accuracy", "Accuracy (%)"):
            words = write(program, "order", range(20), {metric: [float(a) for a in told]}, predictions, labels)
            found = program.json("import", *words)["checks"]["predicted_accuracy"]
            tally.equal((found["metric"], found["n_compared"], found["n_different"]), (metric, 20, 0), f"{name}: the same")
            write(program, "order", range(20), {metric: [float(a) for a in told[::-1]]}, predictions, labels)
            done = program.call("import", *words)
            tally.check(done.returncode == 2 and "in the order of the CSV" in done.stderr, f"{name}: another order", done.stderr)
    words = write(program, "order", range(20), {"test_acc": [float(a) for a in accuracy - 0.1]}, predictions, labels)
    found = program.json("import", *words)["checks"]["predicted_accuracy"]
    tally.check(found["n_different"] == 20 and math.isclose(found["largest"], 0.1, rel_tol=1e-9), "other points", found)
    said = " ".join(program.must("import", *words).stdout.split())
    tally.check("differ in 20 of 20 runs, by up to 0.1" in said, "other points in the text", said)
    words = write(program, "order", range(20), {"val_acc": [float(a) for a in accuracy[::-1]]}, predictions, labels)
    tally.check("reason" in program.json("import", *words)["checks"]["predicted_accuracy"], "validation data are others")


def check_replicates(program, tally):
    """Copies of runs: what two seeds differ by is that without the copies, and the SD is over the seeds."""
    rng = np.random.default_rng(10)
    labels = rng.integers(0, 4, 80)
    predictions = np.where(rng.uniform(size=(12, 80)) < 0.6, labels, rng.integers(0, 4, (12, 80)))
    accuracy = [float(a) for a in (predictions == labels).mean(axis=1)]
    once = program.json("import", *write(program, "once", range(12), {"test_accuracy": accuracy}, predictions, labels))
    words = write(program, "thrice", [i // 3 for i in range(36)],
                  {"replicate": [i % 3 for i in range(36)], "test_accuracy": np.repeat(accuracy, 3).tolist()},
                  np.repeat(predictions, 3, axis=0), labels)
    thrice = program.json("import", *words)
    alone, row = once["predictions"][0], thrice["predictions"][0]
    tally.equal((alone["pairs_of_one_seed"], alone["churn_of_seeds"]), (0, None), "no replicates")
    tally.check(math.isclose(row["pairs_of_one_seed"], 2 / 35, rel_tol=1e-9), "replicates: pairs", row["pairs_of_one_seed"])
    tally.check(row["churn"] < row["churn_of_seeds"] and math.isclose(row["churn_of_seeds"], alone["churn"], rel_tol=1e-9),
                "replicates: churn of seeds", f"{row['churn_of_seeds']} is not {alone['churn']}")
    tally.check(math.isclose(thrice["distribution"][0]["test_set_variance"], once["distribution"][0]["test_set_variance"],
                             rel_tol=1e-9), "replicates: variance", thrice["distribution"][0])
    tally.check("5.71% of the pairs of the runs" in program.must("import", *words).stdout, "replicates: a note")


def check_negative_variance(program, tally):
    """Runs that are wrong equally often, at points of their own: the variance of the model is below 0 and told so."""
    labels = np.zeros(40, dtype=np.int64)
    predictions = np.array([[(j + 5 * i) % 40 < 10 + (i == 0) for j in range(40)] for i in range(8)], dtype=np.int64)
    accuracy = [float(a) for a in (predictions == labels).mean(axis=1)]
    words = write(program, "below", range(8), {"test_accuracy": accuracy}, predictions, labels)
    split = program.json("import", *words)["distribution"][0]
    tally.check(split["distribution_variance"] < 0 and split["distribution_sd"] is None, "below 0: no SD", split)
    shown = program.must("import", *words).stdout
    tally.check("none: variance -" in shown, "below 0: shown as it is", shown)


def check_faults(program, tally):
    labels, predictions = np.array([0, 1, 1]), np.zeros((4, 3), dtype=np.int32)
    words = write(program, "fine", range(4), {"acc": [0.1, 0.2, 0.3, 0.4]}, predictions, labels)
    tally.equal(program.call("import", *words).returncode, 0, "fine")
    for name, p, l, says in [
            ("rows", predictions[:3], labels, "(3, 3), but fine.csv has 4 runs"),
            ("columns", predictions[:, :2], labels, "3 labels"),
            ("scores", predictions + 0.5, labels, ":1:1: found 0.5"),
            ("negative", predictions - 1, labels, "classes are whole numbers"),
            ("negative label", predictions, labels - 1, ":1:1: found -1"),
            ("label table", predictions, np.zeros((3, 2)), "labels have the shape (points,)"),
            ("by column", np.asfortranarray(predictions), labels, "ascontiguousarray"),
            ("cube", np.zeros((4, 3, 2)), labels, "shape must be"),
            ("complex", predictions.astype(complex), labels, "cannot be read")]:
        np.save(program.folder / "bad_p.npy", p)
        np.save(program.folder / "bad_l.npy", l)
        done = program.call("import", "fine.csv", "--predictions", "bad_p.npy", "--labels", "bad_l.npy")
        tally.check(done.returncode == 2 and says in done.stderr, f"refused: {name}", done.stderr)
    for more in (["--predictions", "fine_p.npy"], ["--labels", "fine_l.npy"],
                 ["--predictions", "none.npy", "--labels", "fine_l.npy"]):
        tally.check(program.call("import", "fine.csv", *more).returncode in (2, 5), f"refused: {more}")
    words = write(program, "alone", [1], {"acc": [0.5]}, predictions[:1], labels)
    for part in ("predictions", "distribution"):
        reason = program.json("import", *words)[part]["reason"]
        tally.check("at least two runs" in reason, f"one run: the reason of no {part} says that it takes two", reason)
    reason = program.json("import", "fine.csv")["predictions"]["reason"]
    tally.check("--predictions" in reason, "the reason says what to add", reason)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        check_coin_flips(program, tally)
        check_arms(program, tally)
        check_order(program, tally)
        check_replicates(program, tally)
        check_negative_variance(program, tally)
        check_faults(program, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
