"""The statistics of real runs, from the study to the findings: pick-freeze against the full grid, predictions against a
second count, the distribution-wise variance against fresh points, the commands for numbers typed by hand.

test_statistics.py PROGRAM
"""
import math
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

NET = {"data": {"set": "moons", "points": 120, "noise": 0.3, "test_points": 400, "split": {"train": 1, "val": 0, "test": 0}},
       "model": {"kind": "mlp", "hidden": [4]},
       "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.3}, "batch_size": 10, "epochs": 4}}


def indices(program, name, design):
    store = f"{name}.db"
    program.must("run", program.study(name, {**NET, "design": design}), "--store", store)
    return program.json("analyze", store, "--metric", "test_loss", "--level", "0.999")


def of_metric(rows, metric):
    return [row for row in rows if row["metric"] == metric]


def check_pick_freeze(program, tally):
    """The same small net, every pair of seeds and rows of a pick-freeze: first-order and total shares agree."""
    grid = indices(program, "grid", {"kind": "crossed", "vary": {"init": 48, "order": 48}})
    rows = indices(program, "rows", {"kind": "pick-freeze", "vary": ["init", "order"], "rows": 1024})
    shares = {row["source"]: row for row in of_metric(grid["components"], "test_loss")}
    tally.equal(sorted(shares), ["init", "init:order", "order"], "grid: components")
    for source in ("init", "order"):
        found = next(row for row in of_metric(rows["indices"], "test_loss") if row["source"] == source)
        first, both = shares[source], shares["init:order"]
        for key, value, low, high in [
                ("first_order", first["share"], first["share_low"], first["share_high"]),
                ("total", first["share"] + both["share"], first["share_low"] + both["share_low"],
                 first["share_high"] + both["share_high"])]:
            overlap = found[f"{key}_low"] <= high and low <= found[f"{key}_high"]
            tally.check(overlap, f"pick-freeze: {key} of {source}",
                        f"{found[key]:.3f} [{found[f'{key}_low']:.3f}, {found[f'{key}_high']:.3f}], grid {value:.3f} "
                        f"[{low:.3f}, {high:.3f}]")
    tally.check(sum(row["total"] for row in of_metric(rows["indices"], "test_loss")) > 0.9, "pick-freeze: totals")


def variance(values):
    mean = math.fsum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)


def check_predictions(program, tally):
    """A second count from the exported tables."""
    study = {"data": {"set": "digits", "standardize": True,
                      "split": {"train": 0.3, "val": 0.2, "test": 0.5, "test_fixed": True}},
             "model": {"kind": "mlp", "hidden": [8]},
             "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 32, "epochs": 3},
             "design": {"kind": "sweep", "seeds": 60}}
    program.must("run", program.study("predictions", study), "--store", "predictions.db")
    findings = program.json("analyze", "predictions.db")
    points = program.rows("predictions.db", "predictions")
    errors = [1 - float(row["test_accuracy"]) for row in program.rows("predictions.db")]
    runs, n, wrong, churn, spread = 60, len(points), [], [], 0
    for point in points:
        counts = [int(point[f"count_{c}"]) for c in range(10)]
        eps = 1 - counts[int(point["label"])] / runs
        wrong.append(eps)
        churn.append(1 - sum(c * (c - 1) for c in counts) / (runs * (runs - 1)))
        spread += eps * (1 - eps) * runs / (runs - 1)
    row, split = findings["predictions"][0], findings["distribution"][0]
    tally.equal((row["n_runs"], row["n_points"], row["n_test_sets"]), (runs, n, 1), "predictions: sizes")
    for name, found, expected in [
            ("error", row["error"], sum(wrong) / n), ("error of the runs", row["error"], sum(errors) / runs),
            ("churn", row["churn"], sum(churn) / n),
            ("variance", split["test_set_variance"], variance(errors)),
            ("distribution", split["distribution_variance"], n / (n - 1) * (variance(errors) - spread / n**2)),
            ("independent", split["independent_sd"], math.sqrt(spread) / n)]:
        tally.check(math.isclose(found, expected, rel_tol=1e-9), f"predictions: {name}", f"{found} is not {expected}")
    tally.check(row["error_low"] < row["error"] < row["error_high"], "predictions: interval")
    accuracies = [1 - row["error"]] + [vote["accuracy"] for vote in row["ensembles"]]
    tally.check(accuracies[-1] > accuracies[0], "predictions: a vote of 20 is better than one run", accuracies)
    tally.equal(len(row["classes"]), 10, "predictions: classes")
    tally.equal(sum(c["n_points"] for c in row["classes"]), n, "predictions: points of the classes")
    shown = program.must("analyze", "predictions.db").stdout
    tally.check("Predictions (percent of test points" in shown, "predictions: table", shown)
    pairs = {row["metric"]: row["chosen_by"] for row in findings["seed_choice"]["gains"]}
    tally.equal(pairs, {"test_loss": "val_loss", "test_accuracy": "val_accuracy"}, "seed choice: metrics")


