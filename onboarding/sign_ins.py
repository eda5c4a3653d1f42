"""The sign-ins of one partner's people, as its own IT department may see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import Event
from federation.oidc.errors import Reason
from federation.wording import wording_of
from partners.addresses import domain_of
from partners.home_realm import owns_domain
from partners.models import Partner

SINCE = timedelta(days=30)

MOST = 200

KINDS = ("login.succeeded", "login.refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One sign-in: when, whose as far as that is the partner's to know, and how it ended."""

    at: datetime
    email: str
    outcome: str
    reason: str
    reference: str


def sign_ins_of(partner: Partner, *, portal_name: str) -> list[SignIn]:
    """Return the latest sign-ins of the last 30 days, the newest first.

    An address outside of the partner's domains is somebody else's: most of it is left out.
    """
    # A former partner of the same slug is nobody's business: nothing from before this one's time.
    since = max(timezone.now() - SINCE, partner.created_at)
    events = Event.objects.filter(partner=partner.slug, what__in=KINDS, at__gte=since)
    latest = list(events.order_by("-id")[:MOST])
    domains = {domain_of(event.email) for event in latest if event.email}
    own = {domain for domain in domains if owns_domain(partner, domain)}
    return [
        SignIn(
            at=event.at,
            email=_shown(event.email, own),
            outcome=_outcome(event, partner, portal_name),
            reason=event.reason,
            reference=event.reference,
        )
        for event in latest
    ]


def _shown(email: str, own: set[str]) -> str:
    if not email or domain_of(email) in own:
        return email
    return f"{email[:1]}…@{domain_of(email)[:1]}…"


def _outcome(event: Event, partner: Partner, portal_name: str) -> str:
    if event.what == "login.succeeded":
        return _("Signed in")
    # The trail outlives a word that a former release had for a reason.
    if event.reason not in set(Reason):
        return _("Stopped")
    words = wording_of(event.reason, partner_name=partner.name, portal_name=portal_name)
    return words.headline
