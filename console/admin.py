"""Every ModelAdmin of the console, so that Django's autodiscovery finds them."""

from django.contrib import admin
from procrastinate.contrib.django.models import ProcrastinateJob

from console.partners.admin import PartnerAdmin
from console.people.admin import PersonAdmin
from console.people.sessions import SessionAdmin
from console.set_ups import SetUpAdmin
from console.trail.admin import EventAdmin

__all__ = ["EventAdmin", "PartnerAdmin", "PersonAdmin", "SessionAdmin", "SetUpAdmin"]

# The queue's own pages speak to its developers; what a task did is in the trail.
admin.site.unregister(ProcrastinateJob)
