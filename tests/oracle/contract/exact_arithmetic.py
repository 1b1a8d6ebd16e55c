#!/usr/bin/env python3
"""Checks what the second implementation stands on: fma against rational arithmetic with a rounding of its own, exp and
tanh against decimal arithmetic, Philox against the known answers of its authors.

usage: exact_arithmetic.py
"""
import decimal
import pathlib
import random
import struct
import sys
from fractions import Fraction

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cli"))
from elementary import exp, tanh  # noqa: E402
from exact import F32, F64, fma  # noqa: E402
from philox import philox  # noqa: E402
from seedvar_cli import Tally  # noqa: E402


class Format:
    """A binary format: precision p (with the hidden bit), greatest exponent."""

    def __init__(self, name, kind, letters, precision, top):
        self.name, self.kind, self.letters, self.precision, self.top = name, kind, letters, precision, top
        self.bottom = 2 - top - precision  # exponent of the smallest number above 0

    def round(self, x, zero=0.0):
        """A rational to the nearest number, ties to even, as a Python float; `zero` where x is 0."""
        if x == 0:
            return zero
        size = abs(x)
        exponent = size.numerator.bit_length() - size.denominator.bit_length()
        exponent -= size < Fraction(2) ** exponent
        unit = Fraction(2) ** max(exponent - self.precision + 1, self.bottom)
        scaled = size / unit
        whole = scaled.numerator // scaled.denominator
        rest = scaled - whole
        whole += rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2)
        value = whole * unit
        sized = float("inf") if value >= Fraction(2) ** (self.top + 1) else float(value)
        return sized if x > 0 else -sized

    def fma(self, a, b, c):
        if not all(map(np.isfinite, (a, b, c))):
            product = np.sign(a) * np.sign(b) if np.isfinite([a, b]).all() else np.multiply(a, b)
            return float(product + c)
        return self.round(Fraction(a) * Fraction(b) + Fraction(c), float(F64(np.copysign(0, a) * np.copysign(1, b)) + c)
                          if a == 0 or b == 0 else 0.0)

    def draw(self, source, low, high):
        """A number of few or many set bits, with an exponent from low to high."""
        mantissa = source.getrandbits(self.precision - 1)
        mantissa >>= source.choice((0, 0, 0, self.precision // 2, self.precision - 3))
        whole = 2 ** (self.precision - 1) + mantissa
        value = self.round(whole * Fraction(2) ** (source.randint(low, high) - self.precision + 1))
        return source.choice((-1, 1)) * value

    def bits(self, x):
        return "nan" if x != x else struct.pack(self.letters, x).hex()


BINARY32 = Format("binary32", F32, ">f", 24, 127)
BINARY64 = Format("binary64", F64, ">d", 53, 1023)


def random_triples(source, kind, n):
    """Sums whose terms are far apart, close together, cancelling, near a tie, subnormal or overflowing."""
    p, top = kind.precision, kind.top
    for i in range(n):
        style = i % 6
        if style == 0:
            yield tuple(kind.draw(source, -30, 30) for _ in range(3))
        elif style == 1:
            yield tuple(kind.draw(source, -top - p, top) for _ in range(3))
        elif style == 2:  # the addend is about the product: cancellation
            a, b = kind.draw(source, -9, 9), kind.draw(source, -9, 9)
            yield a, b, -kind.round(Fraction(a) * Fraction(b)) * source.choice((1, 1 + 2.0 ** (1 - p), 0.5))
        elif style == 3:  # the product is half a unit of the addend, or just beside it: next to a tie, or (j = p) a tie
            j, unit = source.randint(p // 2, p), source.choice((1.0, 2.0**kind.bottom))
            a, b = (kind.round(1 + source.choice((-1, 1)) * Fraction(1, 2**j)) for _ in range(2))
            c = source.getrandbits(p - 1) + (2 ** (p - 1) if unit == 1 else 0)
            yield a * 2.0**-60, b * unit * 2.0**59 * source.choice((-1, 1)), source.choice((-1, 1)) * c * unit
        elif style == 4:  # results among the subnormal numbers, the product far below them
            ranges = ((-p, p), (1 - top - 2 * p, 1 - top), (1 - top - p, 2 - top))
            yield tuple(kind.draw(source, *span) for span in ranges)
        else:
            ranges = ((top // 2 - 1, top // 2 + 2),) * 2 + ((top - p - 2, top),)
            yield tuple(kind.draw(source, *span) for span in ranges)


def special_triples(kind):
    smallest, greatest = 2.0 ** kind.bottom, float(np.finfo(kind.kind).max)
    values = [0.0, -0.0, 1.0, -1.0, smallest, -smallest, greatest, -greatest, float("inf"), -float("inf"), float("nan")]
    return [(a, b, c) for a in values for b in values for c in values]


def check_fma(tally, kind, n):
    triples = special_triples(kind) + list(random_triples(random.Random(1), kind, n))
    triples = [t for t in triples if all(x != x or float(kind.kind(x)) == x for x in t)]
    found = fma(*(np.array(column, kind.kind) for column in zip(*triples)))
    pairs = [(t, float(f), kind.fma(*t)) for t, f in zip(triples, found)]
    wrong = [(t, f, expected) for t, f, expected in pairs if kind.bits(f) != kind.bits(expected)]
    print(f"fma {kind.name}: {len(triples)} triples")
    tally.equal(wrong[:3], [], f"fma {kind.name}: {len(wrong)} wrong")


def check_elementary(tally, n):
    """What the document says: the binary32 functions are correctly rounded."""
    source, context = random.Random(2), decimal.Context(prec=60)
    for name, function, low, high in (("exp", exp, -104, 89), ("tanh", tanh, -10, 10)):
        x = np.array([source.uniform(low, high) * source.choice((1, 1, 1e-2, 1e-4)) for _ in range(n)], F32)

        def exact(value):
            if name == "exp":
                return Fraction(context.exp(decimal.Decimal(value)))
            e = Fraction(context.exp(decimal.Decimal(2 * value)))
            return (e - 1) / (e + 1)

        wrong = [(v, f) for v, f in zip(x.tolist(), function(x).tolist()) if f != BINARY32.round(exact(v))]
        tally.equal(wrong[:3], [], f"{name}: {len(wrong)} of {n} are not correctly rounded")


def check_philox(tally):
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0)
    answers = [([0] * 4, [0] * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
               ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
               (pi[:4], pi[4:], "d16cfe09 94fdcceb 5001e420 24126ea1")]
    for counter, key, answer in answers:
        tally.equal(" ".join(f"{int(w):08x}" for w in philox(counter, key)), answer, f"Philox of {counter[0]:x}")


def main():
    tally = Tally()
    check_fma(tally, BINARY32, 15000)
    check_fma(tally, BINARY64, 15000)
    check_elementary(tally, 1000)
    check_philox(tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
