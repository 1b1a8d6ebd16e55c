"""Expected values for tests/unit/test_stats_*.c, from SciPy, statsmodels and plain NumPy.

    python -m venv oracle && oracle/bin/pip install -r tests/oracle/requirements.txt
    oracle/bin/python tests/oracle/stats_oracle.py tests/golden/stats

Writes one JSON file a topic: a list of cases, each with its inputs and what must come out. The same versions give the
same bytes. Where no library has a statistic, it is written here a second time, by brute force or from the published
formula, never in the way the C code does it.
"""

import itertools
import json
import math
import pathlib
import sys

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import integrate, optimize, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.sandwich_covariance import cov_cluster_2groups
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2


def plain(value):
    """JSON has no infinities and no NaN: null stands for "none"."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, str):
        return value
    return float(value) if math.isfinite(value) else None


def write(folder, name, cases):
    lines = ",\n".join(json.dumps(plain(case)) for case in cases)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n")


# ---- distribution functions ------------------------------------------------------------------------------------------


def distribution_cases():
    # Not far out: there SciPy's own inverses lose digits.
    ps = [0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9995]
    families = {
        "normal": (stats.norm, [()], [-3.5, -1, 0, 0.7, 2.2]),
        "t": (stats.t, [(1,), (2.5,), (9,), (1999,)], [-3.5, -1, 0, 0.7, 2.2]),
        "chi2": (stats.chi2, [(1,), (7,), (64,), (4095.5,)], [0.01, 1, 8, 70, 4000]),
        "f": (stats.f, [(1, 1), (7, 49), (49, 7), (2.5, 300)], [0.01, 0.5, 1, 3, 20]),
        "beta": (stats.beta, [(0.5, 0.5), (1, 30), (13, 2), (400, 600)], [0.01, 0.3, 0.4, 0.9]),
        "noncentral_t": (stats.nct, [(1, 0.5), (8, 2), (30, -1.5), (98, 4)], [-2, 0.5, 2, 5]),
    }
    for family, (distribution, parameters, xs) in families.items():
        for parameter in parameters:
            for x in xs:
                yield {"family": family, "kind": "cdf", "at": x, "parameters": parameter,
                       "expected": distribution.cdf(x, *parameter)}
            for p in ps:
                yield {"family": family, "kind": "quantile", "at": p, "parameters": parameter,
                       "expected": distribution.ppf(p, *parameter)}


# ---- one sample ------------------------------------------------------------------------------------------------------

PROBABILITIES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]


def order_interval(x, p):
    """Brute force over the binomial, checked against SciPy's quantile test."""
    x, n = np.sort(x), len(x)
    lower = [k for k in range(1, n + 1) if stats.binom.cdf(k - 1, n, p) <= TAIL]
    upper = [k for k in range(1, n + 1) if stats.binom.cdf(k - 1, n, p) >= 1 - TAIL]
    low = x[max(lower) - 1] if lower else math.nan
    high = x[min(upper) - 1] if upper else math.nan
    scipy_interval = stats.quantile_test(x, p=p).confidence_interval(LEVEL)
    np.testing.assert_array_equal([low, high], [scipy_interval.low, scipy_interval.high])
    return [low, high]


def summary_case(name, x):
    n, sd = len(x), np.std(x, ddof=1)
    skewness = stats.skew(x, bias=False) if n > 2 else math.nan
    kurtosis = stats.kurtosis(x, bias=False) if n > 3 else math.nan
    correction = 3 * (n - 1) ** 2 / ((n - 2) * (n - 3)) if n > 3 else math.nan
    half = stats.t.ppf(1 - TAIL, n - 1) * sd / math.sqrt(n)
    return {
        "name": name, "values": x, "level": LEVEL,
        "mean": np.mean(x), "mean_interval": [np.mean(x) - half, np.mean(x) + half], "sd": sd,
        "sd_interval": [sd * math.sqrt((n - 1) / stats.chi2.ppf(q, n - 1)) for q in (1 - TAIL, TAIL)],
        "min": min(x), "max": max(x), "skewness": skewness, "excess_kurtosis": kurtosis,
        "bimodality": (skewness**2 + 1) / (kurtosis + correction),
        "interquartile_mean": stats.trim_mean(x, 0.25),
        "quantiles": [np.quantile(x, p) for p in PROBABILITIES],
        "quantile_intervals": [order_interval(np.array(x), p) for p in PROBABILITIES],
    }


def summary_cases():
    rng = np.random.default_rng(1)
    yield summary_case("two", [0.25, 0.75])
    yield summary_case("three", [1.0, 2.0, 4.5])
    yield summary_case("ten normals", rng.normal(size=10).round(6))
    yield summary_case("skewed", rng.exponential(size=127).round(6))
    yield summary_case("far from zero", (1e6 + rng.normal(size=50)).round(6))
    yield summary_case("accuracies with ties", rng.binomial(360, 0.97, size=400) / 360)
    yield summary_case("two modes", np.concatenate([rng.normal(0, 1, 60), rng.normal(9, 1, 40)]).round(6))


def rate_cases():
    for hits, n in [(0, 1), (1, 1), (0, 30), (30, 30), (3, 17), (250, 1000), (1, 1000000)]:
        low, high = proportion_confint(hits, n, alpha=1 - LEVEL, method="beta")
        yield {"hits": hits, "n": n, "level": LEVEL, "interval": [low, high]}


# ---- arm against arm -------------------------------------------------------------------------------------------------


def superiority(a, b, paired):
    """All pairs by brute force; Brunner and Munzel checked against SciPy."""
    a, b = np.array(a), np.array(b)
    wins = np.sign(a[:, None] - b[None, :]) / 2 + 0.5
    probability, of_a, of_b = wins.mean(), wins.mean(axis=1), 1 - wins.mean(axis=0)
    if paired:
        z, df = of_a - of_b, len(a) - 1
        error = np.std(z, ddof=1) / math.sqrt(len(a))
    else:
        v = np.array([np.var(of_a, ddof=1) / len(a), np.var(of_b, ddof=1) / len(b)])
        error, df = math.sqrt(v.sum()), v.sum() ** 2 / (v**2 / [len(a) - 1, len(b) - 1]).sum()
    half = stats.t.ppf(1 - TAIL, df) * error
    p = 2 * stats.t.sf(abs(probability - 0.5) / error, df)
    if not paired:
        np.testing.assert_allclose(p, stats.brunnermunzel(a, b).pvalue, rtol=1e-9)
    return {"probability": probability, "standard_error": error, "df": df, "p": p,
            "interval": [max(0, probability - half), min(1, probability + half)]}


