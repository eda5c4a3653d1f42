"""Every common mistake in a set-up, made at a real provider, and named with what mends it."""

from dataclasses import replace

import pytest
from django.utils import timezone

from demo.provider import Account, Fault, IdTokenFault
from federation.models import Trial
from onboarding.doctor import Case, Outcome, findings_of_case
from onboarding.domains import challenge_of
from onboarding.models import DomainChallenge
from partners.client_keys import make_key
from partners.models import Connection, EmailDomain
from partners.secrets import remember_client_secret
from tests.federation.test_trials import begun, tester, tried  # noqa: F401 -- a fixture
from tests.support.company import Browser

GUID = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"


ALL_METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
OFFERS_ALL = Fault(members={"token_endpoint_auth_methods_supported": ALL_METHODS})


def found_at(company, *, probes=True):
    """Return the findings at a company by their codes, the provider probed."""
    connection = Connection.objects.select_related("partner").get(pk=company.connection.pk)
    return {one.code: one for one in findings_of_case(Case(connection, probes=probes))}


def faults(findings):
    return {code for code, one in findings.items() if one.outcome is Outcome.NEEDS_FIXING}


def changed(company, **settings):
    Connection.objects.filter(pk=company.connection.pk).update(**settings)
    company.connection.refresh_from_db()


def test_knows_by_a_probe_that_all_is_right(acme):
    findings = found_at(acme)

    assert faults(findings) == set()
    for code in ("OD-301", "OD-303", "OD-304", "OD-305", "OD-307"):
        assert findings[code].outcome is Outcome.PASSED, findings[code]


def test_a_probe_changes_nothing_and_is_made_only_when_asked_for(acme):
    acme.issuer.requests.clear()
    found_at(acme, probes=False)
    assert not acme.issuer.requests_to("token", "authorization")

    found_at(acme)

    (token,) = acme.issuer.requests_to("token")
    (authorization,) = acme.issuer.requests_to("authorization")
    assert token.parameters["grant_type"] == ["authorization_code"]
    assert authorization.parameters["prompt"] == ["none"]


def test_names_a_wrong_secret(acme):
    remember_client_secret(acme.connection, "a slip of the pen")
    changed(acme, provider="keycloak")

    findings = found_at(acme)

    assert faults(findings) == {"OD-301"}
    assert "Credentials" in findings["OD-301"].sentence
    assert findings["OD-301"].evidence["provider_error"] == "invalid_client"


def test_names_a_secret_id_that_was_copied_instead_of_the_value(acme):
    remember_client_secret(acme.connection, GUID)
    changed(acme, provider="entra")

    findings = found_at(acme, probes=False)

    assert "Secret ID" in findings["OD-308"].sentence
    assert "Value" in findings["OD-308"].sentence


def test_names_a_slash(acme):
    changed(acme, issuer=acme.issuer.issuer + "/")

    assert "without a slash" in found_at(acme)["OD-109"].sentence


def test_names_another_directory(acme, globex):
    """Acme's IT has typed the address of another company's directory."""
    globex.connection.delete()
    changed(acme, issuer=globex.issuer.issuer)

    findings = found_at(acme)

    assert faults(findings) == {"OD-303"}
    assert findings["OD-307"].outcome is Outcome.WAITING


def test_names_a_directory_that_there_is_not(acme):
    changed(acme, issuer=acme.issuer.issuer.replace("acme", "nowhere"), provider="entra")

    assert "Directory (tenant) ID" in found_at(acme)["OD-107"].sentence


def test_names_a_redirect_uri_that_is_not_registered(acme):
    (client,) = acme.issuer.clients.values()
    acme.issuer.add_client(replace(client, redirect_uri="https://portal.example/login/acme/"))
    changed(acme, provider="keycloak")

    findings = found_at(acme)

    assert faults(findings) == {"OD-307"}
    assert "https://testserver/login/acme/callback/" in findings["OD-307"].sentence


def test_names_an_app_that_is_not_assigned(acme, browser):
    acme.issuer.add_account(
        Account(
            subject="eve",
            email="eve@acme.example",
            refusal="access_denied",
            refusal_description="User is not assigned to the client application",
        )
    )
    changed(acme, provider="okta")

    page = tried(browser, acme, "eve").content.decode()

    assert "OD-402" in page
    finding = found_at(acme)["OD-402"]
    assert finding.outcome is Outcome.NEEDS_FIXING
    assert "Assign" in finding.sentence
    assert finding.evidence["provider_error"] == "access_denied"


