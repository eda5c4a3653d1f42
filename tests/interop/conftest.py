"""A portal that may call the servers that others wrote, and the hosts of the large providers."""

import os
import socket

import pytest

from federation.outbound import Outbound
from tests.interop.strangers import Person
from tests.interop.vendors import VendorsBrowser, World, hosts, serving
from tests.support.calling import loopback
from tests.support.certificates import Authority
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


@pytest.fixture(scope="session")
def vendors_server(tmp_path_factory, provider_server):
    """Every vendor's hosts, and a client of ours to which they are where they are."""
    authority = Authority(tmp_path_factory.mktemp("vendors"))
    world = World(provider=provider_server)
    names = sorted(hosts())
    with serving(world, authority, names) as port:
        client = Outbound(
            trusted=frozenset(f"{name}:443" for name in names),
            ca_bundle=authority.bundle,
            resolver=loopback,
        )
        yield world, client, port
        client.close()


@pytest.fixture
def world(vendors_server, provider, pool, db, settings, monkeypatch):
    """The vendors' hosts as the portal meets them: https, port 443, no address trusted."""
    world, client, port = vendors_server
    connect = socket.create_connection

    def connected(address, *args, **kwargs):
        # Nobody may listen at 443 without privileges.
        return connect((address[0], port) if address[1] == 443 else address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connected)
    monkeypatch.setattr("federation.outbound.client._client", lambda trusted: client)
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset()
    world.called.clear()
    world._routes.clear()
    return world


@pytest.fixture
def visitor(world):
    return VendorsBrowser(world)
