"""Every reason for which a sign-in stops: its page, its log line, its row of the trail."""

import html
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from django.utils import timezone

from audit.models import Event
from demo.provider import Account, Fault, IdTokenFault, Signature
from federation import provider as provider_module
from federation.oidc.errors import AdmissionError, Reason
from people.models import Session, User
from people.own_company import mark_own_company
from tests.support.company import Browser

pytestmark = pytest.mark.django_db

CASES = {}


def case(reason, status):
    """Register how a browser comes to be refused for this reason with this status."""

    def register(scenario):
        CASES[reason] = (scenario, status)
        return scenario

    return register


def walked(company, browser, **faults):
    company.issuer.misbehave(**faults)
    return browser.sign_in(company)


@case("attempt_unknown", 400)
def without_the_cookie(company, browser, monkeypatch):
    company.issuer.sign_in_as("ana@acme.example")
    return Browser().get(browser.callback_path(browser.authorization_url("acme")))


@case("attempt_expired", 400)
def after_a_long_lunch(company, browser, monkeypatch):
    company.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        return browser.get(callback)


@case("attempt_of_another_partner", 400)
def at_another_redirect_uri(company, browser, monkeypatch):
    company.partner.__class__.objects.create(slug="globex", name="Globex", status="live")
    company.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))
    return browser.get(callback.replace("acme", "globex", 1))


@case("response_malformed", 400)
def with_two_codes(company, browser, monkeypatch):
    return walked(company, browser, authorization=Fault(members={"code": ["one", "two"]}))


@case("response_from_another_issuer", 400)
def mixed_up(company, browser, monkeypatch):
    return walked(company, browser, authorization=Fault(members={"iss": "https://evil.example"}))


@case("authorization_denied", 403)
def not_assigned(company, browser, monkeypatch):
    denied = {
        "error": "access_denied",
        "error_description": "User is not assigned to the client application.",
    }
    return walked(company, browser, authorization=Fault(members=denied, without=("code",)))


@case("provider_unreachable", 502)
def provider_down(company, browser, monkeypatch):
    company.issuer.misbehave(discovery=Fault(status=503))
    return browser.get("/login/acme/")


@case("provider_misconfigured", 502)
def no_json(company, browser, monkeypatch):
    company.issuer.misbehave(discovery=Fault(body=b"<html>"))
    return browser.get("/login/acme/")


@case("client_rejected", 502)
def secret_has_ended(company, browser, monkeypatch):
    error = Fault(status=401, members={"error": "invalid_client"})
    return walked(company, browser, token=error)


@case("token_request_refused", 400)
def code_has_been_used(company, browser, monkeypatch):
    return walked(company, browser, token=Fault(status=400, members={"error": "invalid_grant"}))


@case("id_token_malformed", 400)
def no_token_at_all(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(token="nonsense"))


@case("signature_invalid", 400)
def forged(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(signature=Signature.FLIPPED))


@case("key_unknown", 400)
def of_another_key(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(header={"kid": "who knows"}))


@case("algorithm_not_allowed", 400)
def unsigned(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(signature=Signature.NONE))


@case("claim_missing", 400)
def nobody_in_particular(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(without=("sub",)))


@case("claim_mismatch", 400)
def for_another_client(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(members={"aud": "another"}))


@case("outside_validity", 400)
def long_over(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(members={"exp": 1}))


@case("subject_mismatch", 400)
def userinfo_of_somebody_else(company, browser, monkeypatch):
    return walked(
        company,
        browser,
        id_token=IdTokenFault(without=("email",)),
        userinfo=Fault(members={"sub": "somebody else"}),
    )


@case("email_missing", 403)
def without_an_address(company, browser, monkeypatch):
    return walked(
        company,
        browser,
        id_token=IdTokenFault(without=("email",)),
        userinfo=Fault(without=("email",)),
    )


@case("email_not_verified", 403)
def unverified(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(members={"email_verified": False}))


@case("email_not_of_partner", 403)
def with_a_private_address(company, browser, monkeypatch):
    return walked(company, browser, id_token=IdTokenFault(members={"email": "ana@else.example"}))


@case("email_taken", 403)
def under_a_new_subject(company, browser, monkeypatch):
    Browser().sign_in(company)
    Session.objects.all().delete()
    return walked(company, browser, id_token=IdTokenFault(members={"sub": "a new one"}))


@case("person_inactive", 403)
def deactivated(company, browser, monkeypatch):
    Browser().sign_in(company)
    User.objects.update(is_active=False)
    Session.objects.all().delete()
    return browser.sign_in(company)


@case("staff_not_linked", 403)
def not_of_the_staff(company, browser, monkeypatch):
    mark_own_company(company.partner)
    company.issuer.sign_in_as("ana@acme.example")
    begun = browser.get("/admin/login/company/")
    return browser.get(browser.callback_path(begun.headers["Location"]))


