"""The way into the admin by the owner's own company: the ordinary walk, with another end."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect

from audit.trail import Happening, record
from federation import sessions
from federation.backend import PartnerBackend
from federation.callers import caller_of
from federation.oidc.errors import AdmissionError, AttemptError, Reason
from federation.oidc.values import LoginAttempt, VerifiedIdentity
from partners.models import Connection
from people.models import User
from people.own_company import (
    NotStaffError,
    StaffInactiveError,
    is_own_company,
    member_of_staff,
    still_staff,
)

BACKEND = "federation.staff.StaffBackend"


class StaffBackend(PartnerBackend):
    """Authenticates a member of staff at the provider of the owner's own company.

    Its parameter is called otherwise, so that Django never asks one backend for the other's.
    """

    def authenticate(  # type: ignore[override] # as in PartnerBackend
        self,
        request: HttpRequest,
        *,
        staff_attempt: LoginAttempt,
        connection: Connection,
        parameters: dict[str, list[str]],
    ) -> User:
        """Return the member of staff whom the authorization response in *parameters* brings.

        Raises ``FederationError``. What makes somebody staff is the link that a superuser made,
        and nothing that the provider says.
        """
        if not is_own_company(connection.partner):
            raise AttemptError(Reason.ATTEMPT_UNKNOWN, "staff does not come in by this partner")
        return super().authenticate(
            request, attempt=staff_attempt, connection=connection, parameters=parameters
        )

    def person_of(self, identity: VerifiedIdentity, connection: Connection) -> User:
        """Return the member of staff who is linked to *identity*; nobody is ever made."""
        try:
            return member_of_staff(
                connection, issuer=identity.issuer, provider_subject=identity.subject
            )
        except NotStaffError as error:
            raise AdmissionError(
                Reason.STAFF_NOT_LINKED, "nobody of staff has this login", email=identity.email
            ) from error
        except StaffInactiveError as error:
            raise AdmissionError(
                Reason.PERSON_INACTIVE, "the member of staff is deactivated", email=identity.email
            ) from error

    def get_user(self, user_id: int) -> User | None:
        """Return the member of staff for as long as that is so, and the way in is open."""
        return still_staff(user_id)


def let_in(
    request: HttpRequest, user: User, *, connection: Connection, attempt: LoginAttempt
) -> HttpResponseBase:
    """Begin a session of staff, record it, and answer with the way to the admin."""
    identity: VerifiedIdentity = request.verified_identity  # type: ignore[attr-defined]
    sessions.sign_in(request, user, connection=connection, identity=identity, backend=BACKEND)
    happening = Happening(
        what="staff.signed_in",
        reference=attempt.reference,
        partner=attempt.partner,
        subject=user.subject,
        email=user.email,
        actor=user.email,
        detail={"started_at": attempt.started_at.isoformat(timespec="seconds")},
    )
    record(happening, caller=caller_of(request))
    return HttpResponseRedirect(attempt.return_to)
