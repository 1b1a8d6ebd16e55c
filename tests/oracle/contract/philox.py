"""Random words (section 2): arrays of words for arrays of addresses."""
import numpy as np

from elementary import log, sincospi

INIT, ORDER, SPLIT, DROPOUT, NOISE, DATA, SCHEDULE = 1, 2, 3, 4, 5, 6, 7
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def philox(counter, key):
    """Four arrays of output words (in uint64) from four arrays of counter words and two of key words."""
    c0, c1, c2, c3 = (np.asarray(c, np.uint64) for c in counter)
    k0, k1 = (np.asarray(k, np.uint64) for k in key)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & LOW, (p0 >> HALF) ^ c3 ^ k1, p0 & LOW
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & LOW, (k1 + np.uint64(0xBB67AE85)) & LOW
    return c0, c1, c2, c3


def word(seed, stream, part, element):
    """The arguments are broadcast against each other. Words come as uint64, so that products of two fit."""
    seed, part, element = (np.asarray(x, np.uint64) for x in (seed, part, element))
    block = element >> np.uint64(2)
    four = philox((block & LOW, block >> HALF, part, np.uint64(stream)), (seed & LOW, seed >> HALF))
    *four, element = np.broadcast_arrays(*four, element)
    return np.choose((element & np.uint64(3)).astype(int), four)


def uniform(w):
    """In [0, 1), binary64; exact in binary32."""
    return (w >> np.uint64(8)) * 2.0**-24


def below(w, n):
    return ((w * np.uint64(n)) >> HALF).astype(np.int64)


def normal_pair(w0, w1):
    radius = np.sqrt(-2 * log((w0.astype(np.float64) + 0.5) * 2.0**-32))
    sine, cosine = sincospi(w1.astype(np.float64) * 2.0**-31)
    return radius * cosine, radius * sine
