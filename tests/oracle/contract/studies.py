"""From a study (a dictionary) and the seeds of its runs to what the program must have stored."""
import copy
import pathlib

import numpy as np

from closed_form import least_squares
from digest import digest
from exact import F32, F64
from kmeans import kmeans_run
from metrics import classes, set_metrics, weight_norm
from networks import Network
from polynomial import descend, poly_metrics
from precision import Precision, real_of
from splits import Rows, stacked
from training import Trained, loss_of, train_network

class Run:
    """seeds by source; numerics: the study's entry; after `predict` also digest, status, metrics (binary64 by name), parameters, and with classes
    `predictions`: (row, its class, the class given) of every test row."""

    def __init__(self, seeds, replicate=0, numerics=None):
        self.seeds, self.replicate, self.numerics, self.predictions = seeds, replicate, numerics or {}, []


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


def predict(study, arm, runs, folder="."):
    """Trains the runs of one arm. Paths of data files are relative to the folder."""
    config = arm_config(study, arm)
    if "file" in config["data"]:
        config["data"]["file"] = str(pathlib.Path(folder, config["data"]["file"]))
    for real in (F32, F64):
        alike = [run for run in runs if real_of(run) == real]
        if alike:
            train(config, study.get("design", {}).get("first_seed", 0), alike)


def train(config, first_seed, runs):
    precision = Precision(runs)
    kind = config["model"]["kind"]
    if kind == "poly":
        x = descend(config, runs, first_seed, precision.real)
        finish(runs, x[:, None], poly_metrics(config, x))
        return
    rows = rows_of(config["data"], kind, runs, precision.real)
    if kind == "kmeans":
        finish(runs, *zip(*(kmeans_run(config, run, own) for run, own in zip(runs, rows))))
        return
    if kind == "linear" and config["model"].get("fit", "closed_form") == "closed_form":
        trained = fitted_lines(config["model"], rows, precision)
    else:
        trained = train_network(config, runs, rows, precision)
    sizes = [tuple(len(own.numbers[name]) for name in ("val", "test")) for own in rows]
    for size in set(sizes):
        alike = [i for i, own in enumerate(sizes) if own == size]
        evaluate(config, trained.network.of_runs(alike), [rows[i] for i in alike], [runs[i] for i in alike])
    for run, n_steps in zip(runs, trained.n_steps):
        run.metrics["steps"] = n_steps
    finish(runs, trained.network.parameters(), [run.metrics for run in runs], trained.is_nan, trained.is_saturated)


def rows_of(data, kind, runs, real):
    """The rows of every run, made once for those that share them."""
    keys = [tuple(run.seeds[source] for source in ("data", "split", "noise")) for run in runs]
    drawn = {key: Rows(data, kind, run.seeds, real) for key, run in dict(zip(keys, runs)).items()}
    return [drawn[key] for key in keys]


def evaluate(config, network, rows, runs):
    """Metrics and predictions of runs whose sets are of equal sizes."""
    found, loss = {}, loss_of(config)
    for name in ("train", "val", "test"):
        x, y = stacked(rows, name)
        if not y.size:
            continue
        seen = network.forward(x)
        found.update(set_metrics(name, loss, seen.sums[-1], y))
        if name == "train" and len(network.layers) > 1 and network.is_relu:
            found["dead"] = np.any([(h == 0).all(axis=(1, 2)) for h in seen.hidden + seen.inputs[1:]], axis=0).astype(F64)
        if name == "test" and loss != "squared":
            for run, own, labels, given in zip(runs, rows, y, classes(loss, seen.sums[-1])):
                run.predictions = list(zip(own.numbers["test"].tolist(), labels.astype(int).tolist(), given.tolist()))
    found["weight_norm"] = weight_norm(network.parameters())
    for i, run in enumerate(runs):
        run.metrics = {name: values[i] for name, values in found.items()}


def fitted_lines(model, rows, precision):
    network = Network(model, rows[0].features["train"].shape[1], 1, [0] * len(rows), precision)
    has_intercept = network.layers[0].biases is not None
    found = [least_squares(own.features["train"].astype(F64), own.targets["train"], has_intercept) for own in rows]
    last = [np.roll(b, -1) if has_intercept else b for b in found]  # the intercept is numbered last
    network.set_parameters(np.array(last).astype(precision.real))
    no = np.zeros(len(rows), bool)
    return Trained(network, np.zeros(len(rows)), no, no)


def finish(runs, parameters, metrics, is_nan=None, is_saturated=None):
    for i, (run, own, found) in enumerate(zip(runs, parameters, metrics)):
        run.parameters, run.metrics, run.digest = own, found, digest(own)
        sums = [found[k] for k in ("train_loss", "val_loss", "test_loss", "inertia") if k in found]
        is_finite = np.isfinite(own).all() and np.isfinite(sums).all() and not (is_nan is not None and is_nan[i])
        is_outside = is_saturated is not None and is_saturated[i]
        run.status = "diverged" if not is_finite else "saturated" if is_outside else "ok"
