"""Groups K and M: partners that nobody is to know of, and the links that are mailed to them."""

import re
import time
from statistics import median

import pytest

from tests.support.portal_visitor import TOKEN, continue_url
from tests.support.worker import Mails, running_worker

pytestmark = pytest.mark.portal

VISIBILITY = "UPDATE partners_partner SET visibility = %s WHERE id = %s"
WAITING = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'mails'"
OF_EACH_ANSWER = ("Date", "Expires", "Set-Cookie", "Content-Security-Policy", "X-Request-ID")


@pytest.fixture(scope="module")
def mails(tmp_path_factory):
    return Mails(tmp_path_factory.mktemp("mails"))


@pytest.fixture(scope="module")
def port(portal_server, mails):
    """The port of a server that can send mails, beside the worker that does."""
    environment = {**portal_server.environment, "EMAIL_URL": mails.url}
    log = portal_server.directory / "worker.log"
    with (
        portal_server.another_process(EMAIL_URL=mails.url) as process,
        running_worker(environment, queues="mails", log=log),
    ):
        yield process.port


@pytest.fixture
def hidden(case, port, mails):
    """The adversary, of whom nobody is to know."""
    case.cpu_seconds, case.seconds = 5, 10
    settle(case)
    mails.new()
    case.portal.change("DELETE FROM federation_signinlink")
    case.portal.change(VISIBILITY, "hidden", case.adversary.partner_id)
    yield case.adversary
    case.portal.change(VISIBILITY, "by_email", case.adversary.partner_id)


@pytest.fixture
def ana(case, port):
    """The browser of a person at the hidden partner."""
    return case.new_browser(port=port)


def typed(browser, email, **headers):
    token = TOKEN.search(browser.get("/login/").text)[1]
    form = {"csrfmiddlewaretoken": token, "email": email}
    return browser._send("POST", "/login/", data=form, headers=headers)


def path_in(mail, case):
    found = re.search(
        rf"{re.escape(case.portal.base_url)}(/login/link/[\w-]+/)", mail.get_content()
    )
    assert found, mail.get_content()
    return found[1]


def settle(case):
    """Wait until the worker has nothing to do."""
    deadline = time.monotonic() + 30
    while case.portal.rows(WAITING) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def no_more(case, answer, *, status=200):
    assert "Refresh" not in answer.headers
    case.nothing_happened(answer, status=status)


# --- K01, K02: who is a partner -------------------------------------------------------------------


def test_k01_hidden_paused_draft_and_none_are_one_answer(case, hidden, ana, port, mails):
    email = hidden.email("eve")
    answers = [typed(ana, email)]
    settle(case)
    sent = mails.new()

    for status in ("paused", "draft"):
        hidden.set_status(status)
        # Somebody else is hidden still, so that there is reason to mail at all.
        answers.append(typed(case.new_browser(port=port), email))
        settle(case)
    hidden.set_status("live")
    answers.append(typed(case.new_browser(port=port), "eve@adversely.example"))
    settle(case)

    assert [mail["To"] for mail in sent] == [email]
    assert mails.new() == []
    pages = {
        re.sub(r'nonce="[^"]+"', "", TOKEN.sub("", one.text)).replace(
            "eve@adversely.example", email
        )
        for one in answers
    }
    assert len(pages) == 1
    assert "Check your email" in pages.pop()
    headers = [
        {name: value for name, value in one.headers.items() if name not in OF_EACH_ANSWER}
        for one in answers
    ]
    lengths = {one.pop("Content-Length", "") for one in headers[:3]}
    assert len(lengths) == 1
    assert headers[1:3] == [headers[0], headers[0]]
    cookies = [{cookie.name: len(cookie.value) for cookie in one.cookies} for one in answers]
    assert cookies[1:] == cookies[:-1]
    no_more(case, answers[0])


def test_k02_a_hidden_partner_takes_no_longer_than_none(case, hidden, port):
    case.cpu_seconds = 30
    took = {hidden.email("ana"): [], "ana@adversely.example": []}
    for _ in range(4):
        browser = case.new_browser(port=port)
        token = TOKEN.search(browser.get("/login/").text)[1]
        for number in range(40):
            email = tuple(took)[number % 2]
            form = {"csrfmiddlewaretoken": token, "email": email}
            began = time.monotonic()
            answer = browser._send("POST", "/login/", data=form)
            took[email].append(time.monotonic() - began)
            assert answer.status_code == 200

    settle(case)
    medians = sorted(median(times) for times in took.values())
    assert medians[1] < medians[0] * 1.5
    no_more(case, answer)


def test_k01_nobody_is_mailed_to_who_is_no_hidden_partners(case, hidden, ana, mails):
    for email in ("ana@evil.example", "ana@sub.adversary.example", "ana@adversary.example.evil.x"):
        answer = typed(ana, email)

    settle(case)
    assert mails.new() == []
    no_more(case, answer)


