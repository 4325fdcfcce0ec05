#!/usr/bin/env python3
"""Outside values for test/monitor/performance. Makes performance.json beside this file.
  python3 -m venv v && v/bin/pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 statsmodels==0.15.0
  v/bin/python test/reference/performance.py"""
import json
import pathlib

import numpy as np
import scipy
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn import metrics
from sklearn.calibration import calibration_curve
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.multitest import multipletests
from sklearn.isotonic import IsotonicRegression

rng = np.random.default_rng(20260202)


def labelled(n, spread=1.0, digits=6, rate=0.3):
    y = (rng.random(n) < rate).astype(int)
    return y, np.round(1 / (1 + np.exp(-(rng.normal(size=n) * spread + 1.2 * y - 1.0))), digits)


def at_threshold(y, s, threshold):
    flagged = (s >= threshold).astype(int)
    tn, fp, fn, tp = metrics.confusion_matrix(y, flagged, labels=[0, 1]).ravel()
    return {"threshold": threshold, "cells": [int(tp), int(fp), int(fn), int(tn)],
            "precision": metrics.precision_score(y, flagged), "recall": metrics.recall_score(y, flagged),
            "specificity": metrics.recall_score(y, flagged, pos_label=0), "f1": metrics.f1_score(y, flagged),
            "accuracy": metrics.accuracy_score(y, flagged),
            "lift": metrics.precision_score(y, flagged) / y.mean()}


def brier_parts(y, s):
    """Parts over scikit-learn's quantile bins; the number of rows of each from its edges, as its source has them."""
    rate, score = calibration_curve(y, s, n_bins=10, strategy="quantile")
    edges = np.percentile(s, np.linspace(0, 1, 11) * 100)
    rows = np.bincount(np.searchsorted(edges[1:-1], s), minlength=10)
    rows = rows[rows > 0]
    n = rows.sum()
    return {"reliability": float(np.sum(rows * (score - rate) ** 2) / n),
            "resolution": float(np.sum(rows * (rate - y.mean()) ** 2) / n), "uncertainty": float(y.mean() * (1 - y.mean())),
            "brier": metrics.brier_score_loss(y, s)}


def gains(y, s):
    """Capture at tenths: the curve of scikit-learn's ROC points, rows against positives, read between them."""
    fpr, tpr, _ = metrics.roc_curve(y, s, drop_intermediate=False)
    share = (fpr * (1 - y).sum() + tpr * y.sum()) / len(y)
    return np.interp(np.linspace(0.1, 1, 10), share, tpr).tolist()


def costs(y, s, matrix):
    """Every threshold tried with scikit-learn's confusion matrix; matrix is tp, fp, fn, tn."""
    def cost(t):
        tn, fp, fn, tp = metrics.confusion_matrix(y, (s >= t).astype(int), labels=[0, 1]).ravel()
        return float(tp * matrix[0] + fp * matrix[1] + fn * matrix[2] + tn * matrix[3])
    tries = [(cost(t), -t) for t in [np.inf, *np.unique(s)]]
    best = min(tries)
    return {"matrix": matrix, "threshold": 0.4, "cost": cost(0.4), "nobody": cost(np.inf), "best_cost": best[0],
            "best_threshold": None if np.isinf(best[1]) else -best[1]}


def clustered(users, days, digits):
    """Obuchowski's variance from the full kernel matrix, and the delete-one-user jackknife of scikit-learn's ROC AUC."""
    risk = rng.normal(size=users)
    unit = np.repeat(np.arange(users), days)
    y = (rng.random(users * days) < 1 / (1 + np.exp(-(1.2 * risk[unit] - 0.5)))).astype(int)
    s = np.round(1 / (1 + np.exp(-(risk[unit] + 0.5 * rng.normal(size=users * days)))), digits)
    p, q = s[y == 1], s[y == 0]
    kernel = (p[:, None] > q[None, :]) + 0.5 * (p[:, None] == q[None, :])
    auc, m, n = kernel.mean(), len(p), len(q)
    v10, v01 = kernel.mean(1), kernel.mean(0)
    a = np.array([(v10[unit[y == 1] == u] - auc).sum() for u in range(users)])
    b = np.array([(v01[unit[y == 0] == u] - auc).sum() for u in range(users)])
    i10, i01 = len(np.unique(unit[y == 1])), len(np.unique(unit[y == 0]))
    variance = (i10 / (i10 - 1)) * (a ** 2).sum() / m ** 2 + (i01 / (i01 - 1)) * (b ** 2).sum() / n ** 2 \
        + 2 * (users / (users - 1)) * (a * b).sum() / (m * n)
    left = np.array([metrics.roc_auc_score(y[unit != u], s[unit != u]) for u in range(users)])
    ap = np.array([metrics.average_precision_score(y[unit != u], s[unit != u]) for u in range(users)])
    spread = lambda x: float(np.sqrt((users - 1) / users * ((x - x.mean()) ** 2).sum()))
    return {"labels": y.tolist(), "scores": s.tolist(), "units": unit.tolist(), "auc": float(auc), "variance": float(variance),
            "jackknife_auc": spread(left), "jackknife_pr_auc_logit": spread(np.log(ap / (1 - ap)))}


