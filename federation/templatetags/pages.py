"""What the pages' templates need beside Django's own tags."""

from urllib.parse import urlencode

from django.template import Library
from django.urls import reverse
from django.utils.formats import number_format

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
