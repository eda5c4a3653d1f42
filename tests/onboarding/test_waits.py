"""How long the set-up's pages have a partner's people wait, whatever their address has done."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from federation.limits import count_one
from onboarding import sessions
from onboarding.connecting import EXAMINATIONS
from onboarding.models import Purpose, SetUpLink
from onboarding.views.colleague import COLLEAGUES
from onboarding.views.domains import ADDITIONS, LOOKS
from onboarding.views.link import CODES
from onboarding.views.provider import GUESSES
from onboarding.views.switch_on import UPLOADS
from partners.models import Connection
from partners.secrets import remember_client_secret

TOKEN = "t" * 43
ADDRESS = "ben@brightwater.example"


@pytest.fixture
def connected(set_up):
    """Give a set-up that knows its provider, and another link into it."""
    version = Connection.objects.create(
        partner=set_up.partner,
        is_live=False,
        provider="other",
        issuer="https://sso.brightwater.example",
        client_id="foyer",
    )
    remember_client_secret(version, "a secret of theirs")
    SetUpLink.objects.create(
        case=set_up.case,
        purpose=Purpose.COLLEAGUE,
        address=ADDRESS,
        token_digest=sessions.digest_of(TOKEN),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return set_up


def a_picture():
    return {"wide": SimpleUploadedFile("wide.png", b"x")}


@pytest.mark.parametrize(
    ("limit", "page", "typed"),
    [
        (COLLEAGUES, "setup_colleague", {"email": ADDRESS}),
        (EXAMINATIONS, "setup_connect", {}),
        (EXAMINATIONS, "setup_test", {}),
        (ADDITIONS, "setup_domains", {"domain": "brightwater.example"}),
        (LOOKS, "setup_domains", {"look": "all"}),
        (GUESSES, "setup_provider", {"email": ADDRESS}),
        (UPLOADS, "setup_switch_on", a_picture),
        (CODES, "setup_link", {}),
    ],
    ids=["colleague", "connect", "test", "domain", "look", "guess", "picture", "code"],
)
def test_whoever_waits_for_a_limit_of_the_partner_is_told_when_that_ends(
    connected, limit, page, typed
):
    for _ in range(limit.amount):
        count_one(limit, f"at {connected.partner.slug}")
    url = reverse(page, args=[TOKEN] if page == "setup_link" else [])

    answer = connected.post(url, typed() if callable(typed) else typed)

    # Nearly all of the window is left: that of the address alone has not begun.
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > limit.get_expiry() / 2
