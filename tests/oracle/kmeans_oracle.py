#!/usr/bin/env python3
"""scikit-learn, in binary64, against seedvar's k-means: the same starts must lead to the same clusters.

usage: kmeans_oracle.py EXPORT_CLUSTERS STUDY...

EXPORT_CLUSTERS (tests/oracle/export_clusters.c) tells rows, starts and seedvar's own results. Exit code 1: they
disagree.
"""

import json
import os
import subprocess
import sys
import warnings

import numpy
import sklearn
from sklearn.cluster import KMeans

# Largest relative errors of inertia and centres (of the latter, relative to the largest coordinate of a row).
LIMITS = {"fp64": 1e-10, "fp32": 1e-6}


class Failures:
    def __init__(self):
        self.n = 0

    def expect(self, is_right, what):
        if not is_right:
            self.n += 1
            print(f"FAILED: {what}")


def error_of(found, right):
    return abs(found / right - 1) if right != 0 else abs(found)


def nearest(x, centres):
    """Clusters by the definition: the first of the smallest distances."""
    return numpy.array([((row - centres) ** 2).sum(axis=1).argmin() for row in x])


def compare(where, run, x, failures):
    """Returns the largest relative error."""
    train, test = x[:run["n_train"]], x[len(x) - run["n_test"]:]
    shape = (run["n_clusters"], x.shape[1])
    start, centres = (numpy.array(run[name]).reshape(shape) for name in ("start", "centres"))
    model = KMeans(shape[0], init=start, n_init=1, max_iter=run["max_iterations"], tol=0, algorithm="lloyd")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of runs that are cut short
        model.fit(train)
    is_cut = run["steps"] == run["max_iterations"]
    errors = [error_of(run["inertia"], model.inertia_), error_of(run["test_inertia"], -model.score(test)),
              abs(centres - model.cluster_centers_).max() / abs(train).max()]
    failures.expect(max(errors) <= LIMITS[run["precision"]],
                    f"{where}: inertia, test inertia and centres err by {', '.join(f'{e:.1e}' for e in errors)}")
    failures.expect((nearest(train, centres) == model.labels_).all(), f"{where}: training rows in other clusters")
    failures.expect((numpy.array(run["test_clusters"]) == model.predict(test)).all(),
                    f"{where}: test rows in other clusters")
    # scikit-learn counts the iteration that finds nothing to change
    failures.expect(run["steps"] == model.n_iter_ - (not is_cut), f"{where}: {run['steps']} steps, {model.n_iter_}")
    return max(errors)


def check_study(export_clusters, study, failures):
    name, worst, n = os.path.splitext(os.path.basename(study))[0], {}, {}
    done = subprocess.run([export_clusters, study], check=True, capture_output=True, text=True)
    rows = {}
    for number, line in enumerate(done.stdout.splitlines()):
        run = json.loads(line)
        rows = {key: run.pop(key) for key in ("x", "n_train", "n_test")} if "x" in run else rows
        where = f"{name}, {run['arm']}, {run['precision']}, run {number}"
        # an empty cluster stays where it is; scikit-learn moves it
        if run["empty_clusters"] > 0:
            print(f"{where}: not compared, {run['empty_clusters']:.0f} empty clusters")
            continue
        error = compare(where, {**run, **rows}, numpy.array(rows["x"]), failures)
        worst[run["precision"]] = max(error, worst.get(run["precision"], 0))
        n[run["precision"]] = n.get(run["precision"], 0) + 1
    print(f"{name}: " + "; ".join(f"{n[p]} runs in {p}, largest relative error {worst[p]:.1e}" for p in n))
    failures.expect(set(n) == set(LIMITS) and min(n.values()) >= 10, f"{name}: {n} runs were compared, not 10 and more")


def main():
    export_clusters, *studies = sys.argv[1:]
    failures = Failures()
    print(f"scikit-learn {sklearn.__version__}")
    for study in studies:
        check_study(export_clusters, study, failures)
    failures.expect(len(studies) > 0, "no study was given")
    return 1 if failures.n > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
