"""A partner that knows us by our keys, in the admin: chosen, shown, made anew, examined."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from audit.models import Event
from console.partners.documents import advice_on
from demo.provider import Fault
from federation.provider import Provider
from onboarding.doctor import Outcome, findings_of_partner
from partners.client_keys import make_key
from partners.models import ClientKey, Connection, Partner
from partners.secrets import client_secret_of, remember_client_secret
from tests.console.conftest import STAFF, messages_of

KEY = "private_key_jwt"
OFFERS_KEYS = {"token_endpoint_auth_methods_supported": [KEY]}
ADDRESS = "https://testserver/.well-known/foyer/acme/jwks.json"


@pytest.fixture
def keyed(acme):
    """Let Acme's provider take keys and nothing else, and the connection have no secret."""
    acme.issuer.misbehave(discovery=Fault(members=OFFERS_KEYS))
    remember_client_secret(acme.connection, "")
    Connection.objects.update(token_endpoint_auth_method=KEY)
    make_key(acme.connection)
    return acme


def saved(staff, company, **changes):
    return staff.save("partners_partner_change", company.partner.pk, **changes)


def found_at(company):
    partner = Partner.objects.get(pk=company.partner.pk)
    return {finding.code: finding for finding in findings_of_partner(partner)}


def taking(company, *algorithms):
    members = {**OFFERS_KEYS, "token_endpoint_auth_signing_alg_values_supported": algorithms}
    company.issuer.misbehave(discovery=Fault(members=members))


def test_choosing_it_makes_a_key_and_shows_where_its_it_department_finds_it(staff, acme):
    acme.issuer.misbehave(discovery=Fault(members=OFFERS_KEYS))

    response = saved(staff, acme, **{"connections-0-token_endpoint_auth_method": KEY})

    assert response.redirect_chain, response.context["errors"]
    assert ClientKey.objects.get().connection == acme.connection
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()
    assert ADDRESS in page
    assert "ES256 of" in page


def test_the_address_is_shown_before_there_is_a_key(staff, acme):
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    assert ADDRESS in page
    assert "There is none yet" in page
    assert not ClientKey.objects.exists()


def test_a_page_without_a_change_makes_no_second_key(staff, keyed):
    saved(staff, keyed)

    assert ClientKey.objects.count() == 1


def test_a_key_is_of_a_kind_that_the_provider_takes(staff, acme):
    taking(acme, "RS256", "PS256")

    saved(staff, acme, **{"connections-0-token_endpoint_auth_method": KEY})

    assert ClientKey.objects.get().algorithm == "RS256"


@pytest.mark.parametrize(("is_known", "algorithm"), [(True, "RS256"), (False, "ES256")])
def test_an_imported_key_is_of_a_kind_that_the_known_documents_name(
    acme, tmp_path, is_known, algorithm
):
    taking(acme, "RS256")
    if is_known:
        Provider(acme.connection).metadata()
    calls = len(acme.issuer.requests)
    file = tmp_path / "partners.json"
    record = {"slug": "acme", "connection": {"token_endpoint_auth_method": KEY}}
    file.write_text(json.dumps({"partners": [record]}))

    call_command("import_partners", str(file))

    assert ClientKey.objects.get().algorithm == algorithm
    assert len(acme.issuer.requests) == calls


def test_a_live_partner_with_a_key_needs_no_secret(staff, keyed):
    response = saved(staff, keyed, **{"connections-0-scopes": "openid email"})

    assert response.redirect_chain, response.context["errors"]


def test_a_live_partner_without_key_and_secret_is_refused(staff, keyed):
    response = saved(
        staff, keyed, **{"connections-0-token_endpoint_auth_method": "client_secret_basic"}
    )

    assert "needs its client secret" in response.content.decode()


def test_a_new_key_is_asked_for_and_recorded(staff, keyed):
    asked = staff.get("partners_partner_new_key", keyed.partner.pk)
    assert "signs in 60 minutes" in asked.content.decode()
    assert ClientKey.objects.count() == 1

    response = staff.post("partners_partner_new_key", keyed.partner.pk, data={}, follow=True)

    assert messages_of(response) == ["There is a new key."]
    assert ClientKey.objects.filter(retired_at=None).count() == 2
    assert Event.objects.filter(what="client_key.added", actor=STAFF).count() == 1


def test_a_key_that_has_leaked_is_stopped_at_once(staff, keyed):
    staff.post("partners_partner_new_key", keyed.partner.pk, data={"at_once": "on"})

    assert ClientKey.objects.filter(retired_at=None).count() == 1
    assert ClientKey.objects.get(retired_at=None).created_at > timezone.now() - timedelta(minutes=1)


def test_there_is_nothing_to_replace_without_a_key(staff, acme):
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    response = staff.post("partners_partner_new_key", acme.partner.pk, follow=True)

    assert "Make a new key" not in page
    assert messages_of(response) == ["There is no key to replace."]
    assert not ClientKey.objects.exists()


def test_who_may_only_look_makes_no_key(staff, keyed):
    staff.user.is_superuser = False
    staff.user.save()

    response = staff.post("partners_partner_new_key", keyed.partner.pk)

    assert response.status_code == 403
    assert ClientKey.objects.count() == 1


def test_what_is_done_while_the_provider_is_asked_is_not_undone(staff, keyed, monkeypatch):
    def asked(connection, *, is_live):
        now = Connection.objects.get()
        remember_client_secret(now, "sealed anew")
        make_key(now, at_once=True)
        return advice_on(connection, is_live=is_live)

    monkeypatch.setattr("console.partners.connection.advice_on", asked)
    response = saved(staff, keyed, **{"connections-0-scopes": "openid email"})

    assert response.redirect_chain, response.context["errors"]
    connection = Connection.objects.get()
    assert connection.scopes == ["openid", "email"]
    assert client_secret_of(connection) == "sealed anew"
    assert connection.client_keys_changed_at > keyed.connection.client_keys_changed_at


def test_the_doctor_finds_nothing_wrong_with_a_key(keyed):
    findings = found_at(keyed)

    for code in ("OD-302", "OD-305", "OD-308"):
        assert findings[code].outcome is Outcome.PASSED, findings[code]


def test_the_doctor_says_when_the_provider_takes_no_key_like_ours(keyed):
    taking(keyed, "RS256")

    finding = found_at(keyed)["OD-305"]

    assert finding.outcome is Outcome.NEEDS_FIXING
    assert "RS256" in finding.sentence


def test_the_doctor_says_when_our_key_cannot_be_opened(keyed, settings):
    settings.SECRETS_KEYS = [b"x" * 32]

    finding = found_at(keyed)["OD-308"]

    assert finding.outcome is Outcome.NEEDS_FIXING
    assert "SECRETS_KEYS" in finding.remedy
