"""The trail's list, and the page of one entry."""

import ipaddress
import json
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from console.pages import routes
from console.references import reference_in
from console.stock import ModelAdmin
from console.trail.filters import DateFilter, PartnerFilter, ReasonFilter, WhatFilter
from console.trail.linking import LinkPages
from console.trail.relinking import RelinkPages
from console.trail.story import ENDS


@admin.register(Event)
class EventAdmin(ModelAdmin[Event]):
    """What happened. The database lets nobody change it, and this page doesn't offer to."""

    list_display = ("at", "what", "reason", "story", "partner", "person", "actor", "address")
    list_filter = (PartnerFilter, ("at", DateFilter), WhatFilter, ReasonFilter)
    search_fields = ("reference",)
    search_help_text = _("Reference (FY-7F3K-92QD), email, subject, address, or request id")
    ordering = ("-id",)
    list_per_page = 50
    # Counting all of a long trail takes longer than showing a page of it.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None
    fields = (
        "at",
        "what",
        "reason",
        "reference",
        "partner",
        "person",
        "actor",
        "address",
        "agent",
        "request_id",
        "changes",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return that entries are written by what happens."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that what happened stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that what happened stays; ``prune_audit`` alone forgets what is old."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        """Return the entries with this reference, or of this person, address or request."""
        term = search_term.strip()
        if not term:
            return queryset, False
        exactly = (
            Q(email__iexact=term) | Q(subject=term) | Q(request_id=term) | Q(actor__iexact=term)
        )
        reference = reference_in(term)
        if reference:
            exactly |= Q(reference=reference)
        if _is_address(term):
            exactly |= Q(address=term)
        return queryset.filter(exactly), False

    @admin.display(description=_("Reference"))
    def story(self, event: Event) -> str:
        """Return the reference, which leads to all that is known of the sign-in."""
        if event.what not in ENDS or not event.reference:
            return event.reference or "–"
        address = reverse("admin:attempt", args=[event.reference])
        return format_html('<a href="{}">{}</a>', address, event.reference)

    @admin.display(description=_("Person"))
    def person(self, event: Event) -> str:
        """Return the person's address as it was, or their subject."""
        return event.email or event.subject or "–"

    @admin.display(description=_("What is known"))
    def changes(self, event: Event) -> str:
        """Return before and after side by side, and what else is known."""
        detail = event.detail if isinstance(event.detail, dict) else {"": event.detail}
        before, after = _object(detail.get("before")), _object(detail.get("after"))
        context = {
            "changes": [
                (name, _shown(before.get(name)), _shown(after.get(name)))
                for name in dict.fromkeys([*before, *after])
            ],
            "facts": [
                (name, _shown(value))
                for name, value in detail.items()
                if name not in {"before", "after"}
            ],
        }
        return render_to_string("console/changes.html", context)

    def get_urls(self) -> list[URLPattern]:
        """Return the routes of the buttons, then the admin's own."""
        pages = {
            "relink": RelinkPages(self.admin_site).relink,
            "link": LinkPages(self.admin_site).link,
        }
        return [*routes(self.admin_site, Event, pages), *super().get_urls()]


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _shown(value: object) -> str:
    if value is None or value == "":
        return "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _is_address(term: str) -> bool:
    try:
        ipaddress.ip_address(term)
    except ValueError:
        return False
    return True
