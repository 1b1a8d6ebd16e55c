#!/usr/bin/env python3
"""A run has the same bits whatever surrounds it: threads, vector width, launches, resumes, other runs, device.
Paths, precisions and replicates that must differ do.

usage: test_same_bits.py PROGRAM
"""
import concurrent.futures
import itertools
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

SIMD = ("avx512", "avx2", "plain")
PATHS = [{"path": "serial"}, {"path": "tree", "split": 4}, {"path": "drawn", "split": 8, "replicates": 2},
         {"path": "serial", "precision": "fp64"}, {"path": "drawn", "split": 5, "precision": "fp64"}]
OTHER_SUMS = [{"path": "butterfly", "split": 4}, {"path": "compensated", "split": 3}, {"path": "binned"},
              {"path": "fixed", "precision": "fp64"}, {"path": "serial", "precision": "bf16"}]
BOTH_PRECISIONS = [{"precision": "fp32"}, {"precision": "fp64"}]

IRIS = {"set": "iris", "standardize": True, "split": {"train": 0.6, "val": 0.2, "test": 0.2, "stratify": True}}
MOONS = {"set": "moons", "points": 50, "test_points": 21}
LINE = {"set": "linear", "points": 90, "features": 3}
FEW_DIGITS = {"set": "digits", "standardize": True, "split": {"train": 0.05, "val": 0.9, "test": 0.05}}


def mlp(hidden, **more):
    return {"kind": "mlp", "hidden": hidden, **more}


def cnn(hidden, *stages, **more):
    return {"kind": "cnn", "hidden": hidden, "conv": list(stages), **more}


def kmeans(clusters, start):
    return {"kind": "kmeans", "clusters": clusters, "start": start}


def train(loss, lr=0.1, **more):
    optimizer = {"lr": lr}
    if "momentum" in more:
        optimizer = {"kind": "momentum", "lr": lr, "momentum": more.pop("momentum")}
    if "epochs" not in more and "steps" not in more:
        more["epochs"] = 2
    return {"optimizer": optimizer, **({"loss": loss} if loss else {}), **more}


def sweep(seeds, *vary, **more):
    return {"kind": "sweep", "seeds": seeds, **({"vary": list(vary)} if vary else {}), **more}


def crossed(**levels):
    return {"kind": "crossed", "vary": levels}


def study(data, model, training, design, numerics=None, **more):
    parts = {"data": data, "model": model, "train": training, "design": design, "numerics": numerics, **more}
    return {key: value for key, value in parts.items() if value is not None}


