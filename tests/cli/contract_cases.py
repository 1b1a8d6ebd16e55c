"""Studies whose bits the two implementations of docs/numerics.md must agree on."""
DIGITS = {"set": "digits", "standardize": True}
J2 = {"model": {"kind": "mlp", "hidden": [32], "activation": "relu"},
      "train": {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9},
                "batch_size": 32, "steps": 300}}
DRAWN = [{"path": "drawn", "split": s, "replicates": 2} for s in (3, 7, 8, 32)]
TREES = [{"path": "tree", "split": s} for s in (2, 4, 8, 16, 32)]
POLYNOMIAL = [1.992, -3.88, 1.4, 1, 0, 0, 0.01]


def sweep(seeds, *vary, first_seed=0):
    return {"kind": "sweep", "seeds": seeds, "first_seed": first_seed, **({"vary": list(vary)} if vary else {})}


def moons(**data):
    return {"set": "moons", "points": 90, **data}


def mlp(hidden, activation="tanh", **model):
    return {"kind": "mlp", "hidden": hidden, **({"activation": activation} if activation else {}), **model}


def train(loss, lr=0.1, batch_size=16, epochs=3, momentum=0, **keys):
    optimizer = {"lr": lr, **({"momentum": momentum} if momentum else {})}
    length = {} if "steps" in keys else {"epochs": epochs}
    return {"loss": loss, "optimizer": optimizer, "batch_size": batch_size, **length, **keys}


