#!/usr/bin/env python3
"""NannyML's CBPE on a small overconfident model, for test/monitor/performance/estimate. Makes cbpe.json beside this file.
  python3 -m venv v && v/bin/pip install nannyml==0.13.1 statsmodels
  NML_DISABLE_USAGE_LOGGING=1 v/bin/python test/reference/cbpe.py"""
import json
import pathlib
import warnings

import nannyml
import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260303)
METRICS = ["roc_auc", "average_precision", "f1", "precision", "recall", "specificity", "accuracy"]
CHUNK = 300


def scored(n, shift):
    odds = rng.normal(shift, 1.2, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    s = np.round(1 / (1 + np.exp(-(1.8 * odds + 0.4 * rng.normal(size=n)))), 8)
    return pd.DataFrame({"y_true": y, "y_pred_proba": s, "y_pred": (s >= 0.5).astype(int)})


reference, current = scored(1500, -0.5), scored(900, 0.1)
estimator = nannyml.CBPE(y_true="y_true", y_pred="y_pred", y_pred_proba="y_pred_proba", problem_type="classification_binary",
                         metrics=METRICS, chunk_size=CHUNK)
estimator.fit(reference)
assert estimator.needs_calibration
result = estimator.estimate(current).filter(period="analysis").to_df()
out = {
    "versions": {"nannyml": nannyml.__version__}, "chunk": CHUNK, "threshold": 0.5,
    "reference": {"labels": reference.y_true.tolist(), "scores": reference.y_pred_proba.tolist()},
    "current": {"labels": current.y_true.tolist(), "scores": current.y_pred_proba.tolist()},
    "estimated": {m: result[(m, "value")].tolist() for m in METRICS},
    "realized": {m: result[(m, "realized")].tolist() for m in METRICS},
    "thresholds": {m: [float(result[(m, "lower_threshold")].iloc[0]), float(result[(m, "upper_threshold")].iloc[0])] for m in METRICS},
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
