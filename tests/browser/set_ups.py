"""Set-ups in the running portal: a new partner, and a browser in its pages."""

import re

from tests.browser.window import Window
from tests.support.portal import Portal

CONTACT = "it@{slug}.example"

_OPEN = """
import secrets
from django.utils import timezone
from onboarding import sessions
from onboarding.models import Purpose, SetUpCase, SetUpLink, SetUpSession
from partners.models import Partner

partner, _ = Partner.objects.get_or_create(slug={slug!r}, defaults=dict(name={name!r}))
case, _ = SetUpCase.objects.get_or_create(partner=partner, closed_at=None)
now, key = timezone.now(), secrets.token_urlsafe(32)
link = SetUpLink.objects.create(
    case=case, purpose=Purpose.SET_UP, address={address!r}, token_digest=secrets.token_hex(32),
    sent_by="owner@northlake.example", expires_at=now, used_at=now,
)
SetUpSession.objects.create(
    link=link, key_digest=sessions.digest_of(key), expires_at=now + sessions.LASTS
)
print(sessions.cookie_name(), key)
"""

_SEND = """
from onboarding.invitations import send_link
from partners.models import Partner

partner, _ = Partner.objects.get_or_create(slug={slug!r}, defaults=dict(name={name!r}))
send_link(partner, {address!r}, sent_by="owner@northlake.example")
"""


def cookie_of_set_up(portal: Portal, slug: str, name: str) -> tuple[str, str]:
    """Return name and value of the cookie of a new set-up session; the partner is made if new."""
    command = _OPEN.format(slug=slug, name=name, address=CONTACT.format(slug=slug))
    cookie, value = portal.manage("shell", "--no-imports", "--command", command).split()
    return cookie, value


def enter(window: Window, cookie: tuple[str, str]) -> None:
    """Let the window go on as the browser that has opened the set-up."""
    name, value = cookie
    window.context.add_cookies([{"name": name, "value": value, "url": window.portal.base_url}])


def send_link(portal: Portal, slug: str, name: str) -> str:
    """Have the owner send the IT department of a new partner its link; return the mail's."""
    address = CONTACT.format(slug=slug)
    command = _SEND.format(slug=slug, name=name, address=address)
    portal.manage("shell", "--no-imports", "--command", command)
    mail = portal.mails_to(address)[0]
    found = re.search(rf"{re.escape(portal.base_url)}/setup/\S{{43}}/", mail.get_content())
    assert found, mail.get_content()
    return found[0]


def own_domain(portal: Portal, slug: str) -> None:
    """Have the owner take ``<slug>.example`` for the partner's, as by a contract."""
    portal.change(
        "insert into partners_emaildomain"
        " (partner_id, name, subdomains, verified_at, verified_how, verified_why)"
        " select id, slug || '.example', false, now(), 'operator', '' from partners_partner"
        " where slug = %s on conflict do nothing",
        slug,
    )
