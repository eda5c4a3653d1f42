"""How the tests ask the emulator: by boto3, or by hand where boto3 would not say such a thing."""

import json
from contextlib import contextmanager
from urllib.request import Request, urlopen

import boto3
import jwt
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from demo.cognito import POOL_ID

PROVIDER = "login.northlake.portal"
POOL_PARAMETERS = json.dumps({"IdentityPoolId": POOL_ID}).encode()
SECRETS = {"AKIAFOYER": "a secret of the demo"}
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIA/20261125/eu-west-1/cognito-identity/aws4_request, "
    f"SignedHeaders=host;x-amz-date, Signature={'0' * 64}"
)


def client_of(emulator, *, key="AKIAFOYER", secret="a secret of the demo", region="eu-west-1"):
    return boto3.session.Session().client(
        "cognito-identity",
        endpoint_url=emulator.base_url,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            connect_timeout=2,
            read_timeout=2,
            parameter_validation=False,
        ),
    )


def token_for(client, identifier, **parameters):
    return client.get_open_id_token_for_developer_identity(
        **{"IdentityPoolId": POOL_ID, "Logins": {PROVIDER: identifier}, **parameters}
    )


@contextmanager
def refused(code, message=None, *, status=400):
    with pytest.raises(ClientError, match=message) as refusal:
        yield
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def verified(token, emulator):
    keys = jwt.PyJWKClient(emulator.jwks_uri)
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS512"],
        audience=POOL_ID,
        issuer=emulator.issuer,
        options={"require": ["exp", "iat", "sub", "aud", "iss", "amr"]},
    )


def send(url, *, data=None, method="POST"):
    with urlopen(Request(url, data=data, method=method)) as answer:
        assert answer.status == 204


def read(url):
    with urlopen(url) as answer:
        return json.load(answer)


def unlink(client, identity_id, identifier):
    client.unlink_developer_identity(
        IdentityId=identity_id,
        IdentityPoolId=POOL_ID,
        DeveloperProviderName=PROVIDER,
        DeveloperUserIdentifier=identifier,
    )


def merge(client, source, destination, **parameters):
    return client.merge_developer_identities(
        **{
            "SourceUserIdentifier": source,
            "DestinationUserIdentifier": destination,
            "DeveloperProviderName": PROVIDER,
            "IdentityPoolId": POOL_ID,
            **parameters,
        }
    )


def lookup(client, **parameters):
    return client.lookup_developer_identity(IdentityPoolId=POOL_ID, **parameters)


def everybody(client, **parameters):
    listed, token = [], {}
    while True:
        page = client.list_identities(
            **{"IdentityPoolId": POOL_ID, "MaxResults": 60, **parameters, **token}
        )
        listed += [identity["IdentityId"] for identity in page["Identities"]]
        if "NextToken" not in page:
            return listed
        token = {"NextToken": page["NextToken"]}


def call_by_hand(base_url, operation, body=b"{}", *, authorization=AUTHORIZATION):
    """Return the status and the code of an error."""
    headers = {
        "X-Amz-Target": f"AWSCognitoIdentityService.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": authorization,
    }
    request = Request(base_url, data=body, headers=headers)
    try:
        with urlopen(request) as answer:
            return answer.status, ""
    except OSError as error:
        with error:
            return error.code, json.load(error)["__type"]
