"""What the doctor says of a partner's domains, by its codes."""

import pytest
from django.utils import timezone

from onboarding.doctor import findings_of_partner
from onboarding.domains import add_domain, look_now, state_of
from onboarding.models import DomainChallenge
from partners.models import EmailDomain, Partner

CODES = ("OD-601", "OD-602", "OD-603", "OD-604", "OD-605")
NAME = "_foyer-challenge.labs.example"


@pytest.fixture
def labs(acme, name_server):
    return add_domain(acme.partner, "labs.example", by="it@acme.example")


def found_at(company):
    findings = findings_of_partner(Partner.objects.get(pk=company.partner.pk))
    return {one.code: one for one in findings if one.code in CODES}


def not_passed(company):
    found = found_at(company)
    assert tuple(found) == CODES
    return {code: str(one.outcome) for code, one in found.items() if one.outcome != "passed"}


def test_says_nothing_of_domains_that_are_as_they_should_be(acme):
    assert not_passed(acme) == {}


def test_od_601_waits_for_a_record_that_nobody_has_seen(acme, labs):
    look_now(labs, by="it@acme.example")

    assert not_passed(acme) == {"OD-601": "waiting"}
    finding = found_at(acme)["OD-601"]
    assert "There is no such name in the DNS yet" in str(finding.remedy)
    assert NAME in finding.evidence["wanted"]


def test_od_602_finds_another_value(acme, labs, name_server):
    name_server.texts[NAME] = ["another"]
    look_now(labs, by="it@acme.example")

    assert not_passed(acme) == {"OD-602": "consider"}
    assert found_at(acme)["OD-602"].evidence["found"] == {"labs.example": ["another"]}

    EmailDomain.objects.filter(name="acme.example").delete()
    assert not_passed(acme) == {"OD-602": "needs_fixing"}


def test_od_603_names_no_other_company(acme, globex, labs, name_server):
    name_server.texts[NAME] = [state_of(labs).record.value]
    EmailDomain.objects.create(
        partner=globex.partner, name="labs.example", verified_at=timezone.now(), verified_how="dns"
    )
    look_now(labs, by="it@acme.example")

    assert not_passed(acme) == {"OD-603": "consider"}
    assert "Globex" not in found_at(acme)["OD-603"].sentence


def test_od_604_finds_a_domain_that_has_become_everybodys(acme):
    EmailDomain.objects.filter(name="acme.example").update(name="gmail.com")

    assert not_passed(acme) == {"OD-604": "needs_fixing"}


def test_od_605_says_until_when_a_domain_counts_whose_record_is_gone(acme, labs, name_server):
    EmailDomain.objects.filter(pk=labs.pk).update(verified_at=timezone.now(), verified_how="dns")
    look_now(labs, by="it@acme.example")

    assert not_passed(acme) == {"OD-605": "consider"}
    until = DomainChallenge.objects.get().gives_up_at
    assert str(until.year) in str(found_at(acme)["OD-605"].statement)


def test_no_look_at_the_dns_is_taken_for_it(acme, labs, name_server):
    found_at(acme)

    assert not name_server.asked
