#!/usr/bin/env python3
"""Outside values for the drift statistics. Makes drift-statistics.json beside this file.
  python3 -m venv v && v/bin/pip install numpy scipy statsmodels
  v/bin/python test/reference/drift-statistics.py"""
import json
import pathlib

import numpy as np
import scipy
import statsmodels
from scipy import special, stats
from scipy.spatial.distance import jensenshannon
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

rng = np.random.default_rng(20260202)


def shares(name, a, b):
    a, b = np.array(a, float), np.array(b, float)
    p, q = a / a.sum(), b / b.sum()
    smooth = lambda c: (c + 0.5) / (c.sum() + len(c) / 2)
    return {
        "name": name, "reference": a.tolist(), "current": b.tolist(),
        "jensen_shannon": float(jensenshannon(p, q, base=2)),
        "hellinger": float(np.sqrt(1 - np.sqrt(p * q).sum())),
        "total_variation": float(stats.wasserstein_distance([0, 1], [0, 1], [1 - (t := np.abs(p - q).sum() / 2), t], [1, 0])),
        "l_infinity": float(np.max(np.abs(p - q))),
        "chi_squared": float(stats.contingency.association(np.array([a, b], int), method="cramer", correction=False)),
        "kl": float(stats.entropy(smooth(b), smooth(a))),
        "psi": float(stats.entropy(smooth(b), smooth(a)) + stats.entropy(smooth(a), smooth(b))),
    }


def numbers(name, a, b):
    a, b = np.round(a, 3), np.round(b, 3)
    x, y = a[~np.isnan(a)], b[~np.isnan(b)]
    ks = stats.ks_2samp(x, y, method="asymp")
    en = len(x) * len(y) / (len(x) + len(y))
    welch = stats.ttest_ind(y, x, equal_var=False)
    nulls = [int(np.isnan(b).sum()), int(np.isnan(a).sum())]
    rows = [len(b), len(a)]
    z = proportions_ztest(nulls, rows)
    plain = lambda v: [None if np.isnan(t) else float(t) for t in v]
    return {
        "name": name, "reference": plain(a), "current": plain(b),
        "ks": {"d": float(ks.statistic), "limit_p": float(stats.kstwobign.sf(ks.statistic * np.sqrt(en))), "p": float(ks.pvalue)},
        "wasserstein": {"in_units": float(stats.wasserstein_distance(x, y)), "value": float(stats.wasserstein_distance(x, y) / x.std(ddof=1))},
        "welch": {"value": float((y.mean() - x.mean()) / np.sqrt((x.var(ddof=1) + y.var(ddof=1)) / 2)), "t": float(welch.statistic),
                  "df": float(welch.df), "p": float(welch.pvalue)},
        "missing": {"value": nulls[0] / rows[0] - nulls[1] / rows[1], "z": float(z[0]), "p": float(z[1]),
                    "interval": [float(v) for v in confint_proportions_2indep(nulls[0], rows[0], nulls[1], rows[1], method="newcomb", compare="diff")]}
        if sum(nulls) else None,
        "out_of_range": float((y > x.max()).sum() / rows[0] + (y < x.min()).sum() / rows[0]),
    }


nulled = lambda v, share: np.where(rng.random(len(v)) < share, np.nan, v)
out = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "statsmodels": statsmodels.__version__},
    "shares": [
        shares("mild", [300, 220, 150, 110, 90, 130], [250, 240, 160, 100, 120, 130]),
        shares("zero now", [200, 200, 200, 200, 200], [0, 250, 250, 250, 250]),
        shares("one cell each way", [10, 0, 90], [0, 15, 85]),
        shares("apart", [50, 50, 0], [0, 0, 100]),
        shares("many rows", rng.multinomial(1_000_000, [0.1] * 10), rng.multinomial(500_000, [0.1] * 10)),
    ],
    "numbers": [
        numbers("shifted", nulled(rng.normal(size=600), 0.05), nulled(rng.normal(0.3, 1.2, 500), 0.12)),
        numbers("skewed", rng.lognormal(3, 0.8, 700), rng.lognormal(3.1, 0.7, 400)),
        numbers("zeros", nulled(np.where(rng.random(500) < 0.6, 0, rng.exponential(20, 500)), 0.01), nulled(np.where(rng.random(450) < 0.5, 0, rng.exponential(22, 450)), 0.3)),
        numbers("few values", rng.poisson(3, 500).astype(float), rng.poisson(3.4, 300).astype(float)),
        numbers("apart", rng.normal(size=200), rng.normal(50, 3, 150)),
        numbers("same", rng.normal(size=800), rng.normal(size=800)),
    ],
    "wilson": [{"count": c, "rows": n, "interval": [float(v) for v in proportion_confint(c, n, method="wilson")]} for c, n in ((0, 20), (3, 50), (50, 50), (1200, 40_000))],
    "newcombe": [{"reference": [a, n], "current": [b, m], "interval": [float(v) for v in confint_proportions_2indep(b, m, a, n, method="newcomb", compare="diff")]}
                 for a, n, b, m in ((10, 100, 30, 120), (0, 50, 3, 60), (500, 10_000, 640, 9_000))],
    "benjamini_yekutieli": [{"p": p, "adjusted": stats.false_discovery_control(p, method="by").tolist()} for p in ([0.01, 0.02, 0.03, 0.04, 0.05], [0.5, 0.001, 0.2, 0.001, 0.9, 0.04], [0.03], np.round(rng.random(20) ** 3, 6).tolist())],
    "kolmogorov": [[x, float(special.kolmogorov(x))] for x in (0.2, 0.4, 0.8, 0.99, 1.0, 1.3581, 1.6276, 2.5, 5.0)],
    "student": [[t, k, float(2 * stats.t.sf(t, k))] for k in (1, 2.5, 7, 30, 63, 1000) for t in (0.1, 1, 2, 5, 30)],
    "betainc": [[a, b, x, float(special.betainc(a, b, x))] for a, b, x in ((0.5, 0.5, 0.3), (2, 3, 0.7), (50, 0.5, 0.99), (500, 400, 0.55), (1, 1, 0.25))],
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
