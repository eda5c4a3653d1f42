"""Group O, return: where the portal sends people on to, whoever wrote the address."""

import itertools
import re
from urllib.parse import quote, urlencode, urlsplit

import pytest

from tests.support.portal_visitor import continue_url

pytestmark = pytest.mark.portal

EVIL = "evil.example"

BEGINNINGS = [
    *("//", "///", "////", "/\\", "\\/", "\\\\", "\\", "/\\/", "//\\", "/\\\\", "\\/\\/"),
    *("/\t/", "/\n/", "/\r/", "/\r\n/", "\t//", "\n//", " //", "/ /", "/\t\\", "\x00//", "/\x00/"),
    *("\x01//", "\x1f//", "\x0b//", "/\x0b/", "/\x0c/", "\u00a0//", "\u3000//", "\ufeff//"),
    *("//@", "//x@", "//x:y@", "//:@", "/@", "@", "//;@", "//[", "//%00@", "//\u3002"),
    *("http:", "https:", "http:/", "https:/", "http://", "https://", "https:///", "https:\\\\"),
    *("https:/\\", "https:\\/", "HTTPS://", "hTtP://", " https://", "\thttps://", "h\tttps://"),
    *("https:\n//", "https://\t", "https://x@", "https://x:y@", "https://x%40", "ftp://", "ws://"),
    *("javascript://", "javascript:alert(1)//", "JaVaScRiPt:alert(1)//", "java\tscript:alert(1)//"),
    *("\x01javascript:alert(1)//", "data:text/html,<script>alert(1)</script>", "vbscript:x//"),
    *("blob:https://", "file://", "view-source:https://", "intent://", "about:blank#", "x:"),
    *("\u2044\u2044", "\u2215\u2215", "\uff0f\uff0f", "/\uff0f", "/\u2044", "\u29f8\u29f8"),
    *("/\u3002/", "?//", "#//", ".//", "..//", "./\\", ".", "..", "~//", "", "*//", "%2f%2f"),
    *("%5c%5c", "/%5c", "\\%2f", "https%3a//", "%09//", "%68ttps://", "{base}@", "{base}."),
    *("{base}:1@", "{base}\\@", "{base}%40", "{base}#@", "{base}?@", "{base}\t.", "{base}x."),
    *("{host}@", "//{host}@", "//{host}.", "//{host}\\.", "https://{host}/", "{upper}/"),
]
PLACES = ["evil.example", "evil.example/%2f..", "evil.example/{host}", "evil%E3%80%82example", "①②"]
"""What follows: a name, with what makes it look like a path or another name in some parser."""

EVERY_ONE = [f"{beginning}{place}" for beginning, place in itertools.product(BEGINNINGS, PLACES)]

A_FEW = [
    *("//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example"),
    *(
        "javascript:alert(1)",
        "data:text/html,x",
        "\uff0f\uff0fevil.example",
        "https://evil.example",
    ),
    *("{base}@evil.example/", "{base}.evil.example/", "/%09/evil.example", "/orders\r\nX: y"),
]


def filled(case, place):
    parts = urlsplit(case.portal.base_url)
    known = {"base": parts.geturl(), "host": parts.netloc, "upper": parts.geturl().upper()}
    return re.sub(r"{(\w+)}", lambda found: known[found[1]], place)


def assert_ours(case, location):
    """Assert that every browser stays at the portal, whatever it makes of odd characters."""
    assert re.fullmatch(r"[!-\[\]-~]+", location), location
    is_whole = location.startswith(f"{case.portal.base_url}/")
    # A percent begins neither a scheme nor a host.
    assert is_whole or re.match(r"/(?!/)|%", location), location


# --- O01, O02: open redirects --------------------------------------------------------------------


def test_o01_no_address_of_all_these_leads_away_whoever_is_signed_in(case):
    case.cpu_seconds = 30
    case.let_in(case.attack(), case.adversary.email("ana"))
    assert len(EVERY_ONE) > 500

    for place in EVERY_ONE:
        query = urlencode({"next": filled(case, place)})
        answer = case.browser.get(f"/login/?{query}")
        assert answer.status_code == 302, place
        assert_ours(case, answer.headers["Location"])


@pytest.mark.parametrize("number", range(len(A_FEW)), ids=lambda n: f"O02-{A_FEW[n]!r:.24}")
@pytest.mark.parametrize("way", ["logo", "email", "company-in-the-address", "partners-portal"])
def test_o01_o02_nor_does_a_sign_in_end_elsewhere(case, number, way):
    place = filled(case, A_FEW[number])

    url = WAYS[way](case, place)

    answer = case.browser.get(case.browser.come_back(url))
    expected = "/%09/evil.example" if place.startswith("/%09") else "/"
    case.let_in(answer, case.adversary.email("ana"), to=expected)


def by_email(case, place):
    form = {"email": case.adversary.email("ana"), "next": place}
    return continue_url(case.browser.post("/login/", form).text)


def by_address(case, place):
    query = urlencode({"partner": case.adversary.slug, "next": place})
    return case.browser.get(case.browser.get(f"/login/?{query}").headers["Location"]).headers[
        "Location"
    ]


def by_partner(case, place):
    query = urlencode({"iss": case.adversary.issuer_url, "target_link_uri": place})
    return case.browser.get(f"/login/initiate/?{query}").headers["Location"]


WAYS = {
    "logo": lambda case, place: case.browser.begin(
        case.adversary.slug, f"?{urlencode({'next': place})}"
    ),
    "email": by_email,
    "company-in-the-address": by_address,
    "partners-portal": by_partner,
}


