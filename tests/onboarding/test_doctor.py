"""The doctor: what it finds at a partner, by its code, and what it says to do."""

import socket
from datetime import date, timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from demo.provider import Fault, ProviderConfig
from federation.provider import Provider
from onboarding.doctor import Outcome, findings_of_documents, findings_of_partner
from partners.models import Connection, EmailDomain, Partner
from partners.secrets import remember_client_secret
from tests.support.certificates import Authority
from tests.support.company import founded
from tests.support.loopback import answering, serving


def found_at(company):
    """Return the findings at a company by their codes, read anew."""
    partner = Partner.objects.get(pk=company.partner.pk)
    return {finding.code: finding for finding in findings_of_partner(partner)}


def found_in(issuer, **fields):
    connection = Connection(partner=Partner(slug="x"), issuer=issuer, client_id="foyer", **fields)
    return {finding.code: finding for finding in findings_of_documents(connection)}


def not_passed(findings):
    return {
        code: finding.outcome.value
        for code, finding in findings.items()
        if finding.outcome not in {Outcome.PASSED, Outcome.WAITING}
    }


ONLY_A_SIGN_IN_TELLS = {"OD-301": "could_not_tell", "OD-701": "consider"}
"""What is left open at a good partner from which nobody has come, and whose secret has no end."""


def test_a_good_partner_passes_everything(acme, browser):
    Connection.objects.update(client_secret_expires=timezone.localdate() + timedelta(days=90))
    browser.sign_in(acme)

    findings = found_at(acme)

    assert not_passed(findings) == {}
    assert len(findings) >= 20


def test_asks_for_each_document_once(acme):
    acme.issuer.requests.clear()

    found_at(acme)

    assert [request.endpoint for request in acme.issuer.requests] == ["discovery", "jwks"]


def test_asks_even_when_sign_ins_have_given_the_provider_up(acme, browser):
    acme.issuer.misbehave(discovery=Fault(closes=True))
    for _ in range(10):
        browser.get("/login/acme/")
    acme.issuer.reset()

    left_of_it = {"OD-703": "needs_fixing"}
    assert not_passed(found_at(acme)) == ONLY_A_SIGN_IN_TELLS | left_of_it


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [
        pytest.param(Fault(closes=True), "OD-104", "needs_fixing", id="no-answer"),
        pytest.param(Fault(status=503), "OD-104", "needs_fixing", id="fault-of-theirs"),
        pytest.param(
            Fault(status=307, headers={"Location": "/x"}), "OD-108", "needs_fixing", id="redirect"
        ),
        pytest.param(Fault(body=b" " * 3_000_000), "OD-108", "needs_fixing", id="too-large"),
        pytest.param(Fault(status=404), "OD-107", "needs_fixing", id="absent"),
        pytest.param(Fault(body=b"<html>"), "OD-107", "needs_fixing", id="page"),
        pytest.param(
            Fault(headers={"Content-Encoding": "gzip"}), "OD-107", "needs_fixing", id="compressed"
        ),
        pytest.param(
            Fault(members={"issuer": "https://other.example"}),
            "OD-109",
            "needs_fixing",
            id="other-issuer",
        ),
        pytest.param(Fault(without=["jwks_uri"]), "OD-112", "needs_fixing", id="no-keys-address"),
        pytest.param(
            Fault(members={"scopes_supported": "openid"}), "OD-116", "could_not_tell", id="no-list"
        ),
        pytest.param(
            Fault(members={"token_endpoint": "https://login.other.example/token"}),
            "OD-113",
            "consider",
            id="another-domain",
        ),
        pytest.param(
            Fault(members={"userinfo_endpoint": "https://10.0.0.1/"}),
            "OD-113",
            "needs_fixing",
            id="private-endpoint",
        ),
        pytest.param(
            Fault(without=["code_challenge_methods_supported"]), "OD-114", "consider", id="no-pkce"
        ),
        pytest.param(
            Fault(members={"code_challenge_methods_supported": ["plain"]}),
            "OD-114",
            "consider",
            id="plain-pkce",
        ),
        pytest.param(
            Fault(members={"grant_types_supported": ["implicit"]}),
            "OD-115",
            "needs_fixing",
            id="implicit",
        ),
        pytest.param(
            Fault(members={"response_types_supported": ["token"]}),
            "OD-115",
            "needs_fixing",
            id="no-code",
        ),
        pytest.param(
            Fault(members={"scopes_supported": ["openid"]}), "OD-116", "consider", id="no-email"
        ),
        pytest.param(
            Fault(without=["scopes_supported"]), "OD-116", "could_not_tell", id="silent-on-scopes"
        ),
        pytest.param(
            Fault(members={"id_token_signing_alg_values_supported": ["HS256"]}),
            "OD-202",
            "needs_fixing",
            id="shared-secret",
        ),
        pytest.param(
            Fault(members={"id_token_signing_alg_values_supported": ["ES256"]}),
            "OD-202",
            "needs_fixing",
            id="no-key-for-it",
        ),
        pytest.param(
            Fault(members={"token_endpoint_auth_methods_supported": ["none"]}),
            "OD-305",
            "needs_fixing",
            id="auth-method",
        ),
    ],
)
def test_finds_what_is_wrong_with_the_discovery_document(acme, fault, code, outcome):
    acme.issuer.misbehave(discovery=fault)

    finding = found_at(acme)[code]

    assert finding.outcome.value == outcome
    assert finding.sentence


