"""exp, tanh, log, sincospi (section 4), on arrays. Binary32 goes through binary64 and is rounded once at the end."""
import numpy as np

from exact import F32, F64, fma

h = float.fromhex
SHIFT = h("0x1.8p+52")
LOG2_E, LN2_HIGH, LN2_LOW = h("0x1.71547652b82fep+0"), h("0x1.62e42fefa39efp-1"), h("0x1.abc9e3b39803fp-56")
TAIL = [h(x) for x in """0x1.6124613a86d09p-33 0x1.1eed8eff8d898p-29 0x1.ae64567f544e4p-26 0x1.27e4fb7789f5cp-22
    0x1.71de3a556c734p-19 0x1.a01a01a01a01ap-16 0x1.a01a01a01a01ap-13 0x1.6c16c16c16c17p-10 0x1.1111111111111p-7
    0x1.5555555555555p-5 0x1.5555555555555p-3""".split()] + [0.5]
ODD = [h(x) for x in """0x1.47ae147ae147bp-5 0x1.642c8590b2164p-5 0x1.8618618618618p-5 0x1.af286bca1af28p-5
    0x1.e1e1e1e1e1e1ep-5 0x1.1111111111111p-4 0x1.3b13b13b13b14p-4 0x1.745d1745d1746p-4 0x1.c71c71c71c71cp-4
    0x1.2492492492492p-3 0x1.999999999999ap-3 0x1.5555555555555p-2""".split()]
SINE = [h(x) for x in """0x1.952c77030ad4ap-49 -0x1.ae7f3e733b81fp-41 0x1.6124613a86d09p-33 -0x1.ae64567f544e4p-26
    0x1.71de3a556c734p-19 -0x1.a01a01a01a01ap-13 0x1.1111111111111p-7 -0x1.5555555555555p-3""".split()]
COSINE = [h(x) for x in """0x1.ae7f3e733b81fp-45 -0x1.93974a8c07c9dp-37 0x1.1eed8eff8d898p-29 -0x1.27e4fb7789f5cp-22
    0x1.a01a01a01a01ap-16 -0x1.6c16c16c16c17p-10 0x1.5555555555555p-5""".split()] + [-0.5]


def horner(coefficients, x):
    """The first coefficient is that of the highest power."""
    total = np.full(np.shape(x), coefficients[0], x.dtype)
    for coefficient in coefficients[1:]:
        total = fma(total, x, coefficient)
    return total


def _reduce(x):
    t = fma(x, LOG2_E, SHIFT)
    k = t.view(np.int64).astype(np.int32).astype(np.int64)
    kd = t - SHIFT
    return k, fma(-kd, LN2_LOW, fma(-kd, LN2_HIGH, x))


def _clamped(x, low, high):
    x = np.where(x > high, F64(high), x)
    return np.where(x < low, F64(low), x)


def _is_narrow(x):
    return np.asarray(x).dtype == F32


def exp(x):
    is_narrow, x = _is_narrow(x), np.asarray(x, F64)
    k, r = _reduce(_clamped(x, -104, 89) if is_narrow else _clamped(x, -746, 710))
    p = fma(fma(horner(TAIL, r), r, 1), r, 1)
    k = np.where(np.isnan(x), 0, k)
    half = np.trunc(k / 2).astype(np.int64)
    return np.ldexp(p, k).astype(F32) if is_narrow else np.ldexp(np.ldexp(p, half), k - half)


def tanh(x):
    is_narrow, x = _is_narrow(x), np.asarray(x, F64)
    a = np.abs(x)
    k, r = _reduce(2 * np.where(a > 22, F64(22), a))
    m = fma(horner(TAIL, r) * r, r, r)
    scale = np.ldexp(1.0, np.where(np.isnan(x), 0, k))
    e = fma(scale, m, scale - 1)
    y = np.copysign(e / (e + 2), x)
    return y.astype(F32) if is_narrow else y


def log(x):
    x = np.asarray(x, F64)
    is_small = x < 2.0**-1022
    scaled = np.where(is_small, x * 2.0**54, x)
    bits = scaled.view(np.int64)
    e = (bits - 0x3FE6A09E667F3BCD) >> 52
    f = (bits - (e << 52)).view(F64) - 1
    s = f / (2 + f)
    z = s * s
    l = fma(2 * s * z, horner(ODD, z), 2 * s)
    e = (e - np.where(is_small, 54, 0)).astype(F64)
    result = fma(e, LN2_HIGH, fma(e, LN2_LOW, l))
    result = np.where(np.isinf(x) | np.isnan(x), x, result)
    return np.where(x == 0, -np.inf, np.where(x < 0, np.nan, result))


def sincospi(x):
    x = np.asarray(x, F64)
    t = fma(x, 2, SHIFT)
    q = t.view(np.int64) & 3
    r = fma(t - SHIFT, -0.5, x) * h("0x1.921fb54442d18p+1")
    z = r * r
    sine, cosine = fma(horner(SINE, z) * z, r, r), fma(horner(COSINE, z), z, 1)
    sine, cosine = np.where(q & 1, cosine, sine), np.where(q & 1, sine, cosine)
    return np.where(q >= 2, -sine, sine), np.where((q == 1) | (q == 2), -cosine, cosine)
