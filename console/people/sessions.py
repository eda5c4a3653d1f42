"""The list of sessions: who is signed in now, to be looked at and to be ended."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from audit.trail import Happening
from console.acting import RecordedAdmin, record_act, staff_of
from people.current import current_sessions
from people.models import Session


@admin.register(Session)
class SessionAdmin(RecordedAdmin[Session]):
    """Browsers in which somebody is signed in. What a session holds is nobody's to see."""

    list_display = ("user", "partner", "started_at", "last_seen_at", "ends_at", "address", "agent")
    fields = (*list_display, "provider_session_id")
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "partner__slug", "partner__name", "address")
    search_help_text = _("Email, company, or address")
    ordering = ("-started_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        """Return the sessions of now; those that are over wait to be cleaned away."""
        return current_sessions().defer("data", "developer_token")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return that a session comes from a sign-in."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that a session is only looked at."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Return the one action, in its own words: deleting a session is ending it."""
        stock = super().get_actions(request).get("delete_selected")
        if stock is None:
            return {}
        return {"delete_selected": (stock[0], "delete_selected", _("End the selected sessions"))}

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        """End a session."""
        _record(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> None:
        """End the sessions that were chosen."""
        for session in queryset.select_related("user", "partner"):
            _record(request, session)
        super().delete_queryset(request, queryset)


def _record(request: HttpRequest, session: Session) -> None:
    happening = Happening(
        what="session.ended",
        partner=session.partner.slug if session.partner else "",
        subject=session.user.subject if session.user else "",
        email=session.user.email if session.user else "",
        actor=staff_of(request).email,
    )
    record_act(request, happening)
