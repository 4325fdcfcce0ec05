"""Writes xgboost-models.json: models saved by XGBoost's own Python package with the margins and contributions it gives,
and Platt's scaling as scikit-learn fits it. Run: python3 test/reference/xgboost-models.py > test/reference/xgboost-models.json
Needs numpy, scikit-learn and xgboost; the versions used are in the file."""

import json

import numpy as np
import sklearn
import xgboost
from sklearn.linear_model import LogisticRegression

ROWS, COLUMNS, KEPT = 3000, 6, 40
CASES = {
    "depthwise": {"max_depth": 6, "eta": 0.3, "rounds": 8},
    "deep and lopsided": {"max_depth": 0, "max_leaves": 24, "grow_policy": "lossguide", "eta": 0.3, "rounds": 3},
    "two columns, met again and again": {"max_depth": 9, "min_child_weight": 0, "eta": 0.5, "rounds": 3, "columns": 2},
    "stumps": {"max_depth": 1, "eta": 0.5, "rounds": 5},
    "a single leaf": {"max_depth": 3, "min_child_weight": 1e9, "rounds": 1},
}


def short(values):
    """float32 values with the 9 digits that determine them; NaN as null."""
    return [None if np.isnan(v) else float(f"{v:.9g}") for v in np.asarray(values, dtype=np.float32).ravel()]


def data(seed, columns):
    random = np.random.default_rng(seed)
    x = np.round(random.normal(size=(ROWS, columns)) * 4) / 4
    logit = 2 * x[:, 0] * x[:, 1] - 1 + (x[:, -1] > 0.5)
    y = (random.uniform(size=ROWS) < 1 / (1 + np.exp(-logit))).astype(np.float32)
    x[random.uniform(size=x.shape) < 0.1] = np.nan
    return x.astype(np.float32), y


def train(case, seed):
    settings = dict(case)
    rounds, columns = settings.pop("rounds"), settings.pop("columns", COLUMNS)
    x, y = data(seed, columns)
    base = {"objective": "binary:logistic", "base_score": 0.31, "nthread": 1, "tree_method": "hist"}
    return xgboost.train({**base, **settings}, xgboost.DMatrix(x, y), rounds), x, y


def reference(name, case, seed):
    booster, x, _ = train(case, seed)
    rows = xgboost.DMatrix(x[:KEPT])
    return {
        "name": name,
        "model": json.loads(booster.save_raw("json")),
        "rows": KEPT,
        "columns": x.shape[1],
        "values": short(x[:KEPT]),
        "margins": short(booster.predict(rows, output_margin=True)),
        "contributions": short(booster.predict(rows, pred_contribs=True)),
    }


def platt():
    booster, _, _ = train(CASES["depthwise"], 1)
    x, y = data(99, COLUMNS)
    margins = booster.predict(xgboost.DMatrix(x), output_margin=True)[:600]
    margins = np.float32(2) * margins  # too steep, so that scaling pays
    fitted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000).fit(margins.reshape(-1, 1), y[:600])
    return {
        "margins": short(margins),
        "labels": [int(label) for label in y[:600]],
        "slope": float(fitted.coef_[0, 0]),
        "intercept": float(fitted.intercept_[0]),
    }


versions = {"xgboost": xgboost.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__}
cases = [reference(name, case, seed + 1) for seed, (name, case) in enumerate(CASES.items())]
print(json.dumps({"versions": versions, "cases": cases, "platt": platt()}, separators=(",", ":")))
