"""What the pages that show the doctor's findings need."""

from django.template import Library
from django.utils.safestring import SafeString

from onboarding.providers.texts import marked_up

register = Library()


@register.filter
def marked(step: str) -> SafeString:
    """Return one step of a remedy as HTML; what differs for each partner is in it already."""
    return marked_up(step.replace("%", "%%"), {})
