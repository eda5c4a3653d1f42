"""A partner that is on its way: what its set-up prepares, and what the owner does next."""

from dataclasses import dataclass

from django.contrib.messages import INFO, add_message
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from onboarding.versions import prepared_version_of
from partners.models import Partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """A version that is being prepared; *by* is who works on it, empty where nobody is known."""

    by: str
    is_first: bool


def preparation_of(partner: Partner) -> Preparation | None:
    """Return what is being prepared for *partner*, ``None`` where nothing is."""
    if prepared_version_of(partner) is None:
        return None
    case = partner.set_up_cases.filter(closed_at=None).first()
    by = ""
    if case is not None:
        saved = case.steps.exclude(saved_by="").order_by("-saved_at").first()
        link = case.links.exclude(used_at=None).order_by("-used_at").first()
        by = saved.saved_by if saved else link.address if link else ""
    return Preparation(by=by, is_first=partner.live_connection is None)


def tell_next_step(request: HttpRequest, partner: Partner) -> None:
    """Say what a partner that was added without a connection needs, and where."""
    if partner.live_connection is not None:
        return
    address = reverse("admin:partners_partner_set_up", args=[partner.pk])
    told = format_html(
        '{} <a href="{}">{}</a>',
        _("%s has no connection yet.") % partner,
        address,
        _("Send its IT a set-up link"),
    )
    add_message(request, INFO, told)
