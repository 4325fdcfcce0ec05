"""boto3's SageMaker runtime against a running server: ADDRESS ROWS EXPECTED (both JSON)."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

address, rows, expected = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
client = boto3.client(
    "sagemaker-runtime",
    endpoint_url=f"http://{address}",
    region_name="eu-central-1",
    aws_access_key_id="none",
    aws_secret_access_key="none",
)


def invoke(rows):
    body = json.dumps({"dataframe_records": [{**row, "user_id": "client"} for row in rows]})
    return client.invoke_endpoint(EndpointName="churn", ContentType="application/json", Body=body)


answer = invoke(rows)
assert json.loads(answer["Body"].read())["predictions"] == expected
assert answer["InvokedProductionVariant"] == "champion"

try:
    invoke([{"plan": "free"}])
    raise SystemExit("a missing feature was accepted")
except ClientError as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400, error

print("all is well")
