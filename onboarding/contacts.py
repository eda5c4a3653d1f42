"""Who at a partner is told of what concerns its sign-in."""

from onboarding.models import SetUpLink
from partners.models import Partner


def addresses_of(partner: Partner) -> set[str]:
    """Return the addresses of the partner's contacts, and of all who are at work on its set-up."""
    at_work = SetUpLink.objects.filter(
        case__partner=partner, case__closed_at=None, used_at__isnull=False, revoked_at=None
    )
    named = partner.contacts.values_list("address", flat=True)
    return {*named, *at_work.values_list("address", flat=True)}
