"""The page of one sign-in, found by the reference that an error page shows."""

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from console.acting import staff_of
from console.references import reference_in
from console.trail.story import story_of


class AttemptPage:
    """The page; *site* is the admin site whose frame it has."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def page(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Show the story of the sign-in with this reference; raises ``Http404`` without one."""
        if not staff_of(request).has_perm("audit.view_event"):
            raise PermissionDenied
        story = story_of(reference_in(reference) or "")
        if story is None:
            raise Http404
        title = _("Test sign-in %s") if story.is_trial else _("Sign-in %s")
        context = {
            **self.site.each_context(request),
            "title": title % story.reference,
            "story": story,
        }
        return TemplateResponse(request, "console/story.html", context)
