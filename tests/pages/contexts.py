"""What the views give to the templates, one for each page and state."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils.text import slugify

from federation.forms import SignInForm
from federation.oidc.errors import Reason
from federation.wording import wording_of
from partners.directory import DirectoryPage, Tile

Context = dict[str, Any]

AT = datetime(2026, 11, 23, 8, 41, tzinfo=UTC)

CONTOSO = SimpleNamespace(
    slug="contoso",
    name="Contoso",
    mark_url="/logos/contoso-mark",
    wide_logo_url="/logos/contoso",
    initials="C",
    help_name="",
    help_email="it@contoso.example",
    help_phone="+00 555 0100",
    help_url="",
    paused_note="Back on Monday.",
)
BRIGHTWATER = SimpleNamespace(
    slug="brightwater",
    name="Brightwater Labs",
    mark_url="",
    wide_logo_url="/logos/brightwater",
    initials="BL",
    help_name="",
    help_email="",
    help_phone="",
    help_url="",
)


def tile(name: str, *, logo: str = "", note: str = "") -> Tile:
    """Return a company on the board."""
    slug = slugify(name)
    return Tile(slug=slug, name=name, wide_logo_url=logo, mark_url="", initials=name[:1], note=note)


def board(tiles: int = 48, **changes: Any) -> DirectoryPage:
    """Return a page of the directory in the middle of 1,184 companies."""
    found = [
        tile(f"Amberline Foods {number}", logo="/logos/" + 64 * "a") for number in range(tiles)
    ]
    given: Context = {
        "query": "",
        "total": 1184,
        "shown": tiles,
        "groups": [("A", found)],
        "show_search": True,
        "show_letters": True,
        "letters": [("A", "?letter=A", True), ("B", "?letter=B", False), ("Q", None, False)],
        "first_letter": "A",
        "last_letter": "C",
        "previous_href": "?page=1",
        "previous_label": "0-9",
        "next_href": "?page=3",
        "next_label": "D to F",
    }
    return DirectoryPage(**{**given, **changes})


def sign_in(**changes: Any) -> Context:
    """Return what the sign-in page gets on a first visit where nobody is listed."""
    form = SignInForm(initial={"email": "", "remember": True})
    given: Context = {
        "form": form,
        "return_to": "",
        "remembered": [],
        "directory": None,
        "stalled": None,
        "unknown": None,
        "mailed": None,
        "paused": None,
        "has_ended": False,
    }
    return {**given, **changes}


def typed(email: str) -> SignInForm:
    """Return the form as it came back with this address."""
    form = SignInForm({"email": email, "remember": "on"})
    form.is_valid()
    return form


def unknown(**changes: Any) -> Context:
    """Return what the page says about a domain that nobody signs in with."""
    given = {
        "email": "priya@brightwatr.example",
        "domain": "brightwatr.example",
        "suggestion": None,
        "suggested_email": "",
    }
    return {**given, **changes}


def mailed(**changes: Any) -> Context:
    """Return what the page says about a domain that nobody signs in with openly."""
    given = {"email": "dmitri@privateco.example", "domain": "privateco.example"}
    return unknown(**{**given, **changes})


def remembered(*partners: SimpleNamespace) -> list[SimpleNamespace]:
    """Return these companies as a browser remembers them."""
    return [SimpleNamespace(partner=one, email=f"ana@{one.slug}.example") for one in partners]


def stalled(**changes: Any) -> Context:
    """Return an attempt that has not come back."""
    given = {"partner": CONTOSO, "email": "", "started_at": AT, "reference": "FY-9B2M-64TC"}
    return {**given, **changes}


def refused(reason: Reason = Reason.SIGNATURE_INVALID, **changes: Any) -> Context:
    """Return what the page of a refusal gets."""
    wording = wording_of(reason, partner_name="Contoso", portal_name="Northlake")
    given: Context = {
        "headline": wording.headline,
        "cause": wording.cause,
        "who": wording.who,
        "helper": {"partner": "partner", "owner": "owner", "person": ""}[wording.who],
        "account": "",
        "reason": reason,
        "reference": "FY-7F3K-92QD",
        "when": AT,
        "partner": CONTOSO,
        "tried_to_open": "/orders/",
        "provider_words": "",
        "provider_error": "",
        "try_again_url": "/login/contoso/?next=/orders/",
        "other_account_url": "/login/contoso/?prompt=select_account",
        "mailto": "mailto:it@contoso.example?subject=x",
    }
    return {**given, **changes}


def home(**changes: Any) -> Context:
    """Return what the home page gets, half a minute into the session."""
    given: Context = {
        "person": SimpleNamespace(name="Ana Sousa", email="ana@contoso.example"),
        "partner": CONTOSO,
        "provider_label": "Okta",
        "services": [],
        "services_reachable": True,
        "session_ends": AT + timedelta(hours=9),
        "idle_minutes": 30,
        "idle_ends": AT + timedelta(minutes=30),
        "elsewhere": [],
        "remembered": [],
    }
    return {**given, **changes}


PAGES: dict[str, tuple[str, Context]] = {
    "sign-in": ("federation/sign_in.html", sign_in(directory=board())),
    "sign-in-alone": ("federation/sign_in.html", sign_in()),
    "sign-in-empty": ("federation/sign_in.html", sign_in(form=typed(""))),
    "sign-in-search": (
        "federation/sign_in.html",
        sign_in(directory=board(0, query="xyzzy", total=0, groups=[], letters=[])),
    ),
    "sign-in-unknown": (
        "federation/sign_in.html",
        sign_in(
            form=typed("priya@brightwatr.example"),
            unknown=unknown(
                suggestion="brightwater.example", suggested_email="priya@brightwater.example"
            ),
        ),
    ),
    "sign-in-mailed": (
        "federation/sign_in.html",
        sign_in(form=typed("dmitri@privateco.example"), mailed=mailed(), directory=board()),
    ),
    "link": ("federation/link.html", {"partner": CONTOSO}),
    "link-over": ("federation/link_over.html", {}),
    "sign-in-stalled": ("federation/sign_in.html", sign_in(stalled=stalled())),
    "sign-in-remembered": ("federation/sign_in.html", sign_in(remembered=remembered(CONTOSO))),
    "sign-in-several": (
        "federation/sign_in.html",
        sign_in(remembered=remembered(CONTOSO, BRIGHTWATER)),
    ),
    "sign-in-paused": (
        "federation/sign_in.html",
        sign_in(form=typed("ana@contoso.example"), paused=CONTOSO),
    ),
    "sign-in-ended": ("federation/sign_in.html", sign_in(has_ended=True)),
    "taking-you": (
        "federation/taking_you.html",
        {"partner": CONTOSO, "authorization_url": "https://login.contoso.example/?a=1&b=2"},
    ),
    "refused": ("federation/refused.html", refused()),
    "paused": ("federation/paused.html", {"partner": CONTOSO}),
    "home": ("federation/home.html", home()),
    "home-elsewhere": (
        "federation/home.html",
        home(
            elsewhere=[
                {"handle": "0123456789abcdef", "device": "Firefox on Windows", "seen": AT},
                {"handle": "fedcba9876543210", "device": "Safari on iPhone", "seen": AT},
            ]
        ),
    ),
    "timed-out": ("federation/timed_out.html", {"return_to": "/orders/"}),
    "sign-out": ("federation/sign_out.html", {"partner": CONTOSO}),
    "signed-out": (
        "federation/signed_out.html",
        {
            "partner": CONTOSO,
            "end_session_url": "https://login.contoso.example/logout",
            "remembered": remembered(CONTOSO),
        },
    ),
    "help": ("federation/help.html", {}),
    "initiate": ("federation/initiate_unknown.html", {}),
    "400": ("400.html", {}),
    "403": ("403.html", {}),
    "403-csrf": ("403_csrf.html", {}),
    "404": ("404.html", {}),
    "429": ("429.html", {"retry_after": 60}),
    "500": ("500.html", {"reference": "FY-7F3K-92QD"}),
}
"""Every page in a state of its own: template and context."""
