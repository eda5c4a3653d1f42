"""A portal that may call the servers that others wrote."""

import os

import pytest

from tests.interop.strangers import Person
from tests.support.portal import free_port, running_portal


@pytest.fixture(scope="session")
def ports():
    """Give each server a port: the portal has to be told before they run."""
    return {name: free_port() for name in ("oidc_provider", "oauth2_mock_server")}


@pytest.fixture(scope="session")
def interop_portal(tmp_path_factory, ports):
    with running_portal(
        tmp_path_factory.mktemp("interop"),
        database_url=os.environ["DATABASE_URL"],
        trusted=[f"localhost:{port}" for port in ports.values()],
    ) as portal:
        yield portal


@pytest.fixture
def person(interop_portal):
    return Person(interop_portal)
