"""How the parts of a minibatch gradient are combined (section 6). A part is an array [runs][...] or,
if it is empty, None."""
import numpy as np

from philox import SCHEDULE, word
from shuffle import fisher_yates


def part_bounds(n, n_parts):
    return [(p * n // n_parts, (p + 1) * n // n_parts) for p in range(n_parts)]


class Serial:
    def __init__(self, numerics, runs):
        self.n_parts = 1

    def combine(self, parts, tensor, step):
        return parts[0]


class Tree:
    def __init__(self, numerics, runs):
        self.n_parts = numerics["split"]

    def combine(self, parts, tensor, step):
        while len(parts) > 1:
            parts = [a if b is None else b if a is None else a + b for a, b in zip(parts[::2], parts[1::2])]
        return parts[0]


class Drawn:
    def __init__(self, numerics, runs):
        self.n_parts = numerics["split"]
        seed = np.array([run.seeds["schedule"] for run in runs], np.uint64)
        element = 4 * np.array([run.replicate for run in runs], np.uint64)
        low, high = (word(seed, SCHEDULE, 0xFFFFFFFF, element + np.uint64(i)) for i in (0, 1))
        self.seeds = low | high << np.uint64(32)

    def combine(self, parts, tensor, step):
        order = fisher_yates(self.seeds, SCHEDULE, tensor, self.n_parts, 32 * step)
        filled = [p for p, part in enumerate(parts) if part is not None]
        stack = np.stack([parts[p] for p in filled])
        rank = np.searchsorted(filled, order[np.isin(order, filled)].reshape(len(order), -1))
        every = np.arange(len(order))
        total = stack[rank[:, 0], every]
        for i in range(1, len(filled)):
            total = total + stack[rank[:, i], every]
        return total


PATHS = {"serial": Serial, "tree": Tree, "drawn": Drawn}