def check_replicates_of_a_test_set(program, tally):
    """A sweep that varies the split, with replicates: the runs of a test set have one seed and are not compared."""
    study = {"data": {"set": "iris", "standardize": True}, "model": {"kind": "mlp", "hidden": [4]},
             "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "batch_size": 16, "epochs": 2},
             "design": {"kind": "sweep", "seeds": 6}, "numerics": [{"path": "drawn", "split": 8, "replicates": 3}]}
    program.must("run", program.study("copies", study), "--store", "copies.db")
    findings = program.json("analyze", "copies.db")
    row, split = findings["predictions"][0], findings["distribution"][0]
    tally.check("replicates of one seed" in row["reason"] and row["error"] > 0, "copies: a reason", row)
    for name, value in [("churn", row["churn"]), ("churn less error", row["churn_less_error"]),
                        ("vote", row["ensembles"][0]["accuracy"]), ("SD", split["test_set_sd"]),
                        ("SD of the model", split["distribution_sd"]), ("if independent", split["independent_sd"])]:
        tally.equal(value, None, f"copies: no {name}")
    replicates = findings["nondeterminism"]["replicates"][0]
    tally.check(replicates["churn"] is not None, "copies: churn of the replicates", replicates)
    shown = program.must("analyze", "copies.db").stdout
    tally.check("Predictions are not compared" in shown, "copies: a note", shown)


def check_fresh_points(program, tally):
    """The same 300 models measured on 300 and on 30,000 points: what the small set says of the model holds on the large."""
    found = {}
    for name, points in (("few", 300), ("many", 30000)):
        data = {**NET["data"], "test_points": points}
        program.must("run", program.study(name, {**NET, "data": data, "design": {"kind": "sweep", "vary": ["init"], "seeds": 300}}),
                     "--store", f"{name}.db")
        found[name] = program.json("analyze", f"{name}.db", "--level", "0.999")["distribution"][0]
    few, many = found["few"], found["many"]
    truth = many["test_set_variance"]
    tally.check(few["distribution_variance_low"] < truth < few["distribution_variance_high"],
                "fresh points: the small set's estimate holds the truth",
                f"{few['distribution_variance']} [{few['distribution_variance_low']}, {few['distribution_variance_high']}], "
                f"in truth {truth}")
    tally.check(few["test_set_variance"] > few["distribution_variance"], "fresh points: the set adds variance")
    tally.check(many["independent_sd"] ** 2 < 0.05 * truth, "fresh points: 30,000 points are many", many)


def tau_of(a, b):
    """Kendall's tau-b by its definition."""
    def sign(x):
        return (x > 0) - (x < 0)
    pairs = [(sign(a[i] - a[j]), sign(b[i] - b[j])) for i in range(len(a)) for j in range(i)]
    return sum(x * y for x, y in pairs) / math.sqrt(sum(x * x for x, _ in pairs) * sum(y * y for _, y in pairs))


def check_early_ranks(program, tally):
    """Seeds at the checkpoints against the end, and of one arm against another, from the exported tables."""
    study = {**NET, "arms": {"base": {}, "tanh": {"model.activation": "tanh"}},
             "design": {"kind": "crossed", "vary": {"init": 7, "data": 6}},
             "record": {"checkpoints": "log2", "curves": "full", "predictions": "none"}}
    program.must("run", program.study("early", study), "--store", "early.db")
    choice = program.json("analyze", "early.db", "--metric", "test_loss")["seed_choice"]
    at = {}
    for row in program.rows("early.db", "curves"):
        at.setdefault((row["arm"], int(row["step"])), []).append(float(row["test_loss"]))
    steps = sorted({step for _, step in at})
    tally.equal([(row["arm"], row["step"]) for row in choice["early_ranks"]],
                [(arm, step) for arm in ("base", "tanh") for step in steps[:-1]], "early ranks: rows")
    for row in choice["early_ranks"]:
        expected = tau_of(at[row["arm"], row["step"]], at[row["arm"], steps[-1]])
        tally.check(math.isclose(row["tau"], expected, rel_tol=1e-9, abs_tol=1e-12) and row["tau_low"] is None,
                    f"early ranks: {row['arm']} at {row['step']}", f"{row['tau']} is not {expected}")
    means = {}
    for row in program.rows("early.db"):
        for source in ("init", "data"):
            means.setdefault((row["arm"], source), {}).setdefault(row[f"seed_{source}"], []).append(float(row["test_loss"]))
    for source in ("init", "data"):
        ranked = [[math.fsum(means[arm, source][seed]) for seed in sorted(means["base", source])] for arm in ("tanh", "base")]
        found = [row for row in of_metric(choice["carry_over"], "test_loss")
                 if (row["arm"], row["source"], row["over"]) == ("tanh", source, "arm base")]
        tally.check(len(found) == 1 and math.isclose(found[0]["tau"], tau_of(*ranked), rel_tol=1e-9),
                    f"carry-over of {source} between arms", f"{found} {tau_of(*ranked)}")


