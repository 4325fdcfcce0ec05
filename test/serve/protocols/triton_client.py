"""tritonclient.http against a running server: ADDRESS ROWS EXPECTED (both JSON)."""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

address, rows, expected = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
client = http.InferenceServerClient(address)

assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready("churn")
assert client.get_server_metadata()["name"] == "churn-mlops"
metadata = client.get_model_metadata("churn")
version = metadata["versions"][0]
assert client.is_model_ready("churn", version)
assert not client.is_model_ready("churn", "none")


def column(name, datatype):
    values = [row[name] for row in rows]
    if datatype == "BYTES":
        return np.array(values, dtype=np.object_)
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def tensors(binary):
    made = []
    for spec in metadata["inputs"]:
        values = column(spec["name"], spec["datatype"])
        tensor = http.InferInput(spec["name"], list(values.shape), spec["datatype"])
        tensor.set_data_from_numpy(values, binary_data=binary)
        made.append(tensor)
    users = http.InferInput("user_id", [len(rows)], "BYTES")
    users.set_data_from_numpy(np.array(["client"] * len(rows), dtype=np.object_), binary_data=binary)
    return [*made, users]


def check(result):
    risks = result.as_numpy("churn_risk")
    assert risks.dtype == np.float32 and risks.tolist() == expected, risks


for binary in (True, False):
    check(client.infer("churn", tensors(binary)))
    check(client.infer("churn", tensors(binary), model_version=version, request_id="mine"))
    for answered in (True, False):
        outputs = [http.InferRequestedOutput("churn_risk", binary_data=answered)]
        check(client.infer("churn", tensors(binary), outputs=outputs))

try:
    client.infer("churn", tensors(False)[1:])
    raise SystemExit("a missing feature was accepted")
except InferenceServerException as error:
    assert "active_days_7d" in error.message(), error

print("all is well")
