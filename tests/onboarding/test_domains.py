"""Whose a domain is: what has to be in the DNS, and what nobody gets by it. Group L."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Event
from onboarding.domains import (
    DomainError,
    add_domain,
    dns,
    domain_states,
    look_now,
    looks,
    remove_domain,
    state_of,
)
from onboarding.domains.proof import Seen, State
from onboarding.models import DomainChallenge
from partners.home_realm import partner_of_email
from partners.models import EmailDomain, Partner
from tests.support.queue import sent_mails

pytestmark = pytest.mark.django_db

IT = "it@brightwater.example"
DOMAIN = "brightwater.example"
NAME = f"_foyer-challenge.{DOMAIN}"


@pytest.fixture
def brightwater(db):
    return Partner.objects.create(slug="brightwater", name="Brightwater Labs")


@pytest.fixture
def fabrikam(db):
    return Partner.objects.create(slug="fabrikam", name="Fabrikam")


@pytest.fixture
def claimed(brightwater):
    return add_domain(brightwater, DOMAIN, by=IT)


def value_for(domain):
    return state_of(domain).record.value


def looked(domain, *, later=timedelta(0)):
    """Press the button, so much later that it is not too soon."""
    with time_machine.travel(timezone.now() + later + timedelta(seconds=10)):
        return look_now(domain, by=IT)


def test_l01_a_token_is_random_and_of_one_partner_and_one_domain(claimed, brightwater, fabrikam):
    values = {
        value_for(claimed),
        value_for(add_domain(brightwater, "labs.example", by=IT)),
        value_for(add_domain(fabrikam, DOMAIN, by=IT)),
    }

    assert len(values) == 3
    assert all(re.fullmatch(r"foyer-verification=[A-Za-z0-9_-]{43}", value) for value in values)


def test_l02_the_record_has_a_name_of_its_own_below_the_domain(claimed):
    record = state_of(claimed).record

    assert (record.name, record.type) == (NAME, "TXT")
    assert record.label == "_foyer-challenge"


@pytest.mark.parametrize(
    "written", ["{value}", "{token}", '"{value}"', " {value}\n"], ids=["whole", "bare", "", "blank"]
)
def test_the_record_proves_the_domain(claimed, brightwater, name_server, written):
    value = value_for(claimed)
    token = value.removeprefix("foyer-verification=")
    name_server.texts[NAME] = ["v=spf1 -all", written.format(value=value, token=token)]

    state = looked(claimed)

    claimed.refresh_from_db()
    assert (state.state, state.seen) == (State.PROVED, Seen.RECORD)
    assert (claimed.verified_how, partner_of_email(f"ana@{DOMAIN}")) == ("dns", brightwater)


@pytest.mark.parametrize("written", ["{value}x", "x{value}", "{upper}", "foyer-verification="])
def test_a_record_that_is_nearly_right_proves_nothing(claimed, name_server, written):
    value = value_for(claimed)
    name_server.texts[NAME] = [written.format(value=value, upper=value.upper())]

    assert looked(claimed).seen is Seen.OTHER_TEXT
    assert not EmailDomain.objects.exclude(verified_at=None).exists()


def test_l03_another_partners_record_proves_nothing(claimed, fabrikam, name_server):
    theirs = add_domain(fabrikam, DOMAIN, by="it@fabrikam.example")
    name_server.texts[NAME] = [value_for(theirs)]

    assert looked(claimed).state is State.WAITING
    assert looked(theirs).state is State.PROVED


def test_l05_a_record_behind_a_cname_counts(claimed, name_server):
    name_server.aliases[NAME] = "proofs.example"
    name_server.texts["proofs.example"] = [value_for(claimed)]

    assert looked(claimed).state is State.PROVED


def test_a_record_at_the_domain_itself_does_not_count(claimed, name_server):
    name_server.texts[DOMAIN] = [value_for(claimed)]

    assert looked(claimed).state is State.WAITING


@pytest.mark.parametrize("name", ["co.uk", "com", "github.io", "herokuapp.com", "localhost", "uk"])
def test_l06_a_public_suffix_is_nobodys(brightwater, name):
    with pytest.raises(DomainError):
        add_domain(brightwater, name, by=IT)

    assert not EmailDomain.objects.exists()


@pytest.mark.parametrize("name", ["gmail.com", "outlook.com", "portal.northlake.example"])
def test_l07_a_domain_of_everybody_or_of_ours_is_nobodys(brightwater, settings, name):
    settings.BASE_URL = "https://portal.northlake.example"

    with pytest.raises(DomainError):
        add_domain(brightwater, name, by=IT)


def test_l08_a_domain_that_reads_like_another_partners_is_shown_in_both_forms(
    claimed, fabrikam, settings
):
    settings.PORTAL_SUPPORT_EMAIL = "staff@northlake.example"
    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="dns")

    twin = add_domain(fabrikam, "brіghtwater.example", by="it@fabrikam.example")  # Cyrillic і

    assert (twin.name[:4], state_of(twin).readable) == ("xn--", "brіghtwater.example")
    event = Event.objects.get(what="domain.look_alike")
    assert event.detail["looks_like"] == DOMAIN
    (mail,) = sent_mails()
    assert mail.to == ["staff@northlake.example"]
    assert "brіghtwater.example" in mail.body
    assert twin.name in mail.body


def test_a_domain_that_reads_like_none_alerts_nobody(claimed, fabrikam):
    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="dns")

    add_domain(fabrikam, "bücher.example", by=IT)

    assert not Event.objects.filter(what="domain.look_alike").exists()


def test_l09_a_domain_of_another_partner_cannot_be_added(claimed, fabrikam, settings):
    settings.PORTAL_SUPPORT_EMAIL = "staff@northlake.example"
    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="dns")

    for _ in range(2):
        with pytest.raises(DomainError) as refusal:
            add_domain(fabrikam, DOMAIN.upper(), by="it@fabrikam.example")

    assert str(refusal.value) == (
        "This domain can’t be added here. Write to us, and we look into it."
    )
    assert partner_of_email(f"ana@{DOMAIN}").slug == "brightwater"
    event = Event.objects.get(what="domain.contested")
    assert (event.partner, event.actor) == ("fabrikam", "it@fabrikam.example")
    assert [mail.to for mail in sent_mails()] == [["staff@northlake.example"]]


def test_l10_a_claim_keeps_nobody_away(claimed, fabrikam, name_server):
    real = add_domain(fabrikam, DOMAIN, by="it@fabrikam.example")
    name_server.texts[NAME] = [value_for(real)]

    assert looked(real).state is State.PROVED


SEEN = [
    ("SERVFAIL", Seen.SERVER_FAILED),
    ("REFUSED", Seen.REFUSED),
    ("NOTIMP", Seen.MALFORMED),
    ("silence", Seen.TIMED_OUT),
    ("", Seen.NO_SUCH_NAME),
]


@pytest.mark.parametrize(("fault", "seen"), SEEN)
def test_l11_each_way_to_see_nothing_has_a_sentence_of_its_own(
    claimed, name_server, monkeypatch, fault, seen
):
    monkeypatch.setattr(dns, "TRY_SECONDS", 0.2)
    name_server.everywhere(fault)

    state = looked(claimed)

    assert (state.state, state.seen) == (State.WAITING, seen)
    assert len({str(one.sentence) for one in Seen}) == len(Seen)


def test_l11_a_name_without_texts_and_one_with_too_many_are_told_apart(claimed, name_server):
    name_server.texts[NAME] = []
    assert looked(claimed).seen is Seen.NO_TEXT

    name_server.texts[NAME] = [value_for(claimed), *map(str, range(1000))]
    assert looked(claimed, later=timedelta(minutes=1)).seen is Seen.TOO_MUCH


def test_l12_one_name_server_alone_proves_nothing(claimed, name_server):
    name_server.seen_by[name_server.ports[0]] = {NAME: [value_for(claimed)]}

    state = looked(claimed)

    assert (state.state, state.seen) == (State.WAITING, Seen.ONE_ALONE)


def test_l12_what_a_validating_resolver_finds_bogus_proves_nothing(claimed, name_server):
    name_server.texts[NAME] = [value_for(claimed)]
    name_server.faults[name_server.ports[0]] = "SERVFAIL"

    assert looked(claimed).state is State.WAITING


def test_l15_a_domain_that_is_added_again_needs_another_record(claimed, brightwater, name_server):
    name_server.texts[NAME] = [value_for(claimed)]
    remove_domain(claimed, by=IT)

    again = add_domain(brightwater, DOMAIN, by=IT)

    assert looked(again).seen is Seen.OTHER_TEXT


def test_l16_what_strangers_write_is_shown_as_text_and_cut(claimed, name_server):
    name_server.texts[NAME] = [b"<script>\x00\xff\x1b[2J" + b"x" * 500]

    (found,) = looked(claimed).found

    assert found.startswith("<script>\\x00\\xff\\x1b[2Jxxx")
    assert (len(found), found[-1]) == (200, "…")


def test_l17_of_two_partners_that_prove_it_at_once_one_wins(
    claimed, fabrikam, name_server, monkeypatch
):
    theirs = add_domain(fabrikam, DOMAIN, by="it@fabrikam.example")
    name_server.texts[NAME] = [value_for(claimed), value_for(theirs)]
    assert looked(claimed).state is State.PROVED

    state = looked(theirs)

    assert state.state is State.CONTESTED
    assert EmailDomain.objects.exclude(verified_at=None).get() == claimed
    event = Event.objects.get(what="domain.contested")
    assert (event.partner, event.detail) == ("fabrikam", {"domain": DOMAIN, "has_proof": True})


def test_l17_the_database_lets_no_second_one_in(claimed, fabrikam):
    EmailDomain.objects.update(verified_at=timezone.now())

    with pytest.raises(IntegrityError), transaction.atomic():
        EmailDomain.objects.create(partner=fabrikam, name=DOMAIN, verified_at=timezone.now())


def test_people_below_another_partners_domain_are_not_moved_by_a_proof(
    claimed, fabrikam, name_server
):
    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="dns", subdomains=True)
    Partner.objects.filter(slug="brightwater").update(status="live")
    below = add_domain(fabrikam, f"labs.{DOMAIN}", by="it@fabrikam.example")
    name_server.texts[f"_foyer-challenge.labs.{DOMAIN}"] = [value_for(below)]

    assert looked(below).state is State.CONTESTED
    assert partner_of_email(f"ana@labs.{DOMAIN}").slug == "brightwater"


def test_l19_another_domain_leaves_those_that_are_verified(claimed, brightwater, name_server):
    name_server.texts[NAME] = [value_for(claimed)]
    looked(claimed)
    brightwater.status = "live"
    brightwater.save()

    looked(add_domain(brightwater, "labs.example", by=IT))

    states = {one.domain.name: one.state for one in domain_states(brightwater)}
    assert states == {DOMAIN: State.PROVED, "labs.example": State.WAITING}


def test_a_record_whose_name_has_the_domain_twice_is_recognised(claimed, name_server):
    name_server.texts[f"{NAME}.{DOMAIN}"] = [value_for(claimed)]

    state = looked(claimed)

    assert (state.state, state.seen) == (State.WAITING, Seen.DOUBLED)
    assert "your domain twice" in str(state.seen.sentence)


def test_the_button_asks_no_oftener_than_every_few_seconds(claimed, name_server):
    look_now(claimed, by=IT)
    asked = len(name_server.asked)

    look_now(claimed, by=IT)

    assert len(name_server.asked) == asked


def test_a_domain_that_is_there_already_stays_as_it_is(claimed, brightwater):
    assert add_domain(brightwater, " Brightwater.Example ", by=IT) == claimed
    assert DomainChallenge.objects.count() == 1


def test_a_partner_has_so_many_claims_and_no_more(brightwater, monkeypatch):
    for number in range(50):
        add_domain(brightwater, f"c{number}.example", by=IT)

    with pytest.raises(DomainError, match="Many domains wait"):
        add_domain(brightwater, "one-more.example", by=IT)


def test_a_domain_by_which_people_come_in_is_not_removed_by_the_partner(claimed, brightwater):
    EmailDomain.objects.update(verified_at=timezone.now(), verified_how="dns")
    Partner.objects.update(status="live")

    with pytest.raises(DomainError, match="People sign in"):
        remove_domain(claimed, by=IT)

    Partner.objects.update(status="draft")
    remove_domain(claimed, by=IT)
    assert not EmailDomain.objects.exists()


def test_a_look_whose_claim_was_made_anew_meanwhile_proves_nothing(
    claimed, brightwater, name_server, monkeypatch
):
    name_server.texts[NAME] = [value_for(claimed)]
    honest = looks.texts_at

    def while_asking(name):
        heard = honest(name)
        remove_domain(claimed, by=IT)
        add_domain(brightwater, DOMAIN, by=IT)
        return heard

    monkeypatch.setattr(looks, "texts_at", while_asking)
    looks.take_look(claimed.challenge, by=IT)

    assert not EmailDomain.objects.exclude(verified_at=None).exists()


def test_whoever_asked_is_told_of_the_proof_and_the_trail_has_it(claimed, name_server):
    name_server.texts[NAME] = [value_for(claimed)]

    looked(claimed)

    (mail,) = sent_mails()
    assert (mail.to, mail.subject) == ([IT], f"{DOMAIN} is verified")
    event = Event.objects.get(what="domain.proved")
    assert (event.partner, event.actor, event.detail) == ("brightwater", IT, {"domain": DOMAIN})
    assert Event.objects.filter(what="domain.changed", actor=IT).exists()
