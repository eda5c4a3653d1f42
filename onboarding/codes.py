"""The codes that show that somebody reads the mails of the address a link was sent to."""

import secrets
from datetime import timedelta
from enum import Enum, auto

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.trail import NOBODY, Caller
from mails.sending import queue_mail
from onboarding.invitations import can_be_opened, record_link
from onboarding.models import SetUpLink

DIGITS = 8

LASTS = timedelta(minutes=10)

TRIES = 5
"""For each code. Ten codes an hour are mailed at most, so that fifty of a hundred million can be
guessed: whoever does is found out long before."""


class Try(Enum):
    """What comes of a code that somebody has typed."""

    RIGHT = auto()
    WRONG = auto()
    OVER = auto()


@transaction.atomic
def mail_code(link: SetUpLink, *, caller: Caller = NOBODY) -> None:
    """Mail a new code to the address of *link*; a code before it opens nothing any more."""
    code = new_code()
    link.code_digest = digest_of_code(code)
    link.code_expires_at, link.code_tries = timezone.now() + LASTS, 0
    link.save(update_fields=["code_digest", "code_expires_at", "code_tries"])
    queue_code(link, code, caller=caller)


@transaction.atomic
def try_code(link: SetUpLink, typed: str, *, caller: Caller = NOBODY) -> Try:
    """Return whether *typed* is the code that was mailed for *link*; the right one is used up.

    It also uses the link up: whoever comes back later does so by ``resuming``. ``OVER`` is a code
    that was right once, or has been guessed at too often, or that was never sent: only a new one
    helps.
    """
    # Locked: of two browsers that send the right code at once, one gets in.
    row = SetUpLink.objects.select_for_update(of=("self",)).select_related("case__partner")
    locked = row.get(pk=link.pk)
    is_current = locked.code_expires_at is not None and locked.code_expires_at > timezone.now()
    may_open = can_be_opened(locked) and locked.code_tries < TRIES
    if not (locked.code_digest and is_current and may_open):
        return Try.OVER
    if not constant_time_compare(locked.code_digest, digest_of_code(typed)):
        locked.code_tries += 1
        locked.save(update_fields=["code_tries"])
        record_link(locked, what="setup_link.code_refused", caller=caller)
        return Try.OVER if locked.code_tries >= TRIES else Try.WRONG
    locked.used_at, locked.code_digest = timezone.now(), ""
    locked.save(update_fields=["used_at", "code_digest"])
    record_link(locked, what="setup_link.used", by=locked.address, caller=caller)
    return Try.RIGHT


def new_code() -> str:
    """Return the digits of a code that nobody knows."""
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def digest_of_code(typed: str) -> str:
    """Return what is kept of a code, however it was typed: blanks and hyphens do not count."""
    # Keyed: a code is short enough to be found by trying all of them on a stolen table.
    return salted_hmac("set-up code", _digits_of(typed), algorithm="sha256").hexdigest()


def queue_code(link: SetUpLink, code: str, *, language: str = "", caller: Caller) -> None:
    """Queue the mail that brings the *code* to the address of *link*."""
    partner = link.case.partner
    queue_mail(
        "setup_code",
        to=link.address,
        context={
            "partner": partner,
            "code": f"{code[:4]} {code[4:]}",
            "minutes": int(LASTS.total_seconds() // 60),
        },
        language=language,
        partner=partner.slug,
        good_for=LASTS,
    )
    record_link(link, what="setup_link.code_sent", caller=caller)


def _digits_of(typed: str) -> str:
    return "".join(character for character in typed if character.isdecimal())[: DIGITS + 1]
