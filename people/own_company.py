"""Members of staff who come in through the owner's own company: who may, and by which login."""

from django.db import IntegrityError, transaction
from django.db.models import Q

from partners.models import Connection, Partner, Status
from people.models import OwnCompany, Session, StaffLogin, User


class NotStaffError(Exception):
    """No member of staff is linked to this login."""


class StaffInactiveError(Exception):
    """The member of staff has been deactivated."""


class LoginTakenError(Exception):
    """Another member of staff is linked to this login."""


def own_company() -> Partner | None:
    """Return the partner that is marked as the owner's own company, whatever its status."""
    return Partner.objects.filter(as_own_company__isnull=False).first()


def is_own_company(partner: Partner) -> bool:
    """Return whether staff may come in through *partner*."""
    return OwnCompany.objects.filter(partner=partner).exists()


@transaction.atomic
def mark_own_company(partner: Partner) -> None:
    """Let staff come in through *partner*, and through no other one any more."""
    unmark_own_company()
    OwnCompany.objects.create(partner=partner)


@transaction.atomic
def unmark_own_company() -> None:
    """Let staff come in by password alone; whoever came in otherwise is signed out."""
    for mark in OwnCompany.objects.select_for_update():
        end_staff_sessions(mark.partner)
        mark.delete()


def end_staff_sessions(partner: Partner, *, of: User | None = None) -> int:
    """End the sessions of staff, or those *of* one, that began by *partner*; return how many."""
    sessions = Session.objects.filter(partner=None, connection__partner=partner)
    return sessions.filter(Q() if of is None else Q(user=of)).delete()[0]


def link_staff(user: User, *, connection: Connection, provider_subject: str) -> None:
    """Let the member of staff *user* in by this login from now on.

    Raises ``LoginTakenError`` when it is another one's. An earlier login of *user* at the partner
    is no good any more.
    """
    try:
        with transaction.atomic():
            unlink_staff(user, partner=connection.partner)
            StaffLogin.objects.create(
                user=user,
                partner=connection.partner,
                issuer=connection.issuer,
                client_id=connection.client_id,
                provider_subject=provider_subject,
            )
    except IntegrityError as error:
        raise LoginTakenError from error


@transaction.atomic
def unlink_staff(user: User, *, partner: Partner) -> None:
    """Let *user* in by password alone."""
    StaffLogin.objects.filter(user=user, partner=partner).delete()
    end_staff_sessions(partner, of=user)


def member_of_staff(connection: Connection, *, issuer: str, provider_subject: str) -> User:
    """Return the active member of staff who is linked to this login, and nobody else.

    Nobody is found by an address, and nobody is made. Raises ``NotStaffError``, of one who is no
    staff any more too, and ``StaffInactiveError``.
    """
    login = (
        StaffLogin.objects.filter(
            partner__as_own_company__isnull=False,
            partner=connection.partner_id,
            issuer=issuer,
            client_id=connection.client_id,
            provider_subject=provider_subject,
        )
        .select_related("user")
        .first()
    )
    if login is None or not login.user.is_staff or login.user.partner_id is not None:
        raise NotStaffError
    if not login.user.is_active:
        raise StaffInactiveError
    return login.user


def still_staff(user_id: int) -> User | None:
    """Return the member of staff if whoever came in through the own company may still be in."""
    return User.objects.filter(
        Q(staff_logins__partner__as_own_company__isnull=False)
        & Q(staff_logins__partner__status=Status.LIVE),
        pk=user_id,
        is_active=True,
        is_staff=True,
        partner=None,
    ).first()
