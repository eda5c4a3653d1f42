"""What the doctor says of a partner that is live: changes, quiet, rushes, keys that age."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.trail import Happening, record
from demo.provider import Fault, ProviderConfig
from federation.outbound import Answer, Peer
from onboarding.doctor import Case, Outcome, findings_of_case
from onboarding.doctor.answering import certificate_end, clocks
from partners.client_keys import make_key
from partners.models import ClientKey, Connection, Partner
from tests.support.company import founded


def found_at(company):
    connection = Connection.objects.select_related("partner").get(pk=company.connection.pk)
    return {one.code: one for one in findings_of_case(Case(connection))}


def happened(what, **detail):
    record(Happening(what=what, partner="acme", detail=detail))


@pytest.mark.parametrize(
    ("what", "detail"),
    [
        ("provider.move_refused", {"hosts": ["login.other.example"]}),
        ("provider.changed", {"before": {}, "after": {"token_endpoint": "https://x.example"}}),
    ],
)
def test_says_that_addresses_have_changed(acme, what, detail):
    happened(what, **detail)

    assert found_at(acme)["OD-118"].outcome is Outcome.CONSIDER


def test_addresses_that_changed_before_somebody_signed_in_are_right(acme, browser):
    happened("provider.changed", before={}, after={"token_endpoint": "https://x.example"})
    browser.sign_in(acme)

    assert found_at(acme)["OD-118"].outcome is Outcome.PASSED


def test_keys_that_were_replaced_are_no_change_of_address(acme):
    happened("provider.changed", before={"keys": ["a"]}, after={"keys": ["b"]})

    findings = found_at(acme)

    assert findings["OD-118"].outcome is Outcome.PASSED
    assert "replaced its keys" in findings["OD-704"].statement


def test_a_partner_from_which_nobody_comes_any_more_is_to_be_asked(acme, browser):
    assert found_at(acme)["OD-702"].outcome is Outcome.PASSED
    Connection.objects.update(created_at=timezone.now() - timedelta(days=61))
    assert found_at(acme)["OD-702"].outcome is Outcome.CONSIDER

    browser.sign_in(acme)

    assert found_at(acme)["OD-702"].outcome is Outcome.PASSED


def test_nobody_is_missed_at_a_partner_that_is_not_live(acme):
    Partner.objects.update(status="draft")

    assert found_at(acme)["OD-702"].outcome is Outcome.WAITING


@pytest.mark.parametrize(
    ("refused", "succeeded", "outcome"),
    [(3, 7, "needs_fixing"), (2, 8, "passed"), (9, 0, "passed"), (10, 0, "needs_fixing")],
)
def test_a_rush_of_refusals_is_spoken_of(acme, refused, succeeded, outcome):
    for _ in range(refused):
        record(Happening(what="login.refused", partner="acme", reason="claim_mismatch"))
    for _ in range(succeeded):
        record(Happening(what="login.succeeded", partner="acme"))

    assert found_at(acme)["OD-703"].outcome.value == outcome


def test_what_people_do_themselves_is_no_rush(acme):
    for _ in range(20):
        record(Happening(what="login.refused", partner="acme", reason="attempt_expired"))

    assert found_at(acme)["OD-703"].outcome is Outcome.PASSED


def test_a_key_of_ours_that_is_old_is_to_be_replaced(acme):
    make_key(acme.connection)
    Connection.objects.update(token_endpoint_auth_method="private_key_jwt")
    assert found_at(acme)["OD-705"].outcome is Outcome.PASSED

    ClientKey.objects.update(created_at=timezone.now() - timedelta(days=366))

    assert found_at(acme)["OD-705"].outcome is Outcome.CONSIDER


def test_a_provider_without_sign_out_is_to_be_considered(db, provider, pool):
    acme = founded("acme", provider, config=ProviderConfig(has_end_session_endpoint=False))
    assert found_at(acme)["OD-414"].outcome is Outcome.CONSIDER

    Connection.objects.update(provider="google")

    assert found_at(acme)["OD-414"].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(0, "passed"), (-29, "passed"), (45, "consider"), (-119, "consider"), (300, "needs_fixing")],
)
def test_compares_the_provider_s_clock_with_ours(acme, seconds, outcome):
    at = (timezone.now() + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    acme.issuer.misbehave(discovery=Fault(headers={"Date": at}))

    finding = found_at(acme)["OD-406"]

    assert finding.outcome.value == outcome


def test_a_date_that_is_none_tells_nothing_of_the_clock(acme):
    acme.issuer.misbehave(discovery=Fault(headers={"Date": "yesterday"}))

    assert found_at(acme)["OD-406"].outcome is Outcome.COULD_NOT_TELL


def test_says_where_the_document_finally_is(acme, globex):
    final = f"{globex.issuer.issuer}/.well-known/openid-configuration"
    acme.issuer.misbehave(discovery=Fault(status=301, headers={"Location": final}))

    finding = found_at(acme)["OD-108"]

    assert finding.evidence == {"final": globex.issuer.issuer}
    assert globex.issuer.issuer in finding.sentence


@pytest.mark.parametrize(
    "location", ["https://10.0.0.1/.well-known/openid-configuration", "/x", "https://x.example"]
)
def test_names_no_address_that_it_would_not_ask(acme, location):
    acme.issuer.misbehave(discovery=Fault(status=301, headers={"Location": location}))

    assert "final" not in found_at(acme)["OD-108"].evidence


@pytest.mark.parametrize(("days", "outcome"), [(22, "passed"), (20, "consider")])
def test_says_when_the_certificate_ends(acme, days, outcome):
    case = Case(Connection(partner=acme.partner, issuer="https://login.acme.example"))
    peer = Peer(protocol="TLSv1.3", certificate_ends_at=timezone.now() + timedelta(days=days))
    case.__dict__["discovery"] = Answer(status=200, content_type="", body=b"", peer=peer)

    verdict = certificate_end.conclude(case)

    assert verdict.outcome.value == outcome
    assert verdict.evidence["tls"] == "TLSv1.3"
    assert clocks.conclude(case).outcome is Outcome.COULD_NOT_TELL
