"""Signed out at the company, signed out here: Back-Channel Logout 1.0, cases Q06 to Q13 and Q15.

Names after ``rp-`` are those of OpenID's conformance suite.
"""

from datetime import timedelta
from urllib.parse import urlencode

import jwt
import pytest
import time_machine
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from demo.provider import IdTokenFault, ProviderConfig, SigningKey
from demo.provider.keys import as_json, compact
from demo.provider.logout_token import EVENT, logout_token
from federation import attempts, limits
from federation.oidc import logout_token as judge
from federation.oidc.claims import LEEWAY
from partners.models import Partner
from people.models import Session
from tests.support.company import Browser, founded

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
STRANGER = SigningKey.generate("RS256")
"""A key that no provider here has published."""


class Channel:
    """A partner's provider, as it speaks to the portal behind the browsers' backs."""

    def __init__(self, company):
        self.company = company
        self.client = Client()
        self.path = f"/login/{company.slug}/backchannel-logout/"

    def token(self, name="ana", *, sid=None, sub=...):
        (client,) = self.company.issuer.clients.values()
        subject = self.company.account(name).subject if sub is ... else sub
        return logout_token(self.company.issuer, client, subject=subject, sid=sid)

    def changed(self, *, key=None, header=None, **changes):
        """Return a token with other claims; a change to ``None`` leaves out."""
        claims = jwt.decode(self.token(), options={"verify_signature": False}) | changes
        said = {name: value for name, value in claims.items() if value is not None}
        key = key or self.company.issuer.key
        named = {"typ": "logout+jwt", "alg": key.alg, "kid": key.kid, **(header or {})}
        signing_input = compact(named, as_json(said))
        return b".".join((signing_input, jwt.utils.base64url_encode(key.signature(signing_input))))

    def send(self, *tokens, **environ):
        return self.post(urlencode([("logout_token", token) for token in tokens]), **environ)

    def post(self, body, *, query="", content_type=FORM, **environ):
        return self.client.post(
            self.path + query, body, content_type=content_type, secure=True, **environ
        )


@pytest.fixture
def channel(acme):
    return Channel(acme)


def signed_in(company, name="ana"):
    browser = Browser()
    assert browser.sign_in(company, name).status_code == 302
    return browser


def sid_of(company, name="ana"):
    return Session.objects.get(
        partner=company.partner, user__email=f"{name}@{company.domain}"
    ).provider_session_id


def assert_refused(response):
    assert response.status_code == 400
    assert response.json() == {"error": "invalid_request"}
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("names", ["sid", "sub", "both"])
def test_q06_a_valid_token_ends_the_session_and_its_developer_token(channel, acme, names):
    browser = signed_in(acme)
    sid = sid_of(acme) if names in {"sid", "both"} else None
    token = channel.token(sid=sid, sub=None if names == "sid" else ...)

    response = channel.send(token)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Cache-Control"] == "no-store"
    assert browser.session() is None
    assert not Session.objects.exists()


def test_a_session_that_a_token_names_ends_alone(channel, acme):
    elsewhere = signed_in(acme)
    kept = set(Session.objects.values_list("provider_session_id", flat=True))
    browser = signed_in(acme)
    (sid,) = set(Session.objects.values_list("provider_session_id", flat=True)) - kept

    channel.send(channel.token(sid=sid))

    assert browser.session() is None
    assert elsewhere.session() is not None


def test_a_token_without_a_session_ends_all_of_that_person_and_of_nobody_else(channel, acme):
    one, two, ben = signed_in(acme), signed_in(acme), signed_in(acme, "ben")

    channel.send(channel.token("ana"))

    assert (one.session(), two.session()) == (None, None)
    assert ben.session() is not None


def test_a_session_without_a_name_ends_by_a_token_that_names_one_of_that_person(db, provider, pool):
    silent = founded("initech", provider, config=ProviderConfig(names_session=False))
    ana, ben = signed_in(silent, "ana"), signed_in(silent, "ben")

    Channel(silent).send(Channel(silent).token("ana", sid="08a5019c"))

    assert ana.session() is None
    assert ben.session() is not None


def test_a_session_named_by_another_persons_token_stays(channel, acme):
    browser = signed_in(acme, "ben")

    response = channel.send(channel.token("ana", sid=sid_of(acme, "ben")))

    assert response.status_code == 200
    assert browser.session() is not None


def test_a_token_about_nobody_who_is_here_is_taken(channel):
    assert channel.send(channel.token("ben")).status_code == 200
    assert not Event.objects.filter(what="logout.backchannel").exists()


