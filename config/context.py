"""What every template knows of the portal."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info


def portal(request: HttpRequest) -> dict[str, object]:
    """Return the portal's name, its second line, its support address and its languages."""
    return {
        "portal_name": settings.PORTAL_NAME,
        "portal_tagline": settings.PORTAL_TAGLINE,
        "support_email": settings.PORTAL_SUPPORT_EMAIL,
        "languages": [
            (code, get_language_info(code)["name_local"]) for code, _ in settings.LANGUAGES
        ],
    }
