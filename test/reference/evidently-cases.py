#!/usr/bin/env python3
"""What Evidently says of a few samples, for --compat evidently. Makes evidently-cases.json beside this file.
  python3 -m venv v && v/bin/pip install 'evidently==0.7.23' 'pandas<3'
  v/bin/python test/reference/evidently-cases.py"""
import json
import pathlib
import warnings

import evidently
import numpy as np
import pandas as pd
import scipy
import scipy.stats
from evidently.legacy.calculations.stattests import registry
from evidently.legacy.core import ColumnType

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260303)
NUMERIC = ["psi", "kl_div", "jensenshannon", "hellinger", "wasserstein", "ed", "ks", "t_test", "mannw", "anderson", "cramer_von_mises", "es"]
CATEGORICAL = ["psi", "kl_div", "jensenshannon", "hellinger", "chisquare", "z"]
texts = lambda n, p: rng.choice(list("abcdef")[: len(p)], n, p=p).tolist()
CASES = [
    ("small", "numeric", rng.normal(size=15), rng.normal(0.8, 1, 18)),
    ("smaller", "numeric", rng.normal(size=7), rng.normal(0.5, 1, 9)),
    ("shifted", "numeric", rng.normal(size=300), rng.normal(0.15, 1.1, 250)),
    ("apart", "numeric", rng.normal(size=80), rng.normal(4, 1, 70)),
    ("large", "numeric", rng.lognormal(1, 0.5, 1200), rng.lognormal(1.05, 0.5, 900)),
    ("few values", "numeric", rng.poisson(2, 200).astype(float), rng.poisson(2.5, 160).astype(float)),
    ("two plans", "categorical", texts(200, [0.7, 0.3]), texts(150, [0.6, 0.4])),
    ("six plans", "categorical", texts(400, [0.3, 0.25, 0.2, 0.1, 0.1, 0.05]), texts(300, [0.25, 0.25, 0.2, 0.15, 0.1, 0.05])),
    ("a new plan", "categorical", texts(400, [0.5, 0.3, 0.2]), texts(300, [0.5, 0.3, 0.15, 0.05])),
    ("many rows", "categorical", texts(1500, [0.5, 0.3, 0.2]), texts(1000, [0.45, 0.35, 0.2])),
]
out = []
for name, kind, a, b in CASES:
    if kind == "numeric":
        a, b = np.round(a, 4), np.round(b, 4)
    ref, cur = pd.Series(a), pd.Series(b)
    column = ColumnType.Numerical if kind == "numeric" else ColumnType.Categorical
    values = {}
    for test in NUMERIC if kind == "numeric" else CATEGORICAL:
        if test == "cramer_von_mises" and max(len(a), len(b)) <= 20:
            # Evidently's copy of scipy's exact distribution fails on the integers of numpy 2.
            p = float(scipy.stats.cramervonmises_2samp(a, b, method="exact").pvalue)
            values[test] = {"value": p, "drifted": p <= 0.1}
            continue
        result = registry.get_stattest(ref.copy(), cur.copy(), column, test)(ref.copy(), cur.copy(), column, None)
        values[test] = {"value": float(result.drift_score), "drifted": bool(result.drifted)}
    default = registry.get_stattest(ref, cur, column, None)
    drift = default(ref.copy(), cur.copy(), column, None)
    out.append({"name": name, "kind": kind, "reference": ref.tolist(), "current": cur.tolist(), "values": values,
                "default": {"name": default.name, "value": float(drift.drift_score), "drifted": bool(drift.drifted)}})
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"versions": {"evidently": evidently.__version__, "scipy": scipy.__version__}, "cases": out}, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
