"""The filters of the trail: all of them answered by its indexes, however long it has grown."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from federation.oidc.errors import Reason

KINDS = (
    ("login", _("Sign-ins")),
    ("logout", _("Sign-outs")),
    ("session", _("Sessions")),
    ("person", _("People")),
    ("staff_login", _("Staff’s accounts at the own company")),
    ("own_company", _("The own company")),
    ("partner", _("Partners")),
    ("connection", _("Connections")),
    ("trial", _("Test sign-ins")),
    ("examination", _("Examinations")),
    ("client_key", _("Our keys")),
    ("provider", _("Providers’ documents")),
    ("domain", _("Domains")),
    ("logo", _("Logos")),
    ("developer_token", _("Developer tokens")),
    ("developer_identity", _("Developer identities")),
    ("link", _("Mailed links")),
    ("mail", _("Mails")),
    ("setup_case", _("Set-ups")),
    ("setup_link", _("Set-up links")),
    ("setup_session", _("Set-up sessions")),
    ("contact", _("Contacts")),
    ("limit", _("Limits")),
    ("staff", _("Staff")),
    ("leftovers", _("Leftovers")),
    ("trail", _("The trail itself")),
)
"""What the names of events begin with, all of them."""


class PartnerFilter(admin.SimpleListFilter):
    """Entries of one partner, whose slug is typed: there may be thousands to choose from."""

    title = _("partner")
    parameter_name = "partner"
    template = "console/typed_filter.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return what is asked for, since nothing is offered."""
        return [("", self.title)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the entries of the partner with this slug."""
        slug = (self.value() or "").strip()
        return queryset.filter(partner=slug) if slug else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Return what the form has to keep of the page's address."""
        kept = changelist.get_filters_params()
        kept.pop(self.parameter_name, None)
        yield {
            "name": self.parameter_name,
            "value": self.value() or "",
            "kept": [(name, values[-1]) for name, values in kept.items() if values],
        }


class DateFilter(admin.DateFieldListFilter):
    """Entries of today, of a week, of a month, of a year."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("date")


class WhatFilter(admin.SimpleListFilter):
    """Entries about one kind of thing."""

    title = _("what")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the kinds."""
        return KINDS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the entries of the chosen kind."""
        chosen = self.value()
        if not chosen:
            return queryset
        # A sign-out by the person's own doing is named by the kind alone.
        return queryset.filter(Q(what=chosen) | Q(what__startswith=f"{chosen}."))


class ReasonFilter(admin.SimpleListFilter):
    """Refusals for one reason."""

    title = _("reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """Return the reasons, as they are spelled everywhere."""
        return [(reason.value, reason.value) for reason in Reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        """Return the refusals for the chosen reason."""
        chosen = self.value()
        return queryset.filter(reason=chosen) if chosen else queryset
