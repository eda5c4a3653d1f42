"""Group S and J29, the owner's pages: who gets in and how, what is asked first, what is shown."""

import json
import re
from contextlib import contextmanager
from uuid import uuid4

import pytest

from demo.names import ADMIN_EMAIL
from demo.provider import IdTokenFault
from tests.security.owner import mistakes_on
from tests.support.portal import ADMIN_PASSWORD

pytestmark = pytest.mark.portal

BEGIN = "/admin/login/company/"
LISTS = ("", "partners/partner/", "people/user/", "people/session/", "audit/event/", "where/")
MARKUP = "<script>alert(1)</script>"


def may_cost(case):
    """Let the case cost more: a password is slow to try, and the owner's pages are many."""
    case.cpu_seconds, case.peak_bytes = 10, 64 * 1024 * 1024


# --- J29, S01: through the owner's own company ---------------------------------------------------


@pytest.fixture
def company(case):
    """Make the adversary's partner the owner's own company."""
    mark(case, case.adversary.partner_id)
    yield case.adversary
    case.portal.change("DELETE FROM people_owncompany")
    case.portal.change("DELETE FROM people_stafflogin")
    ours = "email LIKE 'staff-%%'"
    users = f"SELECT id FROM people_user WHERE {ours}"  # noqa: S608 -- our own words
    case.portal.change(f"DELETE FROM people_session WHERE user_id IN ({users})")  # noqa: S608
    case.portal.change(f"DELETE FROM people_user WHERE {ours}")  # noqa: S608 -- likewise


def mark(case, partner_id):
    case.portal.change("DELETE FROM people_owncompany")
    case.portal.change(
        'INSERT INTO people_owncompany ("only", partner_id, marked_at) VALUES (true, %s, now())',
        partner_id,
    )


def member(case, *, is_staff=True, is_active=True, email="", subject="person-1", at=None):
    """Return the id of a member of staff who is linked to this account at a partner."""
    at = at or case.adversary
    ((user_id,),) = case.portal.rows(
        "INSERT INTO people_user (password, is_superuser, email, name, subject, is_active,"
        " is_staff, created_at) VALUES ('!', true, %s, 'Inês', %s, %s, %s, now()) RETURNING id",
        *(email or f"staff-{uuid4().hex}@northlake.example", uuid4().hex, is_active, is_staff),
    )
    if subject:
        case.portal.change(
            "INSERT INTO people_stafflogin"
            " (user_id, partner_id, issuer, client_id, provider_subject, linked_at)"
            " VALUES (%s, %s, %s, %s, %s, now())",
            *(user_id, at.partner_id, at.issuer_url, at.client_id, subject),
        )
    return user_id


def through_company(case, *, by=None):
    browser = by or case.browser
    begun = browser.get(BEGIN)
    assert begun.status_code == 302, begun.text
    return browser.get(browser.come_back(begun.headers["Location"]))


def is_in(browser):
    return browser.get("/admin/").status_code == 200


def test_j29_staff_that_a_superuser_linked_comes_in_and_nobody_is_made(case, company):
    member(case)
    before = case.portal.rows("SELECT count(*) FROM people_user")

    answer = through_company(case)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert is_in(case.browser)
    assert case.browser.who() is None
    assert case.portal.rows("SELECT count(*) FROM people_user") == before
    assert [row[0] for row in case._rows(case.browser)] == ["staff.signed_in"]
    assert not case._new_calls()
    case._verdicts += 1


WRONG = {
    "nobody-linked": ({"subject": ""}, "staff_not_linked"),
    "another-account": ({"subject": "person-2"}, "staff_not_linked"),
    "no-staff-any-more": ({"is_staff": False}, "staff_not_linked"),
    "deactivated": ({"is_active": False}, "person_inactive"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"J29-{name}") for name in WRONG])
def test_j29_s01_every_other_combination_is_refused(case, company, name):
    how, reason = WRONG[name]
    member(case, **how)

    case.refused(through_company(case), reason)

    assert not is_in(case.browser)


def test_j29_the_same_address_links_nobody(case, company):
    member(case, email="staff-ana@northlake.example", subject="")
    with case.adversary.having_domain("northlake.example"):
        case.adversary.misbehave(
            id_token=IdTokenFault(members={"email": "staff-ana@northlake.example"})
        )

        case.refused(through_company(case), "staff_not_linked")

    assert not is_in(case.browser)


def test_j29_the_same_subject_at_another_partner(case, company, accomplice):
    case.adversaries.append(accomplice)
    member(case, subject="person-1")
    assert accomplice.account("ana").subject == "person-1"
    mark(case, accomplice.partner_id)

    case.refused(through_company(case), "staff_not_linked", at=accomplice)

    assert not is_in(case.browser)


