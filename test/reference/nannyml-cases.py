#!/usr/bin/env python3
"""What NannyML says of a few samples beyond its published table, for --compat nannyml. Makes nannyml-cases.json beside this file.
  python3 -m venv v && v/bin/pip install nannyml==0.13.1 statsmodels
  v/bin/python test/reference/nannyml-cases.py"""
import json
import os
import pathlib
import warnings

os.environ.setdefault("NML_DISABLE_USAGE_LOGGING", "1")
import nannyml as nml
import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
rng = np.random.default_rng(20260404)
CONTINUOUS = ["jensen_shannon", "kolmogorov_smirnov", "wasserstein", "hellinger"]
CATEGORICAL = ["jensen_shannon", "chi2", "hellinger", "l_infinity"]
texts = lambda n, p: rng.choice(list("abcd")[: len(p)], n, p=p)
n, m = 605, 430
ref = pd.DataFrame({"normal": np.round(rng.normal(size=n), 3), "skewed": np.round(rng.lognormal(1, 0.7, n), 3), "plan": texts(n, [0.5, 0.3, 0.2]), "two": texts(n, [0.6, 0.4])})
cur = pd.DataFrame({"normal": np.round(rng.normal(0.3, 1.4, m), 3), "skewed": np.round(rng.lognormal(1, 0.7, m), 3), "plan": texts(m, [0.45, 0.3, 0.2, 0.05]), "two": texts(m, [0.5, 0.5])})
ref.loc[rng.random(n) < 0.05, "normal"] = np.nan
cur.loc[rng.random(m) < 0.1, "normal"] = np.nan
large = np.round(rng.normal(size=10_400), 3)
moved = np.round(rng.normal(0.1, 1.3, 2_000), 3)


def judged(ref, cur, names):
    calc = nml.UnivariateDriftCalculator(column_names=names, chunk_number=10, continuous_methods=CONTINUOUS, categorical_methods=CATEGORICAL)
    calc.fit(ref)
    out = []
    frame = calc.calculate(cur).filter(period="analysis").to_df()
    for column, method in [(c, k) for c, k in {(c[0], c[1]) for c in frame.columns} if c != "chunk"]:
        part = frame[column][method]
        number = lambda v: None if pd.isna(v) else float(v)
        out.append({"column": column, "method": method, "values": [number(v) for v in part["value"]], "alerts": [bool(v) for v in part["alert"]],
                    "upper": number(part["upper_threshold"].iloc[0]), "lower": number(part["lower_threshold"].iloc[0])})
    return sorted(out, key=lambda r: (r["column"], r["method"]))


plain = lambda s: [None if pd.isna(v) else v for v in s.tolist()]
results = judged(ref, cur, list(ref.columns))
big = judged(pd.DataFrame({"large": large}), pd.DataFrame({"large": moved}), ["large"])
data = {c: {"reference": plain(ref[c]), "current": plain(cur[c])} for c in ref.columns}
data["large"] = {"reference": large.tolist(), "current": moved.tolist()}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"versions": {"nannyml": nml.__version__}, "columns": data, "results": results + big}, separators=(",", ":")) + "\n")
print(path, path.stat().st_size)
