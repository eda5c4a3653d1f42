"""The codes that show that somebody reads the mails of the address a link was sent to."""

import secrets
from datetime import timedelta
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.trail import NOBODY, Caller, Happening, record
from mails.sending import queue_mail
from onboarding.invitations import can_be_opened, can_be_resumed
from onboarding.models import SetUpLink

DIGITS = 8

LASTS = timedelta(minutes=10)

TRIES = 5
"""Of a hundred million codes: whoever guesses five an hour is found out long before."""


class Try(Enum):
    """What comes of a code that somebody has typed."""

    RIGHT = auto()
    WRONG = auto()
    OVER = auto()


@transaction.atomic
def mail_code(link: SetUpLink, *, caller: Caller = NOBODY) -> None:
    """Mail a new code to the address of *link*; a code before it opens nothing any more."""
    code = "".join(secrets.choice("0123456789") for _ in range(DIGITS))
    link.code_digest = _digest_of(code)
    link.code_expires_at, link.code_tries = timezone.now() + LASTS, 0
    link.save(update_fields=["code_digest", "code_expires_at", "code_tries"])
    context = {
        "partner": link.case.partner,
        "code": f"{code[:4]} {code[4:]}",
        "minutes": int(LASTS.total_seconds() // 60),
    }
    slug = link.case.partner.slug
    queue_mail("setup_code", to=link.address, context=context, partner=slug, good_for=LASTS)
    _record(link, what="setup_link.code_sent", caller=caller)


@transaction.atomic
def try_code(link: SetUpLink, typed: str, *, caller: Caller = NOBODY) -> Try:
    """Return whether *typed* is the code that was mailed for *link*; the right one is used up.

    It also uses the link up. ``OVER`` is a code that was right once, or has been guessed at too
    often, or that was never sent: only a new one helps.
    """
    # Locked: of two browsers that send the right code at once, one gets in.
    row = SetUpLink.objects.select_for_update(of=("self",)).select_related("case__partner")
    locked = row.get(pk=link.pk)
    is_current = locked.code_expires_at is not None and locked.code_expires_at > timezone.now()
    may_open = can_be_opened(locked) or can_be_resumed(locked)
    if not (locked.code_digest and is_current and may_open and locked.code_tries < TRIES):
        return Try.OVER
    if not constant_time_compare(locked.code_digest, _digest_of(_digits_of(typed))):
        locked.code_tries += 1
        locked.save(update_fields=["code_tries"])
        _record(locked, what="setup_link.code_refused", caller=caller)
        return Try.OVER if locked.code_tries >= TRIES else Try.WRONG
    was_used = locked.used_at is not None
    locked.used_at = locked.used_at or timezone.now()
    locked.code_digest = ""
    locked.save(update_fields=["used_at", "code_digest"])
    what = "setup_link.resumed" if was_used else "setup_link.used"
    _record(locked, what=what, by=locked.address, caller=caller)
    return Try.RIGHT


def _digest_of(code: str) -> str:
    # Keyed: a code is short enough to be found by trying all of them on a stolen table.
    return salted_hmac("set-up code", code, algorithm="sha256").hexdigest()


def _digits_of(typed: str) -> str:
    return "".join(character for character in typed if character.isdecimal())[: DIGITS + 1]


def _record(link: SetUpLink, *, what: str, by: str = "", caller: Caller) -> None:
    happening = Happening(
        what=what,
        partner=link.case.partner.slug,
        email=link.address,
        actor=by,
        detail={"link": link.pk, "purpose": link.purpose},
    )
    record(happening, caller=caller)
