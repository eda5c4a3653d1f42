"""What the demo prints: it names only what there is."""

import pytest

from demo.banner import banner

PROVIDER = "http://127.0.0.1:9001"


@pytest.fixture(autouse=True)
def own_ports(monkeypatch):
    for name in ("PORT", "DEMO_PROVIDER_PORT", "DEMO_COGNITO_PORT"):
        monkeypatch.delenv(name, raising=False)


def record_of(slug="contoso", **changes):
    return {
        "slug": slug,
        "name": slug.title(),
        "status": "live",
        "visibility": "listed",
        "domains": [f"{slug}.example"],
        "connection": {"issuer": f"{PROVIDER}/{slug}"},
        **changes,
    }


def said_of(*records, kept_out=()):
    return banner(records, password="a-password", kept_out=kept_out)


def test_names_a_partner_with_somebody_who_can_sign_in():
    assert "Contoso   ana@contoso.example\n" in said_of(record_of())


def test_names_a_partner_as_it_is_called_now():
    assert "Contoso Renamed   ana@" in said_of(record_of(name="Contoso Renamed"))


def test_names_nobody_who_is_kept_out():
    said = said_of(record_of("initech"), kept_out={"ana@initech.example"})

    assert "ana@" not in said
    assert "Initech   ben@initech.example" in said


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": "draft"}, id="draft"),
        pytest.param({"connection": {"issuer": "https://login.contoso.example"}}, id="elsewhere"),
        pytest.param({"domains": []}, id="without-a-domain"),
    ],
)
def test_leaves_out_where_nobody_can_sign_in(changes):
    assert "contoso.example" not in said_of(record_of(**changes))


def test_leaves_out_a_partner_without_a_connection():
    record = record_of()
    del record["connection"]

    assert "contoso.example" not in said_of(record)


def test_says_what_else_has_to_be_known():
    said = said_of(
        record_of("paused", status="paused"),
        record_of("shy", visibility="by_email"),
        record_of("hidden", visibility="hidden"),
    )

    assert "ana@paused.example   (paused)" in said
    assert "ana@shy.example   (not on the page: type the address)" in said
    assert "ana@hidden.example   (not on the page: /login/hidden/)" in said


def test_says_where_everything_is():
    said = said_of()

    assert "http://127.0.0.1:8000/admin/" in said
    assert f"The partners' providers: {PROVIDER}/\n    one of them, spare," in said
    assert f"Mails from the portal: {PROVIDER}/mails/\n" in said
    assert "The Cognito emulator: http://127.0.0.1:9002/\n" in said
