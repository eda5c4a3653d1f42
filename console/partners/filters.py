"""The filters of the partners' list."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from console.partners.standing import has_problem, needs_attention, secret_ends
from partners.models import Kind, Partner

QUIET = timedelta(days=60)
"""After so long without a sign-in, a partner has probably a problem, or left."""


class ProviderFilter(admin.SimpleListFilter):
    """Partners by the product that their provider is."""

    title = _("provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the products."""
        return Kind.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Return the partners with the product that was chosen."""
        chosen = self.value()
        return (
            queryset.filter(connections__is_live=True, connections__provider=chosen)
            if chosen
            else queryset
        )


class AttentionFilter(admin.SimpleListFilter):
    """Partners that the service owner should look at."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the choices."""
        return [("yes", _("Needs attention")), ("problem", _("People are kept out"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Return the partners that need it."""
        match self.value():
            case "yes":
                return queryset.filter(needs_attention())
            case "problem":
                return queryset.filter(has_problem())
        return queryset


class SecretFilter(admin.SimpleListFilter):
    """Partners whose client secret ends soon."""

    title = _("secret")
    parameter_name = "secret"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the choices."""
        return [("soon", _("Ends within 30 days")), ("ended", _("Ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Return the partners whose secret ends, or has ended."""
        match self.value():
            case "soon":
                return queryset.filter(secret_ends(soon=True))
            case "ended":
                return queryset.filter(secret_ends(soon=False))
        return queryset


class QuietFilter(admin.SimpleListFilter):
    """Live partners from which nobody has come for a long time."""

    title = _("sign-ins")
    parameter_name = "quiet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the one choice."""
        return [("60", _("None for 60 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        """Return the partners without a recent sign-in."""
        if self.value() != "60":
            return queryset
        since = timezone.now() - QUIET
        return queryset.filter(Q(last_sign_in__lt=since) | Q(last_sign_in=None), status="live")
