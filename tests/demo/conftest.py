"""A provider that knows one company, and a relying party there."""

from collections.abc import Iterator

import pytest

from demo.provider import DemoProvider, Issuer, running_provider
from tests.demo.company import ANA, Clock, registered
from tests.demo.relying_party import RelyingParty


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[DemoProvider]:
    with running_provider(clock=clock) as provider:
        yield provider


@pytest.fixture
def issuer(provider: DemoProvider) -> Issuer:
    return registered(provider)


@pytest.fixture
def party(issuer: Issuer) -> RelyingParty:
    return RelyingParty(issuer)


@pytest.fixture
def signed_in(party: RelyingParty) -> RelyingParty:
    party.issuer.sign_in_as(ANA.email)
    return party
