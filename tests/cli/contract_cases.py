"""Studies whose bits the two implementations of docs/numerics.md must agree on."""
DIGITS = {"set": "digits", "standardize": True}
J2 = {"model": {"kind": "mlp", "hidden": [32], "activation": "relu"},
      "train": {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9},
                "batch_size": 32, "steps": 300}}
SHORT = {**J2, "train": {**J2["train"], "steps": 100}}
DRAWN = [{"path": "drawn", "split": s, "replicates": 2} for s in (3, 7, 8, 32)]
TREES, BUTTERFLIES = ([{"path": path, "split": s} for s in (2, 4, 8, 16, 32)] for path in ("tree", "butterfly"))
COMPENSATED = [{"path": "compensated", "split": s} for s in (2, 3, 7, 32)]
TERMS = [{"path": "binned"}, {"path": "fixed"}, {"path": "fixed", "scale": 20, "split": 7}]
NARROW = [{"precision": "tf32"}, {"precision": "bf16"}, {"precision": "fp16"}, {"precision": "fp16", "loss_scale": 16}]
POLYNOMIAL = [1.992, -3.88, 1.4, 1, 0, 0, 0.01]


def sweep(seeds, *vary, first_seed=0):
    return {"kind": "sweep", "seeds": seeds, "first_seed": first_seed, **({"vary": list(vary)} if vary else {})}


def moons(**data):
    return {"set": "moons", "points": 90, **data}


def mlp(hidden, activation="tanh", **model):
    return {"kind": "mlp", "hidden": hidden, **({"activation": activation} if activation else {}), **model}


def cnn(*stages, hidden=(6,), **model):
    return {"kind": "cnn", "conv": list(stages), "hidden": list(hidden), **model}


def strokes(size, points=60, **data):
    return {"set": "stroke_digits", "size": size, "points": points, **data}


def blobs(features, points=60, **data):
    return {"set": "blobs", "features": features, "points": points, **data}


