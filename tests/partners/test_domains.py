import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.domains import is_public_mail_domain, refusal_of_domain, registrable_domain


@pytest.mark.parametrize(
    "raw",
    [
        "contoso.example",
        "contoso.test",
        "lab.contoso.co.uk",
        "Contoso.Example",
        "bücher.example",
        "xn--bcher-kva.example",
        "acme.github.io",
        "0.example",
    ],
)
def test_takes_a_domain_of_a_company(raw):
    assert refusal_of_domain(raw) is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("", "not a domain name"),
        ("acme..example", "not a domain name"),
        ("acme.example.", "not a domain name"),
        ("acme example", "not a domain name"),
        ("-acme.example", "not a domain name"),
        ("ａcme.example", "not a domain name"),
        ("acme。example", "not a domain name"),
        ("ana@acme.example", "not a domain name"),
        ("https://acme.example", "not a domain name"),
        ("a" * 64 + ".example", "not a domain name"),
        ("a." * 200 + "example", "not a domain name"),
        ("acme\x00.example", "not a domain name"),
        ("*.acme.example", "not a domain name"),
        ("localhost", "a dot and an ending"),
        ("com", "a dot and an ending"),
        ("192.0.2.1", "a dot and an ending"),
        ("co.uk", "Anybody can register"),
        ("github.io", "Anybody can register"),
        ("herokuapp.com", "Anybody can register"),
        ("公司.cn", "Anybody can register"),
        ("gmail.com", "Anybody can have an address"),
        ("GoogleMail.com", "Anybody can have an address"),
        ("mail.gmx.de", "Anybody can have an address"),
    ],
)
def test_says_why_a_domain_cannot_be_a_partners(raw, words):
    assert words in str(refusal_of_domain(raw))


@pytest.mark.parametrize(
    "raw", ["northlake.example", "portal.northlake.example", "x.northlake.example", "owner.test"]
)
def test_the_portals_own_domain_is_no_partners(raw, settings):
    settings.BASE_URL = "https://portal.northlake.example:8443"
    settings.PORTAL_SUPPORT_EMAIL = "help@Owner.test"

    assert "own domain" in str(refusal_of_domain(raw))
    assert refusal_of_domain("notnorthlake.example") is None


@pytest.mark.parametrize(
    "base_url", ["http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"]
)
def test_a_portal_without_a_domain_refuses_none(base_url, settings):
    settings.BASE_URL = base_url
    settings.PORTAL_SUPPORT_EMAIL = ""

    assert refusal_of_domain("0.1.example") is None


@given(st.text(max_size=80))
def test_anything_is_taken_or_refused(raw):
    refusal_of_domain(raw)
    refusal_of_domain(f"{raw}.example")


def test_the_public_suffix_list_comes_with_the_package(monkeypatch):
    def refused(*_args, **_kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)

    assert registrable_domain("www.acme.co.uk") == "acme.co.uk"
    assert registrable_domain("www.acme.example") == "acme.example"
    assert registrable_domain("github.io") is None


@pytest.mark.parametrize("domain", ["gmail.com", "mail.gmail.com", "yahoo.co.uk", "gmx.de"])
def test_knows_where_anybody_can_have_an_address(domain):
    assert is_public_mail_domain(domain)


@pytest.mark.parametrize(
    "domain", ["notgmail.com", "gmail.com.acme.example", "acme.example", "com"]
)
def test_takes_no_other_domain_for_a_public_one(domain):
    assert not is_public_mail_domain(domain)
