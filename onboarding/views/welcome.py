"""The first page of a set-up: what it will take, and what we will learn."""

from django.http import HttpRequest, HttpResponse

from onboarding.steps import Step
from onboarding.views.frame import StepPage


class Welcome(StepPage):
    """``GET /setup/welcome/`` says what comes, and leads to the first step."""

    step = Step.WELCOME
    template_name = "onboarding/welcome.html"
    http_method_names = ("get", "head", "options")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the page."""
        return self.page()