def least_detectable(error, df, alpha, power):
    critical = stats.t.ppf(1 - alpha / 2, df)
    def shortfall(shift):
        far = np.nan_to_num(stats.nct.cdf(-critical, df, shift))  # SciPy gives NaN where it is below 1e-15
        return stats.nct.sf(critical, df, shift) + far - power
    high = 1.0
    while shortfall(high) < 0:
        high *= 1.5
    return error * optimize.brentq(shortfall, 0.1, high, xtol=1e-13)


def comparison_case(name, a, b, paired, margin):
    result = stats.ttest_rel(a, b) if paired else stats.ttest_ind(a, b, equal_var=False)
    interval = result.confidence_interval(LEVEL)
    tost = ttost_paired(np.array(a), np.array(b), -margin, margin)[0] if paired else ttost_ind(
        np.array(a), np.array(b), -margin, margin, usevar="unequal")[0]
    difference = np.mean(a) - np.mean(b)
    error = difference / result.statistic
    return {
        "name": name, "a": a, "b": b, "is_paired": paired, "level": LEVEL, "margin": margin,
        "difference": difference, "standard_error": error, "df": result.df, "t": result.statistic,
        "p": result.pvalue, "interval": [interval.low, interval.high], "equivalence_p": tost,
        "least_detectable": least_detectable(error, result.df, 0.05, 0.8),
        "sd": np.std(np.subtract(a, b), ddof=1) if paired else math.nan,
        "correlation": stats.pearsonr(a, b).statistic if paired else math.nan,
        "superiority": superiority(a, b, paired),
    }


def comparison_cases():
    rng = np.random.default_rng(2)
    yield comparison_case("welch", rng.normal(1, 1, 12).round(6), rng.normal(0.3, 3, 31).round(6), False, 2.5)
    accuracy = lambda n, p: rng.binomial(360, p, n) / 360
    yield comparison_case("welch, ties", accuracy(80, 0.97), accuracy(60, 0.975), False, 0.01)
    yield comparison_case("welch, two each", [0.1, 1.15], [1.1, 1.2], False, 0.9)
    seed = rng.normal(0, 1, 40)
    yield comparison_case("paired", (seed + rng.normal(0.2, 0.4, 40)).round(6),
                          (seed + rng.normal(0, 0.4, 40)).round(6), True, 0.5)
    yield comparison_case("paired, ties", accuracy(50, 0.95), accuracy(50, 0.96), True, 0.02)


# ---- crossed random effects ------------------------------------------------------------------------------------------


def sets_of(n_factors):
    return list(range(1, 1 << n_factors))


def runs_per_level(levels, r, mask):
    return r * math.prod(n for f, n in enumerate(levels) if not mask >> f & 1)


def analysis_of_variance(y):
    """Sums of squares by least squares (statsmodels). y: factors, then replicates."""
    k = y.ndim - 1
    index = np.indices(y.shape).reshape(y.ndim, -1)
    frame = pd.DataFrame({f"f{f}": index[f] for f in range(k)} | {"y": y.ravel()})
    fit = smf.ols("y ~ " + " * ".join(f"C(f{f})" for f in range(k)), frame).fit()
    total = smf.ols("y ~ 1", frame).fit().ssr
    if y.shape[-1] > 1:
        table = anova_lm(fit, typ=1)
    squares = {}
    for mask in sets_of(k):
        names = ":".join(f"C(f{f})" for f in range(k) if mask >> f & 1)
        squares[mask] = table.loc[names, "sum_sq"] if y.shape[-1] > 1 else None
    if y.shape[-1] == 1:  # no degrees of freedom for an error: leave out the top interaction
        top = " + ".join(":".join(f"C(f{f})" for f in range(k) if m >> f & 1) for m in sets_of(k)[:-1])
        reduced = smf.ols(f"y ~ {top or '1'}", frame).fit()
        if k > 1:
            table = anova_lm(reduced, typ=1)
        for mask in sets_of(k)[:-1]:
            squares[mask] = table.loc[":".join(f"C(f{f})" for f in range(k) if mask >> f & 1), "sum_sq"]
        squares[sets_of(k)[-1]] = reduced.ssr
    squares[0] = fit.ssr if y.shape[-1] > 1 else 0.0
    np.testing.assert_allclose(sum(squares.values()), total, rtol=1e-9)
    return squares


def weights_by_system(levels, r):
    """Rows: weights of the mean squares in each component, from solving E(MS) = M components."""
    masks = sets_of(len(levels)) + ([0] if r > 1 else [])
    expected = np.zeros((len(masks), len(masks)))
    for i, t in enumerate(masks):
        for j, u in enumerate(masks):
            if u == 0:
                expected[i, j] = 1
            elif t != 0 and u & t == t:
                expected[i, j] = runs_per_level(levels, r, u)
    weights = np.linalg.inv(expected)
    weights[abs(weights) < 1e-12] = 0
    return masks, weights


def large_sample(weights, ms, df):
    """Ting et al. (1990) as printed in Burdick and Graybill (1992), section 3.3: L and U each by its own formulas."""
    def f_upper(alpha, m, n):  # upper alpha point; n = inf allowed
        return stats.chi2.isf(alpha, m) / m if n == math.inf else stats.f.isf(alpha, m, n)
    plus = [i for i in range(len(ms)) if weights[i] > 0]
    minus = [i for i in range(len(ms)) if weights[i] < 0]
    c, a, inf = np.abs(weights), TAIL, math.inf
    g = [1 - 1 / f_upper(a, n, inf) for n in df]
    h = [1 / f_upper(1 - a, n, inf) - 1 for n in df]
    def star(q, t):
        both = df[q] + df[t]
        return ((1 - 1 / f_upper(a, both, inf)) ** 2 * both**2 / (df[q] * df[t])
                - g[q] ** 2 * df[q] / df[t] - g[t] ** 2 * df[t] / df[q])
    v_low = sum((g[q] * c[q] * ms[q]) ** 2 for q in plus) + sum((h[m] * c[m] * ms[m]) ** 2 for m in minus)
    v_high = sum((h[q] * c[q] * ms[q]) ** 2 for q in plus) + sum((g[m] * c[m] * ms[m]) ** 2 for m in minus)
    for q, m in itertools.product(plus, minus):
        low, high = f_upper(a, df[q], df[m]), f_upper(1 - a, df[q], df[m])
        scale = c[q] * c[m] * ms[q] * ms[m]
        v_low += ((low - 1) ** 2 - g[q] ** 2 * low**2 - h[m] ** 2) / low * scale
        v_high += ((1 - high) ** 2 - h[q] ** 2 * high**2 - g[m] ** 2) / high * scale
    if minus:
        for q, t in itertools.combinations(plus, 2):
            v_low += star(q, t) / (len(plus) - 1) * c[q] * c[t] * ms[q] * ms[t]
    if plus:
        for q, t in itertools.combinations(minus, 2):
            v_high += star(q, t) / (len(minus) - 1) * c[q] * c[t] * ms[q] * ms[t]
    estimate = np.dot(weights, ms)
    return [estimate - math.sqrt(max(0, v_low)), estimate + math.sqrt(max(0, v_high))]


