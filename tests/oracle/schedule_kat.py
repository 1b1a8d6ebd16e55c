#!/usr/bin/env python3
"""Writes tests/kat/schedule.txt: learning rates by PyTorch's LinearLR, CosineAnnealingLR and OneCycleLR.

usage: schedule_kat.py > tests/kat/schedule.txt
"""
from torch_training import rates, torch

# schedule, lr, warmup, final, steps
CASES = [("constant", 0.1, 0, 0.0, 5), ("constant", 0.3, 7, 0.0, 12), ("linear", 0.1, 0, 0.0, 20),
         ("linear", 0.05, 5, 0.25, 23), ("linear", 2.0, 2, 1.0, 9), ("cosine", 0.1, 0, 0.0, 30),
         ("cosine", 0.003, 10, 0.1, 41), ("cosine", 1.0, 3, 0.5, 4), ("one_cycle", 0.1, 9, 0.0, 30),
         ("one_cycle", 0.7, 1, 0.0, 13), ("one_cycle", 0.01, 19, 0.0, 20), ("one_cycle", 0.2, 30, 0.0, 10),
         ("one_cycle", 0.4, 0, 0.0, 8)]


def main():
    print(f"# Learning rates by PyTorch {torch.__version__} (tests/oracle/schedule_kat.py).")
    print("# schedule, lr, warmup, final, steps, step, rate")
    for schedule, lr, warmup, final, n_steps in CASES:
        found = rates({"schedule": schedule, "lr": lr, "final": final}, n_steps, warmup)
        for step, rate in enumerate(found):
            print(schedule, lr, warmup, final, n_steps, step, repr(rate))


if __name__ == "__main__":
    main()
