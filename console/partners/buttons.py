"""The routes of the buttons above a partner's change page."""

from django.contrib.admin import AdminSite
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from console.entrance import OwnCompanyPages
from console.pages import routes
from console.partners.previews import Previews
from console.partners.proofs import ProofPages
from console.partners.set_up import SetUpTools
from console.partners.testing import TestPages
from console.partners.tools import PartnerTools
from console.partners.versions import VersionPages
from partners.models import Partner


def button_routes(site: AdminSite) -> list[URLPattern]:
    """Return the routes of all that can be done to a partner, and looked at, on its own page."""
    tools, tests, versions = PartnerTools(site), TestPages(site), VersionPages(site)
    set_up, previews = SetUpTools(site), Previews(site)
    pages = {
        "set-up": set_up.page,
        "proposed-wide": set_up.proposed_wide,
        "proposed-mark": set_up.proposed_mark,
        "pause": tools.pause,
        "resume": tools.resume,
        "end-sessions": tools.end_sessions,
        "new-key": tools.new_key,
        "examine": require_POST(tests.examine),
        "findings": tests.findings,
        "try-sign-in": require_POST(tests.sign_in),
        "domains": ProofPages(site).domains,
        "versions": versions.versions,
        "switch-version": versions.switch,
        "return-version": versions.return_version,
        "discard-version": versions.discard,
        "own-company": OwnCompanyPages(site).mark,
        "preview": previews.choose,
    }
    shown = path(
        "<int:pk>/preview/<slug:name>/",
        site.admin_view(previews.show),
        name="partners_partner_preview_page",
    )
    return [*routes(site, Partner, pages), shown]
