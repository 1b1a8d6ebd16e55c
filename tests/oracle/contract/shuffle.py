"""Shuffles (section 3). All take an array of seeds and give one permutation a seed."""
import numpy as np

from philox import below, word


def shuffle(seeds, stream, part, n, e0=0):
    """Items by place: an array [seeds][n]."""
    seeds = np.asarray(seeds, np.uint64)
    return fisher_yates(seeds, stream, part, n, e0) if n <= 64 else bijection(seeds, stream, part, n)


def fisher_yates(seeds, stream, part, n, e0=0):
    order = np.tile(np.arange(n), (len(seeds), 1))
    every = np.arange(len(seeds))
    for i in range(n - 1, 0, -1):
        j = below(word(seeds, stream, part, e0 + (n - 1 - i)), i + 1)
        order[every, i], order[every, j] = order[every, j], order[every, i]
    return order


def bijection(seeds, stream, part, n):
    words = word(seeds[:, None], stream, part, np.arange(25)).astype(np.uint32)
    bits = max(7, (n - 1).bit_length())
    high_bits, low_bits = np.uint32(bits // 2), np.uint32(bits - bits // 2)
    multiplier, addend = words[:, 0:24:2] | np.uint32(1), words[:, 1:24:2]
    full = np.uint32(32)

    def one_pass(value, run):
        high, low = value >> low_bits, value & np.uint32((1 << int(low_bits)) - 1)
        for r in range(0, 12, 2):
            high ^= (multiplier[run, r] * low + addend[run, r]) >> (full - high_bits)
            low ^= (multiplier[run, r + 1] * high + addend[run, r + 1]) >> (full - low_bits)
        return high << low_bits | low

    run, place = (x.ravel() for x in np.indices((len(seeds), n)))
    value = one_pass(place.astype(np.uint32), run)
    while (outside := np.flatnonzero(value >= n)).size:
        value[outside] = one_pass(value[outside], run[outside])
    order = value.reshape(len(seeds), n).astype(np.int64)
    is_odd = (words[:, 24] >> np.uint32(31) == 1)[:, None]
    return np.where(is_odd & (order < 2), 1 - order, order)
