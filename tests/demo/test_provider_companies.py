"""The demo's partner file and its providers belong together."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from demo.provider import DemoProvider, running_provider
from demo.provider.companies import (
    PARTNERS,
    example_account,
    issuer_slug,
    read_companies,
    read_partners,
    register_companies,
)
from tests.demo.company import DISCOVERY
from tests.demo.relying_party import RelyingParty

PORTAL = "http://127.0.0.1:8000"
RECORDS = read_partners()


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoProvider]:
    with running_provider() as provider:
        register_companies(provider, portal=PORTAL)
        yield provider


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["slug"])
def test_signs_someone_in_at_every_partner_of_the_file(demo, record):
    connection, account = record["connection"], example_account(record)
    issuer = demo.issuer(issuer_slug(record))
    party = RelyingParty(issuer, client_id=connection["client_id"])
    issuer.sign_in_as(account.email)

    answered = party.redeem(
        party.code(), credentials=(party.client_id, connection["client_secret"])
    )

    claims = party.claims(answered.json()["id_token"])
    assert claims["sub"] == account.subject
    assert connection["id_token_algs"] == [issuer.config.id_token_alg]
    assert connection.get("pinned_claims", {}).items() <= claims.items()
    assert claims.get("acr") in (connection.get("acr_values") or [None])
    assert set(connection.get("required_amr", [])) <= set(claims.get("amr", []))
    assert party.document(DISCOVERY)["issuer"].endswith(
        connection["issuer"].removeprefix("http://127.0.0.1:9001")
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["slug"])
def test_knows_the_portal_by_the_addresses_of_the_partner(demo, record):
    slug = record["slug"]

    client = demo.issuer(issuer_slug(record)).clients[record["connection"]["client_id"]]

    assert client.redirect_uri == f"{PORTAL}/login/{slug}/callback/"
    assert client.initiate_login_uri == f"{PORTAL}/login/{slug}/initiate/"
    assert client.post_logout_redirect_uri == f"{PORTAL}/logout/"


def test_has_partners_of_every_kind_of_visibility():
    listed = [record for record in RECORDS if record["visibility"] == "listed"]

    assert len(listed) >= 8
    assert {record["visibility"] for record in RECORDS} == {"listed", "by_email", "hidden"}
    assert {record["status"] for record in RECORDS} == {"live", "paused"}


def test_has_nobody_at_an_issuer_that_no_partner_uses():
    assert set(read_companies()) == {issuer_slug(record) for record in RECORDS}


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["slug"])
def test_has_a_small_logo_for_every_partner(record):
    logo = (PARTNERS.parent / record["logo"]).read_bytes()

    assert logo.startswith(b"\x89PNG")
    assert len(logo) < 20_000


def test_makes_up_two_people_for_a_partner_without_accounts(tmp_path):
    record = {
        "slug": "new",
        "name": "New",
        "domains": [{"name": "new.example", "verified": True}],
        "connection": {"issuer": "http://x/new", "client_id": "foyer", "client_secret": "s"},
    }
    (tmp_path / "partners.json").write_text(json.dumps({"partners": [record]}))
    with running_provider() as provider:
        register_companies(provider, tmp_path / "partners.json", portal=PORTAL)

        assert set(provider.issuer("new").accounts) == {"ana@new.example", "ben@new.example"}


def test_runs_as_a_program_until_it_is_told_to_stop(tmp_path):
    command = [sys.executable, "-m", "demo.provider", "--port", "0", "--keys", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        started = process.stdout.readline()

        process.terminate()

        assert started.startswith("12 providers at http://127.0.0.1:")
        assert process.wait(timeout=10) == 0


def test_names_the_variable_to_set_when_its_port_is_taken(demo):
    port = demo.base_url.rpartition(":")[2]
    command = [sys.executable, "-m", "demo.provider", "--port", port]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)

    assert ended.returncode == 1
    assert "DEMO_PROVIDER_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
