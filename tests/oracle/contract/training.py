"""Training a group of runs that differ in their seeds alone (section 6)."""
import math

import numpy as np

import optimizers
from networks import DELTAS, Network, bias_gradient, weight_gradient
from philox import ORDER, below, word
from reduction import PATHS, part_bounds
from shuffle import shuffle


def batches(train, n_rows, seeds):
    """Yields, step by step, the places [runs][batch] among the training rows."""
    batch = min(train.get("batch_size", 32), n_rows)
    per_epoch = math.ceil(n_rows / batch)
    n_steps = train["steps"] if "steps" in train else train["epochs"] * per_epoch
    for step in range(n_steps):
        epoch, i = divmod(step, per_epoch)
        if i == 0:
            order = epoch_order(train, n_rows, seeds, epoch)
        yield order[:, i * batch:(i + 1) * batch]


def epoch_order(train, n_rows, seeds, epoch):
    if train.get("sampling", "shuffle") == "shuffle":
        return shuffle(seeds, ORDER, epoch, n_rows)
    return below(word(np.asarray(seeds, np.uint64)[:, None], ORDER, epoch, np.arange(n_rows)), n_rows)


def tensor_gradient(number, delta, h):
    return bias_gradient(delta) if number % 2 else weight_gradient(delta, h)


def gradients(network, values, deltas, path, step):
    """By tensor number."""
    found, bounds = {}, part_bounds(values[0].shape[1], path.n_parts)
    for number, _ in network.tensors():
        delta, h = deltas[number // 2], values[number // 2]
        parts = [tensor_gradient(number, delta[:, low:high], h[:, low:high]) if low < high else None
                 for low, high in bounds]
        found[number] = path.combine(parts, number, step)
    return found


def train_network(config, numerics, runs, x, y, n_outputs, real):
    """x [runs][rows][features] in *real*, y [runs][rows]: the training rows. Returns the network, the number of steps,
    and for each run whether a sum was NaN."""
    model, train = config["model"], config["train"]
    widths = [x.shape[2], *model.get("hidden", []), n_outputs]
    network = Network(widths, model.get("activation", "relu"), *start_of(model), [r.seeds["init"] for r in runs], real)
    path = PATHS[numerics.get("path", "serial")](numerics, runs)
    states = {number: optimizers.make(train["optimizer"], array) for number, array in network.tensors()}
    every, is_nan, n_steps = np.arange(len(runs))[:, None], np.zeros(len(runs), bool), 0
    for step, places in enumerate(batches(train, x.shape[1], [r.seeds["order"] for r in runs])):
        values, sums = network.forward(x[every, places])
        for z in sums:
            is_nan |= np.isnan(z).any(axis=(1, 2))
        deltas = network.backward(values, DELTAS[loss_of(config)](sums[-1], y[every, places]))
        n = real(places.shape[1])
        tensors = dict(network.tensors())
        for number, gradient in gradients(network, values, deltas, path, step).items():
            network.set_tensor(number, states[number].update(tensors[number], gradient, n))
        n_steps = step + 1
    return network, n_steps, is_nan


def loss_of(config):
    return config["train"].get("loss", "squared")


def start_of(model):
    """(init, bias) with the defaults of the model's kind."""
    is_line = model["kind"] == "linear"
    init = model.get("init", "zero" if is_line else "kaiming_uniform")
    init = {"kind": init} if isinstance(init, str) else {"kind": "zero" if is_line else "kaiming_uniform", **init}
    bias = ("zero" if model.get("intercept", True) else False) if is_line else model.get("bias", "default")
    return init, bias
