"""The steps by which a partner's IT department sets its sign-in up, in their order."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Step(models.TextChoices):
    """One step: a page with an address of its own. The welcome comes before the first one."""

    WELCOME = "welcome", _("Welcome")
    PROVIDER = "provider", _("Your provider")
    REGISTER = "register", _("Register the app")
    CONNECT = "connect", _("Connect")
    DOMAINS = "domains", _("Your domains")
    TEST = "test", _("Test")
    SWITCH_ON = "switch-on", _("Switch on")

    @property
    def number(self) -> int:
        """Which of the six steps it is; the welcome is none of them: 0."""
        return list(Step).index(self)

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse(f"setup_{self.name.lower()}")

    @property
    def former(self) -> "Step | None":
        """The step before it."""
        return list(Step)[self.number - 1] if self.number else None

    @property
    def following(self) -> "Step | None":
        """The step after it."""
        return None if self is Step.SWITCH_ON else list(Step)[self.number + 1]


COUNTED = [step for step in Step if step.number]
"""The six steps that the page counts."""
