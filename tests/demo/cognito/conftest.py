from uuid import uuid4

import pytest

from demo.cognito import running_emulator
from tests.demo.cognito.calls import SECRETS, client_of


@pytest.fixture(scope="module")
def shared_emulator():
    with running_emulator(credentials=SECRETS) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def shared_client(shared_emulator):
    """One client: making one takes longer than any test here."""
    return client_of(shared_emulator)


@pytest.fixture
def emulator(shared_emulator):
    yield shared_emulator
    shared_emulator.recover()
    shared_emulator.calls.clear()


@pytest.fixture
def client(emulator, shared_client):
    return shared_client


@pytest.fixture
def identifier():
    return f"u{uuid4().hex}"
