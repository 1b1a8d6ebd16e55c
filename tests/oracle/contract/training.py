"""Training a group of runs that differ in their seeds alone (section 6)."""
import json
import math

import numpy as np

import optimizers
from exact import F64
from metrics import set_loss
from networks import DELTAS, Network
from philox import DROPOUT, ORDER, below, uniform, word
from reduction import path_of
from schedules import rate
from shuffle import shuffle
from splits import stacked


class Plan:
    """How many steps, and which places among the n training rows each step sees."""

    def __init__(self, train, n_rows):
        self.train, self.n_rows = train, n_rows
        self.batch = min(train.get("batch_size", 32), n_rows)
        is_cut = train.get("last_batch", "keep") == "drop"
        self.per_epoch = n_rows // self.batch if is_cut else math.ceil(n_rows / self.batch)
        self.n_steps = train["steps"] if "steps" in train else train["epochs"] * self.per_epoch

    def batches(self, seeds):
        """Yields, step by step, the places [runs][samples]."""
        for step in range(self.n_steps):
            epoch, i = divmod(step, self.per_epoch)
            if i == 0:
                order = epoch_order(self.train, self.n_rows, seeds, epoch)
            yield order[:, i * self.batch:(i + 1) * self.batch]


def epoch_order(train, n_rows, seeds, epoch):
    if train.get("sampling", "shuffle") == "shuffle":
        return shuffle(seeds, ORDER, epoch, n_rows)
    return below(word(np.asarray(seeds, np.uint64)[:, None], ORDER, epoch, np.arange(n_rows)), n_rows)


def dropout_factors(model, plan, seeds, step, n_samples, real):
    """[runs][samples][units] for each hidden layer, or None without dropout; 1 for images."""
    share = real(model.get("dropout", 0))
    if not share:
        return None
    kept, factors = real(1 / (1 - F64(model["dropout"]))), [real(1)] * len(model.get("conv", []))
    for i, width in enumerate(model["hidden"]):
        block = (step * plan.batch + np.arange(n_samples))[:, None] * math.ceil(width / 4)
        u = uniform(word(np.asarray(seeds, np.uint64)[:, None, None], DROPOUT, i, 4 * block + np.arange(width)))
        factors.append(np.where(u.astype(real) < share, real(0), kept))
    return factors


class Gradients:
    """Every run's along the path of its entry of numerics."""

    def __init__(self, runs):
        entries = [json.dumps(run.numerics) for run in runs]
        alike = [np.array([i for i, own in enumerate(entries) if own == entry]) for entry in dict.fromkeys(entries)]
        self.groups = [(which, path_of([runs[i] for i in which])) for which in alike]
        self.is_saturated = np.zeros(len(runs), bool)

    def of_step(self, network, inputs, deltas, step, is_active):
        """[runs][parameters]"""
        flat = np.empty_like(network.parameters())
        terms = [layer.terms(delta, h) for layer, delta, h in zip(network.layers, deltas, inputs)]
        for which, path in self.groups:
            found = []
            for number, _ in network.tensors():
                delta, h, is_inside = terms[number // 2]
                h = None if number % 2 else h[which]
                found.append(path.gradient(delta[which], h, is_inside, number, step))
            flat[which] = np.concatenate([g.reshape(len(g), -1) for g in found], axis=1)
            self.is_saturated[which] |= is_active[which] & path.out_of_range
        return flat * (flat.dtype.type(1) / network.precision.loss_scale)[:, None]


class Stopping:
    """Early stopping. The last state of a run that has ended is kept, while others of the group go on."""

    def __init__(self, options, plan, n_runs):
        self.is_on = options is not None
        self.patience, self.every = (options["patience"], options.get("every", plan.per_epoch)) if options else (0, 0)
        self.best, self.n_worse = np.full(n_runs, np.inf), np.zeros(n_runs, int)
        self.is_active, self.kept = np.ones(n_runs, bool), None
        self.last, self.n_steps = plan.n_steps, np.full(n_runs, float(plan.n_steps))

    def watch(self, n_done, network, measure):
        """After n_done steps. measure(): the losses on the validation rows."""
        if self.is_on and (n_done % self.every == 0 or n_done == self.last):
            loss, parameters = measure(), network.parameters()
            is_better = self.is_active & (loss < self.best)
            self.best = np.where(is_better, loss, self.best)
            self.n_worse = np.where(is_better, 0, self.n_worse + 1)
            self.kept = parameters if self.kept is None else self.kept
            # a run that never improves counts with its last parameters
            is_new = is_better | self.is_active & np.isinf(self.best)
            self.kept = np.where(is_new[:, None], parameters, self.kept)
            has_ended = self.is_active & (self.n_worse >= self.patience)
            self.n_steps[has_ended] = n_done
            self.is_active &= ~has_ended
        return self.is_active.any()

    def finish(self, network):
        if self.kept is not None:
            network.set_parameters(self.kept)


class Trained:
    """The network; for each run the number of steps and whether a sum was NaN or a term out of range."""

    def __init__(self, network, n_steps, is_nan, is_saturated):
        self.network, self.n_steps, self.is_nan, self.is_saturated = network, n_steps, is_nan, is_saturated


def validation_loss(config, network, rows):
    """[runs]; the sets may differ in size."""
    sizes, found = [len(own.targets["val"]) for own in rows], np.zeros(len(rows))
    for size in set(sizes):
        alike = [i for i, own in enumerate(sizes) if own == size]
        x, y = stacked([rows[i] for i in alike], "val")
        found[alike] = set_loss(loss_of(config), network.of_runs(alike).forward(x).sums[-1], y)
    return found


def train_network(config, runs, rows, precision):
    """rows: of each run."""
    model, train = config["model"], config["train"]
    x, y = stacked(rows, "train")
    n_outputs = rows[0].n_classes if loss_of(config) == "cross_entropy" else 1
    seeds = {source: [run.seeds[source] for run in runs] for source in runs[0].seeds}
    network = Network(model, x.shape[2], n_outputs, seeds["init"], precision)
    optimizer, gradients = optimizers.make(train["optimizer"], network.parameters()), Gradients(runs)
    plan = Plan(train, x.shape[1])
    stopping = Stopping(train.get("early_stopping"), plan, len(runs))
    every, is_nan = np.arange(len(runs))[:, None], np.zeros(len(runs), bool)
    for step, places in enumerate(plan.batches(seeds["order"])):
        n = places.shape[1]
        factors = dropout_factors(model, plan, seeds["dropout"], step, n, precision.real)
        seen = network.forward(x[every, places], factors)
        for z in seen.sums:
            is_nan |= stopping.is_active & np.isnan(z).any(axis=(1, 2))
        deltas = network.backward(seen, DELTAS[loss_of(config)](seen.sums[-1], y[every, places]), factors)
        g = gradients.of_step(network, seen.inputs, deltas, step, stopping.is_active)
        eta = rate(train, step, plan.n_steps)
        network.set_parameters(optimizer.update(network.parameters(), g, precision.real(n), eta))
        if not stopping.watch(step + 1, network, lambda: validation_loss(config, network, rows)):
            break
    stopping.finish(network)
    return Trained(network, stopping.n_steps, is_nan, gradients.is_saturated)


def loss_of(config):
    return config["train"].get("loss", "squared")
