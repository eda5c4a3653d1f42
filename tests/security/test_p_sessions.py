"""Group P, sessions: who holds one, for how long, what its cookie opens and what it never shows."""

import json
import pickle
from base64 import b64encode
from itertools import pairwise

import pytest

from demo.names import ADMIN_EMAIL
from demo.provider import IdTokenFault
from tests.support.portal import ADMIN_PASSWORD

pytestmark = pytest.mark.portal

OF_ANA = "user_id = (SELECT id FROM people_user WHERE email = %s)"
PAGES = ("/", "/login/", "/logout/", "/login/help/", "/login/timed-out/", "/api/session/")


def aged(case, **columns):
    """Change the one session of Ana's in the table, as time or somebody else would."""
    changes = ", ".join(f"{name} = {value}" for name, value in columns.items())
    statement = f"UPDATE people_session SET {changes} WHERE {OF_ANA}"  # noqa: S608 -- our words
    case.portal.change(statement, case.adversary.email("ana"))


def signed_in(case, name="ana"):
    case.adversary.sign_in_as(name)
    return case.let_in(case.attack(), case.adversary.email(name))


def assert_signed_out(case, browser=None):
    browser = browser or case.browser
    home = browser.get("/")
    assert (home.status_code, home.headers["Location"]) == (302, "/login/?next=/")
    for path in ("/api/session/", "/api/token/", "/api/authorize/"):
        answer = browser.get(path)
        assert answer.status_code == 401
        assert "Authorization" not in answer.headers
        assert case.adversary.email("ana") not in str(answer.headers) + answer.text


# --- P03: guessing -------------------------------------------------------------------------------


def test_p03_keys_of_sessions_are_long_and_have_nothing_in_common(case):
    keys = []
    for _ in range(6):
        signed_in(case)
        keys.append(case.browser.cookies()["foyer-session"])

    case.cpu_seconds *= 2
    assert {len(key) for key in keys} == {32}
    assert len(set(keys)) == 6
    for one, other in pairwise(keys):
        assert sum(a == b for a, b in zip(one, other, strict=True)) < 12


@pytest.mark.parametrize("change", ["last", "first", "upper", "empty", "short", "long", "digest"])
def test_p03_a_key_that_is_nearly_right_opens_nothing(case, change):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]
    ((digest,),) = case.portal.rows(
        "SELECT digest FROM people_session JOIN people_user u ON u.id = user_id WHERE email = %s",
        case.adversary.email("ana"),
    )
    near = {
        "last": key[:-1] + ("a" if key[-1] != "a" else "b"),
        "first": ("a" if key[0] != "a" else "b") + key[1:],
        "upper": key.swapcase(),
        "empty": "",
        "short": key[:-1],
        "long": key + "a",
        "digest": digest,
    }
    thief = case.new_browser()
    thief.plant("foyer-session", near[change])

    assert_signed_out(case, thief)
    assert case.browser.who() is not None


# --- P04: tokens in the browser ------------------------------------------------------------------


@pytest.mark.parametrize("thin", [False, True], ids=["whole", "thin"])
def test_p04_no_token_is_in_a_cookie_a_page_an_address_or_an_answer_but_the_one_for_it(case, thin):
    kept = []
    case.adversary.behaves(thin_id_token=thin)
    fault = IdTokenFault(token=lambda honest: kept.append(honest) or honest)
    case.let_in(case.attack(id_token=fault), case.adversary.email("ana"))
    developer_token = case.browser.get("/api/token/").json()["token"]
    access_tokens = list(case.adversary.issuer.spent_codes._access_tokens.values())
    tokens = [developer_token, *kept, *access_tokens]
    tokens += [token.rpartition(".")[2] for token in tokens]
    case.secrets |= set(tokens)

    answers = [*case.browser.answers, *map(case.browser.get, PAGES)]

    assert len(tokens) >= 6
    shown = "\n".join(
        str(answer.headers) + answer.text
        for answer in answers
        if "/api/token/" not in answer.url and case.adversary.slug not in answer.url.split("/")[3]
    )
    carried = str(case.browser.cookies())
    for token in tokens:
        assert token not in shown
        assert token not in carried
    signed_out = case.browser.post("/logout/", {}, page="/")
    assert signed_out.status_code == 303
    page = case.browser.get("/logout/").text
    assert not [token for token in tokens if token in page]


# --- P05: the limits -----------------------------------------------------------------------------

LIMITS = {
    "idle": {"last_seen_at": "now() - interval '1801 seconds'"},
    "absolute": {"ends_at": "now() - interval '1 second'"},
    "both": {"last_seen_at": "now() - interval '9 days'", "ends_at": "now() - interval '9 days'"},
}


@pytest.mark.parametrize("limit", [pytest.param(name, id=f"P05-{name}") for name in LIMITS])
def test_p05_a_session_that_is_over_opens_nothing_though_the_cookie_is_still_there(case, limit):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]

    aged(case, **LIMITS[limit])

    assert_signed_out(case)
    case.browser.plant("foyer-session", key)
    assert_signed_out(case)
    assert case.browser.get("/orders/").status_code == 404


def test_p05_a_session_just_within_its_limits_goes_on(case):
    before = signed_in(case)
    aged(case, last_seen_at="now() - interval '1700 seconds'")

    assert case.browser.who() == before
    assert case.browser.get("/").status_code == 200


def test_p05_calls_of_scripts_keep_no_session_from_ending(case):
    signed_in(case)
    aged(case, last_seen_at="now() - interval '1700 seconds'")
    for path in ("/api/session/", "/api/token/", "/api/authorize/"):
        assert case.browser.get(path).status_code in {200, 204}

    aged(case, last_seen_at="last_seen_at - interval '101 seconds'")

    assert_signed_out(case)


