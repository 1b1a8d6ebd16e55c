"""Precisions (section 6): what *real* is, and what the operands of products are rounded to."""
import copy

import numpy as np

from exact import F32, F64

# bits after the point, least and greatest exponent of normal numbers
SHAPES = {"fp32": (23, -126, 127), "tf32": (10, -126, 127), "bf16": (7, -126, 127), "fp16": (10, -14, 15)}


def real_of(run):
    return F64 if run.numerics.get("precision") == "fp64" else F32


class Precision:
    """Of runs whose *real* is the same."""

    def __init__(self, runs):
        names = [run.numerics.get("precision", "fp32") for run in runs]
        self.real, self.is_narrow = real_of(runs[0]), not {"fp32", "fp64"} & {*names} == {*names}
        self.shape = np.array([SHAPES.get(name, (0, 0, 0)) for name in names]).T
        scales = [run.numerics.get("loss_scale", 256) if name == "fp16" else 1 for name, run in zip(names, runs)]
        self.loss_scale = np.array(scales, self.real)

    def of_runs(self, which):
        """A copy for some of the runs."""
        chosen = copy.copy(self)
        chosen.shape, chosen.loss_scale = self.shape[:, which], self.loss_scale[which]
        return chosen

    def rounded(self, x):
        """Q of an array [runs][...]: whole numbers of units in the last place, in binary64, where all of this is
        exact."""
        if not self.is_narrow:
            return x
        bits, lowest, highest = (own.reshape(-1, *[1] * (x.ndim - 1)) for own in self.shape)
        wide = x.astype(F64)
        _, exponent = np.frexp(wide)  # |wide| = m * 2^exponent with m in [1/2, 1)
        unit = np.maximum(exponent - 1, lowest) - bits
        near = np.ldexp(np.rint(np.ldexp(wide, -unit)), unit)
        return np.where(np.abs(near) >= 2.0 ** (highest + 1), np.copysign(np.inf, near), near).astype(F32)