def test_names_an_address_that_is_not_sent(acme, browser):
    acme.issuer.misbehave(
        id_token=IdTokenFault(without=["email"]), userinfo=Fault(without=["email"])
    )
    changed(acme, provider="entra")

    page = tried(browser, acme).content.decode()

    assert "OD-408" in page
    assert "Token configuration" in page
    assert found_at(acme)["OD-408"].outcome is Outcome.NEEDS_FIXING


def test_a_sign_in_before_its_domain_is_verified_works_but_for_that(acme, browser):
    EmailDomain.objects.update(verified_at=None, verified_how="")

    page = tried(browser, acme).content.decode()

    said = "Your sign-in works; acme.example still waits for its DNS record."
    finding = found_at(acme)["OD-410"]
    assert said in page
    assert "has stopped" not in page
    assert (finding.outcome, str(finding.statement)) == (Outcome.WAITING, said)


def test_a_domain_that_was_verified_after_the_sign_in_asks_for_another(acme, browser):
    EmailDomain.objects.update(verified_at=None, verified_how="")
    tried(browser, acme)

    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="operator")

    assert "was verified only after it" in found_at(acme)["OD-410"].sentence


def test_a_contested_domain_is_not_said_to_wait(acme, browser):
    EmailDomain.objects.update(verified_at=None, verified_how="")
    tried(browser, acme)
    challenge_of(EmailDomain.objects.get())

    DomainChallenge.objects.update(contested_at=timezone.now())

    assert found_at(acme)["OD-410"].outcome is Outcome.NEEDS_FIXING


def test_names_a_domain_that_is_not_verified(acme, browser):
    EmailDomain.objects.update(name="acme.test")

    page = tried(browser, acme).content.decode()

    assert "OD-410" in page
    assert "verified domains" in found_at(acme)["OD-410"].sentence


def test_a_provider_that_takes_no_key_is_told_the_choice_that_is_there(acme):
    changed(acme, token_endpoint_auth_method="private_key_jwt")
    acme.issuer.misbehave(
        discovery=Fault(members={"token_endpoint_auth_methods_supported": ["client_secret_post"]})
    )

    finding = found_at(acme)["OD-305"]

    assert finding.remedy_for_partner == (
        "Your provider takes no key from us: choose “With a client secret”."
    )


def test_a_probe_alone_blocks_nothing(acme):
    remember_client_secret(acme.connection, "a slip of the pen")

    findings = found_at(acme)

    assert findings["OD-301"].outcome is Outcome.NEEDS_FIXING
    assert not any(finding.blocks for finding in findings.values())


def test_a_refused_test_sign_in_blocks(acme, browser):
    remember_client_secret(acme.connection, "a slip of the pen")
    tried(browser, acme)

    assert found_at(acme, probes=False)["OD-301"].blocks


def test_says_how_the_secret_is_taken_when_it_is_not_as_we_send_it(acme):
    (client,) = acme.issuer.clients.values()
    acme.issuer.add_client(replace(client, token_endpoint_auth_method="client_secret_post"))
    acme.issuer.misbehave(discovery=OFFERS_ALL)

    findings = found_at(acme)

    assert findings["OD-305"].outcome is Outcome.NEEDS_FIXING
    assert findings["OD-305"].evidence["takes"] == "client_secret_post"
    assert findings["OD-301"].outcome is Outcome.PASSED


def test_names_a_key_that_is_not_registered(acme):
    changed(acme, token_endpoint_auth_method="private_key_jwt", provider="keycloak")
    acme.issuer.misbehave(discovery=OFFERS_ALL)
    make_key(acme.connection)

    findings = found_at(acme)

    assert faults(findings) == {"OD-306"}
    assert "/.well-known/foyer/acme/jwks.json" in findings["OD-306"].sentence


