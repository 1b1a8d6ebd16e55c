"""How the gradients of a batch's samples are added (section 6). A path's `gradient` takes the deltas
[runs][samples][terms][out] of a layer, the values [runs][samples][terms][in] that they meet, or None for the biases, and
where there is a term of a weight at all [terms][in]."""
import numpy as np

from exact import F64, fma
from philox import SCHEDULE, word
from shuffle import fisher_yates


class Path:
    """Of runs under one entry of numerics. out_of_range: which runs had a term out of the range of fixed point."""

    def __init__(self, runs):
        self.n_parts, self.out_of_range = runs[0].numerics.get("split", 1), np.zeros(len(runs), bool)


# ---- paths that add up parts: one chain each, then the parts, which are arrays [runs][...] or, if empty, None ----
def _chain(delta, h, is_inside):
    shape = (len(delta), delta.shape[3]) + (() if h is None else (h.shape[3],))
    g = np.zeros(shape, delta.dtype)
    for i, term in np.ndindex(*delta.shape[1:3]):
        if h is None:
            g = g + delta[:, i, term]
        else:
            g = np.where(is_inside[term], fma(delta[:, i, term, :, None], h[:, i, term, None, :], g), g)
    return g


class Parts(Path):
    def gradient(self, delta, h, is_inside, tensor, step):
        n = delta.shape[1]
        bounds = [(p * n // self.n_parts, (p + 1) * n // self.n_parts) for p in range(self.n_parts)]
        parts = [_chain(delta[:, low:high], None if h is None else h[:, low:high], is_inside) if low < high else None
                 for low, high in bounds]
        return self.combine(parts, tensor, step)


class Serial(Parts):
    def combine(self, parts, tensor, step):
        return parts[0]


def _pairwise(lower, upper):
    return [a if b is None else b if a is None else a + b for a, b in zip(lower, upper)]


class Tree(Parts):
    def combine(self, parts, tensor, step):
        while len(parts) > 1:
            parts = _pairwise(parts[::2], parts[1::2])
        return parts[0]


class Butterfly(Parts):
    def combine(self, parts, tensor, step):
        while len(parts) > 1:
            half = len(parts) // 2
            parts = _pairwise(parts[:half], parts[half:])
        return parts[0]


class Compensated(Parts):
    def combine(self, parts, tensor, step):
        total, *rest = (part for part in parts if part is not None)
        lost = np.zeros_like(total)
        for v in rest:
            t = total + v
            lost = lost + np.where(np.abs(total) >= np.abs(v), (total - t) + v, (v - t) + total)
            total = t
        return total + lost


class Drawn(Parts):
    def __init__(self, runs):
        super().__init__(runs)
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


# ---- paths that add up terms in any order ----
def _terms(delta, h, is_inside):
    """[runs][terms of all samples][...]; where there is none, a zero changes nothing."""
    if h is not None:
        delta = np.where(is_inside[:, None, :], delta[..., None] * h[:, :, :, None, :], delta.dtype.type(0))
    return delta.reshape(len(delta), -1, *delta.shape[3:])


class Binned(Path):
    def gradient(self, delta, h, is_inside, tensor, step):
        x = _terms(delta, h, is_inside)
        n_kept, real = (2 if x.dtype == np.float32 else 3), x.dtype
        x = x.astype(F64)
        field = (x.view(np.int64) >> 52 & 2047).max(axis=1)  # of the largest; 2047 for infinities and NaN
        top = np.maximum((field + 25) // 32, n_kept - 1)
        is_lost = (field == 2047) | (top >= 64)
        top, kept = np.where(is_lost, n_kept - 1, top), []
        for k in range(n_kept):
            anchor = ((32 * (top - k) + 28) << 52 | 1 << 51).view(F64)[:, None]
            q = (x + anchor) - anchor
            kept.append(q.sum(axis=1))  # exact in any order
            x = x - q
        total = kept[0] + kept[1]
        if n_kept == 3:
            m = total - kept[0]
            total = total + (((kept[0] - (total - m)) + (kept[1] - m)) + kept[2])
        return np.where(is_lost, np.nan, total).astype(real)


class Fixed(Path):
    def __init__(self, runs):
        super().__init__(runs)
        self.unit, self.bound = 2.0 ** runs[0].numerics.get("scale", 30), 2.0**42

    def gradient(self, delta, h, is_inside, tensor, step):
        terms = _terms(delta, h, is_inside)
        real = terms.dtype.type
        scaled = terms.astype(F64) * self.unit
        is_high, is_low = ~(scaled < self.bound), ~(scaled > -self.bound)
        self.out_of_range |= (is_high | is_low).reshape(len(scaled), -1).any(axis=1)
        scaled = np.where(is_high, self.bound, np.where(is_low, -self.bound, scaled))
        total = np.rint(scaled).astype(np.int64).sum(axis=1)
        return total.astype(real) * real(1 / self.unit)


PATHS = {"serial": Serial, "tree": Tree, "butterfly": Butterfly, "compensated": Compensated, "drawn": Drawn,
         "binned": Binned, "fixed": Fixed}


def path_of(runs):
    return PATHS[runs[0].numerics.get("path", "serial")](runs)
