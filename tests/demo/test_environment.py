"""The environment of a portal that was given none."""

import base64
import os

import pytest

from demo import environment
from demo.environment import demo_environment, prepared
from demo.errors import DemoError
from demo.postgres.home import forget, home_of, opened_home, sole_use

OWN = {
    "SECRET_KEY": "s",
    "DATABASE_URL": "postgres://own@127.0.0.1/own",
    "BASE_URL": "https://portal.example",
    "SECRETS_KEYS": "k",
}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout of nothing, and an environment that says nothing.

    What a test sets is set in ``os.environ`` itself: undone after this, it would be lost for all.
    """
    before = dict(os.environ)
    os.environ.clear()
    os.environ["PATH"] = before["PATH"]
    monkeypatch.setattr(environment, "CHECKOUT", tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)
    forget(home_of(tmp_path))


def test_secrets_are_made_once_and_kept(checkout):
    first = demo_environment(checkout)

    second = demo_environment(checkout)

    assert first == second
    assert len(base64.b64decode(first["SECRETS_KEYS"])) == 32
    assert len(first["SECRET_KEY"]) >= 50


def test_every_checkout_has_secrets_of_its_own(checkout, tmp_path_factory):
    other = demo_environment(tmp_path_factory.mktemp("other"))

    same = {name for name, value in demo_environment(checkout).items() if other[name] == value}

    assert not same & {"SECRET_KEY", "SECRETS_KEYS", "DEMO_ADMIN_PASSWORD", "AWS_SECRET_ACCESS_KEY"}


def test_the_secrets_are_for_their_owner_alone(checkout):
    demo_environment(checkout)

    [file] = (checkout / "var").iterdir()

    assert file.name == "demo.env"
    assert file.stat().st_mode & 0o077 == 0


def test_ports_are_the_ones_asked_for(checkout, monkeypatch):
    os.environ["PORT"] = "8100"
    os.environ["DEMO_PROVIDER_PORT"] = "9101"
    os.environ["DEMO_COGNITO_PORT"] = "9102"

    found = demo_environment(checkout)

    assert found["BASE_URL"] == "http://127.0.0.1:8100"
    assert found["FEDERATION_TRUSTED_ENDPOINTS"] == "127.0.0.1:9101"
    assert found["AWS_ENDPOINT_URL_COGNITO_IDENTITY"] == "http://127.0.0.1:9102"


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "²"])
def test_a_port_that_is_none_is_named(checkout, monkeypatch, port):
    os.environ["DEMO_COGNITO_PORT"] = port

    with pytest.raises(DemoError, match="DEMO_COGNITO_PORT"):
        demo_environment(checkout)


def test_new_secrets_mean_new_data(checkout):
    demo_environment(checkout)
    home = opened_home(home_of(checkout))
    (checkout / "var" / "demo.env").unlink()

    demo_environment(checkout)

    assert not home.exists()


def test_data_in_use_are_not_taken_away_with_the_secrets(checkout):
    demo_environment(checkout)
    home = opened_home(home_of(checkout))
    (checkout / "var" / "demo.env").unlink()

    with sole_use(home), pytest.raises(DemoError, match="in use"):
        demo_environment(checkout)

    assert home.exists()


def test_a_command_finds_settings_and_a_database(checkout, monkeypatch):
    os.environ["PORTAL_NAME"] = "Ours"

    with prepared(["manage.py", "shell"]):
        assert os.environ["DATABASE_URL"].startswith("postgres://foyer:")
        assert os.environ["BASE_URL"] == "http://127.0.0.1:8000"
        assert os.environ["PORTAL_NAME"] == "Ours"


def test_a_command_uses_the_database_of_the_running_demo(checkout):
    with prepared(["manage.py", "demo"]):
        running = os.environ.pop("DATABASE_URL")
        for name in OWN:
            os.environ.pop(name, None)

        with prepared(["manage.py", "shell"]):
            assert os.environ["DATABASE_URL"] == running


def test_a_second_demo_is_refused(checkout):
    with prepared(["manage.py", "demo"]):
        for name in OWN:
            os.environ.pop(name, None)

        with pytest.raises(DemoError, match="in use"), prepared(["manage.py", "demo"]):
            pytest.fail("ran twice")


@pytest.mark.parametrize("name", OWN)
def test_settings_of_ones_own_are_left_alone(checkout, monkeypatch, name):
    os.environ[name] = OWN[name]

    with prepared(["manage.py", "migrate"]):
        found = {own: os.environ[own] for own in OWN if own in os.environ}

    assert found == {name: OWN[name]}
    assert not home_of(checkout).exists()


def test_the_demo_never_runs_on_a_database_that_was_named(checkout, monkeypatch):
    os.environ["DATABASE_URL"] = OWN["DATABASE_URL"]

    with pytest.raises(DemoError, match="DATABASE_URL"), prepared(["manage.py", "demo"]):
        pytest.fail("ran on it")
