#!/usr/bin/env python3
"""Outside values for test/maths and test/monitor. Makes monitor.json beside this file.
  python3 -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 confidenceinterval==1.0.5
  v/bin/python test/reference/monitor.py"""
import itertools
import json
import math
import pathlib
import warnings

import confidenceinterval
import numpy as np
import scipy
import sklearn
from confidenceinterval.delong import calc_pvalue, compute_ground_truth_statistics, delong_roc_variance, fastDeLong_no_weights
from scipy import special, stats
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260101)


def section12(ref, cur, bins=10):
    """The described system: unique deciles, outside values dropped, clip [1e-6, 1], fewer than three edges gives 0."""
    ref, cur = ref[~np.isnan(ref)], cur[~np.isnan(cur)]
    if len(ref) == 0:
        return 0.0
    edges = np.unique(np.quantile(ref, np.linspace(0, 1, bins + 1)))
    if len(edges) < 3:
        return 0.0
    p, q = np.histogram(ref, edges)[0], np.histogram(cur, edges)[0]
    p, q = np.clip(p / max(p.sum(), 1), 1e-6, 1), np.clip(q / max(q.sum(), 1), 1e-6, 1)
    return float(np.sum((q - p) * np.log(q / p)))


def exact_permutation_p(a, b):
    """P(Pearson X2 >= observed) over all 2 x k tables with these margins, each with its multivariate hypergeometric weight."""
    cols, m = [x + y for x, y in zip(a, b)], sum(b)

    def x2(cur):
        t = np.array([[c - x for c, x in zip(cols, cur)], list(cur)], float)
        e = t.sum(1, keepdims=True) * t.sum(0, keepdims=True) / t.sum()
        return float(((t - e) ** 2 / e).sum())

    seen, hit, tot = x2(b), 0.0, 0.0
    for cur in itertools.product(*[range(min(c, m) + 1) for c in cols[:-1]]):
        last = m - sum(cur)
        if 0 <= last <= cols[-1]:
            w = math.prod(math.comb(c, x) for c, x in zip(cols, (*cur, last)))
            tot += w
            hit += w if x2((*cur, last)) >= seen * (1 - 1e-10) else 0
    return hit / tot


def logistic(y, s):
    eps = 2.220446049250313e-16
    c = np.clip(s, eps, 1 - eps)
    fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(np.log(c / (1 - c))[:, None], y)
    return {"slope": float(fit.coef_[0, 0]), "intercept": float(fit.intercept_[0])}


def labelled(n, spread, grid=None):
    y = (rng.random(n) < 0.3).astype(int)
    s = 1 / (1 + np.exp(-(rng.normal(size=n) * spread + 1.2 * y - 1.0)))
    return y, np.round(s, grid or 6)


def delong(n, grid=None):
    y, a = labelled(n, 1.0, grid)
    b = np.clip(a * 0.7 + 0.3 * labelled(n, 1.0)[1] * (0.5 + y / 2), 0, 1)
    b = np.round(b, grid or 6)
    order, m, _ = compute_ground_truth_statistics(y, None)
    aucs, cov = fastDeLong_no_weights(np.vstack((a, b))[:, order], m)
    auc, var = delong_roc_variance(y, a)
    return {"labels": y.tolist(), "first": a.tolist(), "second": b.tolist(), "auc": float(auc), "variance": float(var),
            "difference": float(aucs[1] - aucs[0]), "difference_variance": float(cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]),
            "p": float(10 ** calc_pvalue(aucs, cov).item())}


def calibration_case(n):
    y, s = labelled(n, 1.5, 4)
    return {"labels": y.tolist(), "scores": s.tolist(), **logistic(y, s)}


normal = np.round(rng.normal(size=400), 4)
drift_tables = [[[50, 60, 70], [40, 80, 60]], [[500, 300, 150, 50], [480, 290, 180, 90]], [[1000, 10], [900, 30]]]
small_tables = [[[10, 5, 3], [4, 8, 6]], [[20, 3, 0, 2], [9, 6, 3, 2]], [[30, 1], [10, 4]]]
quantile_values = [np.round(rng.normal(size=37), 1).tolist(), rng.exponential(size=50).tolist()]
section_cases = [
    ("normal", normal, rng.normal(0.3, 1, 300)), ("ties", np.round(normal * 2), np.round(rng.normal(0, 3, 300))),
    ("nulls", np.where(rng.random(400) < 0.1, np.nan, normal), np.where(rng.random(300) < 0.3, np.nan, rng.normal(size=300))),
    ("half moved by 100", normal, np.concatenate([normal[:200], normal[200:] + 100])), ("all outside", normal, normal + 100),
    ("zero inflated", np.maximum(normal, 0), np.maximum(rng.normal(0.5, 1, 300), 0)),
    ("constant", np.full(50, 3.0), np.full(50, 4.0)), ("two values", np.array([0.0, 1] * 30), np.array([0.0, 0, 1] * 20)),
]
section_rounded = [(n, np.round(r, 4), np.round(c, 4)) for n, r, c in section_cases]
# JSON has no NaN: null.
plain = lambda x: [None if np.isnan(v) else float(v) for v in x]
p_lists = [[0.01, 0.02, 0.03, 0.04, 0.05], [0.5, 0.001, 0.2, 0.001, 0.9, 0.04], [0.03], rng.random(20).tolist()]
out = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "confidenceinterval": "1.0.5"},
    "chi2_sf": [[x, k, float(stats.chi2.sf(x, k))] for k in (0.7, 1, 2, 3, 9, 11.5, 30, 100, 1000) for x in (1e-3, 0.5, 1, 5, 9, 20, 60, 100, 300, 1000, 1400)],
    "chi2_isf": [[p, k, float(stats.chi2.isf(p, k))] for k in (1, 9, 11, 19, 100) for p in (0.5, 0.05, 0.01, 1e-6)],
    "gammaln": [[x, float(special.gammaln(x))] for x in (1e-3, 0.1, 0.5, 1, 1.5, 2, 2.5, 3, 7.3, 11.9, 12, 50.5, 1e3, 1e7)],
    "normal_cdf": [[z, float(stats.norm.cdf(z))] for z in (-38, -20, -8, -3, -1.96, -0.5, 0, 0.5, 1, 1.6448536269514722, 3, 8)],
    "normal_quantile": [[p, float(stats.norm.ppf(p))] for p in (1e-300, 1e-20, 1e-6, 0.01, 0.025, 0.3, 0.5, 0.7, 0.95, 0.975, 0.999)],
    "quantiles": [{"values": v, "q": (q := [0, 0.1, 0.25, 0.333, 0.5, 0.9, 0.97, 1]), "expected": np.quantile(v, q).tolist()} for v in quantile_values],
    "pearson": [{"table": t, "statistic": float((r := stats.chi2_contingency(t, correction=False)).statistic), "p": float(r.pvalue)} for t in drift_tables],
    "permutation": [{"table": t, "p": exact_permutation_p(*t)} for t in small_tables],
    "benjamini_hochberg": [{"p": p, "adjusted": stats.false_discovery_control(p).tolist()} for p in p_lists],
    "section_12": [{"name": n, "reference": plain(r), "current": plain(c), "psi": section12(r, c)} for n, r, c in section_rounded],
    "delong": [delong(60), delong(200), delong(150, 1)],
    "calibration": [calibration_case(200), calibration_case(500)],
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path, path.stat().st_size, confidenceinterval.__name__)