def test_j29_the_subject_of_staff_at_another_partners_own_way_in(case, company, accomplice):
    """A hostile partner asserts the own company's subject, and everything else too."""
    case.adversaries.append(accomplice)
    member(case, subject="person-1")

    answer = case.browser.sign_in(accomplice.slug, "?next=/admin/")

    case.let_in(answer, accomplice.email("ana"), at=accomplice, to="/admin/")
    assert not is_in(case.browser)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            "UPDATE partners_partner SET status = 'paused' WHERE id = %s",
            "partner_not_live",
            id="J29-paused",
        ),
        pytest.param(
            "DELETE FROM people_owncompany WHERE partner_id = %s",
            "attempt_unknown",
            id="J29-mark-removed",
        ),
    ],
)
def test_j29_what_ends_while_somebody_is_on_the_way(case, company, change, reason):
    member(case)
    begun = case.browser.get(BEGIN)
    back = case.browser.come_back(begun.headers["Location"])
    case.portal.change(change, company.partner_id)

    case.refused(case.browser.get(back), reason, token_requests=0)

    assert not is_in(case.browser)
    assert case.new_browser().get(BEGIN).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE partners_partner SET status = 'paused' WHERE id = %s", id="paused"),
        pytest.param("DELETE FROM people_owncompany WHERE partner_id = %s", id="mark-removed"),
        pytest.param("DELETE FROM people_stafflogin WHERE partner_id = %s", id="unlinked"),
    ],
)
def test_s01_a_session_of_staff_ends_with_what_it_rests_on(case, company, change):
    member(case)
    through_company(case)
    assert is_in(case.browser)

    case.portal.change(change, company.partner_id)

    assert not is_in(case.browser)
    case._verdicts += 1


def test_s01_a_partners_person_gets_to_no_page_of_the_admin(case):
    case.let_in(case.attack(), case.adversary.email("ana"))

    for place in LISTS:
        answer = case.browser.get(f"/admin/{place}")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")


# --- S02, S03: the form of the password ----------------------------------------------------------


def tried(browser, password, email=ADMIN_EMAIL):
    return browser.post("/admin/login/", {"username": email, "password": password})


def test_s02_whoever_guesses_waits_and_a_partners_people_do_not(case):
    may_cost(case)
    answers = [tried(case.browser, f"guess {n}").status_code for n in range(11)]

    last = tried(case.browser, ADMIN_PASSWORD)

    assert answers == [200] * 9 + [429] * 2
    assert last.status_code == 429
    assert 0 < int(last.headers["Retry-After"]) <= 15 * 60
    assert not is_in(case.browser)
    rows = [(row[0], row[5]) for row in case._rows(case.browser)]
    assert rows == [("limit.reached", ADMIN_EMAIL)]
    case.let_in(case.attack(), case.adversary.email("ana"))


def test_s02_the_others_of_the_staff_do_not_wait_with_it(case):
    may_cost(case)
    for number in range(11):
        tried(case.browser, f"guess {number}")
    other = case.new_browser()

    answer = tried(other, ADMIN_PASSWORD)

    assert answer.status_code == 302
    assert [row[0] for row in case._rows(other)] == ["staff.password_used"]
    case.secrets |= {ADMIN_PASSWORD}
    case._verdicts += 1


@pytest.mark.parametrize("email", ["admin", "admin@example.com", "root", ADMIN_EMAIL])
@pytest.mark.parametrize("password", ["admin", "password", ""])
def test_s02_there_is_no_account_that_everybody_knows(case, email, password):
    may_cost(case)
    assert tried(case.browser, password, email).status_code == 200

    assert not is_in(case.browser)
    case._verdicts += 1


def test_s03_no_form_without_its_token_no_frame_and_no_way_out(case, owner):
    may_cost(case)
    page = case.browser.get("/admin/login/")
    form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD, "next": "https://evil.example/"}

    forged = case.browser._send("POST", "/admin/login/", data=form)
    honest = case.new_browser().post("/admin/login/?next=//evil.example/", form)

    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert forged.status_code != 302
    assert not is_in(case.browser)
    assert re.match(r"/(?!/)", honest.headers["Location"])
    case.secrets |= {ADMIN_PASSWORD}
    case._verdicts += 1


# --- S04, S06: what is typed in the admin --------------------------------------------------------