def mean_squares_directly(y):
    """By means over axes: for the bootstrap, where least squares would take too long."""
    k, squares = y.ndim - 1, {0: np.sum((y - y.mean(axis=-1, keepdims=True)) ** 2)}
    for mask in sets_of(k):
        effect = y.mean(axis=-1)
        for f in range(k):
            mean = effect.mean(axis=f, keepdims=True)
            effect = effect - mean if mask >> f & 1 else mean
        squares[mask] = np.sum(effect**2) * runs_per_level(y.shape[:-1], y.shape[-1], mask)
    return squares


def crossed_case(name, y):
    rng = np.random.default_rng(99)
    levels, r = y.shape[:-1], y.shape[-1]
    masks, weights = weights_by_system(levels, r)
    squares = analysis_of_variance(y)
    df = [math.prod(n - 1 for f, n in enumerate(levels) if m >> f & 1) if m else math.prod(levels) * (r - 1)
          for m in masks]
    ms = np.array([squares[m] for m in masks]) / df
    variance = weights @ ms
    pivots = np.array([n / rng.chisquare(n, 1000000) for n in df]) * ms[:, None]
    generalized = weights @ pivots
    resampled = []
    for _ in range(20000):
        again = y[np.ix_(*[rng.integers(0, n, n) for n in levels])]
        direct = mean_squares_directly(again)
        resampled.append(weights @ (np.array([direct[m] for m in masks]) / df))
    ends = [TAIL, 1 - TAIL]
    return {
        "name": name, "levels": levels, "replicates": r, "level": LEVEL, "values": y.ravel(), "mean": y.mean(),
        "total_variance": variance.sum(),
        "components": [{
            "factors": m, "df": df[i], "mean_square": ms[i], "variance": variance[i],
            "share": variance[i] / variance.sum(), "large_sample": large_sample(weights[i], ms, df),
            "is_exact": np.count_nonzero(weights[i]) == 1,
            "generalized": np.quantile(generalized[i], ends),
            "share_interval": np.quantile(generalized[i] / generalized.sum(axis=0), ends),
            "bootstrap": np.quantile([row[i] for row in resampled], ends),
        } for i, m in enumerate(masks)],
    }


def crossed_study(rng, levels, r, sds):
    k = len(levels)
    y = np.zeros(levels + (r,))
    for mask in sets_of(k):
        shape = [n if mask >> f & 1 else 1 for f, n in enumerate(levels)] + [1]
        y = y + rng.normal(0, sds[mask - 1], shape)
    return (y + rng.normal(0, sds[-1], y.shape)).round(6)


def crossed_cases():
    rng = np.random.default_rng(3)
    yield crossed_case("one factor", crossed_study(rng, (9,), 4, [1, 0.5]))
    yield crossed_case("one factor, one replicate", crossed_study(rng, (9,), 1, [1, 0.5]))
    yield crossed_case("two factors", crossed_study(rng, (6, 5), 3, [1, 0.7, 0.4, 0.5]))
    yield crossed_case("two factors, one replicate", crossed_study(rng, (4, 7), 1, [1, 0.7, 0.4, 0.5]))
    yield crossed_case("nothing but noise", 100 + crossed_study(rng, (5, 6), 2, [0, 0, 0, 1]))
    three = [1, 0.7, 0.4, 0.5, 0.3, 0.2, 0.2, 0.3]
    yield crossed_case("three factors", crossed_study(rng, (4, 3, 5), 2, three))
    yield crossed_case("three factors, one replicate", crossed_study(rng, (5, 4, 3), 1, three))


def unbalanced_case(name, y, is_there):
    """Henderson's method 1 with matrices: E(y'Py) = sum of components times tr(P Z Z'), P projecting on a set's levels.

    y: factors, then replicates; is_there: which of the runs there are."""
    k, r = y.ndim - 1, y.shape[-1]
    index, values = np.argwhere(is_there), y[is_there]

    def indicator(mask):
        levels = [tuple(row[f] for f in range(k) if mask >> f & 1) for row in index]
        return np.array([[float(a == b) for b in sorted(set(levels))] for a in levels])

    has_replicates = is_there.sum(-1).max() > 1
    effects = {m: indicator(m) for m in sets_of(k)} | ({0: np.eye(len(values))} if has_replicates else {})
    mean = np.full((len(values), len(values)), 1 / len(values))
    expected, squares = [], []
    for z in effects.values():
        project = z @ np.linalg.pinv(z) - mean
        expected.append([np.trace(project @ w @ w.T) for w in effects.values()])
        squares.append(values @ project @ values)
    variance = np.linalg.solve(expected, squares)
    return {"name": name, "levels": y.shape[:-1], "values": values, "mean": values.mean(),
            "cells": np.ravel_multi_index(index[:, :k].T, y.shape[:-1]), "total_variance": variance.sum(),
            "components": [{"factors": m, "variance": v, "share": v / variance.sum()}
                           for m, v in zip(effects, variance)]}


def unbalanced_cases():
    rng = np.random.default_rng(53)
    three = [1, 0.7, 0.4, 0.5, 0.3, 0.2, 0.2, 0.3]
    for name, levels, r, sds, share in [("one factor", (9,), 4, [1, 0.5], 0.7),
                                        ("two factors", (6, 5), 3, [1, 0.7, 0.4, 0.5], 0.6),
                                        ("two factors, one replicate", (7, 8), 1, [1, 0.7, 0.4, 0.5], 0.8),
                                        ("three factors", (4, 3, 5), 2, three, 0.7)]:
        y = crossed_study(rng, levels, r, sds)
        yield unbalanced_case(name, y, rng.random(y.shape) < share)