# --- M01, M02, M06 to M08: the link ---------------------------------------------------------------


def test_m02_m06_a_scanner_opens_the_link_and_it_works_once_for_its_person(
    case, hidden, ana, port, mails
):
    typed(ana, hidden.email("ana"))
    path = path_in(mails.next(), case)
    scanner = case.new_browser(port=port)

    opened = [scanner.get(path), ana.get(path), ana.ask("HEAD", path)]
    sent = scanner.post(path, {}, page="/login/")
    onward = ana.post(path, {})
    again = [ana.get(path), ana.post(path, {}, page="/login/")]

    assert [one.status_code for one in opened] == [404, 200, 200]
    assert sent.status_code == 404
    assert [one.status_code for one in again] == [404, 404]
    for stranger in (opened[0], sent, *again):
        assert "Adversary" not in stranger.text
        assert "Refresh" not in stranger.headers
    url = continue_url(onward.text)
    assert url.startswith(f"{hidden.issuer.url}/")
    case._rows(ana)
    case.let_in(ana.get(ana.come_back(url)), hidden.email("ana"), by=ana)


def test_m01_m07_the_token_is_in_the_mail_and_nowhere_else(case, hidden, ana, mails):
    typed(ana, hidden.email("ana"))
    path = path_in(mails.next(), case)
    token = path.split("/")[-2]
    opened = ana.get(path)
    onward = ana.post(path, {})

    assert len(token) == 43
    for answer in (opened, onward):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert token not in answer.text
        assert token not in str(answer.headers)
    case.secrets.add(token)
    tables = [
        row[0]
        for row in case.portal.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    for table in tables:
        rows = case.portal.rows(f"SELECT t::text FROM {table} t")  # noqa: S608 -- our own tables
        assert not [row for row in rows if token in str(row)], table
    for log in case.portal.directory.glob("*.log"):
        assert token not in log.read_text(), log
    no_more(case, opened)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"},
    ],
)
def test_m08_the_link_is_the_portals_own_whatever_the_request_says(
    case, hidden, ana, mails, headers
):
    answer = typed(ana, hidden.email("ana"), **headers)

    mail = mails.next()
    assert path_in(mail, case)
    assert "evil" not in mail.as_string()
    assert "https" not in mail.get_content()
    no_more(case, answer)


def test_m08_another_host_name_is_mailed_for_to_nobody(case, hidden, ana, mails):
    token = TOKEN.search(ana.get("/login/").text)[1]
    form = {"csrfmiddlewaretoken": token, "email": hidden.email("ana")}

    answer = ana._send("POST", "/login/", data=form, headers={"Host": "evil.example"})

    settle(case)
    assert mails.new() == []
    no_more(case, answer, status=400)


@pytest.mark.parametrize("cookie", ["", "made.up", pytest.param("x" * 3000, id="very-long")])
def test_m05_a_browser_that_has_not_asked_gets_nowhere(case, hidden, ana, port, mails, cookie):
    typed(ana, hidden.email("ana"))
    path = path_in(mails.next(), case)
    forger = case.new_browser(port=port)
    forger.plant("foyer-link", cookie)

    answers = [forger.get(path), forger.post(path, {}, page="/login/")]

    assert [one.status_code for one in answers] == [404, 404]
    no_more(case, answers[1], status=404)


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "..%2f..%2fadmin", "%00", "{{7*7}}"),
        *(pytest.param("x" * number, id=f"{number}-characters") for number in (43, 2000)),
    ],
)
def test_m23_what_is_no_link_is_a_page_that_is_not_there(case, hidden, ana, token):
    answer = ana.ask_exactly("GET", f"/login/link/{token}/")

    no_more(case, answer, status=404)


def test_m14_a_form_of_another_site_uses_no_link(case, hidden, ana, mails):
    typed(ana, hidden.email("ana"))
    path = path_in(mails.next(), case)

    forged = ana._send("POST", path, data={}, headers={"Origin": "https://evil.example"})

    assert "Refresh" not in forged.headers
    no_more(case, forged, status=forged.status_code)
    assert "Refresh" in ana.post(path, {}).headers


# --- How often ------------------------------------------------------------------------------------


def test_k09_an_address_gets_three_mails_in_an_hour_however_many_ask(case, hidden, port, mails):
    case.cpu_seconds = 10
    for _ in range(6):
        answer = typed(case.new_browser(port=port), hidden.email("ben"))

    settle(case)
    assert len(mails.new()) == 3
    assert "Check your email" in answer.text
    no_more(case, answer)


def test_k09_one_browser_asks_for_twenty_mails_in_an_hour(case, hidden, ana, mails):
    case.cpu_seconds = 15
    for number in range(25):
        answer = typed(ana, hidden.email(f"person-{number}"))

    settle(case)
    assert len(mails.new()) == 20
    no_more(case, answer)
