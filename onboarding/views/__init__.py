"""The set-up pages: how people get in, the steps, and what goes beside them."""

from onboarding.views.leaving import Leave, SetUp
from onboarding.views.welcome import Welcome

__all__ = ["Leave", "SetUp", "Welcome"]
