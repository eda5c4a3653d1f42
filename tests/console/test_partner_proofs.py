"""The owner sees how it is known that a domain is a partner's, looks anew, or vouches for it."""

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from audit.models import Event
from onboarding.domains import add_domain, state_of
from onboarding.models import DomainChallenge
from partners.addresses import normalised_domain
from partners.models import EmailDomain, Partner
from tests.console.conftest import STAFF, messages_of

NAME = "_foyer-challenge.labs.example"


@pytest.fixture
def labs(acme):
    """Give a domain of Acme's that waits for its record."""
    return add_domain(acme.partner, "labs.example", by="it@acme.example")


def page_of(staff, partner):
    return staff.get("partners_partner_domains", partner.pk).content.decode()


def look(staff, domain):
    data = {"domain": domain.pk}
    return staff.post("partners_partner_domains", domain.partner_id, data=data, follow=True)


def change(staff, partner, **typed):
    return staff.save("partners_partner_change", partner.pk, **typed)


def test_shows_the_record_that_is_wanted_and_what_was_found(staff, acme, labs, name_server):
    name_server.texts[NAME] = ["<b>something else</b>"]
    look(staff, labs)

    page = page_of(staff, acme.partner)

    record = state_of(labs).record
    assert record.name in page
    assert record.value in page
    assert "&lt;b&gt;something else&lt;/b&gt;" in page
    assert "<b>something" not in page


def test_looks_now_and_says_what_was_seen(staff, acme, labs, name_server):
    assert "There is no such name in the DNS yet." in messages_of(look(staff, labs))[0]

    name_server.texts[NAME] = [state_of(labs).record.value]
    DomainChallenge.objects.update(looked_at=None)
    look(staff, labs)

    labs.refresh_from_db()
    assert labs.verified_how == "dns"
    assert Event.objects.get(what="domain.proved").actor == STAFF


def test_looks_at_no_domain_of_another_partner(staff, labs, globex, name_server):
    response = staff.post("partners_partner_domains", globex.partner.pk, data={"domain": labs.pk})

    assert response.status_code == 404
    assert not name_server.asked


@pytest.mark.parametrize("typed", ["", "x", "²", "9" * 30])
def test_looks_at_nothing_that_is_no_domain(staff, acme, typed):
    response = staff.post("partners_partner_domains", acme.partner.pk, data={"domain": typed})

    assert response.status_code == 404


def test_whoever_may_only_look_asks_no_name_server(helper, acme, labs, name_server):
    helper.user.user_permissions.add(Permission.objects.get(codename="view_partner"))

    assert "labs.example" in page_of(helper, acme.partner)
    assert look(helper, labs).status_code == 403
    assert not name_server.asked


def test_l18_a_domain_is_confirmed_for_a_reason_alone(staff, acme, labs):
    response = change(staff, acme.partner, **{"domains-1-confirmed": "on"})

    assert "Say how we know" in response.content.decode()
    labs.refresh_from_db()
    assert labs.verified_at is None


def test_l18_the_reason_is_kept_shown_and_in_the_trail(staff, acme, labs):
    why = "Their IT called us back"
    change(staff, acme.partner, **{"domains-1-confirmed": "on", "domains-1-verified_why": why})

    labs.refresh_from_db()
    assert (labs.verified_how, labs.verified_why) == ("operator", why)
    assert why in page_of(staff, acme.partner)
    event = Event.objects.filter(what="domain.changed").latest("id")
    assert (event.actor, event.detail["after"]["verified_why"]) == (STAFF, why)


def test_l18_what_we_have_confirmed_is_told_apart_from_a_proof(staff, acme, labs):
    EmailDomain.objects.filter(pk=labs.pk).update(verified_at=timezone.now(), verified_how="dns")

    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    assert "Confirmed by us, " in page
    assert "DNS record, " in page


def test_a_record_counts_no_more_when_we_take_the_verification_back(staff, acme, labs, name_server):
    name_server.texts[NAME] = [state_of(labs).record.value]
    look(staff, labs)

    change(staff, acme.partner, **{"domains-1-confirmed": None})
    look(staff, labs)

    labs.refresh_from_db()
    assert labs.verified_at is None
    assert state_of(labs).record.value not in name_server.texts[NAME]


def test_a_record_of_one_name_proves_no_other(staff, acme, labs):
    before = state_of(labs).record.value

    change(staff, acme.partner, **{"domains-1-name": "other.example"})

    assert state_of(EmailDomain.objects.get(name="other.example")).record.value != before


def test_a_domain_that_we_wrote_down_gets_its_record_at_once(staff, acme):
    change(staff, acme.partner, **{"domains-1-name": "new.example"})

    challenge = DomainChallenge.objects.get(domain__name="new.example")
    assert challenge.look_again_at is not None


def test_l08_a_name_that_reads_like_another_partners_is_pointed_out(staff, acme):
    other = Partner.objects.create(slug="other", name="Other")
    EmailDomain.objects.create(partner=other, name=normalised_domain("aсme.example"))  # с: Cyrillic

    page = staff.get("partners_partner_change", other.pk).content.decode()

    assert "Reads like acme.example of Acme." in page
    assert "aсme.example" in page
