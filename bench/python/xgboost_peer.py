#!/usr/bin/env python3
"""XGBoost's own Python package on the matrix that bench/model.ts made: training, batch, one row, contributions.
  python xgboost_peer.py --folder F --rows N --columns C --rounds R --parameters '{"max_depth": 4, ...}'
F holds values.f32 (row by row) and labels.u8. Prints one JSON line."""
import argparse
import json
import os
import resource
import time

T0 = time.perf_counter()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--folder", required=True)
    ap.add_argument("--rows", type=int, required=True)
    ap.add_argument("--columns", type=int, required=True)
    ap.add_argument("--rounds", type=int, required=True)
    ap.add_argument("--parameters", required=True)
    ap.add_argument("--explained", type=int, default=300)
    a = ap.parse_args()
    import numpy as np
    import xgboost as xgb
    t_import = time.perf_counter()
    x = np.fromfile(os.path.join(a.folder, "values.f32"), dtype=np.float32).reshape(a.rows, a.columns)
    y = np.fromfile(os.path.join(a.folder, "labels.u8"), dtype=np.uint8)

    def timed(work, times=1):
        t = time.perf_counter()
        for _ in range(times):
            result = work()
        return result, (time.perf_counter() - t) / times

    booster, train_s = timed(lambda: xgb.train(json.loads(a.parameters), xgb.DMatrix(x, label=y), a.rounds))
    margins, batch_s = timed(lambda: booster.inplace_predict(x, predict_type="margin"))
    _, row_s = timed(lambda: booster.inplace_predict(x[:1], predict_type="margin"), 500)
    few = xgb.DMatrix(x[:a.explained])
    contributions, shap_s = timed(lambda: booster.predict(few, pred_contribs=True))
    margins.astype(np.float32).tofile(os.path.join(a.folder, "peer-margins.f32"))
    contributions.astype(np.float32).tofile(os.path.join(a.folder, "peer-contributions.f32"))
    print(json.dumps({
        "version": xgb.__version__, "import_s": round(t_import - T0, 3), "train_s": train_s,
        "batch_us_per_row": batch_s / a.rows * 1e6, "row_us": row_s * 1e6, "shap_us": shap_s / a.explained * 1e6,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)}))


if __name__ == "__main__":
    main()
