import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://portal.example", "https://portal.example"),
        ("https://Portal.example/", "https://portal.example"),
        ("https://portal.example:443", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_reads_an_origin_as_browsers_write_it(raw, origin):
    assert env.origin(raw) == origin


def test_a_database_is_reached_as_its_url_says():
    options = env.database("postgres://u:p@db.example/foyer?sslmode=verify-full")["OPTIONS"]

    assert options["sslmode"] == "verify-full"


@pytest.mark.parametrize("raw", ["eu-west-1", "eu-west-1:", "6b2f9a1e"])
def test_a_value_that_cannot_be_stops_the_start_and_is_named(raw, monkeypatch):
    monkeypatch.setenv("COGNITO_IDENTITY_POOL_ID", raw)

    with pytest.raises(ImproperlyConfigured, match=r"^COGNITO_IDENTITY_POOL_ID: expected"):
        env.read("COGNITO_IDENTITY_POOL_ID", env.identity_pool_id, default="")
