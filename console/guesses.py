"""Guesses at the passwords of staff: counted by django-axes, at the admin and nowhere else."""

from datetime import timedelta
from math import ceil
from typing import Any

import structlog
from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.contrib import admin
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import Happening, record
from federation.callers import caller_of, network_of
from people.models import User

log = structlog.get_logger(__name__)

Credentials = dict[str, Any] | None

ACCOUNT_WEIGHT = 5
"""How many times as often as from one address an account may be guessed at from all of them.

Whoever knows an address of staff can keep that account's password from being taken, so it must
cost them several addresses; and a guess must not come cheaper because it comes from many.
"""


class StaffGuesses(AxesDatabaseHandler):
    """Counts wrong passwords at the admin's form, by address and by account.

    Of everything else that Django calls a sign-in, those of partners' people above all, it neither
    counts nor writes anything: AXES_ONLY_ADMIN_SITE alone would still have each of them recorded.
    """

    def get_failures(self, request: HttpRequest, credentials: Credentials = None) -> int:
        """Return how often was guessed: from this address, or at this account, which weighs less.

        Both in the time that AXES_COOLOFF_TIME names.
        """
        by_address, by_account = (
            attempts.aggregate(n=Sum("failures_since_start"))["n"] or 0
            for attempts in self.get_user_attempts(request, credentials)
        )
        return max(by_address, by_account // ACCOUNT_WEIGHT)

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        """Count a wrong password; the one after which it is time to wait is recorded."""
        if request is None or not self.is_admin_request(request):
            return
        waited_before = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request.axes_locked_out and not waited_before:
            _record(request, account=account_in(request, credentials))

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Forget what is too old, when a member of staff comes in."""
        if self.is_admin_request(request):
            super().user_logged_in(sender, request, user, **kwargs)

    def user_logged_out(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Forget what is too old, when a member of staff goes."""
        if self.is_admin_request(request):
            super().user_logged_out(sender, request, user, **kwargs)


def account_in(request: HttpRequest, credentials: Credentials) -> str:
    """Return the account that is guessed at, however its letters were typed."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(typed).strip().lower()


def address_of(request: HttpRequest) -> str | None:
    """Return the address that guesses; of IPv6 the network, all of which one subscriber has.

    ``config.middleware.TrustedProxies`` has settled whose address it is.
    """
    network = network_of(request.META.get("REMOTE_ADDR"))
    return str(network.network_address) if network else None


def time_to_wait(
    request: HttpRequest, response: HttpResponse | None, credentials: Credentials
) -> HttpResponse:
    """Return the page that says how long to wait, and which other way in there is."""
    attempts = StaffGuesses().get_user_attempts(request, credentials)
    latest = max(
        (found for one in attempts if (found := one.aggregate(at=Max("attempt_time"))["at"])),
        default=timezone.now(),
    )
    wait: timedelta = latest + settings.AXES_COOLOFF_TIME - timezone.now()
    seconds = max(1, ceil(wait.total_seconds()))
    context = {
        **admin.site.each_context(request),
        "title": _("Too many tries"),
        "minutes": ceil(seconds / 60),
    }
    page = render(request, "console/wait.html", context, status=429)
    page.headers["Retry-After"] = str(seconds)
    return page


def _record(request: HttpRequest, *, account: str) -> None:
    known = User.objects.filter(email__iexact=account, is_staff=True).first()
    detail = {"form": "staff", "minutes": settings.AXES_COOLOFF_TIME.total_seconds() // 60}
    log.warning("limit.reached", form="staff", address=address_of(request))
    record(
        # What somebody else typed is nobody's address that we know.
        Happening(what="limit.reached", email=known.email if known else "", detail=detail),
        caller=caller_of(request),
    )
