"""The set-up pages: how people get in, the steps, and what goes beside them."""

from onboarding.views.colleague import Colleague
from onboarding.views.connect import Connect
from onboarding.views.leaving import Leave, Resume
from onboarding.views.link import Link
from onboarding.views.provider import Provider
from onboarding.views.register import Register
from onboarding.views.welcome import Welcome

__all__ = ["Colleague", "Connect", "Leave", "Link", "Provider", "Register", "Resume", "Welcome"]