CASES = {
    "relu, momentum, every source, every path":
        study(IRIS, mlp([7]), train("cross_entropy", momentum=0.9, batch_size=16), sweep(19), PATHS),
    "tanh, logistic, fresh data, 30 training rows":
        study({**MOONS, "test_points": 0}, mlp([5, 3], activation="tanh"), train("logistic", batch_size=8), sweep(21),
              PATHS),
    "squared, split and data fixed":
        study(LINE, mlp([13]), train("squared", 0.01, batch_size=10), sweep(18, "init", "order"), PATHS),
    "replacement, part of a batch left over":
        study(IRIS, mlp([6]), train("cross_entropy", sampling="replacement", batch_size=25), sweep(17), PATHS),
    "batch larger than the data":
        study(IRIS, mlp([5]), train("cross_entropy", batch_size=10**6, momentum=0.5, epochs=5), sweep(18), PATHS),
    "init x order x schedule":
        study(IRIS, mlp([9]), train("cross_entropy"), crossed(init=3, order=3, schedule=2),
              [{"path": "drawn", "split": 8, "replicates": 2}]),
    "init x split x data":
        study({**MOONS, "points": 110, "test_points": 0}, mlp([4]), train("logistic"),
              crossed(init=3, split=2, data=3)),
    "nested":
        study(IRIS, mlp([4]), train("cross_entropy"),
              {"kind": "nested", "vary": {"split": 3, "order": 2, "init": 3}, "replicates": 2}),
    "one at a time":
        study(IRIS, mlp([4]), train("cross_entropy"),
              {"kind": "one-at-a-time", "vary": {"init": 3, "split": 4}, "bases": 3}),
    "pick-freeze":
        study({**MOONS, "test_points": 0}, mlp([4]), train("logistic"), {"kind": "pick-freeze", "rows": 4}),
    "no hidden layer, no bias":
        study(IRIS, mlp([], bias=False, init="glorot_normal"), train("cross_entropy", batch_size=7), sweep(19), PATHS),
    "four hidden layers":
        study(MOONS, mlp([5, 3, 9, 2], activation="tanh", bias="zero", init="glorot_uniform"),
              train("cross_entropy", momentum=0.9), sweep(18), PATHS),
    "the widest layer":
        study(IRIS, mlp([256], init={"kind": "normal", "sd": 0.1}), train("cross_entropy", steps=2), sweep(3)),
    "the digits":
        study({"set": "digits", "standardize": True}, mlp([33]), train("cross_entropy", momentum=0.9, epochs=1),
              sweep(37), [{"path": "serial"}, {"path": "tree", "split": 32}]),
    "convolutions and pools, every path":
        study(FEW_DIGITS, cnn([6], {"channels": 5, "pool": "max"}, {"channels": 3, "kernel": 5, "pool": "average"}),
              train("cross_entropy", momentum=0.9, batch_size=12), sweep(19), PATHS),
    "convolutions with strides, dropout, adam, other sums":
        study(FEW_DIGITS, cnn([9], {"channels": 6, "kernel": 5, "stride": 2, "padding": "valid"}, {"channels": 7},
                              image=[1, 8, 8], activation="gelu", dropout=0.3),
              {**train("cross_entropy", batch_size=30), "optimizer": {"kind": "adam", "lr": 0.01, "clip_norm": 1}},
              sweep(18), OTHER_SUMS),
    "wide images, a batch of several chunks, early stopping":
        study({"set": "stroke_digits", "size": 20, "points": 140, "split": {"train": 0.7, "val": 0.1, "test": 0.2}},
              cnn([], {"channels": 16}, {"channels": 8, "stride": 2}),
              train("cross_entropy", 0.02, batch_size=80, epochs=4, early_stopping={"patience": 1}), sweep(17)),
    "closed form": study(LINE, {"kind": "linear"}, None, sweep(19), BOTH_PRECISIONS),
    "linear by sgd":
        study(LINE, {"kind": "linear", "fit": "sgd", "init": {"kind": "uniform", "bound": 0.5}},
              train(None, 0.01, momentum=0.9), sweep(18), PATHS),
    "polynomial":
        study(None, {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01], "start": {"uniform": [-4, 2]}},
              {"optimizer": {"lr": 0.01}, "steps": 100}, sweep(37), BOTH_PRECISIONS),
    "polynomial from given starts":
        study(None, {"kind": "poly", "coefficients": [0, 1, 1], "start": {"given": [n / 7 for n in range(18)]}},
              {"optimizer": {"lr": 0.1}, "steps": 11}, sweep(18, "init"), BOTH_PRECISIONS),
    "kmeans, split and data vary":
        study({**MOONS, "points": 111, "test_points": 0, "split": {"train": 0.7, "test": 0.3}},
              kmeans(6, "k-means++"), {"max_iterations": 100}, sweep(37), BOTH_PRECISIONS),
    "kmeans, init x split":
        study({**IRIS, "standardize": False}, kmeans(3, "random"), {"max_iterations": 100}, crossed(init=7, split=3),
              BOTH_PRECISIONS),
    "kmeans of digits, cut short":
        study({"set": "digits"}, kmeans(10, "k-means++"), {"max_iterations": 5}, sweep(19, "init"), BOTH_PRECISIONS,
              arms={"apart": {}, "random": {"model.start": "random"}}),
    "arms":
        study(IRIS, mlp([8]), train("cross_entropy"), sweep(18),
              arms={"base": {}, "other": {"model": {"hidden": [3, 3], "activation": "tanh"}, "train.batch_size": 50,
                                          "train.optimizer.lr": 0.3, "data.standardize": False}}),
    "diverging": study(LINE, mlp([5]), train("squared", 1e6, epochs=9), sweep(20), PATHS),
}

# What must not change a bit: name -> options of the commands that fill one store. {half}: half of the runs.
SURROUNDINGS = {
    "1 thread": ["--device cpu --threads 1"],
    "device auto": ["--device auto"],
    "launches of 1": ["--device cpu --launch 1"],
    "launches of 7": ["--device cpu --launch 7 --threads 1"],
    "launches of 1000": ["--device cpu --launch 1000"],
    "two halves": ["--device cpu --limit {half}", "--device auto --threads 1 --launch 5"],
}


