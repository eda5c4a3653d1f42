"""A person who is signed in, and the two ends of boto3: a stub of its answers, and an emulator."""

import os
import socket
from datetime import timedelta
from functools import cache

import pytest
from botocore.stub import Stubber
from django.contrib import auth
from django.test import Client, RequestFactory
from django.utils import timezone

from partners.models import Partner, Status
from people.models import Session, User
from people.session_store import SessionStore
from tests.tokens.jwts import POOL
from tokens import cognito, issuers, refusals
from tokens.cognito import CognitoIssuer, cognito_client
from tokens.values import IdentityPool


@pytest.fixture(autouse=True)
def a_process_that_has_just_started(monkeypatch):
    """Nobody's breaker, outcome or refusal is left over, and no AWS setting of this machine."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(refusals, "_recent", refusals.RecentRefusals())
    monkeypatch.setattr(cognito, "cognito_client", client_at)
    issuers._issuer_of.cache_clear()


def client_at(pool):
    """Return a client of an earlier test: making one takes longer than most tests."""
    return _client_at(pool, os.environ.get("AWS_ENDPOINT_URL_COGNITO_IDENTITY"))


@cache
def _client_at(pool, endpoint):
    return cognito_client(pool)


@pytest.fixture
def credentials(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tests")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tests")


@pytest.fixture(scope="session")
def client_of_the_run():
    """One client: making one takes longer than any test here."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "tests")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        return cognito_client(POOL)


@pytest.fixture
def stub(client_of_the_run):
    """A client whose answers are scripted, each held against Amazon's model by botocore."""
    with Stubber(client_of_the_run) as stub:
        yield stub
        stub.assert_no_pending_responses()


@pytest.fixture
def issuer(stub):
    return CognitoIssuer(POOL, make_client=lambda _: stub.client)


@pytest.fixture
def emulated(pool):
    """An issuer in front of the emulated pool."""
    return CognitoIssuer(
        IdentityPool(
            identity_pool_id=pool.pool_id, developer_provider_name=pool.developer_provider_name
        )
    )


@pytest.fixture
def partner(db):
    return Partner.objects.create(slug="contoso", name="Contoso", status=Status.LIVE)


@pytest.fixture
def user(partner):
    return User.objects.create(email="ana@contoso.example", name="Ana Sousa", partner=partner)


@pytest.fixture
def arrived(partner):
    """Return a function: a request in which a user was just signed in, not saved yet."""

    def arrived(user, **fields):
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_USER_AGENT="a browser")
        request.session = SessionStore()
        ends_at = timezone.now() + timedelta(hours=1)
        described = {"partner": partner, "ends_at": ends_at, "idle_seconds": 1800} | fields
        request.session.row = Session(**described)
        auth.login(request, user, backend="people.staff.StaffPasswordBackend")
        return request

    return arrived


@pytest.fixture
def arrival(arrived, user):
    return arrived(user)


@pytest.fixture
def next_request():
    """Return a function: the next request of the browser that made this one."""

    def next_request(request):
        request.session.save()
        later = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7")
        later.session = SessionStore(request.session.session_key)
        return later

    return next_request


@pytest.fixture
def signed_in_client(arrival, settings):
    """A browser in which the user is signed in, without a developer token so far."""
    arrival.session.save()
    client = Client(
        enforce_csrf_checks=True, headers={"host": settings.BASE_URL.removeprefix("https://")}
    )
    client.cookies[settings.SESSION_COOKIE_NAME] = arrival.session.session_key
    return client


@pytest.fixture
def unused_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
