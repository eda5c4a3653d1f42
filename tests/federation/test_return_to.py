import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.return_to import safe_return_to

HOSTILE = [
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "///evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "https://testserver.evil.example/",
    "https://testserver@evil.example/",
    "https://testserver:443@evil.example/",
    "https://testserver",
    "http://testserver/",
    "javascript:alert(1)",
    "data:text/html,x",
    " /orders/",
    "/orders/\x00",
    "/orders/ x",
    "/\u2044evil.example",
    "/login/",
    "/login?next=/",
    "/logout/",
    "/logout",
    "/i18n/setlang/",
    "/./login/",
    "/orders/../login/acme/",
    "/orders/%2E%2e/logout/",
    "/%6cogin/acme/",
    "/login%2Facme/",
    "/login/../login#x",
    "orders/",
    "?next=x",
    "",
    None,
    "/" + "a" * 256,
]


@pytest.mark.parametrize("raw", HOSTILE)
def test_returns_home_from_what_is_no_place_of_ours(raw):
    assert safe_return_to(raw) == "/"


@pytest.mark.parametrize(
    "raw", ["/", "/orders/7?view=all#lines", "/logins/", "/a//b", "/%0a/x", "/orders/../login-x"]
)
def test_returns_to_a_path_of_the_portal(raw):
    assert safe_return_to(raw) == raw


def test_returns_to_a_service_at_an_origin_that_the_owner_named(settings):
    settings.SERVICE_ORIGINS = ["https://orders.northlake.example"]

    assert safe_return_to("https://orders.northlake.example/7") == (
        "https://orders.northlake.example/7"
    )
    assert safe_return_to("https://orders.northlake.example:8443/7") == "/"
    assert safe_return_to("https://orders.northlake.example.evil.example/7") == "/"


@given(st.text(max_size=40))
def test_never_leaves_the_portal_whatever_is_asked(raw):
    place = safe_return_to(raw)

    assert place.startswith("/")
    assert not place.startswith(("//", "/\\"))
