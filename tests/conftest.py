"""What every test may ask for: providers, an identity pool, two partners, browsers."""

import pytest
from django.db import connection

from demo.cognito import running_emulator
from demo.provider import running_provider
from federation import last_good
from federation import provider as provider_module
from tests.support.company import Browser, founded
from tests.support.name_server import running_name_server
from tokens import issuers

pytest_plugins = ["tests.support.portal_fixtures"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let a test with real transactions empty the trail after itself, as nobody else can."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_event'::regclass"
            " AND tgname LIKE 'pgtrigger_never_emptied_%'"
        )
        (trigger,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE audit_event DISABLE TRIGGER {trigger}")


@pytest.fixture(scope="session")
def provider_server():
    with running_provider() as server:
        yield server


@pytest.fixture
def provider(provider_server, settings):
    """OpenID Providers of many issuers, all of them honest when the test begins."""
    provider_server.issuers.clear()
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset(
        {provider_server.base_url.removeprefix("http://")}
    )
    forget_what_this_process_knows()
    return provider_server


@pytest.fixture(scope="session")
def emulator_server():
    with running_emulator() as server:
        yield server


@pytest.fixture
def pool(emulator_server, settings, monkeypatch):
    """The identity pool that the portal asks for developer tokens."""
    emulator_server.recover()
    emulator_server.calls.clear()
    issuers._issuer_of.cache_clear()
    settings.COGNITO_IDENTITY_POOL_ID = emulator_server.pool_id
    settings.COGNITO_DEVELOPER_PROVIDER_NAME = emulator_server.developer_provider_name
    monkeypatch.setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY", emulator_server.base_url)
    monkeypatch.setenv("AWS_REGION", emulator_server.pool_id.partition(":")[0])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
    return emulator_server


@pytest.fixture(scope="session")
def name_server_process():
    with running_name_server() as server:
        yield server


@pytest.fixture
def name_server(name_server_process, settings):
    """A name server that knows no name when the test begins, at both of DNS_RESOLVERS."""
    name_server_process.recover()
    settings.DNS_RESOLVERS = name_server_process.resolvers
    return name_server_process


@pytest.fixture
def acme(db, provider, pool):
    return founded("acme", provider)


@pytest.fixture
def globex(db, provider, pool):
    return founded("globex", provider)


@pytest.fixture
def browser():
    return Browser()


def forget_what_this_process_knows() -> None:
    """Start as a new process would: parsed documents and breakers belong to the last test."""
    last_good._parsed.clear()
    provider_module._breaker_of.cache_clear()
    issuers._issuer_of.cache_clear()
