"""mlflow's ScoringServerClient against a running server: ADDRESS ROWS EXPECTED (both JSON)."""

import json
import sys

import numpy as np
import pandas as pd
import requests
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

address, rows, expected = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
host, port = address.split(":")
client = ScoringServerClient(host, int(port))
client.wait_server_ready(timeout=10)
assert client.get_version()

frame = pd.DataFrame(rows)
assert np.isnan(frame["watch_minutes_30d"][1])


def check(risks):
    assert list(risks) == expected, risks


check(client.invoke(frame).get_predictions()[0])
check(client.invoke(frame, params={"any": 1}).get_predictions("ndarray"))
check(client.invoke(frame.assign(user_id="client", snapshot_date="2026-01-30")).get_predictions()[0])
check(client.invoke(frame.to_numpy()).get_predictions()[0])

url = f"http://{address}/invocations"
# mlflow 3.17.2 itself cannot send a dict of arrays (dump_input_data iterates over its keys as if they were pairs).
columns = {name: [row[name] for row in rows] for name in rows[0]}
check(requests.post(url, json={"inputs": columns}).json()["predictions"])
answer = requests.post(url, data=frame.to_csv(index=False), headers={"Content-Type": "text/csv; charset=utf-8"})
check(answer.json()["predictions"])

try:
    client.invoke(frame.drop(columns=["plan"]))
    raise SystemExit("a missing feature was accepted")
except Exception as error:
    assert "BAD_REQUEST" in str(error) and "plan" in str(error), error

print("all is well")
