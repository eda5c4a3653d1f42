"""Group Q, the back channel: what a provider, or whoever says to be one, ends by logout tokens."""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from demo.provider import Fault, IdTokenFault
from demo.provider.logout_token import EVENT, logout_token
from tests.security.forging import claims_of, encoded, header_of, mac, signed_by, signed_with

pytestmark = pytest.mark.portal

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FAILURES = 60
"""Of one partner a minute, from wherever they come: the next has to wait."""


class Channel:
    """One adversary's provider, as it speaks to the portal behind the browsers' backs."""

    def __init__(self, case, adversary=None):
        self.case = case
        self.adversary = adversary or case.adversary
        self.sender = case.new_browser()
        self.path = f"/login/{self.adversary.slug}/backchannel-logout/"

    def token(self, name="ana", **changes):
        """Return an honest token, with *changes* signed anew; ``None`` leaves a claim out."""
        issuer = self.adversary.issuer
        client = issuer.clients[self.adversary.client_id]
        subject = self.adversary.account(name).subject
        token = logout_token(issuer, client, subject=subject)
        return said(token, issuer.key, changes) if changes else token

    def sid(self, name="ana"):
        """Return the provider's name for this person's session here."""
        return self.case.portal.rows(
            "SELECT provider_session_id FROM people_session s JOIN people_user u ON u.id = user_id"
            " WHERE email = %s",
            self.adversary.email(name),
        )[0][0]

    def send(self, *tokens, **more):
        """Return the answer to a form with these tokens, and note how things are before it."""
        self.case.look()
        self.case.secrets |= set(tokens)
        form = urlencode([*(("logout_token", token) for token in tokens), *more.items()])
        return self.sender._send("POST", self.path, data=form, headers=FORM)


def said(token, key, changes):
    claims = {**claims_of(token), **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    signed = f"{encoded(header_of(token))}.{encoded(kept)}"
    return f"{signed}.{encoded(key.signature(signed.encode()))}"


@pytest.fixture
def channel(case):
    """Give the channel of a provider where Ana, in this browser, has signed in."""
    case.let_in(case.attack(), case.adversary.email("ana"))
    case.adversary.issuer.requests.clear()
    return Channel(case)


def assert_refused(channel, answer):
    """Assert that the token ended nothing, and that the answer says nothing of why."""
    channel.case.nothing_happened(answer, status=400)
    assert answer.json() == {"error": "invalid_request"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert channel.case.browser.who() is not None


# --- Q06: what holds -----------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["sub", "sid", "both"])
def test_q06_a_valid_token_ends_the_session_and_its_developer_token(case, channel, names):
    developer_token = case.browser.get("/api/token/").json()["token"]
    case.secrets.add(developer_token)
    sid = {"sub": {}, "sid": {"sub": None}, "both": {}}[names]
    named = {} if names == "sub" else {"sid": channel.sid()}

    answer = channel.send(channel.token(**sid, **named))

    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert case.browser.who() is None
    for path in ("/api/token/", "/api/authorize/"):
        assert case.browser.get(path).status_code == 401
    assert case._rows(channel.sender)[0][0] == "logout.backchannel"


def test_q06_a_colleagues_session_goes_on(case, channel):
    ben = case.new_browser()
    case.adversary.sign_in_as("ben")
    case.let_in(ben.sign_in(case.adversary.slug), case.adversary.email("ben"), by=ben)

    channel.send(channel.token("ana"))

    assert case.browser.who() is None
    assert ben.who() is not None


def test_q06_a_token_that_arrives_many_times_at_once_is_taken_once(case, channel):
    token = channel.token()
    senders = [Channel(case) for _ in range(8)]

    with ThreadPoolExecutor(8) as copies:
        answers = list(copies.map(lambda sender: sender.send(token), senders))

    case.cpu_seconds *= 2
    assert [answer.status_code for answer in answers] == [200] * 8
    assert case.browser.who() is None
    ended = [
        row
        for sender in senders
        for row in case.portal.rows(
            "SELECT what FROM audit_event WHERE address = %s", sender.sender.address
        )
    ]
    assert ended == [("logout.backchannel",)]


# --- Q07: signatures -----------------------------------------------------------------------------


def unsigned(token, alg="none"):
    _, claims, _ = token.split(".")
    return f"{encoded({**header_of(token), 'alg': alg})}.{claims}."


SIGNATURES = {
    "none": lambda token, _: unsigned(token),
    "None": lambda token, _: unsigned(token, "NoNe"),
    "none-with-signature": lambda token, _: unsigned(token) + token.rpartition(".")[2],
    "no-signature": lambda token, _: token.rpartition(".")[0] + ".",
    "secret": lambda token, case: signed_by(
        mac(case.adversary.secrets().pop().encode()), header={"alg": "HS256"}
    )(token),
    "empty-secret": lambda token, _: signed_by(mac(b""), header={"alg": "HS256"})(token),
    "flipped": lambda token, _: token[:-8] + token[-8:][::-1],
    "other-claims": lambda token, _: ".".join(
        (token.split(".")[0], encoded({**claims_of(token), "sub": "ben"}), token.split(".")[2])
    ),
    "no-token": lambda _token, _: "a.b.c",
    "empty": lambda _token, _: "",
    "words": lambda _token, _: "logout_token",
    "json": lambda token, _: '{"payload": "' + token.split(".")[1] + '"}',
    "long": lambda token, _: token + 20_000 * "a",
    "line-break": lambda token, _: token + "\n",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"Q07-{name}") for name in SIGNATURES])
