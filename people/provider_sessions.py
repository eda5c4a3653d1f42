"""Sessions as the provider knows them: by its own name for a session, and for the person."""

from collections import Counter

from django.db.models import Q

from partners.models import Connection
from people.models import FederatedLogin, Session, StaffLogin, User


def end_sessions_at_provider(
    connection: Connection, *, issuer: str, provider_subject: str | None, session_id: str | None
) -> Counter[User]:
    """End the sessions of this connection that a provider means; return how many of whom.

    Given both, the session *session_id* of that person ends, and those of theirs to which the
    provider gave no name when they began. Given one of the two, all that it means.
    """
    meant = Q()
    if provider_subject is not None:
        logins = FederatedLogin.objects.filter(
            connection=connection, issuer=issuer, provider_subject=provider_subject
        )
        # Members of staff who came by it are known by logins of their own.
        of_staff = StaffLogin.objects.filter(
            partner=connection.partner_id,
            issuer=issuer,
            client_id=connection.client_id,
            provider_subject=provider_subject,
        )
        meant &= Q(user__in=logins.values("user")) | Q(user__in=of_staff.values("user"))
    if session_id:
        named = Q(provider_session_id=session_id)
        meant &= named if provider_subject is None else named | Q(provider_session_id="")
    if not meant:
        return Counter()
    sessions = Session.objects.filter(meant, connection=connection).select_related("user")
    ended = Counter(session.user for session in sessions if session.user is not None)
    sessions.delete()
    return ended
