#!/usr/bin/env python3
"""PyTorch, in binary64, against seedvar: the same start, rows and order must lead to the same parameters and losses.

usage: torch_oracle.py EXPORT_CASE STUDY...

EXPORT_CASE (tests/oracle/export_case.c) tells start, rows, visits and seedvar's own results; torch_training.py trains the
same networks. Exit code 1: they disagree.
"""

import json
import os
import subprocess
import sys

from torch_training import Oracle, torch

STEPS = [0, 1, 10, 100]
# Steps up to which a precision is compared, and the largest relative error allowed.
LIMITS = {"fp64": (100, 1e-9), "fp32": (10, 1e-5)}
# Elements below this are only held against the largest of their tensor.
SMALL = 1e-3


def relative_errors(net, parameters):
    """Largest errors: relative to the largest of the tensor, and elementwise where not SMALL."""
    of_tensor, of_element, first = 0.0, 0.0, 0
    for right in net.parameters():
        ours = torch.tensor(parameters[first:first + right.numel()], dtype=torch.float64).reshape(right.shape)
        first += right.numel()
        error, size = (ours - right.detach()).abs(), right.detach().abs()
        of_tensor = max(of_tensor, (error.max() / size.max()).item())
        if (size > SMALL).any():
            of_element = max(of_element, (error / size)[size > SMALL].max().item())
    assert first == len(parameters), f"{len(parameters)} parameters, not {first}"
    return of_tensor, of_element


class Failures:
    def __init__(self):
        self.n = 0

    def expect(self, is_right, what):
        if not is_right:
            self.n += 1
            print(f"FAILED: {what}")


def check_rows(name, oracle, failures):
    """Facts about rows and visits that hold whatever the seed: an epoch visits no row twice, and leaves none out but
    where the last batch would be short and is dropped."""
    case, n, n_epoch = oracle.case, oracle.case["n_train"], oracle.case["n_steps_per_epoch"]
    failures.expect(sorted(case["row"]) == list(range(len(case["row"]))), f"{name}: a row is lost or twice in the split")
    n_visited = min(n, n_epoch * case["batch_size"])
    failures.expect(n_visited > n - case["batch_size"], f"{name}: an epoch is too short")
    for first in range(0, len(case["visits"]) - n_epoch + 1, n_epoch):
        visited = sum(case["visits"][first:first + n_epoch], [])
        failures.expect(len(visited) == n_visited and len(set(visited)) == n_visited and set(visited) <= set(range(n)),
                        f"{name}: the epoch of step {first} visits wrong rows")
    if case["is_standardized"]:
        x = oracle.x[:n]
        varies = (x != x[0]).any(dim=0)
        sd = x.std(dim=0, unbiased=False)[varies]
        failures.expect(x.mean(dim=0).abs().max() < 1e-12 and (sd - 1).abs().max() < 1e-12,
                        f"{name}: training features are not standardized")


def compare(name, oracle, net, result, failures):
    """Parameters and losses must be within the limit of the precision."""
    precision, limit = result["precision"], LIMITS[result["precision"]][1]
    of_tensor, of_element = relative_errors(net, result["parameters"])
    right = oracle.losses(net)
    of_loss = max(abs(result["metrics"][loss] / right[loss] - 1) for loss in right)
    where = f"{name}, {precision}, step {result['steps']}"
    print(f"{where}: relative errors: tensors {of_tensor:.1e}, elements {of_element:.1e}, losses {of_loss:.1e}")
    failures.expect(not result["has_diverged"], f"{where}: diverged")
    failures.expect(of_tensor <= limit, f"{where}: a tensor errs by {of_tensor:g}, more than {limit:g}")
    failures.expect(of_loss <= limit, f"{where}: losses err by {of_loss:g}, more than {limit:g}")
    failures.expect(of_element <= limit, f"{where}: an element errs by {of_element:g}, more than {limit:g}")


def check_arm(name, case, failures):
    oracle, n_compared = Oracle(case), 0
    check_rows(name, oracle, failures)
    results = {(result["precision"], result["steps"]): result for result in case["results"]}
    for (precision, n_steps), result in results.items():
        if 0 < n_steps <= LIMITS[precision][0]:
            start = results[precision, 0]["parameters"]
            compare(name, oracle, oracle.train(start, n_steps, result["warmup"]), result, failures)
            n_compared += 1
    expected = 5 if ("fp32", 0) in results else 3
    failures.expect(n_compared == expected, f"{name}: {n_compared} results were compared, not {expected}")
    if case["optimizer"]["clip_norm"] > 0:
        print(f"{name}: {oracle.n_clipped} of {oracle.n_steps} steps were clipped")
        failures.expect(0 < oracle.n_clipped < oracle.n_steps, f"{name}: all steps are clipped or none is")


def check_study(export_case, study, failures):
    name = os.path.splitext(os.path.basename(study))[0]
    command = [export_case, study, *map(str, STEPS)]
    for case in json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout):
        check_arm(f"{name}/{case['arm']}", case, failures)


def main():
    export_case, *studies = sys.argv[1:]
    failures = Failures()
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}")
    for study in studies:
        check_study(export_case, study, failures)
    failures.expect(len(studies) > 0, "no study was given")
    return 1 if failures.n > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