@pytest.mark.parametrize(
    ("header", "key"),
    [
        pytest.param({"alg": "none"}, None, id="rp-backchannel-alg-none"),
        pytest.param({"alg": "HS256"}, None, id="rp-backchannel-wrong-alg"),
        pytest.param({}, STRANGER, id="signature-of-another-key"),
    ],
)
def test_q07_refuses_a_token_that_the_provider_has_not_signed(channel, acme, header, key):
    browser = signed_in(acme)
    named = {"kid": acme.issuer.key.kid, **header}

    assert_refused(channel.send(channel.changed(key=key, header=named)))
    assert browser.session() is not None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"iss": "https://evil.example"}, id="Q08-rp-backchannel-wrong-iss"),
        pytest.param({"aud": "somebody-else"}, id="Q08-rp-backchannel-wrong-aud"),
        pytest.param({"events": None}, id="Q09-rp-backchannel-no-event"),
        pytest.param({"events": {"urn:other": {}}}, id="Q09-rp-backchannel-wrong-event"),
        pytest.param({"nonce": "n"}, id="Q10-rp-backchannel-with-nonce"),
        pytest.param({"iat": 1_700_000_000}, id="Q11-iat-old"),
        pytest.param({"exp": 1_700_000_000}, id="Q11-exp-past"),
        pytest.param({"sub": None}, id="Q11-neither-sub-nor-sid"),
        pytest.param({"jti": None}, id="Q11-no-jti"),
    ],
)
def test_refuses_a_token_that_does_not_hold(channel, acme, changes):
    browser = signed_in(acme)

    assert_refused(channel.send(channel.changed(**changes)))
    assert browser.session() is not None


def test_q10_an_id_token_is_no_logout_token(channel, acme):
    kept = []
    acme.issuer.misbehave(id_token=IdTokenFault(token=lambda token: kept.append(token) or token))
    browser = signed_in(acme)

    assert_refused(channel.send(*kept))
    assert browser.session() is not None


def test_q11_a_token_that_comes_again_ends_nothing_that_has_begun_since(channel, acme):
    signed_in(acme)
    token = channel.token()
    channel.send(token)
    browser = signed_in(acme)

    again = channel.send(token)

    assert again.status_code == 200
    assert browser.session() is not None
    assert Event.objects.filter(what="logout.backchannel").count() == 1


def test_q11_a_token_is_remembered_for_as_long_as_it_could_be_taken():
    # From a provider whose clock is a minute ahead until one whose clock is a minute behind.
    taken_for = judge.OLDEST + 2 * LEEWAY

    assert taken_for < 2 * attempts.LIFETIME


def test_q11_two_partners_may_use_the_same_names_for_their_tokens(channel, acme, globex):
    browsers = [signed_in(acme), signed_in(globex)]

    for each in (channel, Channel(globex)):
        assert each.send(each.changed(jti="one")).status_code == 200

    assert [browser.session() for browser in browsers] == [None, None]


def test_q12_a_token_of_one_partner_ends_nothing_at_another(acme, globex):
    browser = signed_in(globex)
    channel, sid = Channel(acme), sid_of(globex)
    subject = globex.account("ana").subject

    responses = [
        channel.send(channel.token(sub=None, sid=sid)),
        channel.send(channel.token(sub=subject)),
        channel.send(channel.token(sub=subject, sid=sid)),
    ]

    assert [response.status_code for response in responses] == [200, 200, 200]
    assert browser.session() is not None


def test_q12_a_token_of_one_partner_is_refused_at_the_address_of_another(acme, globex):
    browser = signed_in(globex)
    channel = Channel(globex)
    forged = Channel(acme).changed(
        iss=globex.issuer.issuer, aud="foyer-at-globex", sub=globex.account("ana").subject
    )

    assert_refused(channel.send(forged))
    assert browser.session() is not None


def test_q12_the_same_subject_and_session_at_two_partners_are_two_people(acme, globex):
    ana, theirs = signed_in(acme), signed_in(globex)
    Session.objects.update(provider_session_id="the same")
    channel = Channel(acme)

    channel.send(channel.token(sub=None, sid="the same"))

    assert ana.session() is None
    assert theirs.session() is not None


def test_keys_that_were_rotated_are_fetched_once_more(channel, acme):
    browser = signed_in(acme)
    acme.issuer.rotate()

    assert channel.send(channel.token()).status_code == 200
    assert browser.session() is None


def test_q13_unknown_keys_make_us_fetch_once_in_a_cool_down(channel, acme):
    signed_in(acme)
    acme.issuer.requests.clear()

    for _ in range(5):
        assert_refused(channel.send(channel.changed(key=STRANGER)))

    assert len(acme.issuer.requests_to("jwks")) == 1


def test_q13_unknown_keys_make_us_fetch_nothing_after_too_many_failures(channel, acme):
    signed_in(acme)
    for _ in range(limits.LOGOUT_AT_PARTNER.amount):
        channel.send("no token")
    acme.issuer.requests.clear()

    response = channel.send(channel.changed(key=STRANGER))

    assert response.status_code == 429
    assert not acme.issuer.requests


