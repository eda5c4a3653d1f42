"""What every template knows of the portal."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _


def portal(request: HttpRequest) -> dict[str, object]:
    """Return the portal's names, its support address, its languages and its other pages."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_tagline": settings.PORTAL_TAGLINE,
        "support_email": settings.PORTAL_SUPPORT_EMAIL,
        "languages": [
            (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
        ],
        "footer_links": list(_footer_links()),
    }


def _footer_links() -> Iterator[tuple[str, str]]:
    for label, address in (
        (_("Privacy"), settings.PORTAL_PRIVACY_URL),
        (_("Accessibility"), settings.PORTAL_ACCESSIBILITY_URL),
        (_("Status"), settings.PORTAL_STATUS_URL),
    ):
        if address:
            yield label, address
