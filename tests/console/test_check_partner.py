"""``manage.py check_partner``: what is printed, and what the exit code says."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from demo.provider import Fault
from partners.models import Connection, Partner


def check_partner(*arguments):
    """Return what the command prints, and the error it ends with."""
    printed = StringIO()
    try:
        call_command("check_partner", *arguments, stdout=printed)
    except CommandError as error:
        return printed.getvalue(), error
    return printed.getvalue(), None


def test_a_good_partner_ends_well(acme):
    printed, error = check_partner("acme")

    assert error is None
    assert printed.startswith("acme: Acme\n")
    assert "✔ OD-109 The issuer’s own name" in printed


def test_a_fault_ends_with_exit_code_1_and_says_how_to_mend_it(acme):
    acme.issuer.misbehave(discovery=Fault(without=["jwks_uri"]))
    Connection.objects.update(provider="cognito")

    printed, error = check_partner("acme")

    assert error.returncode == 1
    assert str(error) == "Needs fixing: acme"
    assert "✖ OD-112 What a sign-in needs: The discovery document lacks jwks_uri." in printed
    assert "      - Open *Branding › Domain*, and create one." in printed


def test_looks_at_all_partners_and_names_the_faulty_ones(acme, globex):
    globex.issuer.misbehave(jwks=Fault(body=b"{}"))

    printed, error = check_partner("--all")

    assert "acme: Acme" in printed
    assert "globex: Globex" in printed
    assert str(error) == "Needs fixing: globex"


def test_a_draft_counts_only_when_it_is_asked_for(acme, globex):
    globex.issuer.misbehave(jwks=Fault(body=b"{}"))
    Partner.objects.filter(slug="globex").update(status="draft")

    printed, error = check_partner("--all")
    _, asked_for = check_partner("globex")

    assert "globex: Globex" in printed
    assert error is None
    assert str(asked_for) == "Needs fixing: globex"


def test_prints_json(acme, globex):
    globex.issuer.misbehave(discovery=Fault(closes=True))

    printed, error = check_partner("--all", "--json")

    partners = {one["slug"]: one for one in json.loads(printed)["partners"]}
    assert (partners["acme"]["passed"], partners["globex"]["passed"]) == (True, False)
    assert set(partners["acme"]["findings"][0]) == {
        "code",
        "about",
        "outcome",
        "statement",
        "remedy",
        "for_partner",
        "steps",
        "is_guess",
        "is_for_staff",
        "evidence",
        "duration_ms",
    }
    assert error is not None


@pytest.mark.parametrize("arguments", [(), ("nobody",), ("acme", "--all")])
def test_needs_one_partner_or_all_of_them(db, arguments):
    _, error = check_partner(*arguments)

    assert error is not None


def test_never_prints_the_secret(acme):
    printed, _ = check_partner("acme", "--json")

    assert "a secret: 100 %" not in printed
