"""Every ModelAdmin of the console, so that Django's autodiscovery finds them."""

from console.partners.admin import PartnerAdmin
from console.people.admin import PersonAdmin
from console.people.sessions import SessionAdmin
from console.trail.admin import EventAdmin

__all__ = ["EventAdmin", "PartnerAdmin", "PersonAdmin", "SessionAdmin"]
