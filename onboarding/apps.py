"""The onboarding app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    """Registers the app with Django."""

    name = "onboarding"
    verbose_name = _("Onboarding")
