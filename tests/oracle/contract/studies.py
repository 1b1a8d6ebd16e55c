"""From a study (a dictionary) and the seeds of its runs to what the program must have stored."""
import copy
import pathlib

import numpy as np

from closed_form import least_squares
from digest import digest
from exact import F32, F64
from metrics import classes, set_metrics, weight_norm
from networks import Network
from polynomial import descend, poly_metrics
from splits import Rows
from training import loss_of, start_of, train_network

REALS = {"fp32": F32, "fp64": F64}


class Run:
    """seeds by source; after `predict` also digest, status, metrics (binary64 by name), parameters, and with classes
    `predictions`: (row, its class, the class given) of every test row."""

    def __init__(self, seeds, replicate=0):
        self.seeds, self.replicate, self.predictions = seeds, replicate, []


def arm_config(study, arm):
    """The study's data, model and train with the arm's overrides: dotted keys, nested maps, null."""
    config = copy.deepcopy({key: study.get(key, {}) for key in ("data", "model", "train")})
    for key, value in study.get("arms", {}).get(arm, {}).items():
        _override(config, key.split("."), value)
    return config


def _override(target, path, value):
    for key in path[:-1]:
        target = target.setdefault(key, {})
    other = {"steps": "epochs", "epochs": "steps"}.get(path[-1])
    if value is None:
        target.pop(path[-1], None)
    elif isinstance(value, dict) and isinstance(target.get(path[-1]), dict):
        for key, inner in value.items():
            _override(target[path[-1]], [key], inner)
    else:
        target[path[-1]] = value
        target.pop(other, None)


def predict(study, arm, numerics, runs, folder="."):
    """Trains the runs of one arm under one entry of numerics. Paths of data files are relative to the folder."""
    config, real = arm_config(study, arm), REALS[numerics.get("precision", "fp32")]
    if "file" in config["data"]:
        config["data"]["file"] = str(pathlib.Path(folder, config["data"]["file"]))
    if config["model"]["kind"] == "poly":
        x = descend(config, runs, study["design"].get("first_seed", 0), real)
        finish(runs, x[:, None], poly_metrics(config, x), np.zeros(len(runs), bool))
        return
    rows = rows_of(config["data"], runs, real)
    x, y = (np.stack(of_set) for of_set in zip(*((r.features["train"], r.targets["train"]) for r in rows)))
    if config["model"]["kind"] == "linear" and config["model"].get("fit", "closed_form") == "closed_form":
        network, n_steps, is_nan = fitted_line(config["model"], x, y, real), 0, np.zeros(len(runs), bool)
    else:
        n_outputs = rows[0].n_classes if loss_of(config) == "cross_entropy" else 1
        network, n_steps, is_nan = train_network(config, numerics, runs, x, y, n_outputs, real)
    sizes = [tuple(len(own.numbers[name]) for name in ("val", "test")) for own in rows]
    for size in set(sizes):
        alike = [i for i, own in enumerate(sizes) if own == size]
        evaluate(config, network.of_runs(alike), [rows[i] for i in alike], [runs[i] for i in alike], n_steps)
    finish(runs, network.parameters(), [run.metrics for run in runs], is_nan)


def rows_of(data, runs, real):
    """The rows of every run, made once for those that share them."""
    keys = [tuple(run.seeds[source] for source in ("data", "split", "noise")) for run in runs]
    drawn = {key: Rows(data, run.seeds, real) for key, run in dict(zip(keys, runs)).items()}
    return [drawn[key] for key in keys]


def evaluate(config, network, rows, runs, n_steps):
    """Metrics and predictions of runs whose sets are of equal sizes."""
    found, loss = {}, loss_of(config)
    for name in ("train", "val", "test"):
        x, y = (np.stack(of_set) for of_set in zip(*((r.features[name], r.targets[name]) for r in rows)))
        if not y.size:
            continue
        values, sums = network.forward(x)
        found.update(set_metrics(name, loss, sums[-1], y))
        if name == "train" and len(network.layers) > 1 and network.activation == "relu":
            found["dead"] = np.any([(h == 0).all(axis=(1, 2)) for h in values[1:]], axis=0).astype(F64)
        if name == "test" and loss != "squared":
            for run, own, labels, given in zip(runs, rows, y, classes(loss, sums[-1])):
                run.predictions = list(zip(own.numbers["test"].tolist(), labels.astype(int).tolist(), given.tolist()))
    found["weight_norm"] = weight_norm(network.parameters())
    found["steps"] = np.full(len(runs), float(n_steps))
    for i, run in enumerate(runs):
        run.metrics = {name: values[i] for name, values in found.items()}


def fitted_line(model, x, y, real):
    network = Network([x.shape[2], 1], "relu", *start_of(model), [0] * len(x), real)
    line = network.layers[0]
    for i in range(len(x)):
        b = least_squares(x[i].astype(F64), y[i], line.biases is not None).astype(real)
        if line.biases is not None:
            line.biases[i, 0], b = b[0], b[1:]
        line.weights[i, 0] = b
    return network


def finish(runs, parameters, metrics, is_nan):
    for run, own, found, nan in zip(runs, parameters, metrics, is_nan):
        run.parameters, run.metrics, run.digest = own, found, digest(own)
        losses = [found[k] for k in ("train_loss", "val_loss", "test_loss") if k in found]
        run.status = "diverged" if nan or not np.isfinite(own).all() or not np.isfinite(losses).all() else "ok"