def check_howmany_options(program, tally):
    """Every option is heeded, with runs as with typed numbers, or refused."""
    def of_runs(*words):
        return program.json("howmany", "early.db", *words)["howmany"]["comparisons"][0]
    plain, strict = of_runs(), of_runs("--power", 0.99)
    tally.equal((plain["power"], strict["power"]), (0.8, 0.99), "howmany: the power that was asked for")
    tally.check(strict["n_welch"] > plain["n_welch"] and strict["n_paired"] > plain["n_paired"],
                "howmany: more power takes more seeds", (plain, strict))
    little = program.must("howmany", "early.db", "--power", 0.04).stdout
    tally.check("No numbers of seeds: the level is too low" in little, "howmany: too little power is told", little)
    tally.check("with power 0.99" in program.must("howmany", "early.db", "--power", 0.99).stdout, "howmany: power in words")
    for words in (["early.db", "--rho", 0.5], ["early.db", "--margin", 0.1], ["early.db", "--power", 0],
                  ["early.db", "--power", 1], [1, 1, 2, 1, "--power", 0], [1, 1, 2, 1, "--metric", "x"]):
        done = program.call("howmany", *words)
        tally.check(done.returncode == 2 and f"{words[-2]}" in done.stderr, f"howmany refuses {words}", done.stderr)


def check_commands(program, tally):
    agree = program.json("agree", 87.8, 0.7, 3, 88.2, 0.6, 3, "--margin", 1)
    tally.equal(agree["verdict"], "undecided", "agree: verdict")
    tally.check(math.isclose(agree["p"], 0.4943, abs_tol=2e-3), "agree: p", agree["p"])
    tally.equal(program.json("agree", 0.9, 0.001, 30, 0.9, 0.001, 30, "--margin", 0.01)["verdict"], "equivalent",
                "agree: equivalent")
    tally.equal(program.json("agree", -0.9, 0.01, 30, 0.5, 0.01, 30)["verdict"], "different", "agree: negative numbers")
    tally.check("43 seeds each" in program.must("agree", 87.8, 0.7, 3, 88.2, 0.6, 3).stdout, "agree: text")
    for words in (["agree", 1, 2, 3], ["agree", 1, 2, 1, 1, 2, 3], ["agree", 1, "x", 3, 1, 2, 3], ["agree", 1, -1, 3, 1, 1, 3],
                  ["howmany"], ["howmany", 1, 1, 2], ["howmany", 1, 1, 2, 1, "--power", 2], ["claim", 1, 1, 5],
                  ["claim", 1, 0, 5, "--value", 2], ["claim", "predictions.db"],
                  ["claim", "predictions.db", "--value", 0.5, "--metric", "no"],
                  ["claim", "predictions.db", "--value", 93.5],
                  ["claim", "predictions.db", "--value", 2, "--metric", "weight_norm"]):
        done = program.call(*words)
        tally.check(done.returncode == 2 and done.stderr.startswith("seedvar: "), f"refused: {words}", done.stderr)
    howmany = program.json("howmany", 2, 1, 0, 1, "--rho", 0.5)
    tally.equal((howmany["n_welch"], howmany["n_by_normal_formula"]), (6, 4), "howmany: at two SDs 6, not 4")
    tally.check(howmany["n_paired"] < 6, "howmany: paired", howmany)
    claim = program.json("claim", "predictions.db", "--value", 0, "--seeds", 3)["claims"][0]
    tally.equal((claim["p"], claim["n_reaching"]), (1, 60), "claim: what every run reaches")
    values = sorted(float(row["test_accuracy"]) for row in program.rows("predictions.db"))
    claim = program.json("claim", "predictions.db", "--value", values[-6], "--seeds", 10)["claims"][0]
    share = sum(v >= values[-6] for v in values) / 60
    tally.check(math.isclose(claim["p"], 1 - (1 - share) ** 10, rel_tol=1e-9), "claim: p", claim)
    tally.check(math.isclose(claim["seeds_for_half"], math.log(0.5) / math.log(1 - share), rel_tol=1e-9), "claim: seeds")
    typed = program.must("claim", 0.9, 0.01, 5, "--value", 0.92, "--seeds", 100).stdout
    tally.check("Taken for normal" in typed and "with a chance of 90" in typed, "claim: typed", typed)
    check_howmany_options(program, tally)
    part = program.must("howmany", "predictions.db").stdout
    tally.check("False findings in percent" in part and "bootstrap" in part, "howmany: of a store", part)
    shown = program.must("analyze", "predictions.db", "--paragraph").stdout
    tally.check("Philox4x32-10" in shown and "between 60 runs" in shown, "paragraph", shown)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        check_predictions(program, tally)
        check_replicates_of_a_test_set(program, tally)
        check_early_ranks(program, tally)
        check_commands(program, tally)
        check_pick_freeze(program, tally)
        check_fresh_points(program, tally)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