def test_q13_a_flood_has_to_wait_and_a_good_token_in_it_does_not(channel, acme):
    browser = signed_in(acme)
    for _ in range(limits.LOGOUT_AT_PARTNER.amount):
        channel.send("no token")

    waits, good = channel.send("no token"), channel.send(channel.token())

    assert waits.status_code == 429
    assert 1 <= int(waits.headers["Retry-After"]) <= 60
    assert waits.headers["Cache-Control"] == "no-store"
    assert good.status_code == 200
    assert browser.session() is None


def test_q13_a_flood_from_one_address_has_to_wait_at_every_partner(acme, globex):
    one, other = Channel(acme), Channel(globex)
    for number in range(limits.LOGOUT.amount):
        (one if number % 2 else other).send("no token")

    assert one.send("no token").status_code == 429


def test_q13_a_flood_at_one_partner_leaves_the_others_in_peace(acme, globex):
    for _ in range(limits.LOGOUT_AT_PARTNER.amount + 1):
        Channel(acme).send("no token")

    assert_refused(Channel(globex).send("no token", REMOTE_ADDR="203.0.113.7"))


def test_a_refusal_is_recorded_once_an_hour_for_each_reason(channel):
    for _ in range(3):
        channel.send("no token")
    channel.send(channel.changed(aud="somebody-else"))

    events = Event.objects.filter(what="logout.refused").order_by("id")
    assert [(event.partner, event.reason) for event in events] == [
        ("acme", "id_token_malformed"),
        ("acme", "claim_mismatch"),
    ]

    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        channel.send("no token")
    assert events.all().count() == 3


def test_what_a_token_ended_is_recorded_with_whose_sessions_they_were(channel, acme):
    signed_in(acme)
    signed_in(acme)

    channel.send(channel.token())

    event = Event.objects.get(what="logout.backchannel")
    assert (event.partner, event.email) == ("acme", "ana@acme.example")
    assert event.subject
    assert event.detail == {"sessions_ended": 2}


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options", "patch"])
def test_q15_no_other_method_is_answered(channel, method):
    response = getattr(channel.client, method)(channel.path, secure=True)

    assert response.status_code == 405


def test_q15_needs_no_csrf_token_and_looks_at_no_cookie(channel, acme):
    browser = signed_in(acme, "ben")
    channel.client = Client(enforce_csrf_checks=True)
    channel.client.cookies = browser.portal.cookies

    with CaptureQueriesContext(database) as statements:
        response = channel.send(channel.token("ana"))

    assert response.status_code == 200
    assert not response.cookies
    digest = Session.objects.get().digest
    assert not any(digest in statement["sql"] for statement in statements)
    assert browser.session() is not None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"logout_token=", id="empty"),
        pytest.param(b"token=a.b.c", id="another-name"),
    ],
)
def test_q15_refuses_a_form_without_a_token(channel, body):
    assert_refused(channel.post(body))


def test_q15_refuses_two_tokens(channel, acme):
    browser = signed_in(acme)

    assert_refused(channel.send(channel.token(), channel.token()))
    assert browser.session() is not None


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=b", ""]
)
def test_q15_takes_a_form_and_nothing_else(channel, acme, content_type):
    browser = signed_in(acme)
    body = f"logout_token={channel.token()}"
    if "boundary" in content_type:
        part = f'Content-Disposition: form-data; name="logout_token"\r\n\r\n{channel.token()}'
        body = f"--b\r\n{part}\r\n--b--\r\n"

    assert_refused(channel.post(body, content_type=content_type))
    assert browser.session() is not None


def test_q15_takes_a_form_that_says_how_it_is_encoded(channel, acme):
    browser = signed_in(acme)

    response = channel.post(
        urlencode({"logout_token": channel.token()}), content_type=f"{FORM}; charset=UTF-8"
    )

    assert response.status_code == 200
    assert browser.session() is None


def test_q15_takes_no_token_from_the_address(channel, acme):
    browser = signed_in(acme)

    assert_refused(channel.post("", query=f"?logout_token={channel.token()}"))
    assert browser.session() is not None


def test_q15_refuses_a_body_that_is_too_large(channel, acme):
    browser = signed_in(acme)

    assert_refused(channel.post(f"logout_token={channel.token()}&x={'a' * 100 * 1024}"))
    assert browser.session() is not None


@pytest.mark.parametrize("slug", ["nobody", "acme"])
def test_nobody_and_a_draft_have_no_such_address(channel, acme, slug):
    Partner.objects.update(status="draft")
    channel.path = f"/login/{slug}/backchannel-logout/"

    assert channel.send(channel.token()).status_code == 404


def test_a_provider_that_is_away_is_a_refusal_and_no_error(channel, acme, provider):
    token = channel.token()
    provider.issuers.clear()

    assert_refused(channel.send(token))


def test_the_event_of_the_demo_is_the_one_that_is_judged():
    assert EVENT == judge.EVENT
