"""What the peers share: the jobs' data, the choice of form and number of seeds, and the talk with whoever measures.

A peer trains the jobs of `seedvar bench` with another program, many seeds at a time. It is started once, prints one line of
JSON (seedvar.peer/1: its versions, and for each job the form and the number of seeds that were fastest), then trains one
round for each line "J1" that it reads and answers with {"job", "seeds", "seconds"}. The end of its input ends it.

Where the work is not the same it is less, so that a comparison errs in the peer's favour: rows are shuffled by an affine map
drawn for each seed and epoch, which costs next to nothing; the last, shorter batch of J2 is left out; nothing but the final
parameters is kept, where seedvar evaluates every row at the end and makes a digest.
"""
import argparse
import csv
import gzip
import json
import math
import sys
import time

import numpy

# share: of the time in which forms are tried
JOBS = {
    "J1": {"share": 3, "layers": [2, 16, 16, 1], "batch_size": 32, "epochs": 50, "lr": 0.1, "momentum": 0.0},
    "J2": {"share": 3, "layers": [64, 32, 10], "batch_size": 32, "epochs": 20, "lr": 0.05, "momentum": 0.9},
    "J3": {"share": 1, "coefficients": [1.992, -3.88, 1.4, 1.0, 0.0, 0.0, 0.01], "steps": 100, "lr": 0.01, "start": [-4.0, 2.0]},
    "J4": {"share": 1, "points": 100, "train": 75},
}


def moons(n, noise):
    """Two half circles, as in seedvar's set of that name; the draws are numpy's."""
    draw = numpy.random.default_rng(0)
    angle = draw.uniform(0, math.pi, n)
    label = numpy.arange(n) % 2
    x = numpy.where(label == 0, numpy.cos(angle), 1 - numpy.cos(angle))
    y = numpy.where(label == 0, numpy.sin(angle), 0.5 - numpy.sin(angle))
    rows = numpy.stack([x, y], 1) + draw.normal(0, noise, (n, 2))
    return rows.astype(numpy.float32), label.astype(numpy.int32)


def digits(path, n):
    """The first n rows, standardized; a constant column becomes zero."""
    with gzip.open(path, "rt", newline="", encoding="ascii") as file:
        lines = [line for line in csv.reader(file) if line and line[0].lstrip("-").replace(".", "").isdigit()]
    table = numpy.array(lines, dtype=numpy.float64)[:n]
    x, label = table[:, :-1], table[:, -1].astype(numpy.int32)
    spread = x.std(0)
    x = (x - x.mean(0)) / numpy.where(spread > 0, spread, 1)
    return x.astype(numpy.float32), label


def line(n):
    draw = numpy.random.default_rng(0)
    x = draw.normal(size=n)
    return x.astype(numpy.float32), (x + draw.normal(size=n)).astype(numpy.float32)


def coprimes(n):
    """Factors of an affine shuffle of 0..n-1."""
    return numpy.array([a for a in range(1, n) if math.gcd(a, n) == 1], dtype=numpy.int32)


class Choice:
    """The fastest of the forms that were tried. A form is (name, first number of seeds, make), where make(n) returns a
    function that trains n seeds, waits for their end, and returns a number that shows whether they learnt (or None)."""

    def __init__(self, job, forms, n_most, seconds):
        self.job, self.n_most, self.tried, self.best, self.run = job, n_most, [], None, None
        end = time.monotonic() + seconds
        for i, (name, n, make) in enumerate(forms):
            self.climb(name, n, make, time.monotonic() + (end - time.monotonic()) / (len(forms) - i))

    def climb(self, name, n, make, end):
        """Four times the seeds as long as that is worth a tenth and there is time and memory."""
        last, took = 0.0, 0.0
        while time.monotonic() + took < end or last == 0:
            begun = time.monotonic()
            row, run = self.attempt(name, n, make)
            self.tried.append(row)
            if run is None and last == 0 and n >= 64:  # too much to begin with
                n, took = n // 16, 0.0
                continue
            rate = row.get("seeds_per_s", 0.0)
            if run is not None and (self.best is None or rate > self.best["seeds_per_s"]):
                self.best, self.run = row, run
            if rate < 1.1 * last or rate == 0 or 4 * n > self.n_most:
                return
            # the next takes as long to compile and four times as long to train, twice
            took = time.monotonic() - begun + 6 * n / rate
            last, n = rate, 4 * n

    @staticmethod
    def attempt(name, n, make):
        row = {"form": name, "seeds": n}
        try:
            run = make(n)
            row["first_s"] = round(timed(run)[0], 4)
            seconds, learnt = timed(run)
        except Exception as error:  # what a framework raises when memory or an operation is missing is its own
            row["error"] = f"{type(error).__name__}: {str(error)[:300]}"
            return row, None
        row["seeds_per_s"], row["learnt"] = n / seconds, learnt
        return row, run


def timed(run):
    begun = time.perf_counter()
    learnt = run()
    return time.perf_counter() - begun, learnt


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=["cpu", "cuda"], required=True)
    parser.add_argument("--jobs", default="J1,J2,J3,J4")
    parser.add_argument("--digits", required=True, help="data/digits.csv.gz")
    parser.add_argument("--most", type=int, default=1 << 22, help="seeds at a time, at most")
    parser.add_argument("--first", type=int, default=0, help="seeds at a time to begin with (default: the form's own)")
    parser.add_argument("--seconds", type=float, default=30, help="for the choice of form and seeds, all jobs together")
    return parser.parse_args()


def say(value):
    print(json.dumps(value), flush=True)


def serve(name, versions, forms_of, options):
    """forms_of(job) lists the forms of a job."""
    chosen = {}
    jobs = options.jobs.split(",")
    for job in jobs:
        forms = [(form, options.first or n, make) for form, n, make in forms_of(job)]
        share = JOBS[job]["share"] / sum(JOBS[other]["share"] for other in jobs)
        chosen[job] = Choice(job, forms, options.most, options.seconds * share)
    say({"schema": "seedvar.peer/1", "name": name, "versions": versions,
         "jobs": {job: {**(c.best or {}), "tried": c.tried} for job, c in chosen.items()}})
    for text in sys.stdin:
        c = chosen.get(text.strip())
        if c is None or c.run is None:
            say({"job": text.strip(), "error": "no form of this job runs here"})
        else:
            say({"job": c.job, "seeds": c.best["seeds"], "seconds": timed(c.run)[0]})
