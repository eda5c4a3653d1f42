"""The owner's admin site."""

from django.contrib.admin import AdminSite


class ConsoleSite(AdminSite):
    """Stock Django admin under the portal's name."""
