"""A faithful Amazon Cognito identity pool with one developer provider, for the demo and the tests.

It speaks AWS JSON 1.1 as boto3 does, holds requests to the limits of Amazon's own service model,
knows the same identity for the same developer user identifier, and signs RS512 tokens whose keys
it publishes. One thing differs: the issuer is the emulator's own address, where Amazon's is
``https://cognito-identity.amazonaws.com``, so that its tokens verify against the keys that the
issuer publishes, with nothing but a JWT library. It answers truthfully until it is told not to:

    with running_emulator() as emulator:
        client = boto3.client("cognito-identity", endpoint_url=emulator.base_url, …)
        emulator.fail("TooManyRequestsException", times=1)
        emulator.misbehave(Fault(delay=3))
        emulator.recover()
        assert emulator.calls[-1].operation == "GetOpenIdTokenForDeveloperIdentity"

``emulator`` ties the parts together, ``service_model`` judges what was sent, ``signature`` who sent
it, ``operations`` answer out of the ``identities``, and ``developer_token`` signs.
"""

from demo.cognito.emulator import Call, CognitoEmulator, running_emulator
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID
from demo.provider.faults import Fault

__all__ = [
    "DEVELOPER_PROVIDER_NAME",
    "POOL_ID",
    "Call",
    "CognitoEmulator",
    "Fault",
    "running_emulator",
]
