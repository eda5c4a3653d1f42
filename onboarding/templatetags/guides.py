"""Showing the texts about products: their marks become markup, and nothing else does."""

from django import template
from django.utils.safestring import SafeString

from onboarding.providers import marked_up

register = template.Library()


@register.filter
def marked(text: object) -> SafeString:
    """Return a *text* whose values are filled in already, its marks as bold and as code.

    One that is HTML already stays as it is.
    """
    if isinstance(text, SafeString):
        return text
    return marked_up(str(text).replace("%", "%%"), {})