def clustered_cases():
    """The variance of a mean clustered by two factors and their cells (statsmodels, Cameron, Gelbach and Miller)."""
    rng = np.random.default_rng(61)
    for name, levels, r, sds, share in [("gaps", (6, 5), 1, [1, 0.7, 0.4, 0.5], 0.8), ("more gaps", (9, 4), 1, [1, 0.7, 0.4, 0.5], 0.6),
                                        ("uneven replicates", (5, 6), 3, [1, 0.7, 0.4, 0.5], 0.6)]:
        y = crossed_study(rng, levels, r, sds)
        index = np.argwhere(rng.random(y.shape) < share)
        values, cells = y[tuple(index.T)], index[:, 0] * levels[1] + index[:, 1]
        fit = OLS(values, np.ones_like(values)).fit()
        both, first, second = cov_cluster_2groups(fit, index[:, 0], index[:, 1])
        yield {"name": name, "values": values, "first": index[:, 0], "second": index[:, 1], "cell": cells,
               "levels": list(levels), "mean": values.mean(), "variance": both.item(),
               "variance_first": first.item(), "variance_second": second.item()}


# ---- nested designs --------------------------------------------------------------------------------------------------


def nested_squares(y):
    """Sums of squares of each factor within those before, by least squares (statsmodels). y: factors, then replicates."""
    k, index = y.ndim - 1, np.indices(y.shape).reshape(y.ndim, -1)
    frame = pd.DataFrame({f"f{f}": index[f] for f in range(k)} | {"y": y.ravel()})
    residuals, terms = [smf.ols("y ~ 1", frame).fit().ssr], []
    for f in range(k):
        terms.append(":".join(f"C(f{g})" for g in range(f + 1)))
        residuals.append(smf.ols("y ~ " + " + ".join(terms), frame).fit().ssr)
    squares = [a - b for a, b in zip(residuals, residuals[1:])]
    return squares + ([residuals[-1]] if y.shape[-1] > 1 else [])


def nested_squares_directly(y):
    means = [y.mean(axis=tuple(range(f, y.ndim)), keepdims=True) for f in range(y.ndim + 1)]
    squares = [np.sum(np.broadcast_to((b - a) ** 2, y.shape)) for a, b in zip(means, means[1:])]
    return squares if y.shape[-1] > 1 else squares[:-1]


def nested_case(name, y):
    rng = np.random.default_rng(77)
    levels, r = y.shape[:-1], y.shape[-1]
    k, n_strata = len(levels), len(levels) + (r > 1)
    expected = np.zeros((n_strata, n_strata))  # E(MS_i) = sum over the strata j inside of i
    for i in range(n_strata):
        for j in range(i, n_strata):
            expected[i, j] = math.prod(levels[j + 1:]) * r if j < k else 1
    weights = np.linalg.inv(expected)
    weights[abs(weights) < 1e-12] = 0
    df = [math.prod(levels[:f]) * (levels[f] - 1) for f in range(k)] + ([math.prod(levels) * (r - 1)] if r > 1 else [])
    squares = nested_squares(y)
    np.testing.assert_allclose(squares, nested_squares_directly(y), rtol=1e-8)
    ms = np.array(squares) / df
    variance = weights @ ms
    generalized = weights @ (np.array([n / rng.chisquare(n, 1000000) for n in df]) * ms[:, None])
    resampled = [weights @ (np.array(nested_squares_directly(y[rng.integers(0, levels[0], levels[0])])) / df)
                 for _ in range(20000)]
    ends = [TAIL, 1 - TAIL]
    return {
        "name": name, "levels": levels, "replicates": r, "level": LEVEL, "values": y.ravel(), "mean": y.mean(),
        "total_variance": variance.sum(), "total_interval": np.quantile(generalized.sum(axis=0), ends),
        "components": [{
            "factors": 2 ** (i + 1) - 1 if i < k else 0, "df": df[i], "mean_square": ms[i], "variance": variance[i],
            "share": variance[i] / variance.sum(), "large_sample": large_sample(weights[i], ms, df),
            "is_exact": np.count_nonzero(weights[i]) == 1,
            "generalized": np.quantile(generalized[i], ends),
            "share_interval": np.quantile(generalized[i] / generalized.sum(axis=0), ends),
            "bootstrap": np.quantile([row[i] for row in resampled], ends),
        } for i in range(n_strata)],
    }


def nested_study(rng, levels, r, sds):
    y = rng.normal(0, sds[-1], levels + (r,))
    for f in range(len(levels)):
        y = y + rng.normal(0, sds[f], levels[: f + 1] + (1,) * (len(levels) - f))
    return y.round(6)


def nested_cases():
    rng = np.random.default_rng(8)
    yield nested_case("two factors", nested_study(rng, (7, 5), 3, [1, 0.7, 0.5]))
    yield nested_case("two factors, one replicate", nested_study(rng, (6, 4), 1, [1, 0.7, 0.5]))
    yield nested_case("three factors", nested_study(rng, (6, 3, 4), 2, [1, 0.3, 0.7, 0.2]))
    yield nested_case("three factors, one replicate", nested_study(rng, (5, 4, 3), 1, [0.2, 1, 0.7, 0.2]))
    yield nested_case("nothing but noise", 100 + nested_study(rng, (9, 6), 2, [0, 0, 1]))


# ---- indices of sources ----------------------------------------------------------------------------------------------


def middle(draws):
    return np.quantile(draws, [TAIL, 1 - TAIL], axis=0).T


def jansen(y):
    """y: rows x (A, B, AB of each source) x replicates. [V, then V_s, V_Ts, V_s / V, V_Ts / V of each source]"""
    r, mean = y.shape[-1], y.mean(axis=-1)
    error = y.var(axis=-1, ddof=1).mean() if r > 1 else 0
    a, b, ab = mean[:, 0], mean[:, 1], mean[:, 2:]
    between = np.var(np.concatenate([a, b]), ddof=1)
    variance = between + error * (1 - 1 / r)
    first = between - np.mean((b[:, None] - ab) ** 2, axis=0) / 2
    total = np.mean((a[:, None] - ab) ** 2, axis=0) / 2 - error / r
    return np.concatenate([[variance], np.stack([first, total, first / variance, total / variance], axis=1).ravel()])


def check_against_scipy(y):
    """SciPy's total index is Jansen's, over the variance with divisor 2N; its first-order one is another estimator."""
    mean = y.mean(axis=-1)
    found = stats.sobol_indices(func={"f_A": mean[None, :, 0], "f_B": mean[None, :, 1],
                                      "f_AB": mean.T[2:, None, :]}, n=len(y))
    variance = np.var(mean[:, :2])
    np.testing.assert_allclose(found.total_order, jansen(mean[:, :, None])[2::4] / variance, rtol=1e-9)


