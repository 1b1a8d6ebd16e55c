"""fma(a, b, c): a * b + c rounded once, for numpy arrays of binary32 or binary64, without a C library.

Every other operation of the contract (+ - * / sqrt, conversions) is numpy's own, which is IEEE-754.
"""
from fractions import Fraction

import numpy as np

np.seterr(all="ignore")

F32, F64 = np.float32, np.float64
_MIDPOINT, _LOW_BITS = 0x10000000, 0x1FFFFFFF  # of the 29 bits that binary64 has beyond binary32
_SPLITTER = 2.0**27 + 1


def without_tiny(x):
    """What is below 2^-100 in magnitude as +0."""
    return np.where(np.abs(x) < 2.0**-100, x.dtype.type(0), x)


def fma(a, b, c):
    """Operands of one type; Python's numbers take the type of the arrays."""
    kind = next(np.asarray(x).dtype for x in (a, b, c) if isinstance(x, (np.ndarray, np.generic)))
    return (_fma32 if kind == F32 else _fma64)(*(_typed(x, kind) for x in (a, b, c)))


def _typed(x, kind):
    if isinstance(x, (int, float)):
        typed = kind.type(x)
        assert float(typed) == x, f"{x!r} is no {kind}"
        return typed
    assert x.dtype == kind, f"{x.dtype} among {kind}"
    return x


def _two_sum(a, b):
    """a + b = total + error, exactly."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _two_product(a, b):
    """a * b = product + error, exactly where nothing overflows or underflows (Veltkamp, Dekker)."""
    product = a * b
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _odd_sum(a, b):
    """a + b rounded to odd: an inexact sum gets the neighbour whose last bit is 1, so that a second rounding to at
    least two bits less is right (Boldo, Melquiond: Emulation of FMA and correctly rounded sums, 2008)."""
    total, error = _two_sum(a, b)
    total = np.asarray(total)
    bits = total.view(np.int64)
    is_moved = (np.abs(error) > 0) & (bits & 1 == 0) & np.isfinite(total)
    return np.where(is_moved, bits + np.where((error > 0) == (total > 0), 1, -1), bits).view(F64)


def _fma32(a, b, c):
    """The product is exact in binary64. Its sum with c is rounded twice, which goes wrong only where the first rounding
    ends on a midpoint between neighbours of binary32, or among the subnormal numbers."""
    product = np.asarray(np.multiply(a, b, dtype=F64))
    total = np.asarray(product + c)
    result = total.astype(F32)
    is_hard = (total.view(np.int64) & _LOW_BITS == _MIDPOINT) | ((np.abs(total) < 2.0**-126) & (total != 0))
    if is_hard.any():
        c = np.broadcast_to(c, total.shape)
        product = np.broadcast_to(product, total.shape)
        result[is_hard] = _odd_sum(product[is_hard], c[is_hard].astype(F64)).astype(F32)
    return result


def _is_tame(x, low=2.0**-900, high=2.0**1000):
    return (x == 0) | ((np.abs(x) > low) & (np.abs(x) < high))


def _fma64(a, b, c):
    product, error = _two_product(a, b)
    t_high, t_low = _two_sum(c, error)
    v_high, v_low = _two_sum(product, t_high)
    result = np.asarray(v_high + _odd_sum(t_low, v_low))
    plain = product + c
    result = np.where(result == 0, plain, result)  # the sign of an exact zero
    is_tame = (((np.abs(product) > 2.0**-900) & (np.abs(product) < 2.0**1000)) | (a == 0) | (b == 0)) & _is_tame(c) & (
        np.abs(a) < 2.0**900) & (np.abs(b) < 2.0**900)
    if not is_tame.all():
        is_wild = ~np.broadcast_to(is_tame, result.shape)
        lanes = [np.broadcast_to(x, result.shape)[is_wild] for x in (a, b, c)]
        result[is_wild] = [_fma64_rational(*map(float, lane)) for lane in zip(*lanes)]
    return result


def _fma64_rational(a, b, c):
    if not (np.isfinite(a) and np.isfinite(b)):
        return float(F64(a) * F64(b) + F64(c))
    if not np.isfinite(c):
        return c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        return a * b + c
    try:
        rounded = exact.numerator / exact.denominator  # correctly rounded, subnormal numbers too
    except OverflowError:
        rounded = np.inf
    return float(np.copysign(rounded, 1 if exact > 0 else -1))
