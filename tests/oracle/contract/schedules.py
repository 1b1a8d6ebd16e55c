"""The learning rate over the steps (section 6), in binary64."""
import numpy as np

from elementary import sincospi
from exact import F64, fma


def _half(a, b, x):
    """Half a wave of the cosine, from a at x = 0 to b at x = 1."""
    _, cosine = sincospi(x)
    return fma(F64(0.5) * (a - b), 1 + cosine, b)


def rate(train, step, n_steps):
    """Of a step counted from 0."""
    schedule = train.get("schedule", "constant")
    schedule = {"kind": schedule} if isinstance(schedule, str) else schedule
    kind, lr, final = schedule.get("kind", "constant"), F64(train["optimizer"]["lr"]), F64(schedule.get("final", 0))
    t, last = F64(step), F64(n_steps)
    warmup = F64(schedule.get("warmup", 3 * n_steps // 10 if kind == "one_cycle" else 0))
    if kind == "one_cycle":
        if t < warmup:
            return _half(lr / 25, lr, t / warmup)
        length = last - 1 - warmup
        return _half(lr, lr / 250000, (t - warmup) / length if length else F64(0))
    if t < warmup:
        return lr * ((t + 1) / warmup)
    x = (t - warmup) / (last - warmup)
    return {"constant": lambda: lr, "linear": lambda: lr * fma(final - 1, x, 1),
            "cosine": lambda: _half(lr, lr * final, x)}[kind]()
