"""A partner's set-up in the admin: links are sent and revoked, what waits is decided on."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from audit.trail import Happening, record
from console.trail.naming import words_of
from onboarding import proposals
from onboarding.invitations import send_link
from onboarding.models import ProposedLogo, SetUpCase, SetUpLink
from onboarding.switching_on import ask_for_approval, switch_on
from onboarding.versions import draft_version_of
from partners.models import Connection, Logo, Partner
from tests.console.conftest import STAFF, messages_of
from tests.console.pictures import picture
from tests.onboarding.conftest import opened
from tests.support.queue import sent_mails

CONTACT = "ana@acme.example"


@pytest.fixture
def partner(db):
    return Partner.objects.create(slug="acme", name="Acme")


@pytest.fixture
def set_up(partner):
    return opened(partner, CONTACT)


def did(staff, partner, do, **data):
    return staff.post("partners_partner_set_up", partner.pk, data={"do": do, **data}, follow=True)


def shown(staff, partner):
    return staff.get("partners_partner_set_up", partner.pk).content.decode()


def test_sends_a_link_in_the_name_of_the_member_of_staff(staff, partner):
    response = did(staff, partner, "send", email="Ana@Acme.example")

    assert messages_of(response) == [f"A link is on its way to {CONTACT}."]
    (mail,) = sent_mails()
    assert (mail.to, STAFF in mail.body) == ([CONTACT], True)
    link = SetUpLink.objects.get()
    assert (link.sent_by, link.case.partner) == (STAFF, partner)
    event = Event.objects.get(what="setup_link.sent")
    assert (event.actor, event.email, event.address) == (STAFF, CONTACT, "127.0.0.1")
    assert "Sent" in shown(staff, partner)


def test_no_page_of_staff_shows_a_link_that_opens(staff, partner):
    did(staff, partner, "send", email=CONTACT)
    (mail,) = sent_mails()
    token = mail.body.split("/setup/")[1].split("/")[0]

    assert token not in shown(staff, partner)
    assert token not in staff.get("audit_event_changelist").content.decode()


@pytest.mark.parametrize("typed", ["", "ana", "ana@acme.example, ben@acme.example"])
def test_says_what_is_wrong_with_an_address(staff, partner, typed):
    page = did(staff, partner, "send", email=typed)

    assert 'class="errorlist"' in page.content.decode()
    assert not SetUpLink.objects.exists()


def test_sends_nothing_for_a_paused_partner(staff, partner):
    Partner.objects.update(status="paused")

    response = did(staff, partner, "send", email=CONTACT)

    assert messages_of(response) == ["Resume the partner first."]
    assert not SetUpLink.objects.exists()


def test_m04_revoking_a_link_ends_what_it_opened(staff, partner, set_up):
    response = did(staff, partner, "revoke", link=set_up.link.pk)

    assert messages_of(response) == [f"The link to {CONTACT} opens nothing any more."]
    assert set_up.get("/setup/welcome/").status_code == 303
    assert Event.objects.get(what="setup_link.revoked").actor == STAFF


def test_s10_a_link_of_another_partner_is_none(staff, partner, set_up):
    other = opened(Partner.objects.create(slug="globex", name="Globex"))

    for pk in (other.link.pk, "x", ""):
        assert did(staff, partner, "revoke", link=pk).status_code == 404

    assert other.get("/setup/welcome/").status_code == 200


def test_closing_ends_the_set_up(staff, partner, set_up):
    did(staff, partner, "close")

    case = SetUpCase.objects.get()
    assert (case.is_open, case.closed_by) == (False, STAFF)
    assert set_up.get("/setup/welcome/").status_code == 303
    assert did(staff, partner, "close").status_code == 404


def test_shows_what_the_partner_has_done(staff, partner, set_up):
    set_up.post("/setup/domains/", {"domain": "acme.example"})

    html = shown(staff, partner)

    assert "Domains: added" in html
    assert html.count(CONTACT) >= 2


def test_folds_what_was_done_several_times_in_a_row(staff, partner, set_up):
    for _again in range(3):
        record(Happening(what="connection.changed", partner="acme", actor=CONTACT))

    html = shown(staff, partner)

    assert html.count("Connections: changed") == 1
    assert "3 times" in html


def test_an_event_that_has_no_words_is_named_as_it_is():
    assert words_of("setup_link.code_sent") == "Set-up links: code sent"
    assert words_of("setup_link.folded") == "setup_link.folded"
    assert words_of("kite.sent") == "kite.sent"


def test_the_partners_page_says_who_prepares_its_connection(staff, partner, set_up):
    draft_version_of(partner).save()

    html = staff.get("partners_partner_change", partner.pk).content.decode()

    assert f"A connection is being prepared by {CONTACT} in its set-up:" in html
    assert re.search(r'class="module\s+collapse" aria-labelledby="connections-heading"', html)


def test_a_connection_in_use_is_not_folded_away_for_the_next_one(staff, acme):
    draft_version_of(acme.partner)

    html = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    assert "A connection is being prepared:" in html
    assert not re.search(r'class="module\s+collapse" aria-labelledby="connections-heading"', html)


def test_n08_a_logo_is_shown_when_staff_have_approved_it(staff, partner, set_up):
    proposals.propose_logo(set_up.case, "wide", picture(200, 80), by=CONTACT)
    assert staff.get("partners_partner_proposed_wide", partner.pk).status_code == 200
    assert staff.get("partners_partner_proposed_mark", partner.pk).status_code == 404
    assert not Logo.objects.exists()

    did(staff, partner, "approve-logo", shape="wide")

    assert Logo.objects.get().partner == partner
    assert Event.objects.get(what="logo.added").actor == STAFF
    assert Event.objects.get(what="setup_case.approved").detail == {"of": "wide"}


def test_a_logo_that_is_declined_is_gone(staff, partner, set_up):
    proposals.propose_logo(set_up.case, "mark", picture(64, 64), by=CONTACT)

    did(staff, partner, "decline-logo", shape="mark")

    assert not ProposedLogo.objects.exists()
    assert not Logo.objects.exists()


@pytest.mark.parametrize(
    ("do", "visibility"), [("approve-visibility", "listed"), ("decline-visibility", "by_email")]
)
def test_decides_on_the_visibility(staff, partner, set_up, do, visibility):
    proposals.wish_for_visibility(set_up.case, is_listed=True)

    did(staff, partner, do)

    assert Partner.objects.get().visibility == visibility
    assert SetUpCase.objects.get().visibility_wished == ""


def test_what_waits_is_decided_on_after_the_set_up_is_closed_and_in_the_next_one(
    staff, partner, set_up
):
    proposals.propose_logo(set_up.case, "wide", picture(200, 80), by=CONTACT)
    proposals.wish_for_visibility(set_up.case, is_listed=True)
    did(staff, partner, "close")
    did(staff, partner, "approve-visibility")
    send_link(partner, CONTACT, sent_by=STAFF)

    did(staff, partner, "approve-logo", shape="wide")

    assert Logo.objects.exists()
    assert Partner.objects.get().visibility == "listed"


def test_leads_to_what_waits_to_be_approved(staff, acme):
    set_up = opened(acme.partner, CONTACT)
    versions = f"/admin/partners/partner/{acme.partner.pk}/versions/"
    draft_version_of(acme.partner)
    ask_for_approval(set_up.case, by=CONTACT)
    assert versions not in shown(staff, acme.partner)

    Connection.objects.filter(is_live=False).update(email_claim="upn")

    assert versions in shown(staff, acme.partner)
    assert "Switch" in staff.get("onboarding_setupcase_changelist").content.decode()


def test_a_switch_that_the_owner_approves_closes_the_set_up(staff, acme):
    set_up = opened(acme.partner, CONTACT)
    version = draft_version_of(acme.partner)
    Connection.objects.filter(pk=version.pk).update(email_claim="upn")
    Connection.objects.filter(pk=version.pk).update(tested_at=timezone.now())

    switch_on(set_up.case, by=STAFF, approved_by=staff.user)

    assert acme.partner.connections.get(is_live=True).pk == version.pk
    assert not SetUpCase.objects.get().is_open
    assert CONTACT in {address for mail in sent_mails() for address in mail.to}


@pytest.mark.parametrize("page", ["set_up", "proposed_wide", "proposed_mark"])
def test_whoever_may_not_change_partners_sees_nothing_of_it(helper, partner, set_up, page):
    assert helper.get(f"partners_partner_{page}", partner.pk).status_code == 403
    assert did(helper, partner, "close").status_code == 403


def test_lists_set_ups_and_what_waits(staff, partner, set_up):
    proposals.propose_logo(set_up.case, "wide", picture(200, 80), by=CONTACT)

    html = staff.get("onboarding_setupcase_changelist").content.decode()

    assert f"/admin/partners/partner/{partner.pk}/set-up/" in html
    assert "Wide logo" in html
    assert "1 link" in html
    closed = staff.get("onboarding_setupcase_changelist", query="?state=closed")
    assert f"/partner/{partner.pk}/set-up/" not in closed.content.decode()


def test_says_how_each_link_is(staff, partner, set_up):
    send_link(partner, "ben@acme.example", sent_by=STAFF)
    SetUpLink.objects.filter(address="ben@acme.example").update(
        expires_at=timezone.now() - timedelta(days=1)
    )

    html = shown(staff, partner)

    assert "Opened" in html
    assert "Ended" in html