@case("partner_not_live", 403)
def paused_meanwhile(company, browser, monkeypatch):
    company.issuer.sign_in_as("ana@acme.example")
    callback = browser.callback_path(browser.authorization_url("acme"))
    company.partner.status = "paused"
    company.partner.save()
    return browser.get(callback)


@case("step_up_not_met", 403)
def without_a_second_factor(company, browser, monkeypatch):
    company.connection.required_amr = ["mfa"]
    company.connection.save()
    return browser.sign_in(company)


@pytest.mark.parametrize("reason", sorted(CASES))
def test_a_refusal_has_a_page_a_log_line_and_a_row_and_lets_nobody_in(
    reason, acme, browser, pool, caplog, monkeypatch
):
    scenario, status = CASES[reason]
    people = lambda: list(User.objects.values_list("email", "is_active", "name"))  # noqa: E731

    response = scenario(acme, browser, monkeypatch)

    event = Event.objects.get(what="login.refused")
    page = response.content.decode()
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    (line,) = [line for line in lines if line.get("event") == "login.refused"]
    assert response.status_code == status
    assert (event.reason, event.partner) == (reason, event.partner)
    assert (line["reason"], line["reference"]) == (reason, event.reference)
    assert event.reference in page
    assert reason in page
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert not Session.objects.exists()
    assert len(pool.calls) == len(people())


def test_every_reason_that_stops_a_sign_in_has_its_case():
    assert set(CASES) == set(Reason) - {Reason.TOKEN_ISSUER_UNAVAILABLE}


def test_a_provider_that_does_not_answer_in_time_is_a_gateway_timeout(acme, browser, monkeypatch):
    monkeypatch.setattr(provider_module, "DEADLINE_SECONDS", 0.3)
    acme.issuer.misbehave(discovery=Fault(delay=5))

    response = browser.get("/login/acme/")

    assert response.status_code == 504
    assert "provider_unreachable" in response.content.decode()


def test_a_refusal_leaves_an_existing_session_alone(acme, globex, browser):
    browser.sign_in(acme)
    before = browser.session()

    response = walked(globex, browser, id_token=IdTokenFault(members={"aud": "another"}))

    assert response.status_code == 400
    assert browser.session() == before


def test_a_refusal_keeps_the_secrets_of_the_attempt_to_itself(acme, browser, caplog):
    acme.issuer.sign_in_as("ana@acme.example")
    acme.issuer.misbehave(id_token=IdTokenFault(members={"aud": "another"}))
    callback = browser.callback_path(browser.authorization_url("acme"))

    response = browser.get(callback)

    code = callback.partition("code=")[2].partition("&")[0]
    state = callback.partition("state=")[2].partition("&")[0]
    (event,) = Event.objects.filter(what="login.refused")
    shown = response.content.decode() + caplog.text + repr(event.detail)
    assert len(code) > 10
    assert code not in shown
    assert len(state) > 10
    assert state not in shown


def test_shows_the_providers_own_words_as_a_quotation_and_nothing_more(acme, browser):
    words = {"error": "access_denied", "error_description": "<script>alert(1)</script>" + "x" * 500}

    response = walked(acme, browser, authorization=Fault(members=words, without=("code",)))

    page = response.content.decode()
    assert "<script>alert" not in page
    assert "x" * 121 not in page


def test_words_without_an_attempt_are_not_shown_at_all(acme, browser):
    response = browser.get(
        "/login/acme/callback/?error=access_denied&error_description=Call+0800-EVIL&state=none"
    )

    assert response.status_code == 400
    assert "EVIL" not in response.content.decode()


def test_the_owner_finds_what_is_needed_to_link_a_person_anew(acme, browser):
    under_a_new_subject(acme, browser, None)

    detail = Event.objects.get(reason="email_taken").detail
    assert detail["connection_id"] == acme.connection.pk
    assert detail["issuer"] == acme.issuer.issuer
    assert detail["provider_subject"] == "a new one"
    assert detail["email"] == "ana@acme.example"


def test_a_flood_of_nonsense_does_not_fill_the_trail(acme, browser):
    for number in range(70):
        browser.get(f"/login/acme/callback/?state={number}&code=x")

    rows = Event.objects.filter(what="login.refused").order_by("id")
    assert rows.count() == 61
    assert "summed_up" in rows.last().detail


def test_an_outage_that_a_whole_company_meets_is_in_the_trail_person_by_person(acme, browser):
    acme.issuer.misbehave(discovery=Fault(status=503))

    for _ in range(70):
        browser.get("/login/acme/")

    assert Event.objects.filter(what="login.refused").count() == 70


def test_a_provider_that_says_it_cannot_is_not_said_to_be_silent(acme, browser):
    error = {"error": ["server_error"]}
    back = walked(acme, browser, authorization=Fault(members=error, without=("code",)))

    assert "Acme’s sign‑in page had a problem" in back.content.decode()


