"""The log of a partner's own sign-ins: what it shows, and whose."""

from datetime import timedelta

import time_machine
from django.utils import timezone

from audit.trail import Happening, record
from onboarding.sign_ins import sign_ins_of
from partners.models import EmailDomain, Partner
from tests.onboarding.conftest import opened


def happened(what="login.succeeded", **fields):
    record(Happening(**{"what": what, "partner": "brightwater", "reference": "FY-1", **fields}))


def test_shows_the_partner_when_who_and_why(set_up):
    EmailDomain.objects.create(
        partner=set_up.partner, name="brightwater.example", verified_at=timezone.now()
    )
    happened(email="ben@brightwater.example", reference="FY-AAAA-AAAA")
    happened("login.refused", reason="email_missing", reference="FY-BBBB-BBBB")

    html = set_up.get("/setup/log/").content.decode()

    assert html.index("FY-BBBB-BBBB") < html.index("FY-AAAA-AAAA")
    assert "ben@<wbr>brightwater" in html
    assert "email_missing" in html


def test_an_address_elsewhere_is_not_the_partners_to_know(set_up):
    happened(email="carol@home.example")

    (one,) = sign_ins_of(set_up.partner, portal_name="Foyer")

    assert one.email == "c…@h…"


def test_an_address_in_a_sub_domain_is_the_partners_where_those_are_its_own(set_up):
    now = timezone.now()
    EmailDomain.objects.create(
        partner=set_up.partner, name="brightwater.example", subdomains=True, verified_at=now
    )
    globex = Partner.objects.create(slug="globex", name="Globex", status="live")
    EmailDomain.objects.create(partner=globex, name="labs.brightwater.example", verified_at=now)
    happened(email="ben@de.brightwater.example")
    happened(email="carol@labs.brightwater.example")

    shown = [one.email for one in sign_ins_of(set_up.partner, portal_name="Foyer")]

    assert shown == ["c…@l…", "ben@de.brightwater.example"]


def test_m09_shows_nothing_of_another_partner(set_up):
    globex = opened(Partner.objects.create(slug="globex", name="Globex"))
    happened(reference="FY-AAAA-AAAA")

    html = globex.get("/setup/log/").content.decode()

    assert "FY-AAAA-AAAA" not in html
    assert "Nobody has signed in yet" in html


def test_shows_nothing_of_a_former_partner_of_that_slug(set_up):
    happened()
    Partner.objects.update(created_at=timezone.now() + timedelta(seconds=1))

    assert sign_ins_of(Partner.objects.get(), portal_name="Foyer") == []


def test_shows_what_is_not_older_than_thirty_days(set_up):
    happened()

    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert sign_ins_of(set_up.partner, portal_name="Foyer") == []


def test_shows_sign_ins_and_nothing_else_of_the_trail(set_up):
    happened("partner.paused")
    happened("logout")

    assert sign_ins_of(set_up.partner, portal_name="Foyer") == []


def test_a_reason_that_is_none_any_more_is_no_error(set_up):
    happened("login.refused", reason="of_former_times")

    (one,) = sign_ins_of(set_up.partner, portal_name="Foyer")

    assert one.outcome == "Stopped"