def test_s04_no_page_and_no_command_shows_a_client_secret(case, owner):
    may_cost(case)
    place = f"/admin/partners/partner/{case.adversary.partner_id}"
    owner.change_connection(case.adversary, client_secret="another secret of ours")
    ((event,),) = case.portal.rows(
        "SELECT max(id) FROM audit_event WHERE what = 'connection.changed'"
    )
    pages = [
        owner.get(f"{place}/change/").text,
        owner.get("/admin/partners/partner/").text,
        owner.get(f"/admin/audit/event/{event}/change/").text,
        case.portal.manage("export_partners"),
        case.portal.manage("dumpdata", "partners", "audit", "people"),
    ]

    own = f"a secret: 100 % + of {case.adversary.slug}"
    owner.change_connection(case.adversary, client_secret=own)
    secrets = {"another secret of ours", own}
    assert not [secret for secret in secrets for page in pages if secret in page]
    assert "•••• changed" in pages[2]
    case.let_in(case.attack(), case.adversary.email("ana"))


@pytest.mark.parametrize(
    "issuer",
    [
        "http://127.0.0.1:1/",
        "https://169.254.169.254",
        "javascript:alert(1)",
        "https://a@b.example",
    ],
)
def test_s06_an_issuer_typed_by_hand_is_judged_like_any_other(case, owner, issuer):
    may_cost(case)
    before = case.adversary._columns()

    answer = owner.change_connection(case.adversary, issuer=issuer)

    assert answer.status_code == 200
    assert mistakes_on(answer.text)
    assert case.adversary._columns() == before
    case.let_in(case.attack(), case.adversary.email("ana"))


def test_s06_a_change_is_recorded_with_before_and_after_and_who_made_it(case, owner):
    owner.change_connection(case.adversary, max_age="300")

    recorded = (
        "SELECT actor, detail->'before'->>'max_age', detail->'after'->>'max_age' FROM audit_event"
        " WHERE what = 'connection.changed' AND partner = %s ORDER BY id DESC LIMIT 1"
    )
    assert case.portal.rows(recorded, case.adversary.slug) == [(ADMIN_EMAIL, None, "300")]
    case.adversary._is_changed = True
    case._verdicts += 1


# --- S05, S07: what cannot be taken back easily --------------------------------------------------


def test_s05_a_pause_asks_first_has_a_reason_and_can_be_taken_back(case, owner):
    may_cost(case)
    place = f"/admin/partners/partner/{case.adversary.partner_id}"
    case.let_in(case.attack(), case.adversary.email("ana"))

    asked = owner.get(f"{place}/pause/")
    still = case.browser.who()
    owner.post(
        f"{place}/pause/", {"reason": "A leak", "until": "2999-01-31", "note": "Until Monday"}
    )

    assert "1 person is signed in." in asked.text
    assert still is not None
    assert case.browser.who() is None
    refused = case.new_browser().get(f"/login/{case.adversary.slug}/")
    assert refused.status_code == 503
    assert "Until Monday" in refused.text
    assert "A leak" not in refused.text
    recorded = (
        "SELECT detail->>'reason' FROM audit_event WHERE what = 'partner.paused' AND partner = %s"
    )
    assert case.portal.rows(recorded, case.adversary.slug)[-1:] == [("A leak",)]
    owner.post(f"{place}/resume/", {})
    case._rows(case.browser)
    case._new_calls()
    case.let_in(case.attack(), case.adversary.email("ana"))


def test_s07_a_partner_with_people_stays_and_so_does_the_trail(case, owner):
    may_cost(case)
    place = f"/admin/partners/partner/{case.adversary.partner_id}"
    case.let_in(case.attack(), case.adversary.email("ana"))

    owner.get(f"{place}/delete/")
    owner._visitor.post(f"{place}/delete/", {"post": "yes"}, page=f"{place}/change/")

    there = "SELECT count(*) FROM partners_partner WHERE id = %s"
    assert case.portal.rows(there, case.adversary.partner_id) == [(1,)]
    case._rows(case.browser)


# --- S09 to S12: what pages show and search finds ------------------------------------------------


@contextmanager
def hostile_names(case):
    """Have markup in whatever a partner may fill in, as no form would take it."""
    named = "SELECT name, help_name FROM partners_partner WHERE id = %s"
    ((name, help_name),) = case.portal.rows(named, case.adversary.partner_id)
    change = "UPDATE partners_partner SET name = %s, help_name = %s, paused_note = %s WHERE id = %s"
    case.portal.change(change, MARKUP, MARKUP, MARKUP, case.adversary.partner_id)
    yield
    case.portal.change(change, name, help_name, "", case.adversary.partner_id)