def test_q07_what_the_provider_did_not_sign_ends_nothing(case, channel, name):
    assert_refused(channel, channel.send(SIGNATURES[name](channel.token(), case)))


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256", "ES384", "EdDSA"])
@pytest.mark.parametrize("kid", ["ours", "theirs", "none"])
def test_q07_a_strangers_key_ends_nothing(case, channel, keys, alg, kid):
    key = keys(alg, "stranger")
    named = {"ours": {}, "theirs": {"kid": key.kid}, "none": {"kid": ""}}[kid]
    forged = signed_with(key, header={"alg": alg, **named})(channel.token())

    assert_refused(channel, channel.send(forged))


# --- Q08 to Q11: claims --------------------------------------------------------------------------

NOW = int(time.time())
CLAIMS = {
    "Q08-iss": {"iss": "https://evil.example"},
    "Q08-iss-slash": lambda channel: {"iss": channel.adversary.issuer_url + "/"},
    "Q08-no-iss": {"iss": None},
    "Q08-aud": {"aud": "somebody-else"},
    "Q08-auds": lambda channel: {"aud": [channel.adversary.client_id, "somebody-else"]},
    "Q08-no-aud": {"aud": None},
    "Q08-empty-aud": {"aud": []},
    "Q08-azp": {"azp": "somebody-else"},
    "Q09-no-events": {"events": None},
    "Q09-empty": {"events": {}},
    "Q09-text": {"events": EVENT},
    "Q09-list": {"events": [EVENT]},
    "Q09-wrong": {"events": {EVENT + "s": {}}},
    "Q09-upper": {"events": {EVENT.upper(): {}}},
    "Q09-null": {"events": {EVENT: None}},
    "Q09-true": {"events": {EVENT: True}},
    "Q10-nonce": {"nonce": "n"},
    "Q10-empty-nonce": {"nonce": ""},
    "Q10-false-nonce": {"nonce": False},
    "Q11-old": {"iat": NOW - 800},
    "Q11-future": {"iat": NOW + 86_400},
    "Q11-expired": {"exp": NOW - 120, "iat": NOW - 200},
    "Q11-no-exp": {"exp": None},
    "Q11-no-iat": {"iat": None},
    "Q11-text-iat": {"iat": str(NOW)},
    "Q11-huge-exp": {"exp": 10**30},
    "Q11-negative-iat": {"iat": -1},
    "Q11-no-jti": {"jti": None},
    "Q11-empty-jti": {"jti": ""},
    "Q11-number-jti": {"jti": 1},
    "Q11-long-jti": {"jti": 300 * "a"},
    "Q11-nobody": {"sub": None},
    "Q11-empty": {"sub": "", "sid": ""},
    "Q11-empty-sid": {"sub": None, "sid": ""},
    "Q11-list-sub": {"sub": ["ana"]},
    "Q11-wildcard": {"sub": {"$ne": ""}},
    "Q11-number-sid": {"sid": 1},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in CLAIMS])
def test_q08_to_q11_a_token_whose_claims_do_not_hold_ends_nothing(case, channel, name):
    changes = CLAIMS[name](channel) if callable(CLAIMS[name]) else CLAIMS[name]

    assert_refused(channel, channel.send(channel.token(**changes)))


def test_q10_an_id_token_ends_nothing(case):
    kept = []
    fault = IdTokenFault(token=lambda honest: kept.append(honest) or honest)
    case.let_in(case.attack(id_token=fault), case.adversary.email("ana"))
    channel = Channel(case)

    assert_refused(channel, channel.send(*kept))