RANDOM_SEEDS = range(10)
BOTH = [{"precision": "fp32"}, {"precision": "fp64"}]
CASES = {
    # the network of the digits studies at full length
    "digits": {"data": DIGITS, **J2, "design": sweep(3, first_seed=41)},
    "digits-stratified": {
        "data": {"set": "digits", "split": {"train": 0.3, "val": 0.2, "test": 0.5, "stratify": True}},
        "model": mlp([12], "relu", init="kaiming_normal", bias="zero"),
        "train": train("cross_entropy", lr=0.01, momentum=0.5, steps=20), "design": sweep(2)},
    "deep": {"data": moons(), "model": mlp([9, 7, 5], init="glorot_uniform"),
             "train": train("cross_entropy"), "design": sweep(3, "init", "order"), "numerics": BOTH},
    "logistic": {"data": moons(test_points=37), "model": mlp([8], "relu"), "train": train("logistic", momentum=0.9),
                 "design": sweep(3, "init", "order", first_seed=2**64 - 3), "numerics": BOTH},
    "squared": {"data": {"set": "linear", "points": 70, "features": 3, "standardize": True},
                "model": mlp([6], "relu", init="glorot_normal"), "train": train("squared", lr=0.03),
                "design": sweep(3), "numerics": BOTH},
    # batches of 13: every split has parts of different sizes, and the last batch leaves some empty
    "paths": {"data": moons(noise=0.3), "model": mlp([4]), "train": train("logistic", lr=0.5, batch_size=13),
              "design": sweep(3), "numerics": [{"path": "serial"}, *TREES, *DRAWN]},
    "paths-wide": {"data": moons(), "model": mlp([4, 3], "relu"), "train": train("cross_entropy", momentum=0.8),
                   "design": {"kind": "crossed", "vary": {"init": 2, "schedule": 2}},
                   "numerics": [{"precision": "fp64", **n} for n in (TREES[2], DRAWN[0])]},
    "inits": {"data": {"set": "iris"}, "model": mlp([5], "relu"), "train": train("cross_entropy", lr=0.01, epochs=1),
              "arms": {**{i: {"model.init": i} for i in ("kaiming_uniform", "kaiming_normal", "glorot_uniform",
                                                         "glorot_normal", "zero")},
                       "uniform": {"model.init": {"kind": "uniform", "bound": 0.3}},
                       "normal": {"model.init": {"kind": "normal", "sd": 0.3}},
                       "bias-zero": {"model.bias": "zero"}, "bias-none": {"model.bias": False},
                       "no-hidden": {"model.hidden": [], "model.activation": None}},
              "design": sweep(2), "numerics": BOTH},
    "sampling": {"data": moons(split={"train": 0.5, "test": 0.5, "stratify": True}, standardize=True),
                 "model": mlp([3]), "train": train("logistic", sampling="replacement"),
                 "arms": {"replacement": {}, "few": {"train.steps": 2}, "none": {"train.steps": 0},
                          "whole": {"train.batch_size": 1000}, "one": {"train": {"batch_size": 1, "epochs": 1}}},
                 "design": sweep(2)},
    "generators": {"data": moons(), "model": mlp([3]), "train": train("cross_entropy", epochs=1),
                   "arms": {"noisy": {"data.noise": 1.5}, "clean": {"data.noise": 0},
                            "fresh": {"data.test_points": 20, "data.standardize": True},
                            "fresh-val": {"data": {"test_points": 9, "split": {"train": 0.7, "val": 0.3}}},
                            **{f"line{d}": {"data": {"set": "linear", "features": d, "points": 50, "test_points": 11},
                                            "train.loss": "squared"} for d in (1, 2, 3, 6)}},
                   "design": sweep(2, "data")},
    "sets": {"data": moons(), "model": mlp([3], "relu"), "train": train("cross_entropy", steps=3),
             "arms": {"circles": {"data": {"set": "circles", "classes": 3, "test_points": 8}},
                      "spirals": {"data": {"set": "spirals", "classes": 4, "turns": 1.5, "noise": 0.1}},
                      "blobs": {"data": {"set": "blobs", "features": 5, "classes": 4, "test_points": 6}},
                      "parity": {"data": {"set": "parity", "features": 140, "relevant": 35, "test_points": 5}},
                      "modular": {"data": {"set": "modular_addition", "modulus": 7, "points": None}},
                      "modular-drawn": {"data": {"set": "modular_addition", "modulus": 11, "points": 70,
                                                 "test_points": 20}},
                      "strokes": {"data": {"set": "stroke_digits", "size": 9, "points": 60, "standardize": True}},
                      "strokes-far": {"data": {"set": "stroke_digits", "distortion": 3, "noise": 0,
                                               "test_points": 11}}},
             "design": sweep(2)},
    "splits": {"data": moons(standardize=True), "model": mlp([3]), "train": train("cross_entropy", steps=4),
               "arms": {f"{'-'.join(keys)}-{len(shares)}": {"data.split": {**dict.fromkeys(keys, True), **shares}}
                        for keys in (("replace",), ("test_fixed",), ("replace", "test_fixed"))
                        for shares in ({}, {"train": 0.7, "val": 0.1, "test": 0.2, "stratify": True})},
               "design": sweep(3, "split", "order")},
    "noise": {"data": {"set": "iris", "standardize": True}, "model": mlp([3]), "train": train("cross_entropy", steps=4),
              "arms": {"labels": {"data.label_noise": 0.3}, "inputs": {"data.input_noise": 0.5},
                       "both": {"data": {"label_noise": 0.1, "input_noise": 1, "split": {"replace": True}}},
                       "all": {"data.label_noise": 1},
                       "line": {"data": {"set": "linear", "points": 40, "features": 5, "input_noise": 0.1},
                                "model": {"kind": "linear", "fit": "sgd", "hidden": None, "activation": None},
                                "train.loss": "squared"}},
              "design": sweep(3, "noise", "order"), "numerics": BOTH},
    "line": {"data": {"set": "linear", "points": 60, "features": 3, "noise": 0.5},
             "model": {"kind": "linear"},
             "arms": {"closed": {}, "through-zero": {"model.intercept": False}, "standard": {"data.standardize": True},
                      "descent": {"model.fit": "sgd", "train": train("squared")},
                      "descent-drawn": {"model": {"fit": "sgd", "init": {"kind": "normal", "sd": 1},
                                                  "intercept": False},
                                        "train": train("squared", momentum=0.9)}},
             "design": sweep(3), "numerics": BOTH},
    "line-dependent": {"data": {"set": "csv", "file": "dependent.csv", "task": "regression"},
                       "model": {"kind": "linear"}, "arms": {"base": {}, "through-zero": {"model.intercept": False}},
                       "design": sweep(3)},
    "poly": {"model": {"kind": "poly", "coefficients": POLYNOMIAL, "start": {"uniform": [-4, 2]}},
             "train": {"optimizer": {"lr": 0.01}, "steps": 100}, "design": sweep(20), "numerics": BOTH},
    "poly-given": {"model": {"kind": "poly", "coefficients": POLYNOMIAL, "start": {"given": [1.240576, -3.937755]}},
                   "train": {"optimizer": {"lr": 0.01}, "steps": 50}, "design": sweep(2, "init", first_seed=8)},
    # a step far too long: infinities and NaN
    "diverged": {"data": moons(), "model": mlp([3], "relu"), "train": train("cross_entropy", lr=1e30, momentum=0.9),
                 "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}, "logistic": {"train.loss": "logistic"},
                          "squared": {"data": {"set": "linear", "points": 40}, "train.loss": "squared",
                                      "train.optimizer.lr": 1e4},
                          "none": {"train.steps": 0, "model.init": {"kind": "normal", "sd": 1e20}}},
                 "design": sweep(3), "numerics": BOTH},
    "poly-diverged": {"model": {"kind": "poly", "coefficients": [1, 0, 1, 0, 1, 0, 0, 0, 0, 1],
                                "start": {"given": [1e38, -1e38, 1e34, -1e3]}},
                      "train": {"optimizer": {"lr": 1e-3}, "steps": 0},
                      "arms": {f"{n}-steps": {"train.steps": n} for n in (0, 1, 2, 3)},
                      "design": sweep(4, "init"), "numerics": BOTH},
    # gradients about 2^-100: the rule for small velocities shows in weights that start at zero
    "tiny": {"data": {"set": "csv", "file": "tiny.csv", "task": "regression"},
             "model": mlp([], None, init="zero", bias="zero"),
             "train": train("squared", momentum=0.9, batch_size=4, epochs=2), "design": sweep(3), "numerics": BOTH},
}


# dependent.csv: the columns c = a - b and e = d + 1 depend on those before them and on the ones.
FILES = {
    "dependent.csv": [("a", "b", "c", "d", "e", "y"),
                      *((a, b, a - b, d, d + 1, a + d / 4 + b % 3)
                        for a, b, d in ((i % 5, i * i % 7, i % 3) for i in range(30)))],
    "tiny.csv": [("a", "b", "y"), *(((i * i % 7 - 3) * 1e-15, i % 5 * 1e-16, (i % 3 - 1) * 1e-16) for i in range(40))],
}
