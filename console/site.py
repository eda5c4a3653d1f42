"""The owner's admin site."""

from http import HTTPStatus
from logging import INFO, WARNING
from typing import Any

import structlog
from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.trail import Happening
from console import where
from console.acting import record_act, staff_of
from console.attention import attention_box
from console.entrance import Entrance, open_company
from console.trail.attempts import AttemptPage
from people.models import User

log = structlog.get_logger(__name__)


class ConsoleSite(AdminSite):
    """Stock Django admin under the portal's name, with tools of its own."""

    index_title = gettext_lazy("Service owner")
    # The few kinds of records need no second menu, and the lists need the room.
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the request is one of staff that belongs to no partner.

        Whatever a partner's provider says of somebody, it never opens the admin.
        """
        user = request.user
        return super().has_permission(request) and isinstance(user, User) and not user.partner_id

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page needs, under the portal's name as it is set."""
        name = settings.PORTAL_NAME
        titles = {"site_title": name, "site_header": _("%s – service owner") % name}
        return {**super().each_context(request), **titles}

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Let a member of staff in by password; ``guesses`` has whoever guesses wait."""
        company = open_company()
        words = {"title": _("Sign in"), "company": company}
        response = super().login(request, {**words, **(extra_context or {})})
        # Not by who is signed in: that may be somebody who was before, and now guesses.
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            _record_password(request, has_another_way=company is not None)
        return response

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """End the session of a member of staff."""
        if request.method == "POST":
            staff = staff_of(request)
            record_act(request, Happening(what="logout", subject=staff.subject, email=staff.email))
        return super().logout(request, extra_context)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Return the first page, with what needs attention on top."""
        box = attention_box(request)
        return super().index(request, {"attention": box, **(extra_context or {})})

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the admin's own routes, after ours."""
        page, attempt = where.WhereTo(self).page, AttemptPage(self).page
        return [
            path("where/", self.admin_view(page), name="where"),
            path("attempts/<str:reference>/", self.admin_view(attempt), name="attempt"),
            path("login/company/", Entrance(self).begin, name="company"),
            *super().get_urls(),
        ]


def _record_password(request: HttpRequest, *, has_another_way: bool) -> None:
    staff = staff_of(request)
    happening = Happening(
        what="staff.password_used", subject=staff.subject, email=staff.email, actor=staff.email
    )
    # Where there is another way in, this is the glass that somebody has broken.
    log.log(WARNING if has_another_way else INFO, happening.what, subject=staff.subject)
    record_act(request, happening)