def test_q10_a_logout_token_is_no_id_token(case, channel):
    """The other way round: with the nonce of the attempt it would be a sign-in."""
    forged = IdTokenFault(
        token=signed_by(
            case.adversary.issuer.key.signature,
            header={"typ": "logout+jwt"},
            claims={"events": {EVENT: {}}},
        )
    )
    case.browser.post("/logout/", {}, page="/")
    case._rows(case.browser)
    case.adversary.issuer.requests.clear()

    case.refused(case.attack(id_token=forged), "id_token_malformed")


def test_q11_a_token_that_comes_again_ends_nothing_that_has_begun_since(case, channel):
    token = channel.token()
    assert channel.send(token).status_code == 200
    case.let_in(case.attack(), case.adversary.email("ana"))

    again = channel.send(token)

    assert again.status_code == 200
    assert case._now() == case._before
    assert case.browser.who() is not None


# --- Q12: other partners -------------------------------------------------------------------------


@pytest.mark.parametrize("names", ["sub", "sid", "both"])
def test_q12_a_token_of_one_partner_ends_nothing_at_another(case, channel, accomplice, names):
    case.adversaries.append(accomplice)
    attacker = Channel(case, accomplice)
    theirs = {
        "sub": {"sub": case.adversary.account("ana").subject},
        "sid": {"sub": None, "sid": channel.sid()},
        "both": {"sub": case.adversary.account("ana").subject, "sid": channel.sid()},
    }

    answer = attacker.send(attacker.token(**theirs[names]))

    case.nothing_happened(answer, status=200)
    assert case.browser.who() is not None


@pytest.mark.parametrize("claims", ["theirs", "ours"])
def test_q12_a_token_of_one_partner_is_refused_at_the_address_of_another(
    case, channel, accomplice, claims
):
    case.adversaries.append(accomplice)
    said_to_be = {
        "theirs": {},
        "ours": {"iss": case.adversary.issuer_url, "aud": case.adversary.client_id},
    }
    subject = case.adversary.account("ana").subject
    forged = Channel(case, accomplice).token(**said_to_be[claims], sub=subject)

    assert_refused(channel, channel.send(forged))


def test_q12_one_company_of_a_shared_provider_ends_nothing_at_the_other(case, at):
    """Both have one issuer and its keys: what differs is the client that a token is for."""
    one, two = at("tenant-one"), at("tenant-two")
    case.adversaries += [one, two]
    one.issuer.sign_in_as(one.email("ana"))
    case.let_in(case.browser.sign_in(one.slug), one.email("ana"), at=one)
    attacker = Channel(case, two)
    subject = one.issuer.account(one.email("ana")).subject

    mine = attacker.send(attacker.token(sub=subject))
    attacker.path = f"/login/{one.slug}/backchannel-logout/"
    misdirected = attacker.send(attacker.token(sub=subject))

    assert (mine.status_code, misdirected.status_code) == (200, 400)
    assert case.browser.who() is not None


@pytest.mark.parametrize("status", ["draft", "paused"])
def test_q12_a_partner_that_is_not_live_has_no_say_or_nobody_to_sign_out(case, channel, status):
    case.adversary.set_status(status)
    case.look()

    answer = channel.send(channel.token())

    assert answer.status_code == {"draft": 404, "paused": 200}[status]
    case.adversary.set_status("live")


def test_q12_a_slug_of_nobody_has_no_such_address(case, channel):
    token = channel.token()
    for slug in ("nobody", "ADVERSARY", "adversary%00", "..%2fadversary"):
        channel.path = f"/login/{slug}/backchannel-logout/"
        case.nothing_happened(channel.send(token), status=404)

    assert case.browser.who() is not None


# --- Q13: floods ---------------------------------------------------------------------------------


def end_cool_down(case):
    case.portal.change(
        "UPDATE federation_providerdocuments SET asked_again_at = NULL WHERE connection_id = %s",
        case.adversary.connection_id,
    )


def test_q13_unknown_keys_make_the_portal_fetch_once_in_a_cool_down(case, channel, keys):
    stranger = signed_with(keys("ES256", "stranger"), header={"kid": "made-up"})
    end_cool_down(case)

    for _ in range(10):
        assert_refused(channel, channel.send(stranger(channel.token())))

    case.cpu_seconds *= 3
    assert len(case.adversary.issuer.requests_to("jwks")) == 1