def test_p05_a_session_over_its_limit_is_not_revived_by_the_cookie_of_another_attempt(case):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]
    callback = case.callback()
    aged(case, **LIMITS["absolute"])

    case.let_in(case.browser.get(callback), case.adversary.email("ana"))

    thief = case.new_browser()
    thief.plant("foyer-session", key)
    assert_signed_out(case, thief)


# --- P06, P08: after the end ---------------------------------------------------------------------


def test_p06_after_signing_out_the_old_cookie_opens_nothing_and_no_page_was_kept(case):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]
    seen = [case.browser.get(path) for path in PAGES]

    case.browser.post("/logout/", {}, page="/")

    assert "foyer-session" not in case.browser.cookies()
    assert {answer.headers["Cache-Control"] for answer in seen} == {"no-store"}
    case.browser.plant("foyer-session", key)
    assert_signed_out(case)


def test_p07_nothing_of_the_first_person_is_left_for_the_second(case):
    ana = signed_in(case)
    first = case.browser.get("/api/token/").json()
    case.browser.post("/logout/", {}, page="/")
    assert [row[0] for row in case._rows(case.browser)] == ["logout"]

    ben = signed_in(case, "ben")

    second = case.browser.get("/api/token/").json()
    assert ana["subject"] != ben["subject"]
    assert first["issuer_subject"] != second["issuer_subject"]
    assert first["token"] != second["token"]
    for path in PAGES:
        answer = case.browser.get(path)
        assert case.adversary.email("ana") not in answer.text
        assert ana["subject"] not in answer.text


def staff(case):
    browser = case.new_browser()
    form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    answer = browser.post("/admin/login/?next=/admin/", form, page="/admin/login/")
    assert answer.status_code == 302
    case.cpu_seconds *= 5
    return browser


@pytest.mark.parametrize("whose", ["person", "partner"])
def test_p08_the_owner_ends_all_sessions_at_once(case, whose):
    signed_in(case)
    elsewhere = case.new_browser()
    elsewhere.plant("foyer-session", case.browser.cookies()["foyer-session"])
    ((person,),) = case.portal.rows(
        "SELECT id FROM people_user WHERE email = %s", case.adversary.email("ana")
    )
    pages = {
        "person": f"/admin/people/user/{person}/end-sessions/",
        "partner": f"/admin/partners/partner/{case.adversary.partner_id}/end-sessions/",
    }
    owner = staff(case)

    ended = owner.post(pages[whose], {})

    assert ended.status_code == 302
    assert_signed_out(case)
    assert_signed_out(case, elsewhere)
    assert owner.get("/admin/").status_code == 200


# --- P09: the table ------------------------------------------------------------------------------


class Bomb:
    def __reduce__(self):
        return (open, ("/nowhere/of-the-bomb", "w"))


DATA = {
    "nothing": "",
    "garbage": "garbage",
    "unsigned": b64encode(b'{"_auth_user_id": "1"}').decode(),
    "json": json.dumps({"_auth_user_id": "1"}),
    "pickle": b64encode(pickle.dumps(Bomb())).decode(),
    "unsigned-django": "eyJfYXV0aF91c2VyX2lkIjoiMSJ9:1tKxyz:" + 43 * "a",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"P09-{name}") for name in DATA])
def test_p09_data_that_somebody_wrote_into_the_table_signs_nobody_in(case, name):
    signed_in(case)

    aged(case, data=f"'{DATA[name]}'")

    assert_signed_out(case)


def test_p09_a_row_that_was_given_to_somebody_else_signs_nobody_in(case):
    signed_in(case, "ben")
    signed_in(case)
    ben = f"email = '{case.adversary.email('ben')}'"

    aged(case, user_id=f"(SELECT id FROM people_user WHERE {ben})")  # noqa: S608 -- our words

    assert_signed_out(case)


def test_p09_data_of_another_persons_row_signs_nobody_in_as_that_person(case):
    victim = case.new_browser()
    case.adversary.sign_in_as("ben")
    case.let_in(victim.sign_in(case.adversary.slug), case.adversary.email("ben"), by=victim)
    signed_in(case)
    copied = "(SELECT data FROM people_session s JOIN people_user u ON u.id = s.user_id"

    aged(case, data=f"{copied} WHERE u.email = '{case.adversary.email('ben')}')")

    assert_signed_out(case)
    assert victim.who() is not None


# --- P10: a key from elsewhere -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sessionid", "foyer-session", "session", "token"])
def test_p10_a_session_key_in_the_address_a_form_or_a_header_opens_nothing(case, name):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]
    thief = case.new_browser()

    answers = [
        thief.get(f"/?{name}={key}"),
        thief.get(f"/api/session/?{name}={key}"),
        thief.get("/api/session/", **{name: key, f"X-{name}": key}),
        thief.get("/api/session/", Authorization=f"Bearer {key}"),
        thief.post("/login/", {name: key, "email": "a@b.example"}),
    ]

    assert [answer.status_code for answer in answers] == [302, 401, 401, 401, 200]
    assert not any("foyer-session" in answer.headers.get("Set-Cookie", "") for answer in answers)
    assert_signed_out(case, thief)


def test_p10_a_cookie_that_comes_twice_signs_in_nobody_else(case):
    signed_in(case)
    key = case.browser.cookies()["foyer-session"]
    thief = case.new_browser()

    twice = thief.ask_exactly(
        "GET", "/api/session/", Cookie=f"foyer-session={'a' * 32}; foyer-session=x; b={key}"
    )

    assert twice.status_code == 401
