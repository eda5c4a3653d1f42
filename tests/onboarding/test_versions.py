"""A change of a live connection: prepared, tested, switched to, returned to; people stay theirs."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from audit.models import Event
from federation.backend import house_of
from onboarding import versions
from onboarding.doctor import findings_of_documents, findings_of_partner
from onboarding.versions import (
    NeedsApprovalError,
    NotTestedError,
    VersionError,
    draft_version_of,
    former_version_of,
    return_to_former,
    switch_to,
)
from partners.client_keys import make_key, published_keys
from partners.models import Connection
from partners.secrets import client_secret_of, remember_client_secret
from people.arrivals import Arrival, ConnectionRetiredError, person_of
from people.models import FederatedLogin, Session, User
from tests.support.company import SECRET, Browser

pytestmark = pytest.mark.django_db

NOW = timezone.now
IT = "it@acme.example"


@pytest.fixture
def owner(db):
    return User.objects.create_superuser("staff@northlake.example", "a long password of staff")


def prepared(company, **changes):
    """Return a draft version with *changes*, that a test sign-in has passed with."""
    draft = draft_version_of(company.partner)
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.save()
    draft.tested_at = timezone.now()
    draft.save(update_fields=["tested_at"])
    return draft


def versions_of(company):
    """Return which versions are live, prepared and former, by their ids."""
    rows = company.partner.connections.order_by("id")
    return (
        [row.pk for row in rows if row.is_live],
        [row.pk for row in rows if not row.is_live and row.retired_at is None],
        [row.pk for row in rows if row.retired_at is not None],
    )


def test_a_draft_version_has_the_live_ones_settings_and_a_secret_of_its_own_seal(acme):
    Connection.objects.update(scopes=["openid", "email"], pinned_claims={"tid": "acme"})

    draft = draft_version_of(acme.partner)

    live = Connection.objects.get(pk=acme.connection.pk)
    assert (draft.issuer, draft.scopes, draft.pinned_claims) == (
        live.issuer,
        ["openid", "email"],
        {"tid": "acme"},
    )
    assert client_secret_of(draft) == SECRET
    assert draft.client_secret_set_at == live.client_secret_set_at
    assert (draft.is_live, draft.tested_at, draft.retired_at) == (False, None, None)


def test_there_is_one_draft_version(acme):
    assert draft_version_of(acme.partner) == draft_version_of(acme.partner)

    with pytest.raises(IntegrityError):
        Connection.objects.create(partner=acme.partner, issuer="https://x.example", is_live=False)


def test_where_nothing_is_live_the_draft_version_is_new_and_not_saved(acme):
    Connection.objects.all().delete()

    draft = draft_version_of(acme.partner)

    assert (draft.pk, draft.is_live, draft.issuer) == (None, False, "")


def test_people_sign_in_by_the_live_version_whatever_is_being_prepared(acme, browser):
    prepared(acme, issuer="https://elsewhere.example", client_id="another")

    assert browser.sign_in(acme).status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://new.example"},
        {"client_id": "new"},
        {"scopes": ["openid"]},
        {"pinned_claims": {"tid": "new"}},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"client_secret_set_at": timezone.now()},
    ],
)
def test_a_version_that_is_changed_is_not_tested_any_more(acme, change):
    draft = prepared(acme)

    Connection.objects.filter(pk=draft.pk).update(**change)

    draft.refresh_from_db()
    assert draft.tested_at is None


def test_a_version_stays_tested_when_its_secret_is_sealed_anew(acme):
    draft = prepared(acme)

    Connection.objects.filter(pk=draft.pk).update(
        client_secret_sealed="sealed anew", provider="okta"
    )

    draft.refresh_from_db()
    assert draft.tested_at is not None


def test_a_tested_version_takes_the_place_of_the_live_one(acme):
    draft = prepared(acme)

    switched = switch_to(draft, by=IT)

    assert switched.pk == draft.pk
    assert versions_of(acme) == ([draft.pk], [], [acme.connection.pk])


def test_a_version_that_is_not_tested_is_not_switched_to(acme):
    draft = draft_version_of(acme.partner)

    with pytest.raises(NotTestedError, match="Sign in as a test first"):
        switch_to(draft, by=IT)

    assert versions_of(acme) == ([acme.connection.pk], [draft.pk], [])


def test_a_version_is_judged_as_it_is_now_and_not_as_it_was_read(acme):
    draft = prepared(acme)
    Connection.objects.filter(pk=draft.pk).update(client_id="changed meanwhile")

    with pytest.raises(NotTestedError):
        switch_to(draft, by=IT)


def test_a_version_is_switched_to_once(acme):
    draft = prepared(acme)
    switch_to(draft, by=IT)

    with pytest.raises(VersionError, match="isn’t being prepared any more"):
        switch_to(draft, by=IT)


def test_people_keep_their_logins_where_the_provider_knows_them_by_the_same_names(acme, browser):
    browser.sign_in(acme)
    subject = browser.session()["subject"]

    switched = switch_to(prepared(acme), by=IT)

    assert FederatedLogin.objects.get().connection == switched
    assert Session.objects.get().connection == switched
    assert browser.session()["subject"] == subject
    again = Browser()
    assert again.sign_in(acme).status_code == 302
    assert again.session()["subject"] == subject


def test_people_come_along_on_the_way_back_with_those_who_came_meanwhile(acme):
    Browser().sign_in(acme, "ana")
    switch_to(prepared(acme), by=IT)
    Browser().sign_in(acme, "ben")

    former = return_to_former(acme.partner, by=IT)

    assert former == acme.connection
    assert set(FederatedLogin.objects.values_list("connection", flat=True)) == {former.pk}
    assert Browser().sign_in(acme, "ben").status_code == 302
    assert User.objects.count() == 2


def test_returning_twice_is_where_one_began(acme):
    draft = prepared(acme)
    switch_to(draft, by=IT)
    return_to_former(acme.partner, by=IT)

    return_to_former(acme.partner, by=IT)

    assert versions_of(acme) == ([draft.pk], [], [acme.connection.pk])


def test_an_attempt_that_began_before_a_switch_is_told_to_start_again(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))
    switch_to(prepared(acme), by=IT)

    response = browser.get(callback)

    assert response.status_code == 400
    assert Event.objects.latest("id").reason == "attempt_unknown"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://new.acme.example"},
        {"client_id": "another"},
        {"pinned_claims": {"tid": "another"}},
        {"email_claim": "upn"},
        {"require_email_verified": True},
        {"required_amr": ["mfa"]},
        {"acr_values": ["mfa"]},
        {"max_age": 60},
    ],
)
def test_whom_the_portal_lets_in_is_the_owners_to_approve(acme, owner, change):
    draft = prepared(acme, **change)

    with pytest.raises(NeedsApprovalError) as refusal:
        switch_to(draft, by=IT)

    assert refusal.value.fields == tuple(change)
    assert versions_of(acme) == ([acme.connection.pk], [draft.pk], [])
    assert switch_to(draft, by=owner.email, approved_by=owner).is_live


@pytest.mark.parametrize("rights", [{"is_staff": False}, {"is_active": False}])
def test_nobody_but_active_staff_approves(acme, owner, rights):
    User.objects.update(**rights)
    owner.refresh_from_db()

    with pytest.raises(NeedsApprovalError):
        switch_to(prepared(acme, client_id="another"), by=IT, approved_by=owner)


@pytest.mark.parametrize("change", [{"issuer": "https://x.example"}, {"client_id": "another"}])
def test_nobody_is_linked_again_silently_where_subjects_may_be_others(acme, owner, change):
    Browser().sign_in(acme)

    switch_to(prepared(acme, **change), by=owner.email, approved_by=owner)

    assert FederatedLogin.objects.get().connection == acme.connection
    assert Session.objects.get().connection == acme.connection


def test_a_return_to_another_issuer_needs_approval_as_well(acme, owner):
    switch_to(prepared(acme, client_id="another"), by=owner.email, approved_by=owner)

    with pytest.raises(NeedsApprovalError):
        return_to_former(acme.partner, by=IT)

    assert return_to_former(acme.partner, by=owner.email, approved_by=owner) == acme.connection


def test_no_login_comes_across_from_another_partner_at_the_same_issuer(acme, globex, owner):
    Browser().sign_in(globex)
    Connection.objects.filter(pk=globex.connection.pk).update(pinned_claims={"hd": "globex"})
    pointed = {
        "issuer": globex.connection.issuer,
        "client_id": globex.connection.client_id,
        "pinned_claims": {"hd": "acme"},
    }

    with pytest.raises(VersionError, match="Another company signs in this way already"):
        switch_to(prepared(acme, **pointed), by=owner.email, approved_by=owner)

    pointed["client_id"] = "another"
    switched = switch_to(prepared(acme, **pointed), by=owner.email, approved_by=owner)
    assert FederatedLogin.objects.get().connection == globex.connection
    assert not switched.logins.exists()


def test_no_login_comes_across_from_what_another_partner_had_before(acme, globex, owner):
    Browser().sign_in(globex)
    former = {"issuer": globex.connection.issuer, "client_id": globex.connection.client_id}
    elsewhere = prepared(globex, issuer="https://new.globex.example")
    switch_to(elsewhere, by=owner.email, approved_by=owner)

    switch_to(prepared(acme, **former), by=owner.email, approved_by=owner)

    assert FederatedLogin.objects.get().connection == globex.connection
    assert Session.objects.get().connection == globex.connection


def test_a_version_whose_people_another_partners_are_too_is_not_switched_to(acme, globex, owner):
    draft = prepared(acme, issuer=globex.connection.issuer)

    with pytest.raises(VersionError) as refusal:
        switch_to(draft, by=owner.email, approved_by=owner)

    assert "Globex" not in str(refusal.value)
    assert versions_of(acme)[0] == [acme.connection.pk]


def test_what_another_partner_merely_prepares_changes_nothing_for_people(acme, globex, browser):
    prepared(globex, issuer=acme.connection.issuer, client_id=acme.connection.client_id)
    acme.issuer.config = replace(acme.issuer.config, sends_email_verified=False)

    assert browser.sign_in(acme).status_code == 302


def test_the_doctor_tells_no_partner_whose_people_come_from_its_issuer_too(acme, globex):
    def shared():
        findings = {one.code: one for one in findings_of_partner(acme.partner)}
        return findings["OD-117"]

    prepared(globex, issuer=acme.connection.issuer)
    prepared(acme)
    assert shared().outcome == "passed"

    Connection.objects.filter(pk=globex.connection.pk).update(issuer=acme.connection.issuer)
    assert shared().outcome == "needs_fixing"
    assert "Globex" not in shared().sentence


def test_whoever_sets_up_a_company_cannot_ask_about_others_by_their_issuers(acme, globex):
    def said_of(issuer):
        version = draft_version_of(acme.partner)
        version.issuer, version.tested_at = issuer, None
        findings = {one.code: one for one in findings_of_documents(version)}
        return findings["OD-117"].sentence

    assert said_of(globex.connection.issuer) == said_of("https://nobody.example")


def test_a_person_who_arrives_in_the_moment_of_a_switch_is_told_to_start_again(acme):
    """The callback has found the old version live, and a switch came before the person did."""
    Browser().sign_in(acme, "ana")
    switch_to(prepared(acme), by=IT)

    for name in ("ana", "ben"):
        arrival = Arrival(
            connection=acme.connection,
            issuer=acme.connection.issuer,
            provider_subject=f"acme-{name}",
            email=f"{name}@acme.example",
            name=name,
        )
        with pytest.raises(ConnectionRetiredError):
            person_of(arrival)

    assert User.objects.get().email == "ana@acme.example"
    assert FederatedLogin.objects.count() == 1


def test_a_partner_shares_no_issuer_with_itself(acme, globex):
    draft = prepared(acme)
    assert not house_of(draft).shares_issuer()

    Connection.objects.filter(pk=globex.connection.pk).update(issuer=acme.connection.issuer)
    assert house_of(draft).shares_issuer()


def test_an_outage_in_the_middle_changes_nothing(acme, monkeypatch):
    Browser().sign_in(acme)
    draft = prepared(acme)

    def outage(**_kwargs):
        raise ConnectionError("the database went away")

    monkeypatch.setattr(versions, "move_people", outage)
    with pytest.raises(ConnectionError):
        switch_to(draft, by=IT)

    assert versions_of(acme) == ([acme.connection.pk], [draft.pk], [])
    assert Browser().sign_in(acme).status_code == 302
    assert not Event.objects.filter(what="connection.switched").exists()


def test_the_trail_says_who_switched_what_and_who_approved(acme, owner):
    Browser().sign_in(acme)
    draft = prepared(acme, client_id="another")

    switch_to(draft, by=IT, approved_by=owner)

    event = Event.objects.get(what="connection.switched")
    assert (event.partner, event.actor) == ("acme", IT)
    assert event.detail == {
        "before": acme.connection.pk,
        "after": draft.pk,
        "changed": ["client_id"],
        "people_moved": 0,
        "approved_by": owner.email,
    }
    assert Event.objects.filter(what="connection.changed", actor=IT).count() == 2


def test_a_former_version_is_kept_for_thirty_days_and_then_its_secret_is_forgotten(acme):
    make_key(acme.connection)
    switch_to(prepared(acme), by=IT)
    kid = published_keys("acme")[0]["kid"]

    assert versions.forget_former_secrets(NOW() + timedelta(days=29)) == 0
    assert former_version_of(acme.partner) == acme.connection
    assert [key["kid"] for key in published_keys("acme")] == [kid]

    later = NOW() + timedelta(days=30, seconds=1)
    assert versions.forget_former_secrets(later) == 1
    assert versions.forget_former_secrets(later) == 0
    acme.connection.refresh_from_db()
    assert client_secret_of(acme.connection) == ""
    assert published_keys("acme") == []
    with time_machine.travel(later), pytest.raises(VersionError, match="no former version"):
        return_to_former(acme.partner, by=IT)


def test_a_version_without_secret_and_keys_is_not_looked_at_again(acme, django_assert_num_queries):
    make_key(acme.connection)
    switch_to(prepared(acme), by=IT)
    later = NOW() + timedelta(days=31)
    assert versions.forget_former_secrets(later) == 1

    with django_assert_num_queries(3):  # the savepoint, its release, and one that finds none
        versions.forget_former_secrets(later)


def test_former_keys_are_forgotten_where_there_is_no_secret(acme):
    switch_to(prepared(acme), by=IT)
    former = Connection.objects.get(pk=acme.connection.pk)
    remember_client_secret(former, "")
    make_key(former)

    assert versions.forget_former_secrets(NOW() + timedelta(days=31)) == 1
    assert published_keys("acme") == []


def test_the_secret_of_the_live_version_is_never_forgotten(acme):
    remember_client_secret(draft_version_of(acme.partner), "new")

    assert versions.forget_former_secrets(NOW() + timedelta(days=365)) == 0
    assert client_secret_of(Connection.objects.get(pk=acme.connection.pk)) == SECRET


def test_the_keys_of_the_draft_version_are_published_beside_the_live_ones(acme, browser):
    live = make_key(acme.connection)
    draft = make_key(draft_version_of(acme.partner))

    answer = browser.get("/.well-known/foyer/acme/jwks.json").json()

    assert [key["kid"] for key in answer["keys"]] == [live.kid, draft.kid]
