"""Login attempts: each in a sealed cookie of its own, each good for one response.

A started sign-in writes no row, so a flood of them costs the database nothing, and two tabs do not
overwrite each other. A response is accepted once: the insert of its state settles even a race.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from audit.trail import new_reference
from federation import cookies
from federation.models import UsedState
from federation.oidc.errors import AttemptError, Reason
from federation.oidc.values import LoginAttempt
from federation.registration import redirect_uri_of
from federation.single_use import use_up
from partners.models import Connection
from partners.secrets import SealError, seal, unseal

LIFETIME = timedelta(minutes=15)
"""How long a person may take at the company's sign-in page."""

AT_MOST = 5
"""Attempts in one browser; the oldest goes. More would not fit into a request's headers."""

HINT_CHARACTERS = 64
"""A longer address does not fit into the cookie, beside what must be there."""

# What another release has sealed, whose attempts are made otherwise, does not open.
_CONTEXT = "login attempt: " + " ".join(field.name for field in fields(LoginAttempt))
_HASH_CHARACTERS = 16


def cookie_prefix() -> str:
    """Return what the name of every attempt's cookie begins with."""
    return f"{settings.COOKIE_PREFIX}foyer-a-"


def cookie_name_of(state: str) -> str:
    """Return the name of the cookie that holds the attempt with this state."""
    return cookie_prefix() + hashlib.sha256(state.encode()).hexdigest()[:_HASH_CHARACTERS]


def new_attempt(
    connection: Connection,
    *,
    return_to: str,
    remember: bool,
    login_hint: str = "",
    trial: str = "",
    for_staff: bool = False,
) -> LoginAttempt:
    """Return a new attempt at this connection, with a state, nonce and verifier of its own.

    It keeps *login_hint* only where the browser is to *remember* the person, and if it is short.
    *trial* marks one that lets nobody in, *for_staff* one that leads to the admin.
    Each of the three has 256 random bits, in 43 characters: RFC 7636, section 4.1.
    """
    slug = connection.partner.slug
    return LoginAttempt(
        reference=new_reference(),
        partner=slug,
        connection_id=connection.pk,
        issuer=connection.issuer,
        redirect_uri=redirect_uri_of(slug),
        return_to=return_to,
        remember=remember,
        login_hint=login_hint if remember and len(login_hint) <= HINT_CHARACTERS else "",
        started_at=timezone.now(),
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        code_verifier=secrets.token_urlsafe(32),
        trial=trial,
        for_staff=for_staff,
    )


def remember(attempt: LoginAttempt, *, request: HttpRequest, response: HttpResponseBase) -> None:
    """Store the attempt in this browser, and drop the oldest ones that are too many."""
    cookies.keep(
        response,
        cookie_name_of(attempt.state),
        seal(_written(attempt), context=_CONTEXT),
        # Longer than it is good for: whoever comes back too late is told so, and not that this
        # browser knows of nothing.
        max_age=2 * LIFETIME,
    )
    names = [name for name in request.COOKIES if name.startswith(cookie_prefix())]
    if len(names) < AT_MOST:
        return
    living = {cookie_name_of(held.state): held.started_at for held in outstanding(request)}
    newest = sorted(living, key=lambda name: living[name], reverse=True)[: AT_MOST - 1]
    for name in set(names) - set(newest):
        cookies.drop(response, name)


def outstanding(request: HttpRequest) -> Iterator[LoginAttempt]:
    """Yield the attempts that this browser has outstanding and that have not expired."""
    for name, sealed in request.COOKIES.items():
        if name.startswith(cookie_prefix()):
            attempt = _opened(sealed)
            if attempt and cookie_name_of(attempt.state) == name and not _has_expired(attempt):
                yield attempt


def take(request: HttpRequest, *, state: str, partner: str) -> LoginAttempt:
    """Return this browser's attempt with this *state*, once.

    Raises ``AttemptError``: the attempt is unknown here or was used, is another partner's, or has
    expired.
    """
    attempt = _opened(request.COOKIES.get(cookie_name_of(state), ""))
    if attempt is None or attempt.state != state:
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "this browser has no such attempt")
    # A response to one partner's attempt that arrives at another's redirect URI is a mix-up of
    # the two: RFC 9700, section 4.4.
    if attempt.partner != partner:
        raise AttemptError(Reason.ATTEMPT_OF_ANOTHER_PARTNER, "the attempt is another partner's")
    if _has_expired(attempt):
        raise AttemptError(Reason.ATTEMPT_EXPIRED, "the attempt is too old")
    if not use_up(state):
        raise AttemptError(Reason.ATTEMPT_UNKNOWN, "the attempt was used")
    return attempt


def held_trial(request: HttpRequest, *, state: str, partner: str) -> LoginAttempt | None:
    """Return this browser's trial with this *state*, however old or used it is, or ``None``."""
    attempt = _opened(request.COOKIES.get(cookie_name_of(state), ""))
    if attempt is None or (attempt.state, attempt.partner) != (state, partner):
        return None
    return attempt if attempt.trial else None


def forget(state: str, *, response: HttpResponseBase) -> None:
    """Remove the attempt with this state from the browser."""
    cookies.drop(response, cookie_name_of(state))


def forget_all(request: HttpRequest, *, response: HttpResponseBase) -> None:
    """Remove every attempt from the browser."""
    for name in request.COOKIES:
        if name.startswith(cookie_prefix()):
            cookies.drop(response, name)


def clean_up(now: datetime) -> int:
    """Delete the used states that no attempt can have any more; return how many there were."""
    return UsedState.objects.filter(used_at__lt=now - 2 * LIFETIME).delete()[0]


def _has_expired(attempt: LoginAttempt) -> bool:
    # From the future: the clock was set back. Such an attempt would live too long.
    age = timezone.now() - attempt.started_at
    return not -timedelta(minutes=1) <= age < LIFETIME


def _written(attempt: LoginAttempt) -> bytes:
    values = asdict(attempt) | {"started_at": attempt.started_at.timestamp()}
    return json.dumps([values[field.name] for field in fields(LoginAttempt)]).encode()


def _opened(sealed: str) -> LoginAttempt | None:
    try:
        values = json.loads(unseal(sealed, context=_CONTEXT))
    except SealError:
        return None
    named = {field.name: value for field, value in zip(fields(LoginAttempt), values, strict=True)}
    started_at = datetime.fromtimestamp(named.pop("started_at"), tz=timezone.get_default_timezone())
    return LoginAttempt(started_at=started_at, **named)