def test_a_denied_person_is_told_whom_to_ask(acme, browser):
    acme.partner.help_email = "it@acme.example"
    acme.partner.save()

    page = not_assigned(acme, browser, None).content.decode()

    assert "mailto:it@acme.example" in page
    assert "User is not assigned to the client application." in page


def test_an_account_that_may_not_be_used_here_is_no_mystery(acme, browser):
    acme.issuer.add_account(Account(subject="x", email="x@gmail.example", name="X"))
    acme.issuer.sign_in_as("x@gmail.example")

    page = browser.get(browser.callback_path(browser.authorization_url("acme"))).content.decode()

    assert "prompt=select_account" in page


@pytest.mark.parametrize(
    ("walk", "address"),
    [
        (with_a_private_address, "ana@else.example"),
        (unverified, "ana@acme.example"),
        (under_a_new_subject, "ana@acme.example"),
        (deactivated, "ana@acme.example"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_whoever_is_refused_reads_the_address_and_nobody_else_does(
    acme, browser, monkeypatch, caplog, walk, address
):
    page = walk(acme, browser, monkeypatch).content.decode()

    lines = [str(record.msg) for record in caplog.records if "login.refused" in str(record.msg)]
    assert f'You signed in as <bdi><data value="{address}">' in page
    assert len(lines) == 1
    assert address not in lines[0]


@pytest.mark.parametrize(
    "claim", ["Call 0800 EVIL@x", "a@b@else.example", "\u202eana@else.example", "nobody"]
)
def test_what_is_no_address_is_not_shown_as_one(acme, browser, claim):
    said = {"email": claim, "email_verified": False}

    page = walked(acme, browser, id_token=IdTokenFault(members=said))

    assert "You signed in as" not in page.content.decode()


def test_a_long_address_is_shortened():
    error = AdmissionError(Reason.EMAIL_NOT_OF_PARTNER, email=f"{'a' * 200}@else.example")

    assert error.email == f"{'a' * 59}…"


def test_the_mail_to_the_help_desk_says_what_the_card_says(acme, browser):
    acme.partner.help_email = "it@acme.example"
    acme.partner.save()
    words = {
        "error": "access_denied",
        "error_description": "User is not assigned to the client application.",
    }
    acme.issuer.misbehave(authorization=Fault(members=words, without=("code",)))
    acme.issuer.sign_in_as("ana@acme.example")

    url = browser.authorization_url("acme", "?next=/orders/")
    page = browser.get(browser.callback_path(url)).content.decode()

    mail = unquote(html.unescape(page.partition('href="mailto:it@acme.example?')[2]).split('"')[0])
    assert "You tried to open: /orders/\r\n" in mail
    assert "What Acme said: “User is not assigned to the client application.” access_denied" in mail


def test_no_mail_goes_to_anybody_whom_the_page_does_not_name(acme, browser, settings):
    settings.PORTAL_SUPPORT_EMAIL = "support@portal.example"
    acme.partner.help_phone = "+1 555 0100"
    acme.partner.save()

    with_telephone = not_assigned(acme, browser, None).context
    acme.partner.help_phone = ""
    acme.partner.save()
    with_nothing = not_assigned(acme, browser, None).context

    assert (with_telephone["helper"], with_telephone["mailto"]) == ("partner", "")
    assert with_nothing["helper"] == "owner"
    assert with_nothing["mailto"].startswith("mailto:support@portal.example?")


def test_a_response_to_no_attempt_is_told_apart_by_what_is_left_of_it(acme, browser):
    acme.issuer.sign_in_as("ana@acme.example")
    acme.issuer.misbehave(id_token=IdTokenFault(signature=Signature.FLIPPED))
    refused = browser.callback_path(browser.authorization_url("acme"))
    browser.get(refused)
    another = browser.callback_path(browser.authorization_url("acme"))
    stranger = Browser()
    stranger.get("/login/")

    said = [
        page.content.decode().partition("<h1>")[2].partition("</h1>")[0]
        for page in (
            browser.get(refused),
            stranger.get(another),
            Browser().get(another),
            browser.get("/login/acme/callback/"),
        )
    ]

    assert said == [
        "That sign‑in was already used",
        "This link was opened in a different browser",
        "Your browser didn’t send the cookie we need",
        "We couldn’t match this sign‑in to your browser",
    ]


def test_a_flood_from_a_whole_network_of_one_subscriber_does_not_either(acme, browser):
    def come(state, address):
        path = f"/login/acme/callback/?state={state}&code=x"
        browser.portal.get(path, secure=True, REMOTE_ADDR=address)

    for number in range(70):
        come(number, f"2001:db8::{number:x}")
    come("another", "2001:db8:0:1::1")

    rows = Event.objects.filter(what="login.refused")
    assert rows.filter(address__startswith="2001:db8::").count() == 61
    assert rows.count() == 62
