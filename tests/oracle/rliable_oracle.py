"""Expected values for tests/unit/test_stats_rliable.c, from rliable (Agarwal et al. 2021).

    python -m venv rliable && rliable/bin/pip install -r tests/oracle/requirements-rliable.txt
    rliable/bin/python tests/oracle/rliable_oracle.py tests/golden/stats

An environment of its own, since rliable's bootstrap (arch) takes an older pandas than stats_oracle.py. One task, one run a
seed: interquartile mean, probability of improvement, performance profile, and the percentile bootstrap of the difference of
means (of the first runs of either, as many as the smaller arm has).
"""

import json
import pathlib
import sys

import numpy as np
from rliable import library, metrics


def difference_interval(a, b):
    n = min(len(a), len(b))
    scores = {"a, b": (a[:n, None], b[:n, None])}
    _, intervals = library.get_interval_estimates(scores, lambda x, y: np.array([x.mean() - y.mean()]), method="percentile",
                                                  reps=50000, random_state=np.random.RandomState(5))
    return intervals["a, b"][:, 0].tolist()


def cases():
    rng = np.random.default_rng(23)
    for name, a, b in [("normal", rng.normal(0.2, 1, 41).round(6), rng.normal(0, 1.4, 37).round(6)),
                       ("ties", rng.binomial(12, 0.6, 30) / 12, rng.binomial(12, 0.5, 30) / 12),
                       ("few", rng.normal(size=5).round(6), rng.normal(size=6).round(6))]:
        scores = {"a": a[:, None], "b": b[:, None]}
        thresholds = np.quantile(np.concatenate([a, b]), np.linspace(0, 1, 21))
        profile, _ = library.create_performance_profile(scores, thresholds, reps=10)
        yield {"name": name, "a": a.tolist(), "b": b.tolist(), "iqm_a": float(metrics.aggregate_iqm(scores["a"])),
               "iqm_b": float(metrics.aggregate_iqm(scores["b"])),
               "improvement": float(metrics.probability_of_improvement(scores["a"], scores["b"])),
               "difference_interval": difference_interval(a, b), "thresholds": thresholds.tolist(), "profile_a": profile["a"].tolist(), "profile_b": profile["b"].tolist()}


def main():
    lines = ",\n".join(json.dumps(case) for case in cases())
    (pathlib.Path(sys.argv[1]) / "rliable.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
