"""The emulator misbehaves when told to, in the process and by HTTP."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from demo.cognito import POOL_ID, Fault
from tests.demo.cognito.calls import (
    POOL_PARAMETERS,
    PROVIDER,
    call_by_hand,
    lookup,
    read,
    refused,
    send,
    token_for,
    verified,
)


def test_a_call_fails_as_told_and_then_no_more(emulator, client):
    emulator.fail("TooManyRequestsException", times=2)

    for _ in range(2):
        with refused("TooManyRequestsException"):
            token_for(client, "u1")

    assert token_for(client, "u1")["Token"]


def test_a_fault_of_the_services_own_is_a_500(emulator, client):
    emulator.fail("InternalErrorException")

    with refused("InternalErrorException", status=500):
        token_for(client, "u1")


def test_a_failed_call_registers_nobody(emulator, client, identifier):
    emulator.fail("AccessDeniedException", status=403, times=1)

    with refused("AccessDeniedException", status=403):
        token_for(client, identifier)

    with refused("ResourceNotFoundException"):
        lookup(client, DeveloperUserIdentifier=identifier)


def test_a_recovered_emulator_behaves(emulator, client):
    emulator.fail("InternalErrorException")
    emulator.throttle(per_second=0)

    emulator.recover()

    assert token_for(client, "u1")["Token"]


def test_a_quota_refuses_what_exceeds_it_within_a_second(emulator, client):
    emulator.throttle(per_second=2)
    for _ in range(2):
        token_for(client, "u1")

    with refused("TooManyRequestsException"):
        token_for(client, "u1")

    time.sleep(1)
    assert token_for(client, "u1")["Token"]


def test_a_late_answer_has_registered_all_the_same(emulator, client, identifier):
    emulator.delay(3, times=1)

    with pytest.raises(ReadTimeoutError):
        token_for(client, identifier)

    assert lookup(client, DeveloperUserIdentifier=identifier)["IdentityId"]


def test_garbage_is_answered_when_told_to(emulator, client):
    emulator.misbehave(Fault(body=b"<html>", status=502, times=1))

    with pytest.raises(ClientError) as refusal:
        token_for(client, "u1")

    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502


def test_a_connection_is_closed_when_told_to(emulator, client):
    emulator.misbehave(Fault(closes=True, times=1))

    with pytest.raises(ConnectionClosedError):
        token_for(client, "u1")


def test_a_swapped_identity_is_somebody_elses_in_answer_and_token(emulator, client):
    honest = token_for(client, "u1")["IdentityId"]
    emulator.swap_identity(times=1)

    swapped = token_for(client, "u1")

    assert swapped["IdentityId"] != honest
    assert verified(swapped["Token"], emulator)["sub"] == swapped["IdentityId"]
    assert token_for(client, "u1")["IdentityId"] == honest


def test_every_call_is_remembered_with_what_was_asked(emulator, client):
    emulator.fail("InternalErrorException", times=1)
    with refused("InternalErrorException", status=500):
        token_for(client, "u1", TokenDuration=61)

    [call] = emulator.calls

    assert call.operation == "GetOpenIdTokenForDeveloperIdentity"
    assert call.parameters == {
        "IdentityPoolId": POOL_ID,
        "Logins": {PROVIDER: "u1"},
        "TokenDuration": 61,
    }


@pytest.fixture
def base_url(tmp_path):
    command = [sys.executable, "-m", "demo.cognito", "--port=0", "--control", "--state"]
    process = subprocess.Popen(
        [*command, tmp_path],
        cwd=Path(__file__).parents[3],
        env={"PATH": os.defpath},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process.stdout.readline().split()[-1]
        process.terminate()


def test_faults_and_calls_travel_by_http(base_url):
    control = f"{base_url}/_control"
    told = json.dumps({"fail": {"code": "InternalErrorException", "times": 1}}).encode()

    send(control, data=told)
    failed = call_by_hand(base_url, "DescribeIdentityPool", POOL_PARAMETERS)
    send(control, data=told)
    send(control, method="DELETE")
    recovered = call_by_hand(base_url, "DescribeIdentityPool", POOL_PARAMETERS)

    assert failed == (500, "InternalErrorException")
    assert recovered == (200, "")
    assert [call["operation"] for call in read(control)["calls"]] == [
        "DescribeIdentityPool",
        "DescribeIdentityPool",
    ]


def test_what_is_no_fault_is_refused(base_url):
    with pytest.raises(OSError, match="400"):
        send(f"{base_url}/_control", data=b'{"explode": {}}')


def test_there_is_no_control_unless_asked_for(emulator):
    with pytest.raises(OSError, match="404"):
        read(f"{emulator.base_url}/_control")