@pytest.mark.parametrize(
    ("fault", "code", "outcome"),
    [
        pytest.param(Fault(closes=True), "OD-201", "needs_fixing", id="no-answer"),
        pytest.param(Fault(status=500), "OD-201", "needs_fixing", id="status"),
        pytest.param(Fault(body=b"<html>"), "OD-202", "needs_fixing", id="page"),
        pytest.param(Fault(body=b'{"keys":[{"kty":"x"}]}'), "OD-202", "needs_fixing", id="unknown"),
        pytest.param(
            Fault(body=lambda honest: honest.replace(b'"keys":', b'"keys":[{"kty":"x"}],"old":')),
            "OD-202",
            "needs_fixing",
            id="none-usable",
        ),
        pytest.param(
            Fault(body=lambda honest: honest.replace(b"[", b'[{"kty":"x"},', 1)),
            "OD-202",
            "consider",
            id="some-unusable",
        ),
    ],
)
def test_finds_what_is_wrong_with_the_keys(acme, fault, code, outcome):
    acme.issuer.misbehave(jwks=fault)

    assert found_at(acme)[code].outcome.value == outcome


def test_what_comes_after_a_fault_is_not_called_a_fault(acme):
    acme.issuer.misbehave(discovery=Fault(closes=True))

    findings = found_at(acme)

    assert findings["OD-112"].outcome is Outcome.COULD_NOT_TELL
    assert str(findings["OD-201"].statement) == "Not looked at: OD-104 comes first."
    assert findings["OD-308"].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("http://login.acme.example", "OD-101"),
        ("https://login.acme.example#x", "OD-101"),
        ("https://[not-an-address", "OD-101"),
        ("https://127.0.0.1", "OD-103"),
        ("https://sso.acme.internal/realms/acme", "OD-103"),
        ("https://login.microsoftonline.com/organizations/v2.0", "OD-110"),
        ("https://LOGIN.microsoftonline.com/Common/v2.0", "OD-110"),
        (
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "OD-110",
        ),
        ("https://login.microsoftonline.com/%63ommon/v2.0", "OD-110"),
        ("https://login.windows.net/common/v2.0", "OD-110"),
        ("https://sts.windows.net/abc/", "OD-111"),
        ("https://login.microsoftonline.com/abc", "OD-111"),
        ("https://login.microsoftonline.com.evil.invalid/common", "OD-102"),
        ("https://login.acme.invalid", "OD-102"),
    ],
)
def test_finds_what_is_wrong_with_the_address(db, issuer, code):
    findings = found_in(issuer)

    assert findings[code].outcome is Outcome.NEEDS_FIXING
    assert findings["OD-107"].outcome is Outcome.COULD_NOT_TELL


