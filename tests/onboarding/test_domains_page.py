"""The fourth step: domains are added, shown with their record, looked at and removed."""

import pytest

from audit.models import Event
from onboarding.steps import Step
from partners.models import EmailDomain, Partner
from tests.onboarding.conftest import opened


def shown(set_up):
    return set_up.get(Step.DOMAINS.url).content.decode()


def test_begins_with_the_domain_of_whoever_is_at_work(set_up):
    assert 'value="brightwater.example"' in shown(set_up)


def test_shows_the_record_of_a_domain_that_was_added(set_up):
    answer = set_up.post(Step.DOMAINS.url, {"domain": "Brightwater.example"})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/domains/")
    html = shown(set_up)
    assert "_foyer-challenge.brightwater.example" in html
    assert "foyer-verification=" in html
    domain = EmailDomain.objects.get()
    assert (domain.partner, domain.verified_at) == (set_up.partner, None)
    event = Event.objects.get(what="domain.added")
    assert (event.actor, event.partner) == (set_up.link.address, "brightwater")


@pytest.mark.parametrize("typed", ["", "gmail.com", "co.uk", "no domain", "<script>"])
def test_says_what_is_wrong_with_a_domain_and_keeps_it(set_up, typed):
    page = set_up.post(Step.DOMAINS.url, {"domain": typed})

    html = page.content.decode()
    assert 'class="error"' in html
    assert "<script>" not in html
    assert not EmailDomain.objects.exists()


def test_l18_nobody_verifies_a_domain_by_a_form(set_up):
    set_up.post(
        Step.DOMAINS.url,
        {
            "domain": "brightwater.example",
            "verified_at": "2026-01-01",
            "verified_how": "operator",
            "subdomains": "on",
            "partner": "1",
        },
    )

    domain = EmailDomain.objects.get()
    assert (domain.verified_at, domain.verified_how, domain.subdomains) == (None, "", False)


def test_removes_a_domain_that_is_not_proved(set_up):
    set_up.post(Step.DOMAINS.url, {"domain": "brightwater.example"})

    set_up.post(Step.DOMAINS.url, {"remove": EmailDomain.objects.get().pk})

    assert not EmailDomain.objects.exists()


@pytest.mark.parametrize("button", ["look", "remove"])
@pytest.mark.parametrize("pk", ["theirs", "0", "x", "", "9" * 30])
def test_m09_another_partners_domain_is_none(set_up, button, pk):
    globex = opened(Partner.objects.create(slug="globex", name="Globex"))
    globex.post(Step.DOMAINS.url, {"domain": "globex.example"})
    theirs = EmailDomain.objects.get()

    answer = set_up.post(Step.DOMAINS.url, {button: str(theirs.pk) if pk == "theirs" else pk})

    assert answer.status_code == 404
    assert EmailDomain.objects.filter(pk=theirs.pk).exists()


def test_what_is_found_in_the_dns_is_text(set_up):
    set_up.post(Step.DOMAINS.url, {"domain": "brightwater.example"})
    challenge = EmailDomain.objects.get().challenge
    challenge.found, challenge.seen = ["<script>alert(1)</script>"], "other_text"
    challenge.looked_at = challenge.domain.partner.created_at
    challenge.save()

    html = shown(set_up)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def test_the_step_is_done_when_a_domain_is_verified(set_up):
    EmailDomain.objects.create(
        partner=set_up.partner,
        name="brightwater.example",
        verified_at=set_up.partner.created_at,
        verified_how="operator",
    )

    html = shown(set_up)

    assert "Confirmed by us" in html
    assert html.count('class="done"') == 1


def test_the_dns_is_not_asked_without_end(set_up):
    answers = [set_up.post(Step.DOMAINS.url, {"look": "all"}).status_code for _time in range(21)]

    assert answers == [303] * 20 + [429]