def train(loss, lr=0.1, batch_size=16, epochs=3, momentum=0, kind=None, **keys):
    optimizer = {"lr": lr, **({"momentum": momentum} if momentum else {}), **({"kind": kind} if kind else {})}
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
    # rows that are not standardized: classes ruled out with probabilities below 2^-100
    "digits-sure": {"data": {"set": "digits", "split": {"train": 0.5, "test": 0.5}}, **SHORT, "design": sweep(2)},
    "logistic-sure": {"data": moons(noise=0), "model": mlp([8], "relu", init={"kind": "normal", "sd": 9}),
                      "train": train("logistic", epochs=1), "design": sweep(3), "numerics": BOTH},
    "deep": {"data": moons(), "model": mlp([9, 7, 5], init="glorot_uniform"),
             "train": train("cross_entropy"), "design": sweep(3, "init", "order"), "numerics": BOTH},
    "logistic": {"data": moons(test_points=37), "model": mlp([8], "relu"), "train": train("logistic", momentum=0.9),
                 "design": sweep(3, "init", "order", first_seed=2**64 - 3), "numerics": BOTH},
    "squared": {"data": {"set": "linear", "points": 70, "features": 3, "standardize": True},
                "model": mlp([6], "relu", init="glorot_normal"), "train": train("squared", lr=0.03),
                "design": sweep(3), "numerics": BOTH},
    "digits-paths": {"data": DIGITS, **SHORT, "design": sweep(1, first_seed=7),
                     "numerics": [TREES[2], BUTTERFLIES[2], BUTTERFLIES[4], *COMPENSATED[1:], *DRAWN[1:3], *TERMS]},
    "digits-precisions": {"data": DIGITS, **SHORT, "design": sweep(1, first_seed=8), "numerics": NARROW},
    "adam-dropout": {"data": moons(points=150), "model": mlp([12, 10, 8], dropout=0.2),
                     "train": train("cross_entropy", lr=0.01, epochs=6, kind="adam"), "design": sweep(4),
                     "numerics": BOTH},
    # batches of 13: every split has parts of different sizes, and the last batch leaves some empty
    "paths": {"data": moons(noise=0.3), "model": mlp([4]), "train": train("logistic", lr=0.5, batch_size=13),
              "design": sweep(3), "numerics": [{"path": "serial"}, *TREES, *BUTTERFLIES, *COMPENSATED, *DRAWN, *TERMS]},
    # gradients of one sign that add up to more than a 64-bit number of grains, and columns in bins far from each other
    "terms-steep": {"data": {"set": "csv", "file": "steep.csv", "task": "regression",
                             "split": {"train": 0.9, "test": 0.1}},
                    "model": mlp([], None), "train": train("squared", lr=1e-9, batch_size=37, epochs=4),
                    "design": sweep(3), "numerics": [*TERMS[:2], {"path": "fixed", "scale": 12},
                                                    {"path": "binned", "precision": "fp64"}]},
    "terms-infinite": {"data": {"set": "csv", "file": "far.csv", "task": "regression"}, "model": mlp([], None),
                       "train": train("squared", steps=1), "design": sweep(9),
                       "numerics": [TERMS[0], {"path": "binned", "precision": "fp64"}]},
    "paths-wide": {"data": moons(), "model": mlp([4, 3], "relu"), "train": train("cross_entropy", momentum=0.8),
                   "design": {"kind": "crossed", "vary": {"init": 2, "schedule": 2}},
                   "numerics": [{"precision": "fp64", **n} for n in (TREES[2], BUTTERFLIES[2], COMPENSATED[1], DRAWN[0],
                                                                *TERMS)]},
    "optimizers": {"data": moons(), "model": mlp([5], "relu"), "train": train("cross_entropy", batch_size=13),
                   "arms": {f"{name}-{extra}": {"train": {"optimizer": {**options, **more}}}
                            for name, options in (("sgd", {}), ("sgd-momentum", {"momentum": 0.7}),
                                                  ("momentum", {"kind": "momentum", "momentum": 0.9}),
                                                  ("momentum-zero", {"kind": "momentum", "momentum": 0}),
                                                  ("nesterov", {"kind": "nesterov", "momentum": 0.9}),
                                                  ("nesterov-zero", {"kind": "nesterov", "momentum": 0}),
                                                  ("adam", {"kind": "adam", "lr": 0.02}),
                                                  ("adamw", {"kind": "adamw", "lr": 0.02, "beta1": 0.8, "beta2": 0.99,
                                                             "epsilon": 1e-4}))
                            for extra, more in (("plain", {}), ("decay", {"weight_decay": 0.03}),
                                                ("clip", {"clip_norm": 0.05}),
                                                ("both", {"weight_decay": 0.1, "clip_norm": 0.2}))},
                   "design": sweep(2), "numerics": BOTH},
    "schedules": {"data": moons(), "model": mlp([4], "gelu"), "train": train("logistic", batch_size=7, steps=23),
                  "arms": {f"{name}-{warmup}": {"train": {
                              "schedule": {**options, **({} if warmup is None else {"warmup": warmup})},
                              "optimizer": {"kind": kind, **({"momentum": 0.5} if kind == "nesterov" else {})}}}
                           for name, kind, options in (
                               ("constant", "sgd", {"kind": "constant"}), ("linear", "nesterov", {"kind": "linear"}),
                               ("linear-final", "adam", {"kind": "linear", "final": 0.3}),
                               ("cosine", "adamw", {"kind": "cosine"}),
                               ("cosine-final", "sgd", {"kind": "cosine", "final": 0.1}),
                               ("one-cycle", "adam", {"kind": "one_cycle"}))
                           for warmup in (None, 1, 5, 21, 22, 23)},
                  "design": sweep(1), "numerics": BOTH},
    "activations": {"data": moons(), "model": mlp([6, 4]), "train": train("cross_entropy", lr=0.2),
                    "arms": {f"{a}-{p}": {"model": {"activation": a, "dropout": p}}
                             for a in ("relu", "tanh", "sigmoid", "silu", "gelu") for p in (0, 0.25)},
                    "design": sweep(2), "numerics": [*BOTH, *NARROW]},
    "dropout": {"data": moons(), "model": mlp([7, 4, 13], "relu", dropout=0.5),
                "train": train("logistic", batch_size=11, last_batch="drop"),
                "arms": {"half": {}, "most": {"model.dropout": 0.9}, "little": {"model.dropout": 1e-3},
                         "replacement": {"train.sampling": "replacement"}, "keep": {"train.last_batch": "keep"},
                         "whole": {"train.batch_size": 1000, "train.steps": 3}},
                "design": sweep(3, "dropout", "order"), "numerics": BOTH},
    "stopping": {"data": moons(noise=0.5, split={"train": 0.5, "val": 0.3, "test": 0.2}), "model": mlp([6], "relu"),
                 "train": {**train("cross_entropy", lr=0.7, epochs=12), "early_stopping": {"patience": 2}},
                 "arms": {"epochs": {}, "every": {"train.early_stopping.every": 1}, "steps": {"train.steps": 10},
                          "late": {"train.early_stopping": {"patience": 1, "every": 1000}},
                          "none": {"train.steps": 0}, "fails": {"train.optimizer.lr": 1e30},
                          "bootstrap": {"data.split.replace": True},
                          "adam": {"train": {"optimizer": {"kind": "adam"}, "schedule": "cosine"}}},
                 "design": sweep(6), "numerics": BOTH},
    "saturated": {"data": moons(noise=3), "model": mlp([4], "relu", init={"kind": "normal", "sd": 9}),
                  "train": train("squared", lr=1e-3, epochs=2), "data": {"set": "linear", "points": 40, "features": 2},
                  "arms": {"base": {}, "fails": {"train.optimizer.lr": 1e30}},
                  "design": sweep(6), "numerics": [{"path": "fixed", "scale": s, "precision": p}
                                                   for s in (0, 36, 38, 40, 60, 100) for p in ("fp32", "fp64")]},
    "precisions": {"data": moons(noise=1), "model": mlp([5, 4], "relu"),
                   "train": train("cross_entropy", lr=0.5, momentum=0.5, batch_size=13),
                   "arms": {"base": {}, "adamw": {"train": {"optimizer": {"kind": "adamw", "momentum": None}}},
                            "stopping": {"train": {"early_stopping": {"patience": 1}}},
                            "clip": {"train.optimizer": {"clip_norm": 0.5, "weight_decay": 0.01}},
                            "far": {"model.init": {"kind": "normal", "sd": 300}},
                            "line": {"data": {"set": "linear", "points": 50, "features": 3},
                                     "model": {"kind": "linear", "fit": "sgd", "hidden": None, "activation": None},
                                     "train.loss": "squared", "train.optimizer.lr": 0.05}},
                   "design": sweep(2),
                   "numerics": [*NARROW, *({**path, **narrow} for path, narrow in zip(
                       (TREES[0], BUTTERFLIES[1], COMPENSATED[1], TERMS[0], TERMS[1], DRAWN[0]), 2 * NARROW[:3]))]},
    # the taps of every kernel, stride, padding and pool; two convolutions, then dense layers
    "convolutions": {"data": DIGITS, "model": cnn({"channels": 4, "pool": "max"}, hidden=[12]),
                     "train": train("cross_entropy", momentum=0.9, batch_size=8, steps=20),
                     "arms": {"max": {}, "average": {"model.conv": [{"channels": 3, "kernel": 5, "pool": "average"}]},
                              "strides": {"model.conv": [{"channels": 3, "stride": 2},
                                                         {"channels": 5, "kernel": 5, "stride": 2}]},
                              "valid": {"model.conv": [{"channels": 5, "kernel": 5, "padding": "valid"},
                                                       {"channels": 2, "pool": "max"}], "model.hidden": []},
                              "two": {"model.conv": [{"channels": 4, "kernel": 5, "pool": "average"},
                                                     {"channels": 3, "pool": "max"}]}},
                     "design": sweep(1, first_seed=11)},
    "convolutions-fp64": {"data": strokes(8), "model": cnn({"channels": 3, "pool": "max"}, activation="tanh"),
                          "train": train("cross_entropy", batch_size=8, steps=10),
                          "arms": {"max": {}, "average": {"model.conv": [{"channels": 2, "kernel": 5, "stride": 2,
                                                                           "padding": "valid", "pool": "average"}]}},
                          "design": sweep(1), "numerics": [{"precision": "fp64"}]},
    # sides that do not divide: pools and strides that leave a last line, images of several channels, the largest
    "images": {"data": strokes(9), "model": cnn({"channels": 3, "pool": "max"}),
               "train": train("cross_entropy", batch_size=7, steps=4),
               "arms": {"odd": {}, "ties": {"data.noise": 0}, "odd-strides": {"model.conv": [{"channels": 2, "stride": 2, "pool": "average"},
                                                                  {"channels": 3, "kernel": 5, "pool": "average"}]},
                        "valid-strides": {"model.conv": [{"channels": 2, "kernel": 5, "stride": 2,
                                                          "padding": "valid"}, {"channels": 3, "pool": "max"}]},
                        "channels": {"model": {"image": [3, 9, 3], "conv": [{"channels": 16, "pool": "max"}]}},
                        "flat": {"model": {"image": [1, 3, 27], "conv": [{"channels": 2, "padding": "valid"}]}},
                        "line": {"model": {"image": [3, 1, 27], "conv": [{"channels": 2, "stride": 2}]}},
                        "four": {"model": {"hidden": [], "conv": [{"channels": 2}, {"channels": 3, "pool": "average"},
                                                                  {"channels": 2}, {"channels": 3, "pool": "max"}]}},
                        "wide": {"data": {"size": 28, "points": 20}, "train.steps": 1,
                                 "model.conv": [{"channels": 2, "kernel": 5, "pool": "max"},
                                                {"channels": 3, "kernel": 5, "padding": "valid", "pool": "max"}]}},
               "design": sweep(2)},
    # what else a network has: starts, biases, activations, losses, optimizers, dropout, early stopping
    "convolutions-more": {
        "data": blobs(36, test_points=11), "model": cnn({"channels": 3, "pool": "max"}, {"channels": 2}),
        "train": train("cross_entropy", batch_size=9, steps=6),
        "arms": {**{i: {"model.init": i} for i in ("kaiming_normal", "glorot_uniform", "glorot_normal", "zero")},
                 **{a: {"model.activation": a} for a in ("tanh", "sigmoid", "silu", "gelu")},
                 **{f"dropout-{a}": {"model": {"dropout": 0.4, "hidden": [5, 3], "activation": a}}
                    for a in ("relu", "sigmoid", "gelu")},
                 "bias-zero": {"model.bias": "zero"}, "bias-none": {"model.bias": False},
                 "adam": {"train.optimizer": {"kind": "adamw", "weight_decay": 0.1, "clip_norm": 0.5}},
                 "schedule": {"train": {"schedule": "one_cycle", "sampling": "replacement"}},
                 "stopping": {"data": {"test_points": 0, "split": {"train": 0.6, "val": 0.4}},
                              "train": {"optimizer": {"lr": 2}, "early_stopping": {"patience": 1, "every": 1}}},
                 "fails": {"train.optimizer.lr": 1e30}},
        "design": sweep(2)},
    # some seeds make an image that is zero on every row, some only in the windows of its pool
    "convolutions-dead": {"data": blobs(6, 8, classes=2, noise=0), "train": train("cross_entropy", steps=0),
                          "model": cnn({"channels": 1, "pool": "max"}, bias=False, image=[1, 3, 2]),
                          "design": sweep(29, "init", first_seed=16)},
    "convolutions-logistic": {"data": {"set": "parity", "points": 40, "features": 25},
                              "model": cnn({"channels": 2, "pool": "average"}, {"channels": 2}),
                              "train": train("logistic", batch_size=9, steps=5), "design": sweep(2)},
    "convolutions-squared": {"data": {"set": "linear", "points": 40, "features": 36},
                             "model": cnn({"channels": 3, "kernel": 5, "stride": 2}), "numerics": BOTH,
                             "train": train("squared", lr=0.01, batch_size=9, steps=5), "design": sweep(2)},
    "convolutions-paths": {"data": blobs(36), "model": cnn({"channels": 3, "pool": "max"}, {"channels": 2}),
                           "train": train("cross_entropy", batch_size=9, steps=6), "design": sweep(1),
                           "numerics": [TREES[2], BUTTERFLIES[4], COMPENSATED[1], *DRAWN[:2], *TERMS, *NARROW,
                                        *({**path, **narrow} for path, narrow in zip((TERMS[0], TERMS[1], TREES[0]),
                                                                                     NARROW[1:])),
                                        {"path": "binned", "precision": "fp64"},
                                        {"path": "fixed", "scale": 39}]},
    "clusters": {"data": moons(points=200), "model": {"kind": "kmeans", "clusters": 6, "start": "k-means++"},
                 "train": {"max_iterations": 50},
                 "arms": {"plus": {}, "random": {"model.start": "random"},
                          "tested": {"data": {"split": {"train": 0.6, "val": 0.1, "test": 0.3}, "standardize": True}},
                          "fresh": {"data.test_points": 33}, "cut": {"train.max_iterations": 2},
                          "none": {"train.max_iterations": 0}, "one": {"model.clusters": 1},
                          "many": {"model.clusters": 150, "model.start": "random"},
                          "bootstrap": {"data.split": {"train": 0.8, "test": 0.2, "replace": True}},
                          "noisy": {"data": {"input_noise": 0.5, "label_noise": 0.2}},
                          "twins": {"data": {"set": "parity", "points": 90, "features": 5, "noise": None},
                                    "model.clusters": 40},
                          "twins-random": {"data": {"set": "parity", "points": 90, "features": 5, "noise": None},
                                           "model": {"clusters": 40, "start": "random"}},
                          "iris": {"data": {"set": "iris", "points": None, "noise": None, "split": {"stratify": True}}},
                          "far": {"data": {"set": "csv", "file": "far.csv", "task": "regression", "points": None}}},
                 "design": sweep(3), "numerics": BOTH},
    "clusters-digits": {"data": {"set": "digits"}, "model": {"kind": "kmeans", "clusters": 10, "start": "k-means++"},
                        "train": {"max_iterations": 6}, "design": sweep(2)},
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
    # squares overflow in binary32
    "steep.csv": [("one", "tiny", "zero", "large", "turning", "y"),
                  *((1 + i % 3 * 2**-20, (i % 7 - 3) * 3e-21, i % 50 // 49 * 1e-30, 900 + i % 11, (-1)**i * 1.9,
                     250 + i * i % 13 / 3) for i in range(120))],
    "far.csv": [("a", "b", "y"), *(((i * i % 7 - 3) * 1e25, i % 5 * 1e30, i) for i in range(20))],
    "tiny.csv": [("a", "b", "y"), *(((i * i % 7 - 3) * 1e-15, i % 5 * 1e-16, (i % 3 - 1) * 1e-16) for i in range(40))],
}