def test_finds_a_public_name_that_leads_inside(db, monkeypatch):
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.1.2.3", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: inside)

    finding = found_in("https://sso.acme.example")["OD-103"]

    assert finding.outcome is Outcome.NEEDS_FIXING
    assert "10.1.2.3" not in finding.sentence


def test_finds_a_certificate_that_nobody_trusts(db, settings, tmp_path):
    tls = Authority(tmp_path).server_context("127.0.0.1")
    with serving(answering(b""), tls=tls) as server:
        settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({f"127.0.0.1:{server.port}"})

        findings = found_in(f"https://127.0.0.1:{server.port}", provider="keycloak")

    assert findings["OD-105"].outcome is Outcome.NEEDS_FIXING
    assert "fullchain.pem" in findings["OD-105"].sentence


def test_names_the_slash_that_makes_another_issuer(acme):
    Connection.objects.update(issuer=acme.issuer.issuer + "/")

    finding = found_at(acme)["OD-109"]

    assert f"calls itself {acme.issuer.issuer} (without a slash)" in finding.sentence


def test_advice_depends_on_the_product(acme):
    acme.issuer.misbehave(discovery=Fault(without=["authorization_endpoint"]))
    Connection.objects.update(provider="cognito")

    assert "Branding › Domain" in found_at(acme)["OD-112"].sentence


@pytest.mark.parametrize("product", ["entra", "cognito"])
def test_knows_which_products_keep_silent_about_pkce(acme, product):
    acme.issuer.misbehave(discovery=Fault(without=["code_challenge_methods_supported"]))
    Connection.objects.update(provider=product)

    assert found_at(acme)["OD-114"].outcome is Outcome.PASSED


def test_knows_which_products_spread_their_endpoints(acme):
    acme.issuer.misbehave(
        discovery=Fault(members={"authorization_endpoint": "https://graph.microsoft.com/a"})
    )
    Connection.objects.update(provider="entra")

    assert found_at(acme)["OD-113"].outcome is Outcome.PASSED


def test_says_to_which_hosts_the_endpoints_have_moved_that_nobody_accepted(acme):
    Provider(acme.connection).metadata()
    moved = {"token_endpoint": "https://elsewhere.example/token"}
    acme.issuer.misbehave(discovery=Fault(members=moved))

    finding = found_at(acme)["OD-113"]

    assert finding.outcome is Outcome.CONSIDER
    assert finding.evidence == {"hosts": ["elsewhere.example"]}
    assert "have moved to elsewhere.example" in finding.sentence


def test_a_scope_that_is_asked_for_and_refused_needs_fixing(acme):
    Connection.objects.update(scopes=["openid", "offline_access"])

    assert found_at(acme)["OD-116"].outcome is Outcome.NEEDS_FIXING


@pytest.mark.parametrize(("pins", "outcome"), [({}, "needs_fixing"), ({"tid": "1"}, "passed")])
def test_a_shared_issuer_needs_pins(acme, globex, pins, outcome):
    Connection.objects.filter(pk=globex.connection.pk).update(
        issuer=acme.issuer.issuer, pinned_claims={"tid": "2"}
    )
    Connection.objects.filter(pk=acme.connection.pk).update(pinned_claims=pins)

    assert found_at(acme)["OD-117"].outcome.value == outcome


def test_google_needs_its_pin_even_alone(db):
    findings = found_in("https://accounts.google.com", provider="google")

    assert findings["OD-117"].outcome is Outcome.NEEDS_FIXING
    assert "Workspace domain" in findings["OD-117"].sentence


