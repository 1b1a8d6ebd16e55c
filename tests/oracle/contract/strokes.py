"""The pictures of the set stroke_digits (section 5)."""
import numpy as np

from elementary import sincospi
from exact import F64, fma

POINTS = """16,4 19,5 22,9 23,16 22,23 19,27 16,28 13,27 10,23 9,16 10,9 13,5 16,4
11,9 16,4 16,28
9,10 10,7 13,4 18,4 22,7 22,12 19,17 9,28 23,28
9,7 12,4 18,4 22,7 22,12 18,15 14,15; 18,15 22,18 23,22 21,26 17,28 12,28 9,25
18,4 8,20 24,20; 19,12 19,28
22,4 11,4 10,14 14,12 18,12 22,15 23,20 21,25 17,28 12,28 9,25
20,5 15,7 11,13 9,20 10,25 14,28 18,28 22,25 23,20 21,16 17,14 13,15 10,18
9,4 23,4 14,28
16,4 20,5 22,9 20,13 16,15 12,13 10,9 12,5 16,4; 16,15 21,17 23,22 21,26 16,28 11,26 9,22 11,17 16,15
12,27 17,25 21,19 23,12 22,7 18,4 14,4 10,7 9,12 11,16 15,18 19,17 22,14"""
DIGITS = [[[tuple(map(int, point.split(","))) for point in polyline.split()] for polyline in line.split(";")]
          for line in POINTS.splitlines()]


def _distance(ends, mx, my):
    """Squared distances [pictures][pixels] of the pixels from a line between two points (x, y), each [pictures]."""
    (x0, y0), (x1, y1) = ends
    dx, dy, ex, ey = (x1 - x0)[:, None], (y1 - y0)[:, None], mx - x0[:, None], my - y0[:, None]
    inverse = 1 / fma(dx, dx, dy * dy)
    t = fma(ex, dx, ey * dy) * inverse
    t = np.where(t < 0, F64(0), np.where(t > 1, F64(1), t))
    gx, gy = fma(-t, dx, ex), fma(-t, dy, ey)
    return fma(gx, gx, gy * gy)


def _ink(polylines, v, size):
    """[pictures][pixels] of one digit, from its eight variates."""
    sine, cosine = sincospi(0.0625 * v[:, 2])
    half = fma(F64(0.015625), v[:, 3], 0.0625)
    width, height = (fma(F64(0.1875), v[:, i], 1) for i in (4, 5))
    slant, right, below = 0.25 * v[:, 6], 0.09375 * v[:, 0], 0.09375 * v[:, 1]

    def placed(point):
        p, q = ((F64(c) - 16) * 0.03125 for c in point)
        e, f = fma(-slant, q, width * p), height * q
        return fma(cosine, e, fma(-sine, f, right)), fma(sine, e, fma(cosine, f, below))

    row, column = (x.ravel() for x in np.indices((size, size)))
    mx, my = (column + 0.5) / size - 0.5, (row + 0.5) / size - 0.5
    lines = [tuple(map(placed, ends)) for polyline in polylines for ends in zip(polyline, polyline[1:])]
    least = np.min([_distance(ends, mx, my) for ends in lines], axis=0)
    ink = fma(F64(size), half[:, None] - np.sqrt(least), 0.5)
    ink = np.where(ink > 0, ink, F64(0))
    return np.where(ink < 1, ink, F64(1))


def stroke_digits(label, v, size):
    """[rows][size * size] for digits [rows] and variates [rows][8]."""
    pictures = np.zeros((len(label), size * size))
    for digit, polylines in enumerate(DIGITS):
        own = label == digit
        if own.any():
            pictures[own] = _ink(polylines, v[own], size)
    return pictures
