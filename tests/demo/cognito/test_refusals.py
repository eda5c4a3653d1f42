"""What the service does not accept: outside its model's limits, or signed by nobody it knows."""

import pytest
from botocore.exceptions import ClientError

from demo.cognito import running_emulator
from tests.demo.cognito.calls import (
    AUTHORIZATION,
    PROVIDER,
    call_by_hand,
    client_of,
    everybody,
    refused,
    token_for,
)


@pytest.fixture
def raw_call():
    """A call without boto3, and so with any body; no secret is known to this emulator."""
    with running_emulator() as emulator:
        yield lambda operation, body: call_by_hand(emulator.base_url, operation, body)


@pytest.mark.parametrize(
    ("parameters", "code", "message"),
    [
        ({"TokenDuration": 0}, "ValidationException", "'tokenDuration'.*equal to 1"),
        ({"TokenDuration": 86401}, "ValidationException", "'tokenDuration'.*equal to 86400"),
        ({"IdentityPoolId": "nonsense"}, "ValidationException", "'identityPoolId'.*pattern"),
        ({"IdentityPoolId": "é:0"}, "ValidationException", "'identityPoolId'.*pattern"),
        ({"IdentityPoolId": None}, "ValidationException", "'identityPoolId'.*not be null"),
        ({"IdentityId": f"eu-west-1:{'0' * 60}"}, "ValidationException", "'identityId'.*55"),
        ({"Logins": {PROVIDER: ""}}, "ValidationException", "'logins.value'"),
        ({"Logins": {PROVIDER: "u" * 1025}}, "InvalidParameterException", "too long"),
        ({"Logins": {"p" * 129: "u"}}, "ValidationException", "'logins.key'"),
        ({"Logins": {f"p{n}": "u" for n in range(11)}}, "ValidationException", "'logins'"),
        ({"Logins": {}}, "InvalidParameterException", "developer provider"),
        ({"Logins": {"login.other": "u"}}, "InvalidParameterException", "developer provider"),
        (
            {"Logins": {PROVIDER: "u", "login.other": "u"}},
            "InvalidParameterException",
            "developer provider",
        ),
        ({"PrincipalTags": {str(n): "v" for n in range(51)}}, "ValidationException", "50"),
        ({"PrincipalTags": {"k" * 129: "v"}}, "ValidationException", "128"),
        ({"PrincipalTags": {"k": "v" * 257}}, "ValidationException", "256"),
        ({"PrincipalTags": {"k": ""}}, "ValidationException", "'principalTags.value'"),
        ({"IdentityPoolId": "eu-west-1:0"}, "ResourceNotFoundException", "IdentityPool"),
        ({"IdentityId": "eu-west-1:0"}, "ResourceNotFoundException", "Identity"),
    ],
)
def test_what_is_outside_the_limits_registers_nobody(client, identifier, parameters, code, message):
    before = everybody(client)

    with refused(code, message):
        token_for(client, identifier, **parameters)

    assert everybody(client) == before


@pytest.mark.parametrize(
    "parameters",
    [
        {"TokenDuration": 1},
        {"TokenDuration": 86400},
        {"Logins": {PROVIDER: "u" * 1024}},
        {"PrincipalTags": {f"{n:0128}": "v" * 256 for n in range(50)}},
    ],
    ids=["shortest", "longest", "long identifier", "many tags"],
)
def test_what_is_just_within_the_limits_is_taken(client, identifier, parameters):
    assert token_for(client, identifier, **parameters)["Token"]


def test_an_identifier_is_never_repeated_in_an_error(client):
    with pytest.raises(ClientError) as refusal:
        token_for(client, "secret" * 10_000)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b'{"Logins": {"p": ["u"]}}', "SerializationException"),
        (b'{"TokenDuration": true}', "SerializationException"),
        (b"{}", "ValidationException"),
    ],
)
def test_a_body_of_another_form_is_refused(raw_call, body, code):
    assert raw_call("GetOpenIdTokenForDeveloperIdentity", body) == (400, code)


@pytest.mark.parametrize("operation", ["", "GetPromoted", "GetId"])
def test_an_operation_that_is_not_there_is_refused(raw_call, operation):
    assert raw_call(operation, b"{}") == (400, "UnknownOperationException")


def test_a_request_without_one_is_refused(emulator):
    refusal = call_by_hand(
        emulator.base_url, "DescribeIdentityPool", authorization="Bearer something"
    )

    assert refusal == (400, "MissingAuthenticationTokenException")


@pytest.mark.parametrize(
    ("client_arguments", "code"),
    [
        ({"secret": "another"}, "InvalidSignatureException"),
        ({"key": "AKIAOTHER"}, "UnrecognizedClientException"),
        ({"region": "us-east-1"}, "InvalidSignatureException"),
    ],
)
def test_one_of_somebody_else_or_for_another_region_is_refused(emulator, client_arguments, code):
    stranger = client_of(emulator, **client_arguments)

    with refused(code):
        token_for(stranger, "u1")


def test_one_for_another_service_is_refused(emulator):
    authorization = AUTHORIZATION.replace("cognito-identity", "s3")

    refusal = call_by_hand(emulator.base_url, "DescribeIdentityPool", authorization=authorization)

    assert refusal == (400, "InvalidSignatureException")


def test_any_will_do_where_no_secret_is_known():
    with running_emulator() as emulator:
        assert token_for(client_of(emulator, secret="anything"), "u1")["Token"]