def isotonic(n, digits, weights):
    y, s = labelled(n, 1.5, digits)
    w = rng.integers(1, 4, n).astype(float) if weights else None
    fit = IsotonicRegression(out_of_bounds="clip").fit(s, y, w)
    at = np.round(np.linspace(-0.1, 1.1, 61), 4)
    return {"labels": y.tolist(), "scores": s.tolist(), "weights": None if w is None else w.tolist(), "at": at.tolist(),
            "expected": fit.predict(at).tolist()}


def logit(n):
    y, s = labelled(n, 1.5, 4)
    fit = sm.Logit(y, sm.add_constant(np.log(s / (1 - s)))).fit(disp=0, method="newton", tol=1e-12)
    return {"labels": y.tolist(), "scores": s.tolist(), "intercept": float(fit.params[0]), "slope": float(fit.params[1])}


def sample(n, digits):
    y, s = labelled(n, 1.0, digits)
    return {"labels": y.tolist(), "scores": s.tolist(), "at": [at_threshold(y, s, t) for t in (0.2, 0.4, 0.6)],
            "brier_parts": brier_parts(y, s), "capture": gains(y, s),
            "costs": [costs(y, s, m) for m in ([-40, 10, 0, 0], [10, 10, 50, 0], [5, 5, 1, 0])]}


def precision_interval(n):
    """Standard error on the logit scale of a share with one row per user: 1 / sqrt(n p (1 - p)), the textbook's."""
    y, s = labelled(n, 1.0, 6)
    flagged = s >= 0.4
    p, k = y[flagged].mean(), flagged.sum()
    z = scipy.stats.norm.ppf(0.975)
    centre, reach = np.log(p / (1 - p)), z / np.sqrt(k * p * (1 - p))
    back = lambda x: float(1 / (1 + np.exp(-x)))
    return {"labels": y.tolist(), "scores": s.tolist(), "threshold": 0.4, "precision": float(p), "interval": [back(centre - reach), back(centre + reach)]}


def maturity(n):
    """Kaplan and Meier by statsmodels: days until an outcome is known, predictions of all ages."""
    age = rng.integers(0, 60, n)
    delay = np.floor(rng.exponential(12, n)).astype(int)
    known = delay <= age
    fit = SurvfuncRight(np.minimum(delay, age), known.astype(int))
    days = list(range(31))
    at = [1 - fit.surv_prob[fit.surv_times <= d][-1] if (fit.surv_times <= d).any() else 0.0 for d in days]
    return {"delays": [int(d) if k else None for d, k in zip(delay, known)], "ages": age.tolist(), "days": days, "known": at}


def clustered_gap(users, days):
    """Mean of label less score with statsmodels' cluster-robust standard error."""
    unit = np.repeat(np.arange(users), days)
    risk = rng.normal(size=users)[unit]
    y = (rng.random(users * days) < 1 / (1 + np.exp(-risk))).astype(int)
    s = np.round(1 / (1 + np.exp(-(risk + 0.2))), 6)
    fit = sm.OLS(y - s, np.ones(len(y))).fit(cov_type="cluster", cov_kwds={"groups": unit})
    return {"labels": y.tolist(), "scores": s.tolist(), "units": unit.tolist(), "gap": float(fit.params[0]), "error": float(fit.bse[0])}


p_values = [0.001, 0.04, 0.03, 0.2, 0.0004, 0.9, 0.03]
out = {
    "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__, "statsmodels": statsmodels.__version__},
    "samples": [sample(400, 6), sample(300, 1), sample(57, 2)],
    "clustered": [clustered(60, 1, 6), clustered(50, 6, 6), clustered(40, 8, 1)],
    "isotonic": [isotonic(200, 6, False), isotonic(300, 2, False), isotonic(150, 1, True)],
    "logit": [logit(400)],
    "precision_interval": precision_interval(900),
    "maturity": maturity(300),
    "holm": {"p": p_values, "adjusted": multipletests(p_values, method="holm")[1].tolist()},
    "clustered_gap": clustered_gap(40, 5),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":"), default=float) + "\n")
print(path, path.stat().st_size)