def resampled_rows(y):
    """SciPy's percentile bootstrap over the numbers of the rows."""
    def estimates(rows, axis):
        found = np.array([jansen(y[drawn]) for drawn in rows.reshape(-1, len(y))])
        return np.moveaxis(found.reshape(*rows.shape[:-1], -1), -1, 0)
    found = stats.bootstrap((np.arange(len(y)),), estimates, n_resamples=20000, vectorized=True, method="percentile",
                            confidence_level=LEVEL, rng=np.random.default_rng(12)).confidence_interval
    return np.stack([found.low, found.high], axis=-1)


def pick_freeze_case(name, y):
    if len(y) & (len(y) - 1) == 0:  # SciPy wants a power of two
        check_against_scipy(y)
    return {"name": name, "kind": "pick-freeze", "groups": len(y), "sources": y.shape[1] - 2, "replicates": y.shape[2],
            "level": LEVEL, "values": y.ravel(), "estimates": jansen(y), "intervals": resampled_rows(y)}


def pick_freeze_study(rng, n, p, r, sd):
    """f = x_0 + 2 x_1 + x_0 x_1 + ... of normal sources, with replicate errors."""
    def f(x):
        return x[:, 0] + 2 * x[:, 1] + x[:, 0] * x[:, 1] + 0.5 * x[:, 2:].sum(axis=1)
    a, b = rng.normal(size=(n, p)), rng.normal(size=(n, p))
    cells = [f(a), f(b)] + [f(np.where(np.arange(p) == s, b, a)) for s in range(p)]
    return (np.stack(cells, axis=1)[:, :, None] + rng.normal(0, sd, (n, p + 2, r))).round(6)


def one_at_a_time(bases):
    """bases: a list of (run of the base, [other levels of each source]), all with replicates as the last axis.
    [V, then V_Ts, V_Ts / V of each source]"""
    cells = [np.concatenate([base[None]] + others) for base, others in bases]
    r = cells[0].shape[-1]
    error = np.mean([c.var(axis=-1, ddof=1).mean() for c in cells]) if r > 1 else 0
    pairs = [np.mean((a.mean(axis=-1)[:, None] - b.mean(axis=-1)[None, :]) ** 2) / 2
             for a, b in itertools.combinations(cells, 2)]
    variance = np.mean(pairs) + error * (1 - 1 / r) if pairs else math.nan
    found = [variance]
    for s in range(len(bases[0][1])):
        means = [np.concatenate([base[None], others[s]]).mean(axis=-1) for base, others in bases]
        total = np.mean([np.var(m, ddof=1) for m in means]) - error / r
        found += [total, total / variance]
    return np.array(found), error


def resampled_bases(rng, bases):
    """V over pairs of different bases alone; the error is that of all bases."""
    n, error = len(bases), one_at_a_time(bases)[1]
    cells = [np.concatenate([base[None]] + others).mean(axis=-1) for base, others in bases]
    r, p = bases[0][0].shape[-1], len(bases[0][1])
    halves = np.array([[np.mean((a[:, None] - b[None, :]) ** 2) / 2 for a in cells] for b in cells])
    within = np.array([[np.var(np.concatenate([base[None], others[s]]).mean(axis=-1), ddof=1) for s in range(p)]
                       for base, others in bases])
    for _ in range(20000):
        m = np.bincount(rng.integers(0, n, n), minlength=n)
        weights = np.outer(m, m) * (1 - np.eye(n))
        variance = np.sum(weights * halves) / np.sum(weights) + error * (1 - 1 / r)
        total = m @ within / n - error / r
        yield np.concatenate([[variance], np.stack([total, total / variance], axis=1).ravel()])


def one_at_a_time_case(name, levels, bases):
    n, r = len(bases), bases[0][0].shape[-1]
    estimates, error = one_at_a_time(bases)
    n_cells, normal = n * (1 + sum(levels) - len(levels)), []
    for s, n_levels in enumerate(levels):
        ms, df = [r * (estimates[1 + 2 * s] + error / r)], [n * (n_levels - 1)]
        weights = [1 / r]
        if r > 1:
            ms, df, weights = ms + [error], df + [n_cells * (r - 1)], [1 / r, -1 / r]
        normal.append(large_sample(np.array(weights), np.array(ms), df))
    intervals = middle(list(resampled_bases(np.random.default_rng(13), bases))) if n >= 8 else None
    values = np.concatenate([np.concatenate([base[None]] + others).ravel() for base, others in bases])
    return {"name": name, "kind": "one-at-a-time", "groups": n, "sources": len(levels), "levels": levels,
            "replicates": r, "level": LEVEL, "values": values, "estimates": estimates, "normal": normal,
            "intervals": intervals if intervals is not None else [[math.nan] * 2] * len(estimates)}


def one_at_a_time_study(rng, n, levels, r, sds):
    bases = []
    for _ in range(n):
        shift = rng.normal(0, 1)
        base = (shift + rng.normal(0, sds[-1], r)).round(6)
        bases.append((base, [(shift + rng.normal(0, sds[s], (n_levels - 1, 1)) + rng.normal(0, sds[-1], (n_levels - 1, r)))
                             .round(6) for s, n_levels in enumerate(levels)]))
    return bases


def index_cases():
    rng = np.random.default_rng(9)
    yield pick_freeze_case("two sources", pick_freeze_study(rng, 64, 2, 1, 0))
    yield pick_freeze_case("four sources, three replicates", pick_freeze_study(rng, 32, 4, 3, 0.8))
    yield pick_freeze_case("far from zero", 1e6 + pick_freeze_study(rng, 25, 3, 1, 0.1))
    for name, n, levels, r in [("one base", 1, (9, 4), 1), ("one base, replicates", 1, (9, 4, 3), 3),
                               ("three bases", 3, (4, 5), 1), ("ten bases", 10, (3, 4, 5), 1),
                               ("twelve bases, replicates", 12, (3, 4), 2)]:
        yield one_at_a_time_case(name, levels, one_at_a_time_study(rng, n, levels, r, [1, 0.7, 0.3, 0.2]))


# ---- chance of being misled ------------------------------------------------------------------------------------------


def verdict(p, difference):
    return 0 if not p < 0.05 else int(np.sign(difference))


def enumerate_draws(a, b, n, paired):
    """Every equally likely draw of n seeds."""
    places = range(len(a))
    for i in itertools.product(places, repeat=n):
        for j in [i] if paired else itertools.product(range(len(b)), repeat=n):
            yield a[list(i)], b[list(j)]