def fill(program, path, store, commands, n_runs):
    """Runs the commands one after the other on one store; returns the study digest and the rows."""
    for number, options in enumerate(commands):
        code = 0 if number == len(commands) - 1 else 75
        words = options.format(half=n_runs // 2).split()
        digest = program.json("run", path, "--store", store, *words, code=code)["study_digest"]
    return digest, program.rows(store)


def first_difference(found, expected):
    for a, b in itertools.zip_longest(found, expected, fillvalue={}):
        for column in b or a:
            if a.get(column) != b.get(column):
                return f"run {b.get('run')}, {column}: {a.get(column)} is not {b.get(column)}"
    return ""


def identity(row):
    names = ["arm", "numerics", "replicate"] + [column for column in row if column.startswith("seed_")]
    return tuple(row[name] for name in names)


def alone(study, seed):
    """The study's runs of one seed, and nothing else."""
    design = {"kind": "sweep", "seeds": 1, "first_seed": seed}
    model = dict(study["model"])
    if model["kind"] == "poly" and "given" in model["start"]:
        model["start"] = {"given": model["start"]["given"][seed:]}
        design["vary"] = ["init"]
    return {**study, "design": design, "model": model}


def check_alone(program, tally, slug, name, case, expected):
    """Runs that share a plain seed: all of a sweep over every source, the first seed's of any other design."""
    seeds = sorted({int(row["seed_init"]) for row in expected if len(set(identity(row)[3:])) == 1})
    seed = seeds[-1]
    path = program.study(f"{slug}-alone", alone(case, seed))
    _, rows = fill(program, path, f"{slug}-alone.db", ["--launch 1"], 0)
    place = {identity(row): row for row in expected}
    partners = [place.get(identity(row), {}) for row in rows]
    for row, partner in zip(rows, partners):
        row["run"] = partner.get("run")
    tally.check(rows and rows == partners, f"{name}: seed {seed} alone", first_difference(rows, partners))


def check_case(program, tally, simds, number, name, case):
    slug = f"case{number:02}"
    path = program.study(slug, case)
    digest, expected = fill(program, path, f"{slug}.db", [f"--device cpu --simd {simds[0]} --threads 2"], 0)
    surroundings = {**{simd: [f"--device cpu --simd {simd}"] for simd in simds[1:]}, **SURROUNDINGS}
    for place, (what, commands) in enumerate(surroundings.items()):
        found, rows = fill(program, path, f"{slug}-{place}.db", commands, len(expected))
        tally.equal(found, digest, f"{name}: {what}: study digest")
        tally.check(rows == expected, f"{name}: {what}", first_difference(rows, expected))
    check_alone(program, tally, slug, name, case, expected)
    if name == "diverging":
        tally.check(any(row["status"] == "diverged" for row in expected), f"{name}: no run did")


def column(rows, name, numerics, replicate=0):
    return [row[name] for row in rows if row["numerics"] == numerics and row["replicate"] == str(replicate)]


def check_differences(program, tally):
    """What has to differ does, so that equal bits elsewhere mean something."""
    numerics = [{"path": "serial", "replicates": 2}, {"path": "tree", "split": 8},
                {"path": "drawn", "split": 8, "replicates": 2}, {"path": "serial", "precision": "fp64"}]
    path = program.study("paths", study(IRIS, mlp([8]), train("cross_entropy", momentum=0.9), sweep(20), numerics))
    _, rows = fill(program, path, "paths.db", [""], 0)

    def digests(name, replicate=0):
        return column(rows, "digest", name, replicate)

    names = ["serial fp32", "tree/8 fp32", "drawn/8 fp32", "serial fp64"]
    for a, b in itertools.combinations(names, 2):
        tally.check(len(digests(a)) == 20 and digests(a) != digests(b), f"{a} and {b} differ")
    tally.check(digests("drawn/8 fp32") != digests("drawn/8 fp32", 1), "replicates on drawn differ")
    tally.equal(digests("serial fp32", 1), digests("serial fp32"), "replicates on serial are equal")
    tally.equal(len(set(digests("serial fp32"))), 20, "every seed has bits of its own")
    losses = [[float(x) for x in column(rows, "train_loss", name)] for name in names]
    for name, other in zip(names[1:], losses[1:]):
        gap = max(abs(x - y) for x, y in zip(losses[0], other))
        tally.check(0 < gap < 1e-4, f"train_loss on serial fp32 and {name} is close and not equal", gap)


def available(program):
    """The instruction sets that this processor has."""
    path = program.study("probe", CASES["closed form"])
    found = []
    for simd in SIMD:
        done = program.call("run", path, "--device", "cpu", "--simd", simd, "--store", f"probe-{simd}.db")
        if done.returncode == 0:
            found.append(simd)
        else:
            print(f"skipped --simd {simd}: {done.stderr.strip()}")
    return found


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        simds = available(program)
        tally.check("plain" in simds, "plain kernels run everywhere")
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(check_case, program, tally, simds, number, name, case)
                    for number, (name, case) in enumerate(CASES.items())]
            for job in jobs:
                job.result()
        check_differences(program, tally)
    print(f"{len(CASES)} studies with {', '.join(simds)}; surroundings: {', '.join(SURROUNDINGS)}, one seed alone")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
