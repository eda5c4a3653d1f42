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


def trusted_addresses_of(partner: Partner) -> set[str]:
    """Return the addresses to which we send a link unasked: those that have opened one before.

    Their last one that was opened is not revoked, as it is when we close a set-up. A contact is
    somebody's whom another one has typed, and whoever we have shut out may have typed it.
    """
    opened = SetUpLink.objects.filter(case__partner=partner, used_at__isnull=False)
    last_ones = opened.order_by("address", "-id").distinct("address")
    return {link.address for link in last_ones if link.revoked_at is None}