def t_verdict(x, y, paired):
    difference = np.mean(x) - np.mean(y)
    spread = np.ptp(x - y) if paired else max(np.ptp(x), np.ptp(y))
    if spread < 1e-12:
        return int(np.sign(difference)) if abs(difference) > 1e-12 else 0
    test = stats.ttest_rel(x, y) if paired else stats.ttest_ind(x, y, equal_var=False)
    return verdict(test.pvalue, difference)


def is_equivalent(x, y, paired, margin):
    if margin == 0:
        return False
    difference = np.mean(x) - np.mean(y)
    spread = np.ptp(x - y) if paired else max(np.ptp(x), np.ptp(y))
    if spread < 1e-12:
        return abs(difference) < margin - 1e-12
    if paired:
        return ttost_paired(x, y, -margin, margin)[0] < 0.05
    return ttost_ind(x, y, -margin, margin, usevar="unequal")[0] < 0.05


def named_verdict(x, y, paired, margin):
    if is_equivalent(x, y, paired, margin):
        return "equivalent"
    return {1: "a higher", -1: "b higher", 0: "undecided"}[t_verdict(x, y, paired)]


def mislead_case(name, a, b, paired, n_max, pool_verdict, margin=0):
    """pool_verdict: what all runs together are taken to say, which another test than the small studies' may have found."""
    a, b, points = np.array(a), np.array(b), []
    pool_sign = np.sign(a.mean() - b.mean())
    for n in range(1, n_max + 1):
        signs, others = [], []
        for x, y in enumerate_draws(a, b, n, paired):
            difference = x.sum() - y.sum()
            signs.append(0 if abs(difference) < 1e-9 else np.sign(difference))
            if n > 1:
                others.append(named_verdict(x, y, paired, margin) != pool_verdict)
        points.append({"n": n, "sign": np.mean([0.5 - 0.5 * s * pool_sign for s in signs]),
                       "verdict": np.mean(others) if n > 1 else math.nan})
    return {"name": name, "a": a, "b": b, "is_paired": paired, "pool_verdict": pool_verdict, "margin": margin, "points": points}


def mislead_cases():
    arms = {"paired": ([0.9, 0.8, 0.95, 0.7, 0.88, 0.91, 0.6], [0.85, 0.82, 0.9, 0.72, 0.8, 0.9, 0.5], True, 4),
            "unpaired": ([0.9, 0.8, 0.7, 0.8], [0.8, 0.7, 0.75, 0.6, 0.9], False, 3)}
    for name, arm in arms.items():
        for verdict in ("undecided", "a higher", "b higher"):
            yield mislead_case(f"{name}, {verdict}", *arm, verdict)
        for verdict in ("undecided", "a higher", "equivalent"):
            yield mislead_case(f"{name} with a margin, {verdict}", *arm, verdict, 0.11)
    yield mislead_case("clear difference", [5.0, 5.1, 5.2, 5.3], [1.0, 1.1, 1.2, 1.3], True, 4, "a higher")


# ---- best of n, ranks ------------------------------------------------------------------------------------------------


def best_of_cases():
    for k in [1, 2, 3, 10, 100, 10000, 1000000]:
        density = lambda x: x * k * stats.norm.pdf(x) * np.exp((k - 1) * stats.norm.logcdf(x))
        z = integrate.quad(density, -9, 12, epsabs=1e-12, epsrel=1e-12, limit=500, points=[0, 3, 5])[0]
        yield {"kind": "normal", "k": k, "expected": z}
    rng = np.random.default_rng(4)
    small = rng.normal(size=7).round(6)
    for better, pick in [(True, max), (False, min)]:
        for n in [1, 2, 4, 7]:
            subsets = [pick(s) for s in itertools.combinations(small, n)]
            draws = [pick(s) for s in itertools.product(small, repeat=n)] if n < 7 else None
            yield {"kind": "sample", "values": small, "n": n, "is_more_better": better,
                   "unbiased": np.mean(subsets), "plug_in": np.mean(draws) if draws else math.nan}


def rank_cases():
    rng = np.random.default_rng(5)
    for name, x in [("no ties", rng.normal(size=60).round(6)), ("ties", rng.binomial(20, 0.5, 90) / 20)]:
        for members in [[0, 1, 2, 3, 7, 10, 13, 21, 42], [5], list(range(30, 58))]:
            rest = np.delete(x, members)
            test = stats.mannwhitneyu(x[members], rest, method="asymptotic", use_continuity=True)
            ranks = stats.rankdata(x)
            yield {"name": name, "values": x, "members": members, "ranks": ranks,
                   "rank_sum": ranks[members].sum(), "p": test.pvalue,
                   "probability": test.statistic / (len(members) * len(rest))}


def best_curve_cases():
    """The search by one value judged by another: unbiased over every subset, the infinitesimal jackknife by numerical
    derivatives of the plug-in estimate over weights of the runs."""
    rng = np.random.default_rng(14)
    for name, n_values, rounded in [("no ties", 9, 6), ("ties", 12, 0)]:
        looks = (2 * rng.normal(size=n_values)).round(rounded)
        judged = (looks + rng.normal(size=n_values)).round(6)
        for n in [1, 2, 3, 5]:
            for better in [True, False]:
                for payload in [None, judged]:
                    yield search_case(name, looks, payload, n, better)


def search_case(name, looks, judged, n, better):
    sign = 1 if better else -1
    value = sign * (looks if judged is None else judged)
    key = sign * looks

    def best(subset):
        top = max(key[i] for i in subset)
        ties = [value[i] for i in subset if key[i] == top]
        return np.mean(ties)

    def plug_in(weights):
        """Mean of the best of n under a distribution with these weights; ties share their values."""
        levels, total, below = np.unique(key), 0.0, 0.0
        for level in levels:
            here = key == level
            up_to = below + weights[here].sum()
            total += (up_to**n - below**n) * np.average(value[here], weights=weights[here])
            below = up_to
        return total

    # A tie within a subset shares its own values only; over all subsets that is the same as sharing the values of all.
    subsets = [best(s) for s in itertools.combinations(range(len(key)), n)]
    count, step = len(key), 1e-5
    even = np.full(count, 1 / count)
    slopes = [(plug_in((1 - step) * even + step * np.eye(count)[i]) - plug_in((1 + step) * even - step * np.eye(count)[i]))
              / (2 * step) for i in range(count)]
    return {"name": name, "looks": looks, "is": judged if judged is not None else [], "n": n, "is_more_better": better,
            "unbiased": sign * np.mean(subsets), "plug_in": sign * plug_in(even), "mean": np.mean(value),
            "standard_error": math.sqrt(np.sum(np.square(slopes)) / (count * (count - 1)))}