def test_algorithms_that_the_provider_does_not_sign_with_need_fixing(acme):
    Connection.objects.update(id_token_algs=["ES256"])

    assert found_at(acme)["OD-202"].outcome is Outcome.NEEDS_FIXING


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_chosen_auth_method_has_to_be_offered(acme, method):
    acme.issuer.misbehave(
        discovery=Fault(members={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    )
    Connection.objects.update(token_endpoint_auth_method=method)

    passes = found_at(acme)["OD-305"].outcome is Outcome.PASSED

    assert passes == (method == "client_secret_post")


def test_a_secret_has_to_be_there(acme):
    Connection.objects.update(client_secret_sealed="")

    findings = found_at(acme)

    assert findings["OD-308"].outcome is Outcome.NEEDS_FIXING
    assert findings["OD-302"].outcome is Outcome.COULD_NOT_TELL


def test_a_secret_whose_key_is_gone_needs_fixing(acme, settings):
    settings.SECRETS_KEYS = [b"another key of thirty-two bytes!"]

    assert "SECRETS_KEYS" in found_at(acme)["OD-308"].remedy


@pytest.mark.parametrize(
    ("days", "outcome"), [(0, "consider"), (30, "consider"), (31, "passed"), (None, "consider")]
)
def test_a_secret_that_ends_is_spoken_of_in_time(acme, days, outcome):
    ends = None if days is None else timezone.localdate() + timedelta(days=days)
    Connection.objects.update(client_secret_expires=ends)

    assert found_at(acme)["OD-701"].outcome.value == outcome


@pytest.mark.parametrize(("days", "outcome"), [(-1, "needs_fixing"), (0, "passed")])
def test_a_secret_that_has_ended_needs_fixing(acme, days, outcome):
    Connection.objects.update(client_secret_expires=timezone.localdate() + timedelta(days=days))

    assert found_at(acme)["OD-302"].outcome.value == outcome


def test_nothing_but_a_sign_in_tells_whether_the_provider_knows_us(acme, browser):
    before = found_at(acme)["OD-301"]
    browser.sign_in(acme)
    accepted = found_at(acme)["OD-301"]
    remember_client_secret(acme.connection, "a wrong secret of ours")
    renewed = found_at(acme)["OD-301"]
    browser.sign_in(acme)
    refused = found_at(acme)["OD-301"]

    assert before.outcome is renewed.outcome is Outcome.COULD_NOT_TELL
    assert accepted.outcome is Outcome.PASSED
    assert refused.outcome is Outcome.NEEDS_FIXING
    assert refused.evidence["reference"] == Event.objects.get(reason="client_rejected").reference


@pytest.mark.parametrize(
    ("field", "value", "outcome"),
    [("client_id", "another", "could_not_tell"), ("email_claim", "upn", "needs_fixing")],
)
def test_a_refusal_counts_until_what_was_refused_is_changed(acme, browser, field, value, outcome):
    remember_client_secret(acme.connection, "a wrong secret of ours")
    browser.sign_in(acme)

    Connection.objects.update(**{field: value})

    assert found_at(acme)["OD-301"].outcome.value == outcome


def test_evidence_is_no_secret(acme):
    Connection.objects.update(client_secret_expires=date(2020, 1, 1))

    shown = str([finding.as_json() for finding in found_at(acme).values()])

    assert acme.connection.client_secret_sealed not in shown
    assert "a secret: 100 %" not in shown


def test_domains_have_to_be_verified(acme):
    EmailDomain.objects.create(partner=acme.partner, name="acme.test")
    assert found_at(acme)["OD-606"].outcome is Outcome.CONSIDER

    EmailDomain.objects.update(verified_at=None)

    waiting = found_at(acme)["OD-606"]
    assert waiting.outcome is Outcome.WAITING
    assert "acme.example, acme.test are waiting" in waiting.statement


def test_without_any_domain_one_has_to_be_added(acme):
    EmailDomain.objects.all().delete()

    finding = found_at(acme)["OD-606"]

    assert finding.outcome is Outcome.NEEDS_FIXING
    assert finding.remedy_for_partner == "Add your domain in step 4."


@pytest.mark.parametrize(
    ("status", "outcome"), [("live", "passed"), ("paused", "consider"), ("draft", "consider")]
)
def test_says_whether_people_are_let_in(acme, status, outcome):
    Partner.objects.update(status=status)

    assert found_at(acme)["OD-706"].outcome.value == outcome


def test_a_partner_without_a_connection_needs_one(acme):
    Connection.objects.all().delete()

    assert not_passed(found_at(acme)) == {"OD-100": "needs_fixing"}


def test_a_provider_with_a_slash_passes(provider, pool, db):
    acme = founded("acme", provider, config=ProviderConfig(issuer_has_trailing_slash=True))

    assert not_passed(found_at(acme)) == ONLY_A_SIGN_IN_TELLS
