"""What an https BASE_URL adds; TLS itself ends before the portal."""

from ipaddress import ip_network

import pytest

pytestmark = pytest.mark.django_db


def test_browsers_are_told_to_use_nothing_but_https(client):
    answer = client.get("/login/", secure=True)

    seconds = "max-age=63072000"
    assert answer.headers["Strict-Transport-Security"].startswith(seconds)


def test_cookies_belong_to_this_host_alone_and_are_never_sent_in_the_clear(acme, browser):
    browser.sign_in(acme)

    cookies = browser.portal.cookies.values()
    assert cookies
    assert all(cookie.key.startswith("__Host-") for cookie in cookies)
    assert all(cookie["secure"] and cookie["path"] == "/" for cookie in cookies)
    assert not any(cookie["domain"] for cookie in cookies)


def test_a_request_that_came_in_the_clear_is_sent_to_https(client, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1/32")]

    answer = client.get("/login/?q=a", secure=True, headers={"X-Forwarded-Proto": "http"})

    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        "https://testserver/login/?q=a",
    )


def test_nobody_but_a_trusted_proxy_says_that_it_came_in_the_clear(client):
    answer = client.get("/login/", secure=True, headers={"X-Forwarded-Proto": "http"})

    assert answer.status_code == 200