def claim_cases():
    rng = np.random.default_rng(15)
    pool = rng.normal(size=60).round(3)
    for better in [True, False]:
        for x, k in [(1.0, 10), (pool[3], 1), (9.0, 100), (-9.0, 5)]:
            share = np.mean(pool >= x if better else pool <= x)
            low, high = proportion_confint(int(share * 60 + 0.5), 60, alpha=1 - LEVEL, method="beta")
            yield {"kind": "pool", "values": pool, "x": x, "k": k, "is_more_better": better, "share": share,
                   "interval": [low, high], "p": 1 - (1 - share) ** k, "p_interval": [1 - (1 - q) ** k for q in (low, high)]}
    for mean, sd, n, x, k, better in [(0.9, 0.01, 5, 0.92, 100, True), (0.9, 0.01, 30, 0.905, 3, True),
                                      (1.2, 0.3, 10, 0.5, 50, False)]:
        z = (x - mean if better else mean - x) / sd
        root = lambda p: optimize.brentq(lambda d: stats.nct.cdf(math.sqrt(n) * z, n - 1, math.sqrt(n) * d) - p, z - 6, z + 6,
                                         xtol=1e-13)
        share = stats.norm.sf(z)
        ends = [stats.norm.sf(root(TAIL)), stats.norm.sf(root(1 - TAIL))]
        yield {"kind": "normal", "mean": mean, "sd": sd, "n": n, "x": x, "k": k, "is_more_better": better, "share": share,
               "interval": ends, "p": 1 - (1 - share) ** k, "p_interval": [1 - (1 - q) ** k for q in ends]}


# ---- how many seeds --------------------------------------------------------------------------------------------------


def t_power(difference, sd_a, sd_b, rho, paired, alpha, n):
    if paired:
        variance, df = sd_a**2 + sd_b**2 - 2 * rho * sd_a * sd_b, n - 1
    else:
        variance, df = sd_a**2 + sd_b**2, (n - 1) * (sd_a**2 + sd_b**2) ** 2 / (sd_a**4 + sd_b**4)
    shift, critical = difference / math.sqrt(variance / n), stats.t.ppf(1 - alpha / 2, df)
    return stats.nct.sf(critical, df, shift) + np.nan_to_num(stats.nct.cdf(-critical, df, shift))


def sample_size_cases():
    for d, sd_a, sd_b, rho, paired, power in [(2, 1, 1, 0, False, 0.8), (1, 1, 1, 0, False, 0.9), (0.3, 1, 1, 0, False, 0.8),
                                              (0.5, 1, 2, 0, False, 0.8), (1, 1, 1, 0.5, True, 0.8),
                                              (0.4, 1, 1.5, -0.3, True, 0.9), (0.05, 1, 1, 0.9, True, 0.8)]:
        n = 2
        while t_power(d, sd_a, sd_b, rho, paired, 0.05, n) < power:
            n += 1
        if sd_a == sd_b and not paired:
            check = TTestIndPower().solve_power(d / sd_a, alpha=0.05, power=power)
            assert n == math.ceil(check - 1e-9) or n == 2, (n, check)
        if paired:
            sd = math.sqrt(sd_a**2 + sd_b**2 - 2 * rho * sd_a * sd_b)
            assert n == math.ceil(TTestPower().solve_power(d / sd, alpha=0.05, power=power) - 1e-9)
        variance = sd_a**2 + sd_b**2 - (2 * rho * sd_a * sd_b if paired else 0)
        z = stats.norm.ppf(0.975) + stats.norm.ppf(power)
        yield {"kind": "means", "difference": d, "sd_a": sd_a, "sd_b": sd_b, "rho": rho, "is_paired": paired, "power": power,
               "n": n, "power_at_n": t_power(d, sd_a, sd_b, rho, paired, 0.05, n),
               "normal": math.ceil(z**2 * variance / d**2)}
    for margin, sd, power in [(0.5, 1, 0.8), (1, 1, 0.9), (2, 0.5, 0.8)]:
        n = 2
        while True:
            df, shift = 2 * n - 2, margin / math.sqrt(2 * sd**2 / n)
            if 1 - 2 * stats.nct.cdf(stats.t.ppf(0.95, df), df, shift) >= power:
                break
            n += 1
        yield {"kind": "equivalence", "margin": margin, "sd": sd, "power": power, "n": n}
    for probability, power in [(0.64, 0.8), (0.9, 0.9), (0.45, 0.8)]:
        z = stats.norm.ppf(0.975) + stats.norm.ppf(power)
        total = z**2 / (12 * 0.25 * (probability - 0.5) ** 2)
        yield {"kind": "superiority", "probability": probability, "power": power, "n": math.ceil(total / 2)}


def published_cases():
    for a, b in [((87.8, 0.7, 3), (88.2, 0.6, 3)), ((0.91, 0.01, 5), (0.95, 0.03, 40)), ((1.0, 0.2, 10), (1.0, 0.1, 10))]:
        test = stats.ttest_ind_from_stats(*a, *b, equal_var=False)
        v = np.array([a[1] ** 2 / a[2], b[1] ** 2 / b[2]])
        df = v.sum() ** 2 / (v**2 / [a[2] - 1, b[2] - 1]).sum()
        difference, error = a[0] - b[0], math.sqrt(v.sum())
        half = stats.t.ppf(1 - TAIL, df) * error
        yield {"a": a, "b": b, "difference": difference, "p": test.pvalue, "df": df,
               "interval": [difference - half, difference + half], "margin": 1.0,
               "equivalence_p": stats.t.sf((1.0 - abs(difference)) / error, df),
               "least_detectable": least_detectable(error, df, 0.05, 0.8)}


# ---- tests of ranks, many tests, rankings ----------------------------------------------------------------------------


