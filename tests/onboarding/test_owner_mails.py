"""Mails to the service owner are in the portal's language, whatever page they were caused on."""

import pytest
from django.utils import translation

from onboarding.domains import events
from onboarding.invitations import report
from onboarding.models import Contact, DomainChallenge
from onboarding.switching_on import ask_for_approval
from partners.models import EmailDomain
from tests.support.queue import sent_mails

pytestmark = pytest.mark.django_db

OWNER = "support@northlake.example"
CONTACT = "ops@brightwater.example"


@pytest.fixture(autouse=True)
def german_page(settings):
    settings.PORTAL_SUPPORT_EMAIL = OWNER
    with translation.override("de"):
        yield


def challenge_of(partner):
    domain = EmailDomain.objects.create(partner=partner, name="brightwater.example")
    return DomainChallenge.objects.create(domain=domain, token="t")


def subjects():
    return {mail.to[0]: mail.subject for mail in sent_mails()}


def test_an_alert_of_a_domain(partner):
    events.alert_owner(partner, "brightwater.example", what="domain.contested")

    assert subjects() == {OWNER: "brightwater.example: please look into it"}


def test_a_wish_for_approval(set_up):
    ask_for_approval(set_up.case, by=CONTACT)

    assert subjects() == {OWNER: "Brightwater Labs waits for you to approve its new connection"}


def test_a_link_that_was_not_expected(set_up):
    report(set_up.link, to=[OWNER])

    assert subjects() == {
        OWNER: "Somebody did not expect a set-up link for Brightwater Labs",
    }


def test_what_the_contacts_are_told_in_theirs(partner):
    Contact.objects.create(partner=partner, address=CONTACT)

    events.tell_of_release(challenge_of(partner))

    told = subjects()
    assert told.keys() == {OWNER, CONTACT}
    with translation.override("en"):
        events.tell_of_release(DomainChallenge.objects.get())
        english = subjects()[CONTACT]
    assert told[OWNER] == english != told[CONTACT]