def test_q13_a_flood_has_to_wait_and_a_good_token_in_it_does_not(case, channel, keys):
    senders = [Channel(case) for _ in range(4)]

    def flood(sender):
        return [sender.send(f"no.token.{number}").status_code for number in range(FAILURES // 2)]

    with ThreadPoolExecutor(4) as attackers:
        statuses = [status for answers in attackers.map(flood, senders) for status in answers]
    case.adversary.issuer.requests.clear()
    end_cool_down(case)
    stranger = signed_with(keys("ES256", "stranger"), header={"kid": "made-up-too"})
    waits = channel.send(stranger(channel.token()))
    good = channel.send(channel.token())

    case.cpu_seconds *= 12
    assert statuses.count(400) == FAILURES
    assert set(statuses) == {400, 429}
    assert waits.status_code == 429
    assert 1 <= int(waits.headers["Retry-After"]) <= 60
    assert not case.adversary.issuer.requests_to("jwks")
    assert good.status_code == 200
    assert case.browser.who() is None
    refusals = "SELECT count(*) FROM audit_event WHERE what = 'logout.refused' AND id > %s"
    assert case.portal.rows(refusals, case._first_event)[0][0] <= 2


def test_q13_a_flood_at_one_partner_leaves_another_ones_sign_outs_alone(case, channel, accomplice):
    case.adversaries.append(accomplice)
    attacker = Channel(case, accomplice)
    for number in range(FAILURES + 1):
        last = attacker.send(f"no.token.{number}")

    answer = channel.send(channel.token())

    case.cpu_seconds *= 8
    assert last.status_code == 429
    assert answer.status_code == 200
    assert case.browser.who() is None


# --- Q15: the request ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_q15_no_other_method_is_answered(case, channel, method):
    case.look()

    answer = channel.sender.ask(method, f"{channel.path}?logout_token={channel.token()}")

    case.nothing_happened(answer, status=405)
    assert case.browser.who() is not None


def test_q15_the_cookies_of_whoever_sends_it_are_not_looked_at(case, channel):
    """A page of an attacker's may send the form from a browser in which somebody is signed in."""
    ben = case.new_browser()
    case.adversary.sign_in_as("ben")
    case.let_in(ben.sign_in(case.adversary.slug), case.adversary.email("ben"), by=ben)
    cookies = ben.cookies()
    channel.sender = ben

    answer = channel.send(channel.token("ana"))

    assert answer.status_code == 200
    assert ben.cookies() == cookies
    assert ben.who() is not None
    assert case.browser.who() is None


BODIES = {
    "nothing": (b"", FORM),
    "another-name": (b"token={}", FORM),
    "empty": (b"logout_token=", FORM),
    "two": (b"logout_token={}&logout_token={}", FORM),
    "json": (b'{"logout_token": "{}"}', {"Content-Type": "application/json"}),
    "text": (b"logout_token={}", {"Content-Type": "text/plain"}),
    "no-type": (b"logout_token={}", {}),
    "multipart": (
        b'--b\r\nContent-Disposition: form-data; name="logout_token"\r\n\r\n{}\r\n--b--\r\n',
        {"Content-Type": "multipart/form-data; boundary=b"},
    ),
    "large": (b"logout_token={}&x=" + 101 * 1024 * b"a", FORM),
    "fields": (b"logout_token={}" + 600 * b"&a=b", FORM),
    "not-utf-8": (b"logout_token=%ff%fe&a=\xff", FORM),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"Q15-{name}") for name in BODIES])
def test_q15_what_is_no_form_with_one_token_ends_nothing(case, channel, name):
    body, headers = BODIES[name]
    token = channel.token()
    case.look()

    answer = channel.sender._send(
        "POST", channel.path, data=body.replace(b"{}", token.encode()), headers=headers
    )

    case.nothing_happened(answer, status=400)
    assert case.browser.who() is not None


def test_q15_a_body_of_megabytes_is_not_even_read(case, channel):
    case.look()

    answer = channel.sender._send(
        "POST", channel.path, data=b"logout_token=" + 2_000_000 * b"a", headers=FORM
    )

    case.nothing_happened(answer, status=413)
    assert case.browser.who() is not None


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "x5c"])
def test_q15_an_address_in_the_token_is_not_called(case, channel, keys, name):
    key = keys("ES256", "stranger")
    there = f"http://127.0.0.1:{case.canary.port}/jwks"
    values = {"jku": there, "x5u": there, "jwk": key.jwk(), "x5c": ["MIIB"]}
    forged = signed_with(key, header={name: values[name], "kid": key.kid})(channel.token(iss=there))

    assert_refused(channel, channel.send(forged))


def test_q15_a_provider_that_is_away_is_a_refusal(outage):
    outage.let_in(outage.attack(), outage.adversary.email("ana"))
    channel = Channel(outage)
    token = channel.token()
    outage.adversary.misbehave(discovery=Fault(status=503))

    assert_refused(channel, channel.send(token))
