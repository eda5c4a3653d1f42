"""The last step: what a partner says of itself, and the switch."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from audit.models import Event
from onboarding.company_form import CompanyForm
from onboarding.models import ProposedLogo, SetUpCase
from onboarding.proposals import approve_logo, approve_visibility
from onboarding.steps import Step
from onboarding.switching_on import NotReadyError, obstacles_of, switch_on
from onboarding.versions import draft_version_of
from partners.models import Connection, EmailDomain, Logo, Partner
from tests.console import pictures
from tests.onboarding.conftest import opened
from tests.support.company import founded
from tests.support.queue import sent_mails


@pytest.fixture
def ready(db, provider, pool):
    """Give the set-up of a draft partner that could be switched on."""
    company = founded(
        "acme",
        provider,
        partner={"status": "draft", "visibility": "by_email"},
        connection={"is_live": False},
    )
    Connection.objects.update(tested_at=timezone.now())
    return opened(company.partner, "ana@acme.example")


@pytest.fixture
def renewing(acme):
    """Give the set-up of a live partner that has prepared another version, and tested it."""
    version = draft_version_of(acme.partner)
    Connection.objects.filter(pk=version.pk).update(tested_at=timezone.now())
    return opened(acme.partner, "ana@acme.example")


def switch(set_up, **typed):
    return set_up.save(Step.SWITCH_ON, then="switch-on", **typed)


def picture(name="logo.png", size=(200, 80)):
    return SimpleUploadedFile(name, pictures.picture(*size), content_type="image/png")


def test_a_draft_partner_goes_live(ready, browser):
    answer = switch(ready)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/switch-on/")
    partner, case = Partner.objects.get(), SetUpCase.objects.get()
    assert (partner.status, partner.live_connection.is_live) == ("live", True)
    assert case.switched_on_at is not None
    assert not case.is_open
    page = ready.get("/setup/switch-on/").content.decode()
    assert "https://testserver/login/acme/" in page
    assert browser.get("/login/acme/").status_code == 302
    assert Event.objects.filter(what="connection.switched", actor="ana@acme.example").exists()
    assert Event.objects.filter(what="setup_case.closed", actor="ana@acme.example").exists()


def test_contacts_are_told_of_the_switch_and_where_to_send_people(ready):
    switch(ready, contacts="desk@acme.example")

    mails = {mail.to[0]: mail.body for mail in sent_mails()}
    assert set(mails) == {"ana@acme.example", "desk@acme.example"}
    assert "https://testserver/login/acme/" in mails["desk@acme.example"]


def test_after_the_switch_nothing_can_be_changed(ready):
    switch(ready)

    ready.post("/setup/switch-on/", {"revision": 1, "help_name": "Eve", "then": "save"})

    assert Partner.objects.get().help_name == ""
    for step in Step:
        if step is not Step.SWITCH_ON:
            assert ready.get(step.url).headers["Location"] == "/setup/switch-on/"


@pytest.mark.parametrize(
    ("spoil", "step"),
    [
        (lambda: Connection.objects.update(tested_at=None), Step.TEST),
        (lambda: EmailDomain.objects.update(verified_at=None), Step.DOMAINS),
        (lambda: Connection.objects.all().delete(), Step.CONNECT),
    ],
)
def test_says_what_is_missing_and_where(ready, spoil, step):
    spoil()

    page = switch(ready)

    assert page.status_code == 200
    assert f'<a href="{step.url}">' in page.content.decode()
    assert step in [obstacle.step for obstacle in obstacles_of(ready.partner)]
    assert Partner.objects.get().status == "draft"


def test_nobody_switches_on_what_is_not_complete(ready):
    EmailDomain.objects.update(verified_at=None)

    with pytest.raises(NotReadyError) as refusal:
        switch_on(ready.case, by="staff@northlake.example")

    assert [obstacle.step for obstacle in refusal.value.obstacles] == [Step.DOMAINS]
    assert Partner.objects.get().status == "draft"
    assert not Connection.objects.get().is_live


def test_what_the_owner_changed_meanwhile_stays(ready):
    form = CompanyForm({"help_name": "Desk"}, case=ready.case)
    assert form.is_valid()
    Partner.objects.update(name="Acme & Sons", visibility="hidden")

    form.save(by="ana@acme.example")

    partner = Partner.objects.get()
    assert (partner.name, partner.visibility) == ("Acme & Sons", "hidden")
    assert partner.help_name == "Desk"


def test_a_failing_finding_keeps_it_off(ready):
    Connection.objects.update(issuer="http://127.0.0.1:9/")
    Connection.objects.update(tested_at=timezone.now())

    page = switch(ready, help_name="Desk")

    assert "Not switched on" in page.content.decode()
    partner = Partner.objects.get()
    assert (partner.status, partner.help_name) == ("draft", "Desk")


def test_m17_the_live_connection_stays_until_the_switch(renewing, acme, browser):
    version = draft_version_of(acme.partner)
    Connection.objects.filter(pk=version.pk).update(client_id="mistyped")

    assert acme.partner.connections.get(is_live=True).client_id == "foyer-at-acme"
    assert browser.sign_in(acme).status_code == 302


def test_a_new_secret_alone_is_switched_to_at_once(renewing, acme):
    answer = switch(renewing)

    assert answer.status_code == 303
    live = acme.partner.connections.get(is_live=True)
    assert live.pk != acme.connection.pk
    assert not SetUpCase.objects.get().is_open


def test_what_changes_whom_the_portal_lets_in_waits_for_the_owner(renewing, acme, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@northlake.example"
    version = draft_version_of(acme.partner)
    Connection.objects.filter(pk=version.pk).update(email_claim="upn")
    Connection.objects.filter(pk=version.pk).update(tested_at=timezone.now())

    answer = switch(renewing)
    switch(renewing)

    assert answer.status_code == 303
    case = SetUpCase.objects.get()
    assert case.is_open
    assert acme.partner.connections.get(is_live=True).pk == acme.connection.pk
    (mail,) = sent_mails()
    assert (mail.to, "email_claim" in mail.body) == (["support@northlake.example"], True)
    assert "has been asked to approve it" in renewing.get("/setup/switch-on/").content.decode()
    assert Event.objects.filter(what="setup_case.approval_asked").count() == 1


def test_help_desk_and_contacts_are_saved_at_once(ready):
    ready.save(
        Step.SWITCH_ON,
        then="save",
        help_name="Acme IT",
        help_email="it@acme.example",
        help_phone="+1 23",
        help_url="https://it.acme.example/",
        contacts="Desk@acme.example\nben@acme.example, desk@acme.example",
    )

    partner = Partner.objects.get()
    assert (partner.help_name, partner.help_email) == ("Acme IT", "it@acme.example")
    assert (partner.help_phone, partner.help_url) == ("+1 23", "https://it.acme.example/")
    contacts = partner.contacts.values_list("address", flat=True)
    assert list(contacts) == ["desk@acme.example", "ben@acme.example"]
    event = Event.objects.filter(what="partner.changed").latest("id")
    assert event.actor == "ana@acme.example"
    assert "desk@acme.example" in ready.get("/setup/switch-on/").content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"help_email": "it"},
        {"help_url": "javascript:alert(1)"},
        {"help_url": "ftp://x.example/"},
        {"help_name": "Acme\u202eIT"},
        {"contacts": "ben"},
        {"contacts": "\n".join(f"{n}@acme.example" for n in range(11))},
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(ready, typed):
    page = ready.save(Step.SWITCH_ON, then="save", **{"help_phone": "+1 23", **typed})

    html = page.content.decode()
    assert page.status_code == 200
    assert 'class="error"' in html
    assert "+1 23" in html
    assert Partner.objects.get().help_phone == ""


def test_m13_nothing_else_can_be_set(ready):
    ready.save(
        Step.SWITCH_ON,
        then="save",
        name="Evil",
        slug="evil",
        status="live",
        visibility="listed",
        aliases="evil",
        is_live="1",
        is_active="1",
        verified="1",
        verified_at="2026-01-01",
        require_email_verified="",
        email_claim="upn",
        id_token_algs="none",
        session_max_age="999999",
        closed_at="2026-01-01",
        partner="1",
        visibility_wished="listed",
    )

    partner, case, connection = (
        Partner.objects.get(),
        SetUpCase.objects.get(),
        Connection.objects.get(),
    )
    assert (partner.name, partner.slug, partner.status) == ("Acme", "acme", "draft")
    assert (partner.visibility, partner.aliases, partner.session_max_age) == ("by_email", [], None)
    assert (case.is_open, case.visibility_wished) == (True, "")
    assert (connection.is_live, connection.email_claim) == (False, "email")
    assert connection.id_token_algs == []


def test_m11_the_second_of_two_is_told_and_keeps_what_was_typed(ready):
    colleague = opened(ready.partner, "ben@acme.example")
    ready.save(Step.SWITCH_ON, then="save", help_name="First")

    page = colleague.post("/setup/switch-on/", {"revision": 0, "help_name": "Second"})

    html = page.content.decode()
    assert "Somebody else has changed this meanwhile" in html
    assert "ana@acme.example" in html
    assert 'value="Second"' in html
    assert 'name="revision" value="1"' in html
    assert Partner.objects.get().help_name == "First"


def test_m12_what_was_typed_too_late_is_there_after_coming_back(ready):
    type(ready.session).objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    ready.save(
        Step.SWITCH_ON, then="save", help_name="Typed for an hour", contacts="eve@evil.example"
    )

    page = opened(ready.partner, "ana@acme.example").get("/setup/switch-on/").content.decode()

    assert 'value="Typed for an hour"' in page
    assert "It is not saved yet" in page
    assert "eve@evil.example" not in page
    assert Partner.objects.get().help_name == ""


def test_n08_a_logo_is_shown_to_nobody_else_before_it_is_approved(ready, client):
    ready.save(Step.SWITCH_ON, then="save", wide_logo=picture(), mark=picture(size=(64, 64)))

    assert not Logo.objects.exists()
    assert ready.get("/setup/logos/wide/").headers["Content-Type"] == "image/webp"
    assert ready.get("/setup/switch-on/").content.decode().count("/setup/logos/") >= 4
    assert client.get("/setup/logos/wide/", secure=True).status_code == 303
    other = opened(Partner.objects.create(slug="globex", name="Globex"))
    assert other.get("/setup/logos/wide/").status_code == 404

    approve_logo(ProposedLogo.objects.get(shape="wide"))

    logo = Logo.objects.get()
    assert (logo.shape, logo.partner) == ("wide", ready.partner)
    assert client.get(logo.url, secure=True).status_code == 200
    assert ProposedLogo.objects.count() == 1


def test_what_is_shown_already_needs_no_approval_again(ready):
    ready.save(Step.SWITCH_ON, then="save", wide_logo=picture())
    approve_logo(ProposedLogo.objects.get())

    ready.save(Step.SWITCH_ON, then="save", wide_logo=picture())

    assert not ProposedLogo.objects.exists()


def test_a_proposed_logo_can_be_withdrawn(ready):
    ready.save(Step.SWITCH_ON, then="save", wide_logo=picture())

    assert ready.post("/setup/logos/wide/withdraw/").status_code == 303
    assert not ProposedLogo.objects.exists()
    assert ready.post("/setup/logos/evil/withdraw/").status_code == 404


def test_says_what_is_wrong_with_a_picture(ready):
    evil = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", content_type="image/png")

    page = ready.save(Step.SWITCH_ON, then="save", help_name="Desk", wide_logo=evil)

    assert "not a PNG, WebP or JPEG picture" in page.content.decode()
    assert not ProposedLogo.objects.exists()
    assert Partner.objects.get().help_name == ""


def test_n05_uploads_are_bounded(ready):
    for _time in range(30):
        answer = ready.save(Step.SWITCH_ON, then="save", wide_logo=picture())
        assert answer.status_code == 303

    assert ready.save(Step.SWITCH_ON, then="save", wide_logo=picture()).status_code == 429
    assert ready.save(Step.SWITCH_ON, then="save", help_name="Desk").status_code == 303


def test_the_wish_to_be_listed_waits_for_the_owner(ready):
    ready.save(Step.SWITCH_ON, then="save", is_listed="on")

    case = SetUpCase.objects.get()
    assert (case.visibility_wished, Partner.objects.get().visibility) == ("listed", "by_email")
    assert " checked" in ready.get("/setup/switch-on/").content.decode()

    approve_visibility(case)

    assert Partner.objects.get().visibility == "listed"
    assert SetUpCase.objects.get().visibility_wished == ""


@pytest.mark.parametrize(
    ("visibility", "typed", "wished"),
    [
        ("listed", {"is_listed": "on"}, ""),
        ("listed", {}, "by_email"),
        ("by_email", {}, ""),
        ("hidden", {}, ""),
        ("hidden", {"is_listed": "on"}, "listed"),
    ],
)
def test_only_another_visibility_is_a_wish(ready, visibility, typed, wished):
    Partner.objects.update(visibility=visibility)

    ready.save(Step.SWITCH_ON, then="save", **typed)

    assert SetUpCase.objects.get().visibility_wished == wished


def test_m15_what_a_partner_says_is_text_everywhere(ready, client):
    script = "<script>alert(1)</script>"

    page = ready.save(Step.SWITCH_ON, then="save", help_name=script, contacts="x")

    assert script not in page.content.decode()
    assert "&lt;script&gt;" in page.content.decode()
