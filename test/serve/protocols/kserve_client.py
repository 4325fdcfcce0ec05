"""kserve's InferenceRESTClient against a running server: ADDRESS ROWS EXPECTED (both JSON)."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

address, rows, expected = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
base = f"http://{address}"


def tensors(binary):
    made = []
    for name, value in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(value, str):
            tensor = InferInput(name, [len(rows)], "BYTES")
            tensor.set_data_from_numpy(np.array(values, dtype=np.object_), binary_data=binary)
        else:
            numbers = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
            tensor = InferInput(name, [len(rows)], "FP64")
            tensor.set_data_from_numpy(numbers, binary_data=binary)
        made.append(tensor)
    users = InferInput("user_id", [len(rows)], "BYTES")
    users.set_data_from_numpy(np.array(["client"] * len(rows), dtype=np.object_), binary_data=binary)
    return [*made, users]


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(base)
    assert await client.is_server_ready(base)
    assert await client.is_model_ready(base, "churn")
    for binary in (True, False):
        request = InferRequest("churn", tensors(binary), request_id="mine")
        answer = await client.infer(base, request, model_name="churn")
        assert answer.id == "mine"
        assert answer.outputs[0].data == expected, answer.outputs[0].data
    try:
        await client.infer(base, InferRequest("churn", tensors(True)[1:]), model_name="churn")
        raise SystemExit("a missing feature was accepted")
    except Exception as error:
        assert "active_days_7d" in str(error), error


asyncio.run(main())
print("all is well")
