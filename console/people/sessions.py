"""The list of sessions: who is signed in now, to be looked at and to be ended."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit.trail import Happening
from console.acting import record_act, staff_of
from console.deleting import DeletingAdmin
from console.pages import Pages, Question
from people.current import current_sessions
from people.models import Session

NAMED = 10
"""How many of the chosen sessions are named before they are ended."""


@admin.register(Session)
class SessionAdmin(DeletingAdmin[Session]):
    """Browsers in which somebody is signed in. What a session holds is nobody's to see."""

    list_display = ("user", "partner", "started_at", "last_seen_at", "ends_at", "address", "agent")
    fields = (*list_display, "provider_session_id")
    list_select_related = ("user", "partner")
    search_fields = ("user__email", "partner__slug", "partner__name", "address")
    search_help_text = _("Email, company, or address")
    ordering = ("-started_at",)
    actions = ("end_selected",)

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
        """Return the one action: ending is all that is done to a session."""
        return {
            name: action
            for name, action in super().get_actions(request).items()
            if name == "end_selected"
        }

    @admin.action(description=_("End the selected sessions"), permissions=["delete"])
    def end_selected(
        self, request: HttpRequest, sessions: QuerySet[Session]
    ) -> TemplateResponse | None:
        """Ask, then end the sessions that were chosen."""
        chosen = list(sessions.select_related("user", "partner"))
        if "confirmed" not in request.POST:
            return self._question(request, chosen)
        for session in chosen:
            _record(request, session)
        sessions.delete()
        count = len(chosen)
        done = ngettext("%d session has been ended.", "%d sessions have been ended.", count) % count
        self.message_user(request, done, messages.SUCCESS)
        return None

    def _question(self, request: HttpRequest, chosen: list[Session]) -> TemplateResponse:
        names = sorted(map(str, chosen[:NAMED]))
        if len(chosen) > NAMED:
            names.append(gettext("and %d more") % (len(chosen) - NAMED))
        explanation = gettext("They are signed out in these browsers, and can sign in again: %s.")
        question = Question(
            title=gettext("End the selected sessions"),
            explanation=explanation % ", ".join(names),
            submit=gettext("End the selected sessions"),
        )
        kept = [("action", "end_selected"), ("confirmed", "yes")]
        # All of a list are more than a form may name: the list is then asked for them once more.
        is_all = request.POST.get("select_across") == "1"
        kept += [("select_across", "1")] if is_all else []
        kept += [("_selected_action", session.pk) for session in chosen[: 1 if is_all else None]]
        return Pages(self.admin_site).ask_of_many(request, Session, question, kept=kept)

    def deletion_of(self, record: Session) -> Question:
        """Return what is asked before a session is ended."""
        return Question(
            title=gettext("End the session"),
            explanation=gettext("%s is signed out in this browser, and can sign in again.")
            % record,
            submit=gettext("End the session"),
        )

    def delete_model(self, request: HttpRequest, obj: Session) -> None:
        """End a session."""
        _record(request, obj)
        super().delete_model(request, obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Go back to the list, and say what was done."""
        self.message_user(request, gettext("The session has been ended."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:people_session_changelist"))


def _record(request: HttpRequest, session: Session) -> None:
    happening = Happening(
        what="session.ended",
        partner=session.partner.slug if session.partner else "",
        subject=session.user.subject if session.user else "",
        email=session.user.email if session.user else "",
        actor=staff_of(request).email,
    )
    record_act(request, happening)