@pytest.mark.parametrize("name", ["post_logout_redirect_uri", "RelayState", "next", "return_to"])
@pytest.mark.parametrize("place", ["//evil.example", "https://evil.example/", "javascript:x()"])
def test_o01_signing_out_leads_nowhere_that_somebody_asks_for(case, name, place):
    case.let_in(case.attack(), case.adversary.email("ana"))
    there = f"/logout/?{urlencode({name: place})}"

    answer = case.browser.post(there, {name: place})
    page = case.browser.get(f"{there}&state=x")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/logout/")
    # The form for the language returns to this page, and to nothing that its address names.
    assert not re.search(r'(?:href|action|src)="[^"]*(?:evil|javascript:)', page.text)
    assert "Refresh" not in page.headers


@pytest.mark.parametrize("path", ["/logout/", "/login/forget/", "/i18n/setlang/"])
@pytest.mark.parametrize("place", A_FEW[:7])
def test_o01_no_form_leads_away(case, path, place):
    form = {"next": place, "language": "de", "partner": "x"}

    answer = case.browser._send("POST", path, data=with_token(case, form))

    if "Location" in answer.headers:
        assert_ours(case, answer.headers["Location"])
    case.nothing_happened(answer, status=answer.status_code)


def with_token(case, form):
    page = case.browser.get("/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    return {**form, "csrfmiddlewaretoken": token}


TARGETS = [
    *("//evil.example", "///evil.example", "//evil.example/", "/\\evil.example", "//"),
    *("/.//evil.example", "/%2fevil.example", "/%5cevil.example", "/login//evil.example"),
    *("/login/..//evil.example", "/%0d%0aLocation:%20//evil.example", "/admin//evil.example/"),
]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("host", ["{host}", "other.example"])
def test_o02_no_path_makes_the_portal_redirect_elsewhere(case, target, host):
    """A slash that is missing at the end, and another name of the portal, are redirected."""
    answer = case.browser.ask_exactly("GET", target, Host=filled(case, host))

    if "Location" in answer.headers:
        assert_ours(case, answer.headers["Location"])
    case.nothing_happened(answer, status=answer.status_code)
    assert answer.status_code in {301, 302, 400, 404}


# --- O03: places that would lead in circles ------------------------------------------------------

CIRCLES = [
    *("/login/", "/login", "/login/adversary/", "/login?next=/login", "/logout/", "/logout"),
    *("/logout/?x=1", "/login/initiate/", "/i18n/setlang/", "/./logout/", "/orders/../login/x/"),
    *("/%6cogin/adversary/", "/login%2Fadversary/", "/%2e/login/", "/x/%2E%2E/logout/"),
]


@pytest.mark.parametrize("place", CIRCLES)
def test_o03_pages_of_signing_in_and_out_are_no_places_to_return_to(case, place):
    answer = case.attack(f"?{urlencode({'next': place})}")

    case.let_in(answer, case.adversary.email("ana"))


@pytest.mark.parametrize("length", [257, 3000])
def test_o03_an_address_that_is_too_long_to_keep(case, length):
    answer = case.attack(f"?next=/{'a' * length}")

    case.let_in(answer, case.adversary.email("ana"))


def test_o03_eight_kilobytes_are_not_even_read(case):
    answer = case.browser.get(f"/login/{case.adversary.slug}/?next=/{'a' * 8192}")

    case.nothing_happened(answer, status=answer.status_code)
    assert answer.status_code in {400, 414}


KEPT = ["/orders/42", "/orders/?a=1&b=%2F%2Fevil.example", "/orders/#//evil.example", "/a//b"]


@pytest.mark.parametrize("place", KEPT)
def test_o03_a_place_of_ours_is_where_people_get_to(case, place):
    answer = case.attack(f"?next={quote(place)}")

    case.let_in(answer, case.adversary.email("ana"), to=place)


@pytest.mark.parametrize("twice", ["next=/a&next=//evil.example", "next=//evil.example&next"])
def test_o03_two_places(case, twice):
    answer = case.attack(f"?{twice}")

    case.let_in(answer, case.adversary.email("ana"))


# --- O12: one origin -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", "EVIL.example:80", "[::1]"]
)
@pytest.mark.parametrize("path", ["/", "/login/", "/login/adversary/?next=/a/", "/login/nobody/"])
def test_o12_under_another_name_there_is_only_the_way_to_the_right_one(case, host, path):
    answer = case.browser.get(path, Host=host)

    assert answer.headers["Location"] == f"{case.portal.base_url}{path}"
    assert not answer.cookies
    case.nothing_happened(answer, status=301)


@pytest.mark.parametrize("path", ["/login/", "/logout/", "/login/initiate/"])
def test_o12_nothing_is_sent_on_from_another_name(case, path):
    answer = case.browser._send(
        "POST", path, data={"email": case.adversary.email("ana")}, headers={"Host": EVIL}
    )

    case.nothing_happened(answer, status=400)
    assert not answer.cookies
    assert EVIL not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": EVIL},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": EVIL, "X-Forwarded-Port": "443"},
        {"Forwarded": f"for=1.2.3.4;host={EVIL};proto=https"},
        {"X-Forwarded-Prefix": "//evil.example", "X-Script-Name": "/evil"},
        {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
    ],
    ids=lambda headers: next(iter(headers)) + str(len(headers)),
)
def test_o12_no_forwarding_header_of_anybodys_moves_the_redirect_uri(case, headers):
    answer = case.browser.get(f"/login/{case.adversary.slug}/", **headers)

    case.nothing_happened(answer, status=302)
    callback = quote(f"{case.portal.base_url}/login/{case.adversary.slug}/callback/", safe="")
    assert f"redirect_uri={callback}" in answer.headers["Location"]
    assert "evil" not in answer.headers["Location"]