def rank_test_cases():
    rng = np.random.default_rng(16)
    for n_a, n_b, ties in [(2, 2, False), (5, 5, False), (12, 12, False), (50, 50, False), (6, 6, True), (20, 20, True),
                           (9, 30, False)]:
        a, b = rng.normal(0.4, 1, n_a).round(1 if ties else 6), rng.normal(0, 1, n_b).round(1 if ties else 6)
        case = {"a": a, "b": b, "normal": stats.mannwhitneyu(a, b, method="asymptotic").pvalue,
                "exact": math.nan, "signed_normal": math.nan, "signed_exact": math.nan}
        if n_a == n_b and not ties:
            case["exact"] = stats.mannwhitneyu(a, b, method="exact").pvalue
            case["signed_exact"] = stats.wilcoxon(a - b, method="exact").pvalue
        if n_a == n_b:
            d = (a - b).round(6)
            case["signed_normal"] = stats.wilcoxon(d, method="asymptotic", correction=True).pvalue
            case["differences"] = d
        yield case


def bootstrap_cases():
    """Percentile intervals of the difference of means by SciPy's bootstrap, both arms resampled."""
    rng = np.random.default_rng(31)
    for name, a, b in [("five normals", rng.normal(0.6, 1, 5), rng.normal(0, 1, 5)),
                       ("unequal spreads", rng.normal(1, 3, 12), rng.normal(0, 0.5, 12)),
                       ("skewed", rng.exponential(size=25), rng.exponential(size=25) ** 2),
                       ("far from zero", 1e6 + rng.normal(size=40), 1e6 + rng.normal(size=40))]:
        a, b = a.round(6), b.round(6)
        found = stats.bootstrap((a, b), lambda x, y, axis: x.mean(axis=axis) - y.mean(axis=axis), n_resamples=200000,
                                batch=10000, vectorized=True, method="percentile", confidence_level=LEVEL,
                                rng=np.random.default_rng(32)).confidence_interval
        yield {"name": name, "a": a, "b": b, "level": LEVEL, "difference_interval": [found.low, found.high]}


def holm_cases():
    rng = np.random.default_rng(17)
    for p in [[0.01, 0.04, 0.03, 0.005], [0.5], [0.02, 0.02, 0.02], list(rng.uniform(0, 0.1, 12).round(4))]:
        yield {"p": p, "adjusted": multipletests(p, method="holm")[1]}


def kendall_cases():
    rng = np.random.default_rng(18)
    for name, n, digits in [("no ties", 40, 6), ("ties", 60, 0), ("few", 5, 6), ("many", 3000, 2)]:
        a = rng.normal(size=n).round(digits)
        b = (0.5 * a + rng.normal(size=n)).round(digits)
        tau = stats.kendalltau(a, b).statistic
        half = stats.norm.ppf(1 - TAIL) * math.sqrt(0.437 / (n - 4))
        yield {"kind": "pair", "name": name, "a": a, "b": b, "tau": tau,
               "interval": np.tanh([np.arctanh(tau) - half, np.arctanh(tau) + half])}
    for rows, columns in [(12, 6), (30, 9)]:
        y = (rng.normal(size=(rows, 1)) + rng.normal(size=(rows, columns))).round(6)
        mean = lambda cs: np.mean([stats.kendalltau(y[:, c], y[:, d]).statistic for c, d in itertools.combinations(cs, 2)])
        pseudo = np.array([columns * mean(range(columns)) - (columns - 1) * mean([d for d in range(columns) if d != c])
                           for c in range(columns)])
        half = stats.t.ppf(1 - TAIL, columns - 1) * np.std(pseudo, ddof=1) / math.sqrt(columns)
        tau = mean(range(columns))
        yield {"kind": "carry over", "name": f"{rows} x {columns}", "values": y.ravel(), "rows": rows, "columns": columns,
               "tau": tau, "interval": [max(-1, tau - half), min(1, tau + half)]}


# ---- predictions -----------------------------------------------------------------------------------------------------


def vote_share(predictions, label, size):
    """Every subset of the runs votes."""
    wins = []
    for subset in itertools.combinations(predictions, size):
        votes = np.bincount(subset, minlength=label + 1)
        top = np.flatnonzero(votes == votes.max())
        wins.append(1 / len(top) if label in top else 0)
    return np.mean(wins)


def prediction_cases():
    rng = np.random.default_rng(19)
    for name, runs, points, classes in [("binary", 7, 12, 2), ("three classes", 8, 10, 3), ("six classes", 9, 6, 6)]:
        labels = rng.integers(0, classes, points)
        predictions = np.where(rng.uniform(size=(runs, points)) < 0.5, labels, rng.integers(0, classes, (runs, points)))
        predictions[:, 0] = labels[0]
        counts = np.stack([np.bincount(predictions[:, i], minlength=classes) for i in range(points)])
        wrong = predictions != labels
        pairs = list(itertools.combinations(range(runs), 2))
        churn = np.array([np.mean([predictions[r, i] != predictions[s, i] for r, s in pairs]) for i in range(points)])
        eps = wrong.mean(axis=0)
        interval = lambda x: list(stats.t.interval(LEVEL, points - 1, np.mean(x), np.std(x, ddof=1) / math.sqrt(points)))
        errors = wrong.mean(axis=1)
        yield {"name": name, "runs": runs, "points": points, "classes": classes, "labels": labels, "counts": counts.ravel(),
               "error": eps.mean(), "error_interval": interval(eps), "churn": churn.mean(), "churn_interval": interval(churn),
               "gap": (churn - eps).mean(), "gap_interval": interval(churn - eps),
               "independent_variance": np.var(wrong, axis=0, ddof=1).sum() / points**2,
               "run_variance": np.var(errors, ddof=1),
               "distribution_variance": (np.cov(wrong.T).sum() - np.trace(np.cov(wrong.T))) / (points * (points - 1)),
               "votes": [np.mean([vote_share(predictions[:, i], labels[i], k) for i in range(points)])
                         for k in (2, 3, 5)],
               "class_0": [int((labels == 0).sum()), eps[labels == 0].mean(), churn[labels == 0].mean(),
                           math.sqrt(np.var(wrong[:, labels == 0], axis=0, ddof=1).sum()) / (labels == 0).sum()]}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    topics = {
        "distributions": distribution_cases, "summary": summary_cases, "rates": rate_cases,
        "comparison": comparison_cases, "crossed": crossed_cases, "unbalanced": unbalanced_cases, "clustered": clustered_cases, "nested": nested_cases, "indices": index_cases,
        "mislead": mislead_cases, "best_of": best_of_cases, "ranks": rank_cases, "search": best_curve_cases,
        "claims": claim_cases, "sample_size": sample_size_cases, "published": published_cases,
        "rank_tests": rank_test_cases, "bootstrap": bootstrap_cases, "holm": holm_cases, "kendall": kendall_cases, "predictions": prediction_cases,
    }
    for name, cases in topics.items():
        write(folder, name, cases())


if __name__ == "__main__":
    main()