def test_accepts_a_key_that_is_registered(acme):
    changed(acme, token_endpoint_auth_method="private_key_jwt")
    key = make_key(acme.connection)
    (client,) = acme.issuer.clients.values()
    acme.issuer.add_client(
        replace(
            client, token_endpoint_auth_method="private_key_jwt", jwks={"keys": [dict(key.jwk)]}
        )
    )

    assert found_at(acme)["OD-306"].outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("AADSTS7000215: Invalid client secret provided.", "OD-301"),
        ("AADSTS7000222: The provided client secret keys are expired.", "OD-302"),
        ("AADSTS700016: Application was not found in the directory.", "OD-303"),
        ("AADSTS90002: Tenant not found.", "OD-304"),
        ("AADSTS7000218: The request body must contain client_assertion.", "OD-305"),
    ],
)
def test_understands_what_microsoft_says(acme, words, code):
    said = {"error": "invalid_client", "error_description": words}
    acme.issuer.misbehave(token=Fault(status=401, members=said))
    changed(acme, provider="entra")

    findings = found_at(acme)

    assert code in faults(findings)
    asked = acme.issuer.requests_to("token")[-1]
    assert asked.parameters["grant_type"] == ["client_credentials"]


@pytest.mark.parametrize("fault", [Fault(status=503), Fault(body=b"<html>"), Fault(closes=True)])
def test_says_nothing_when_the_token_endpoint_says_nothing(acme, fault):
    acme.issuer.misbehave(token=fault)

    assert found_at(acme)["OD-301"].outcome is Outcome.COULD_NOT_TELL


def test_sends_the_secret_to_nobody_who_calls_himself_otherwise(acme):
    acme.issuer.misbehave(discovery=Fault(members={"issuer": "https://other.example"}))
    acme.issuer.requests.clear()

    found_at(acme)

    assert not acme.issuer.requests_to("token")


def test_a_sign_in_page_says_nothing_of_the_redirect_uri(acme):
    acme.issuer.misbehave(authorization=Fault(status=200, body=b"<html>"))

    assert found_at(acme)["OD-307"].outcome is Outcome.WAITING


def test_a_test_sign_in_that_passes_shows_the_most(acme, browser):
    tried(browser, acme)

    findings = found_at(acme, probes=False)

    waits = {code for code, one in findings.items() if one.outcome is Outcome.WAITING}
    assert faults(findings) == set()
    assert waits <= {"OD-702"}
    assert findings["OD-413"].outcome is Outcome.CONSIDER


def test_a_test_sign_in_that_stops_says_where_and_what_comes_after(acme, browser):
    acme.issuer.misbehave(id_token=IdTokenFault(members={"aud": "another"}))
    tried(browser, acme)

    findings = found_at(acme, probes=False)

    assert findings["OD-402"].outcome is Outcome.PASSED
    assert findings["OD-405"].outcome is Outcome.NEEDS_FIXING
    assert findings["OD-408"].outcome is Outcome.WAITING
    assert "OD-405 comes first" in findings["OD-408"].statement


def test_a_test_of_other_settings_says_nothing_of_these(acme, browser):
    tried(browser, acme)
    changed(acme, scopes=["openid", "email"])

    assert found_at(acme, probes=False)["OD-402"].outcome is Outcome.WAITING


def test_says_what_the_page_may_have_said_when_nobody_came_back(acme, time_machine):
    changed(acme, provider="entra")
    time_machine.move_to("2026-11-25T10:00:00Z")
    begun(Browser(), acme.connection)
    time_machine.move_to("2026-11-25T10:16:00Z")

    finding = found_at(acme, probes=False)["OD-401"]

    assert finding.outcome is Outcome.NEEDS_FIXING
    assert not finding.blocks
    assert "AADSTS50105" in finding.sentence
    assert Trial.objects.get().ended_at is None


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (IdTokenFault(without=["name", "given_name", "family_name"]), "OD-412"),
        (IdTokenFault(without=["email_verified"]), "OD-409"),
        (IdTokenFault(members={"sub": "ana@acme.example"}), "OD-407"),
    ],
)
def test_what_may_be_better_is_to_be_considered(acme, browser, fault, code):
    acme.issuer.misbehave(id_token=fault, userinfo=Fault(status=404))
    tried(browser, acme)

    assert found_at(acme, probes=False)[code].outcome is Outcome.CONSIDER


def test_an_id_that_changes_needs_fixing(acme, browser):
    tried(browser, acme)
    acme.issuer.add_account(replace(acme.account("ana"), subject="another"))
    tried(browser, acme)

    assert found_at(acme, probes=False)["OD-407"].outcome is Outcome.NEEDS_FIXING
