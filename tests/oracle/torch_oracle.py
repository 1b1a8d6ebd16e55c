#!/usr/bin/env python3
"""PyTorch, in binary64, against seedvar: the same start, rows and order must lead to the same parameters and losses.

usage: torch_oracle.py EXPORT_CASE STUDY...

EXPORT_CASE (tests/oracle/export_case.c) tells start, rows, visits and seedvar's own results. The networks, losses and
gradients here are PyTorch's alone. Exit code 1: they disagree.
"""

import json
import os
import subprocess
import sys

import torch

STEPS = [0, 1, 10, 100]
# Steps up to which a precision is compared, and the largest relative error allowed.
LIMITS = {"fp64": (100, 1e-9), "fp32": (10, 1e-5)}
# Elements below this are only held against the largest of their tensor.
SMALL = 1e-3
ACTIVATIONS = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}
LOSSES = {"cross_entropy": torch.nn.CrossEntropyLoss, "logistic": torch.nn.BCEWithLogitsLoss,
          "squared": torch.nn.MSELoss}


class Oracle:
    """A study's network, trained by PyTorch."""

    def __init__(self, case):
        self.case = case
        self.x = torch.tensor(case["x"], dtype=torch.float64)
        is_class = case["loss"] == "cross_entropy"
        self.y = torch.tensor(case["y"], dtype=torch.int64 if is_class else torch.float64)
        self.y = self.y if is_class else self.y[:, None]
        self.loss = LOSSES[case["loss"]]()

    def network(self, start):
        """start: parameters in seedvar's order, which is PyTorch's: layer by layer, weights [out][in], biases."""
        layers, widths = [], self.case["widths"]
        for n_in, n_out in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(n_in, n_out, dtype=torch.float64), ACTIVATIONS[self.case["activation"]]()]
        net = torch.nn.Sequential(*layers[:-1])
        torch.nn.utils.vector_to_parameters(torch.tensor(start, dtype=torch.float64), net.parameters())
        return net

    def train(self, start, n_steps):
        """Yields the network after each step."""
        net = self.network(start)
        optimizer = torch.optim.SGD(net.parameters(), lr=self.case["learning_rate"], momentum=self.case["momentum"])
        for step in range(n_steps):
            rows = self.case["visits"][step]
            optimizer.zero_grad()
            self.loss(net(self.x[rows]), self.y[rows]).backward()
            optimizer.step()
            yield net

    def losses(self, net):
        first, losses = 0, {}
        with torch.no_grad():
            for part in ("train", "val", "test"):
                rows = slice(first, first + self.case[f"n_{part}"])
                first = rows.stop
                if rows.start < rows.stop:
                    losses[f"{part}_loss"] = self.loss(net(self.x[rows]), self.y[rows]).item()
        return losses


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
    """Facts about rows and visits that hold whatever the seed."""
    case, n = oracle.case, oracle.case["n_train"]
    failures.expect(sorted(case["row"]) == list(range(len(case["row"]))), f"{name}: a row is lost or twice in the split")
    n_epoch = next(i for i in range(len(case["visits"]) + 1) if sum(map(len, case["visits"][:i])) >= n)
    for first in range(0, len(case["visits"]) - n_epoch + 1, n_epoch):
        visited = sum(case["visits"][first:first + n_epoch], [])
        failures.expect(sorted(visited) == list(range(n)), f"{name}: the epoch of step {first} is no permutation")
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


def check_study(export_case, study, failures):
    name = os.path.splitext(os.path.basename(study))[0]
    command = [export_case, study, *map(str, STEPS)]
    case = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    oracle = Oracle(case)
    check_rows(name, oracle, failures)
    results = {(result["precision"], result["steps"]): result for result in case["results"]}
    n_compared = 0
    for precision, (last, _) in LIMITS.items():
        for step, net in enumerate(oracle.train(results[precision, 0]["parameters"], last), 1):
            if (precision, step) in results:
                compare(name, oracle, net, results[precision, step], failures)
                n_compared += 1
    failures.expect(n_compared == 5, f"{name}: {n_compared} results were compared, not 5")


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