def test_s09_nothing_that_a_partner_says_becomes_markup(case, owner):
    may_cost(case)
    pk = case.adversary.partner_id
    with hostile_names(case):
        words = ("change", "pause", "own-company", "preview", "end-sessions", "domains", "versions")
        paths = [f"/admin/partners/partner/{pk}/{word}/" for word in words]
        shown = ("sign-in", "coming-back", "taking-you", "home", "denied", "paused")
        paths += [f"/admin/partners/partner/{pk}/preview/{name}/" for name in shown]
        paths += [f"/admin/{place}" for place in LISTS]
        pages = {path: owner.get(path) for path in paths}
        pages["where"] = owner.post("/admin/where/", {"email": case.adversary.email("ana")})

    for path, page in pages.items():
        assert page.status_code == 200, path
        assert MARKUP not in page.text, path
    assert any("&lt;script&gt;" in page.text for page in pages.values())
    case._verdicts += 1


def test_s10_a_partners_person_reaches_nobodys_objects(case, accomplice, owner):
    may_cost(case)
    case.adversaries.append(accomplice)
    victim = case.new_browser()
    accomplice.sign_in_as("ana")
    anas = case.let_in(
        victim.sign_in(accomplice.slug), accomplice.email("ana"), by=victim, at=accomplice
    )
    case.let_in(case.attack(), case.adversary.email("ana"))
    numbers = {
        "partners/partner": accomplice.partner_id,
        "people/user": case.portal.rows(
            "SELECT id FROM people_user WHERE subject = %s", anas["subject"]
        )[0][0],
    }

    for kind, number in numbers.items():
        for word in ("change", "delete", "history", "end-sessions", "pause", "preview"):
            path = f"/admin/{kind}/{number}/{word}/"
            assert case.browser.get(path).status_code in {302, 404}, path
            assert case.browser._send("POST", path, data={"post": "yes"}).status_code != 200, path
    assert victim.who() == anas


def test_s11_staff_without_the_right_finds_and_searches_nothing(case, company):
    may_cost(case)
    member(case)
    case.portal.change("UPDATE people_user SET is_superuser = false WHERE email LIKE 'staff-%%'")
    through_company(case)
    assert is_in(case.browser)

    for path in (
        "/admin/partners/partner/?q=bystander",
        "/admin/people/user/?q=ana",
        "/admin/audit/event/?q=FY-0000-0000",
        "/admin/attempts/FY-0000-0000/",
        "/admin/where/",
        "/admin/autocomplete/?app_label=people&model_name=session&field_name=partner&term=b",
    ):
        assert case.browser.get(path).status_code in {403, 404}, path
    assert "bystander" not in case.browser.get("/admin/").text.lower()
    case._rows(case.browser)
    case._verdicts += 1


def test_s12_nobody_acts_as_somebody_and_a_preview_is_nobodys_session(case, owner):
    sessions = case.portal.rows("SELECT count(*) FROM people_session WHERE partner_id IS NOT NULL")
    place = f"/admin/partners/partner/{case.adversary.partner_id}/preview"

    page = owner.get(f"{place}/home/")

    assert page.status_code == 200
    assert "<div inert>" in page.text
    assert not [cookie for cookie in page.cookies if "session" in cookie.name]
    after = case.portal.rows("SELECT count(*) FROM people_session WHERE partner_id IS NOT NULL")
    assert after == sessions
    for word in ("login-as", "impersonate", "hijack", "sign-in-as"):
        assert owner.get(f"/admin/people/user/1/{word}/").status_code in {302, 404}
    case._verdicts += 1


# --- S13: a file of partners ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"name": "=cmd|' /C calc'!A0"}, id="formula"),
        pytest.param({"domains": ["bystander.example"]}, id="domain-of-another"),
        pytest.param({"domains": ["twice.example", "TWICE.example"]}, id="domain-twice"),
        pytest.param({"slug": "callback"}, id="reserved"),
        pytest.param({"unknown": 1}, id="unknown-key"),
    ],
)
def test_s13_one_bad_record_stops_a_whole_import_and_says_which(case, spoil):
    good, bad = (case.portal.record_of(f"import-{word}") for word in ("good", "bad"))
    bad = {**bad, **spoil}
    file = case.portal.directory / "spoilt.json"
    file.write_text(json.dumps({"partners": [good, bad]}))
    is_formula = str(spoil.get("name", "")).startswith("=")

    if is_formula:
        said = case.portal.manage("import_partners", str(file), "--dry-run")
        assert "import-good" in said
    else:
        with pytest.raises(AssertionError) as refused:
            case.portal.manage("import_partners", str(file))
        assert "partners[1]" in str(refused.value)

    there = "SELECT count(*) FROM partners_partner WHERE slug LIKE 'import-%%'"
    assert case.portal.rows(there) == [(0,)]
    case._verdicts += 1
