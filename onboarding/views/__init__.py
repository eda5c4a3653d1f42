"""The set-up pages: how people get in, the steps, and what goes beside them."""

from onboarding.views.colleague import Colleague
from onboarding.views.connect import Connect
from onboarding.views.domains import Domains
from onboarding.views.leaving import Leave, Resume
from onboarding.views.link import Link
from onboarding.views.log import SignIns
from onboarding.views.provider import Provider
from onboarding.views.register import Register
from onboarding.views.switch_on import Proposed, SwitchOn, WithdrawLogo
from onboarding.views.test import Test
from onboarding.views.welcome import Welcome

__all__ = [
    "Colleague",
    "Connect",
    "Domains",
    "Leave",
    "Link",
    "Proposed",
    "Provider",
    "Register",
    "Resume",
    "SignIns",
    "SwitchOn",
    "Test",
    "Welcome",
    "WithdrawLogo",
]
