#!/usr/bin/env python3
"""Writes tests/kat/activation.txt: sigmoid, silu and gelu in binary32 worked from docs/numerics.md with
exact rational arithmetic, every operation rounded by hand.

usage: activation_kat.py > tests/kat/activation.txt
"""
import struct
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 80
INFINITY = "inf"


def to_f32(x):
    """x (Fraction) rounded to binary32, to nearest, ties to even."""
    if x == 0:
        return Fraction(0)
    size, exponent = abs(x), -149
    while size / Fraction(2) ** exponent >= 2**24:
        exponent += 1
    unit = Fraction(2) ** exponent
    whole, rest = divmod(size, unit)
    whole += 1 if rest > unit / 2 or (rest == unit / 2 and whole % 2 == 1) else 0
    if whole * unit >= Fraction(2) ** 128:
        return INFINITY
    return (1 if x > 0 else -1) * whole * unit


def fma(a, b, c):
    return to_f32(a * b + c)


def decimal_of(x):
    return Decimal(x.numerator) / Decimal(x.denominator)


def exp(x):
    return to_f32(Fraction(decimal_of(x).exp()))


def tanh(x):
    if x == 0:
        return Fraction(0)
    e = (2 * decimal_of(x)).exp()
    return to_f32(Fraction((e - 1) / (e + 1)))


def sigmoid(z):
    e = exp(-z)
    return Fraction(0) if e == INFINITY else to_f32(1 / to_f32(1 + e))


def sigmoid_and_slope(z):
    h = sigmoid(z)
    return h, fma(-h, h, h)


def silu_and_slope(z):
    s = sigmoid(z)
    return to_f32(z * s), to_f32(s * fma(z, to_f32(1 - s), 1))


def gelu_and_slope(z):
    scale, cubic, cubic_slope = (
        Fraction(float.fromhex(c)) for c in ("0x1.988454p-1", "0x1.6e4e26p-5", "0x1.12ba9ep-3")
    )
    square, half = to_f32(z * z), to_f32(z / 2)
    t = tanh(to_f32(scale * fma(to_f32(cubic * square), z, z)))
    inner = to_f32(scale * fma(cubic_slope, square, 1))
    rise = to_f32(half * fma(-t, t, 1))
    return fma(half, t, half), fma(rise, inner, fma(Fraction(1, 2), t, Fraction(1, 2)))


def bits(x):
    return struct.unpack("<I", struct.pack("<f", float(x)))[0]


def main():
    print("# Binary32 activations worked from docs/numerics.md with rational arithmetic (tests/oracle/activation_kat.py).")
    print("# name, z, value, slope; bit patterns in hexadecimal. No result is zero, whose sign the fractions do not keep.")
    inputs = [0x3F800000 + (k << 19) + 0x1357B * k for k in range(-40, 30)]
    functions = {"sigmoid": sigmoid_and_slope, "silu": silu_and_slope, "gelu": gelu_and_slope}
    for name, function in functions.items():
        for k, pattern in enumerate(inputs):
            pattern |= (k % 2) << 31
            z = Fraction(struct.unpack("<f", struct.pack("<I", pattern))[0])
            value, slope = function(z)
            if value != 0 and slope != 0:
                print(f"{name} {pattern:08x} {bits(value):08x} {bits(slope):08x}")


main()
