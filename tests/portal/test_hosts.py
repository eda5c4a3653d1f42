"""Under which name and from which address a request is believed to come."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.portal import TRUSTED_PROXY

pytestmark = pytest.mark.portal

LATEST = "select address::text from audit_event where reference = %s"
CLAIMS = {
    "Forwarded": "for=203.0.113.7;host=evil.example;proto=https",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Proto": "https",
    "X-Real-IP": "203.0.113.7",
}


def address_recorded(portal, answer):
    """Return the address in the trail's row of this refusal."""
    reference = answer.text.partition('class="reference">')[2].partition("<")[0]
    return portal.rows(LATEST, reference)[0][0].removesuffix("/32")


def refused(portal, *, source, headers):
    return portal.ask("GET", "/login/contoso/callback/?state=x", headers=headers, source=source)


def test_another_host_name_is_sent_to_the_portals_own(portal):
    answer = portal.ask("GET", "/login/?next=/a%2Fb", headers={"Host": "evil.example"})

    assert answer.status == 301
    assert answer.headers["Location"] == f"{portal.base_url}/login/?next=/a%2Fb"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:8000", "127.0.0.1:1", "evil.example:bad", ""]
)
def test_a_form_for_another_host_name_is_refused(portal, host):
    answer = portal.ask("POST", "/login/", headers={"Host": host}, body=b"email=a@b.example")

    assert answer.status == 400
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("source", ["127.0.0.1", TRUSTED_PROXY])
def test_no_header_changes_the_portals_own_name(portal, source):
    answer = portal.ask("GET", "/login/contoso/", headers=CLAIMS, source=source)

    sent = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert sent["redirect_uri"] == [f"{portal.base_url}/login/contoso/callback/"]
    assert "evil" not in str(answer.headers)


def test_an_address_is_believed_of_a_trusted_proxy(portal):
    answer = refused(portal, source=TRUSTED_PROXY, headers=CLAIMS)

    assert address_recorded(portal, answer) == "203.0.113.7"


def test_an_address_is_not_believed_of_anybody_else(portal):
    answer = refused(portal, source="127.0.0.2", headers=CLAIMS)

    assert address_recorded(portal, answer) == "127.0.0.2"


def test_of_a_chain_the_last_address_counts_that_somebody_trusted_has_seen(portal):
    chain = {"X-Forwarded-For": f"198.51.100.1, 203.0.113.8, {TRUSTED_PROXY}"}

    answer = refused(portal, source=TRUSTED_PROXY, headers=chain)

    assert address_recorded(portal, answer) == "203.0.113.8"


def test_an_underscore_does_not_pass_for_a_hyphen(portal):
    answer = refused(portal, source=TRUSTED_PROXY, headers={"X_Forwarded_For": "203.0.113.9"})

    assert address_recorded(portal, answer) == TRUSTED_PROXY


def test_health_is_told_under_any_name(portal):
    answer = portal.ask("GET", "/health/ready/", headers={"Host": "10.0.0.1:8000"})

    assert answer.status == 200
