"""The owner's admin site."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console import where
from people.models import User


class ConsoleSite(AdminSite):
    """Stock Django admin under the portal's name, with tools of its own."""

    index_title = gettext_lazy("Service owner")
    # Six kinds of records need no second menu, and the lists need the room.
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

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the admin's own routes, after that of the site-wide tool."""
        page = where.WhereTo(self).page
        return [path("where/", self.admin_view(page), name="where"), *super().get_urls()]
