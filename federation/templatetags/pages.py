"""What the pages' templates need beside Django's own tags."""

import re
from datetime import datetime
from urllib.parse import urlencode

from django.template import Library
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = Library()


@register.simple_tag
def link(route: str, *arguments: str, **parameters: str | None) -> str:
    """Return the address of *route*, with those *parameters* that are not empty as its query."""
    query = urlencode({name: value for name, value in parameters.items() if value}, safe="/")
    address = reverse(route, args=arguments)
    return f"{address}?{query}" if query else address


@register.filter
def grouped(number: int) -> str:
    """Return *number* with its digits grouped as the active language does it."""
    return number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def possessive(name: str) -> str:
    """Return *name* as the one that something belongs to, in the active language."""
    # In other languages the two are the same: "von Contoso", "von Brightwater Labs".
    form = _("%(name)s’") if name.endswith(("s", "S")) else _("%(name)s’s")
    return form % {"name": name}


@register.filter
def breakable(address: str) -> SafeString:
    """Return an e-mail or web address that breaks after ``@`` and dots, and not within a word."""
    parts = re.split(r"(?<=[@./])(?=[^/])", address)
    return format_html_join(SafeString("<wbr>"), "{}", ((part,) for part in parts))


@register.filter
def address(email: str) -> SafeString:
    """Return an e-mail address that breaks like that, and can still be found as it is written."""
    return format_html('<data value="{}">{}</data>', email, breakable(email))


@register.filter
def moment(at: datetime) -> str:
    """Return day and time with the zone's name, as static/times.js writes them."""
    return date_format(timezone.localtime(at), _("j F Y \\a\\t H:i (e)"), use_l10n=False)


@register.filter
def clock(at: datetime) -> str:
    """Return the time of day alone, likewise."""
    return date_format(timezone.localtime(at), _("H:i (e)"), use_l10n=False)
