"""What a partner may see of its own people's sign-ins."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from onboarding.sign_ins import MOST, SINCE, sign_ins_of
from onboarding.views.frame import SetUpPage


class SignIns(SetUpPage):
    """``GET /setup/log/``: the latest sign-ins of the partner's people, and why some stopped."""

    http_method_names = ("get", "head", "options")
    is_for_closed = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the list."""
        context = {
            "sign_ins": sign_ins_of(self.partner, portal_name=settings.PORTAL_NAME),
            "days": SINCE.days,
            "most": MOST,
        }
        return self.page_of("onboarding/log.html", context)
