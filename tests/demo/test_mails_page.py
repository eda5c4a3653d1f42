"""The demo shows the mails that the portal sent, as Django's file backend has written them."""

import os

import pytest
import requests
from django.core.mail import EmailMessage, get_connection

from demo.provider import running_provider
from demo.provider.companies import register_companies


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "mails"


@pytest.fixture
def send(directory):
    """Send a mail, in a second of its own."""
    seconds = iter(range(1_700_000_000, 1_700_000_100))
    backends = []  # kept, because the name of a file has the backend's id in it

    def one(subject, body="Hello"):
        before = set(directory.iterdir())
        backend = get_connection(
            "django.core.mail.backends.filebased.EmailBackend", file_path=directory
        )
        backends.append(backend)
        sender, recipients = "portal@northlake.example", ["ana@contoso.example"]
        EmailMessage(subject, body, sender, recipients, connection=backend).send()
        (file,) = set(directory.iterdir()) - before
        os.utime(file, (next(seconds),) * 2)

    return one


@pytest.fixture
def page(directory):
    directory.mkdir(exist_ok=True)
    with running_provider(mails_directory=directory) as provider:
        register_companies(provider, portal="http://127.0.0.1:8000")
        yield lambda: requests.get(f"{provider.base_url}/mails/", timeout=5).text


def test_shows_the_newest_mail_first(page, send):
    for subject in ("the first", "the second"):
        send(subject)

    assert page().index("the second") < page().index("the first")


def test_shows_both_mails_of_one_moment(page, directory):
    backend = get_connection(
        "django.core.mail.backends.filebased.EmailBackend", file_path=directory
    )
    backend.send_messages(
        [
            EmailMessage(subject, "Hello", "portal@northlake.example", ["ana@contoso.example"])
            for subject in ("the first", "the second")
        ]
    )

    assert page().index("the second") < page().index("the first")


def test_shows_for_whom_it_is_and_what_it_says(page, send):
    send("Anmeldung – jetzt", "Grüße, & <b>bis bald</b>")

    shown = page()
    assert "Anmeldung – jetzt" in shown
    assert "<strong>ana@contoso.example</strong>" in shown
    assert "Grüße, &amp; &lt;b&gt;bis bald&lt;/b&gt;" in shown


def test_a_link_can_be_clicked_and_ends_where_the_sentence_does(page, send):
    send("A link", "Go to http://127.0.0.1:8000/setup/abc/?a=1&b=2.\nThen come back.")

    address = "http://127.0.0.1:8000/setup/abc/?a=1&amp;b=2"
    assert f'<a href="{address}">{address}</a>.' in page()


def test_a_long_link_stays_whole(page, send):
    address = f"http://127.0.0.1:8000/login/link/{'a' * 43}/{'b' * 900}"
    send("A long link", f"Open {address}\n")

    assert f'href="{address}"' in page()


def test_says_that_there_is_none(page):
    assert "There are none yet." in page()


def test_there_is_no_such_page_where_no_mails_are_kept():
    with running_provider() as provider:
        answer = requests.get(f"{provider.base_url}/mails/", timeout=5)
        front = requests.get(provider.base_url, timeout=5)

    assert answer.status_code == 404
    assert "Mails from the portal" not in front.text
