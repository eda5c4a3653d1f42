"""What goes along when another version of a connection is put in use: logins and sessions."""

from partners.models import Connection
from people.models import FederatedLogin, Session


def move_people(*, to: Connection) -> int:
    """Give *to* the logins of its partner's other versions; return how many there were.

    Only those that the provider knows by the same names go along: of the same issuer, to which we
    are known by the same client ID. A subject may be made for one client alone, Core 1.0, section
    8.1. Call this inside the transaction that puts *to* in use.
    """
    versions = Connection.objects.filter(
        partner_id=to.partner_id, issuer=to.issuer, client_id=to.client_id
    ).exclude(pk=to.pk)
    # Locked against a first sign-in, which would leave its login at a version just retired.
    former = [version.pk for version in versions.select_for_update().order_by("id")]
    logins = FederatedLogin.objects.filter(connection__in=former, issuer=to.issuer)
    moved = logins.update(connection=to)
    # So that the provider can end them: Back-Channel Logout 1.0, section 2.6.
    Session.objects.filter(connection__in=former).update(connection=to)
    return moved
