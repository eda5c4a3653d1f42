"""The developer token of a session: held sealed in the session's row, renewed ahead of its end.

Of all that find a token due, in all workers, one renews it. It claims that by an update of the
session's row which says until when, and holds no lock and no transaction while it asks the pool: a
slow pool must not keep database connections. A claim whose holder died lapses.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from audit.trail import new_reference
from partners.models import Status
from people.models import Session, User
from people.session_store import is_saved, row_of
from tokens.errors import SignedOutError, TokenIssuerError, TokenIssuerUnavailableError
from tokens.identities import confirm_identity
from tokens.issuers import token_issuer
from tokens.refusals import record_refusal
from tokens.renewal import is_due
from tokens.sealing import sealed, unsealed
from tokens.signed_in import SignedIn, signed_in
from tokens.values import DeveloperToken

log = structlog.get_logger(__name__)

CLAIM = timedelta(seconds=10)
"""Twice what a renewal may take, so that a claim lapses only when its holder has died."""

STILL_GOOD = timedelta(seconds=30)
"""A token with so much left is handed out while another is being renewed or cannot be had."""

PATIENCE_SECONDS = 2.0
"""How long a request waits for another one's renewal: it holds one of few threads meanwhile."""

POLL_SECONDS = 0.1
"""How often it looks."""

SIGN_IN = timedelta(seconds=10)
"""The home page that follows a sign-in must not wait for the pool a second time."""


def attach(request: HttpRequest, user: User) -> DeveloperToken | None:
    """Give the session, in which *user* was just signed in, its developer token.

    Without one the person stays signed in: the refusal is recorded, ``None`` is returned, and
    ``current`` tries again. A session that is not saved yet stays so. Raises ``SignedOutError``
    when the session is nobody's, or no partner's.
    """
    row = row_of(request)
    if row is None or row.partner is None:
        raise SignedOutError
    person = SignedIn(row=row, user=user, partner=row.partner)
    try:
        developer_token = _issued(person)
    except TokenIssuerError as error:
        record_refusal(request, person, error, reference=new_reference())
        return None
    row.developer_token = sealed(developer_token, digest=row.digest, subject=user.subject)
    if is_saved(row):
        Session.objects.filter(digest=row.digest).update(developer_token=row.developer_token)
    return developer_token


def held(person: SignedIn) -> DeveloperToken | None:
    """Return the session's developer token unless there is none or it has expired."""
    row, subject = person.row, person.user.subject
    developer_token = unsealed(row.developer_token, digest=row.digest, subject=subject)
    if developer_token is None or developer_token.expires_at <= timezone.now():
        return None
    return developer_token


def current(person: SignedIn) -> DeveloperToken:
    """Return the session's developer token, renewed when it is due.

    Raises ``SignedOutError`` when the session has ended meanwhile, and ``TokenIssuerError`` when
    there is no token to be had.
    """
    row, now, old = person.row, timezone.now(), held(person)
    if old and not is_due(old, now=now, session_ends_at=row.ends_at, place=_place_of(row)):
        return old
    if _claimed(row, now):
        return _renewed(person, old)
    if old and old.expires_at - now > STILL_GOOD:
        return old
    return _renewed_by_another(person)


def services_reachable(request: HttpRequest) -> bool:
    """Return whether the services will let the person in; tries to get a token if none is held.

    Whoever is not signed in through a partner needs none, so that nothing is amiss.
    """
    person = signed_in(request)
    if person is None or held(person):
        return True
    row = person.row
    if not row.developer_token and timezone.now() - row.started_at < SIGN_IN:
        return False
    try:
        current(person)
    except (SignedOutError, TokenIssuerError):
        return False
    return True


def _issued(person: SignedIn) -> DeveloperToken:
    configured = timedelta(seconds=settings.COGNITO_TOKEN_DURATION)
    developer_token = token_issuer().issue(
        person.user.subject,
        tags={"partner": person.partner.slug},
        # Nothing revokes a token: it must not outlive the session that it is for.
        duration=min(configured, person.row.ends_at - timezone.now()),
    )
    pool = settings.COGNITO_IDENTITY_POOL_ID
    confirm_identity(person.user, developer_token, identity_pool_id=pool)
    return developer_token


def _place_of(row: Session) -> float:
    return int(row.digest[:4], 16) / 0xFFFF


def _claimed(row: Session, now: datetime) -> bool:
    # No claim ends later than one that is made now, unless the clock was set back since.
    claimed = Q(renewing_until__gt=now, renewing_until__lte=now + CLAIM)
    # Only as long as the token is the one we found due: it may just have been renewed.
    rows = Session.objects.filter(digest=row.digest, developer_token=row.developer_token)
    rows = rows.exclude(claimed)
    return bool(rows.update(renewing_until=now + CLAIM))


def _renewed(person: SignedIn, old: DeveloperToken | None) -> DeveloperToken:
    row, subject = person.row, person.user.subject
    try:
        developer_token = _issued(person)
    except TokenIssuerError as error:
        if old and old.expires_at - timezone.now() > STILL_GOOD:
            # The claim stays and lapses by itself: until then nobody else waits for the same.
            log.warning("developer_token.not_renewed", subject=subject, cause=error.cause)
            return old
        Session.objects.filter(digest=row.digest).update(renewing_until=None)
        raise
    text = sealed(developer_token, digest=row.digest, subject=subject)
    # Asked again, now that seconds have passed: a token of an ended session is handed to nobody.
    living = Session.objects.filter(
        digest=row.digest, user__is_active=True, partner__status=Status.LIVE
    )
    if not living.update(developer_token=text, renewing_until=None):
        raise SignedOutError
    row.developer_token = text
    return developer_token


def _renewed_by_another(person: SignedIn) -> DeveloperToken:
    row = person.row
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        rows = Session.objects.filter(digest=row.digest)
        found = rows.values_list("developer_token", "renewing_until").first()
        if found is None:
            raise SignedOutError
        text, renewing_until = found
        if text != row.developer_token:
            row.developer_token = text
            developer_token = held(person)
            if developer_token:
                return developer_token
        if renewing_until is None:
            raise TokenIssuerUnavailableError("renewal_failed")
        time.sleep(POLL_SECONDS)
    raise TokenIssuerUnavailableError("renewal_takes_long")
