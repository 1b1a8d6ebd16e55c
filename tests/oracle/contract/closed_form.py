"""Least squares in binary64 by Householder reflections (section 7)."""
import numpy as np

from exact import fma


def _dot(a, b, low, high):
    total = np.float64(0)
    for i in range(low, high):
        total = fma(a[i], b[i], total)
    return total


def least_squares(features, targets, has_intercept):
    """Coefficients in binary64, the intercept (if any) first. features [rows][columns], targets [rows], binary64."""
    n = len(targets)
    columns = ([np.ones(n)] if has_intercept else []) + list(features.T.copy())
    y, diagonal = targets.copy(), [None] * len(columns)
    for c, v in enumerate(columns):
        above, square = _dot(v, v, 0, min(c, n)), _dot(v, v, c, n)
        if not square > 2.0**-80 * (above + square):
            continue
        norm = np.sqrt(square)
        d = -norm if v[c] > 0 else norm
        head = v[c] - d
        scale = -1 / (d * head)
        v[c], diagonal[c] = head, d
        for t in [*columns[c + 1:], y]:
            f = _dot(v, t, c, n) * scale
            t[c:] = fma(-f, v[c:], t[c:])
    b = np.zeros(len(columns))
    for c in reversed(range(len(columns))):
        if diagonal[c] is not None:
            total = y[c]
            for k in range(c + 1, len(columns)):
                total = fma(-columns[k][c], b[k], total)
            b[c] = total / diagonal[c]
    return b
