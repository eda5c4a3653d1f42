"""Finding the person who arrives from a provider, or welcoming a new one."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from audit.trail import Happening, record
from partners.models import Connection
from people.models import FederatedLogin, User


class EmailTakenError(Exception):
    """The address belongs to somebody who has not come by this connection and subject."""


class ConnectionRetiredError(Exception):
    """Another version of the connection has been put in use while the person was coming by it."""


class PersonInactiveError(Exception):
    """The person has been deactivated. Signing in changes nothing about that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Who arrives, as one provider knows the person; ``email`` is normalised and admitted."""

    connection: Connection
    issuer: str
    provider_subject: str
    email: str
    name: str


def person_of(arrival: Arrival) -> User:
    """Return the person with this login, up to date, or a new one.

    A person is found by connection, issuer and the provider's subject alone. Raises
    ``PersonInactiveError``, ``ConnectionRetiredError``, and ``EmailTakenError`` when the address
    is another person's: nobody is ever taken over by an address.
    """
    known = _known_person(arrival)
    if known is None:
        return _welcomed(arrival)
    if not known.is_active:
        raise PersonInactiveError
    _follow(known, arrival)
    return known


def _known_person(arrival: Arrival) -> User | None:
    return User.objects.filter(
        logins__connection=arrival.connection,
        logins__issuer=arrival.issuer,
        logins__provider_subject=arrival.provider_subject,
    ).first()


def _welcomed(arrival: Arrival) -> User:
    user = User(email=arrival.email, name=arrival.name, partner=arrival.connection.partner)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            FederatedLogin.objects.create(
                user=user,
                connection=arrival.connection,
                issuer=arrival.issuer,
                provider_subject=arrival.provider_subject,
            )
            _refuse_retired(arrival.connection)
    except IntegrityError as error:
        _refuse_retired(arrival.connection)
        # Either the address is somebody else's, or the same person arrived twice at once.
        known = _known_person(arrival)
        if known is None or not known.is_active:
            raise EmailTakenError from error
        return known
    return user


def _refuse_retired(connection: Connection) -> None:
    # Its people have moved on to another version, and would not be found by this one. A switch
    # holds the row, so that the login above has waited for one that was under way.
    if not Connection.objects.filter(pk=connection.pk, is_live=True).exists():
        raise ConnectionRetiredError


def _follow(user: User, arrival: Arrival) -> None:
    """Take over a new address or name from the provider, which is where they are kept."""
    old_email, new_name = user.email, arrival.name or user.name
    if (user.email, user.name) == (arrival.email, new_name):
        return
    user.email, user.name = arrival.email, new_name
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "name"])
    except IntegrityError as error:
        raise EmailTakenError from error
    if old_email != user.email:
        record(
            Happening(
                what="person.email_changed",
                partner=arrival.connection.partner.slug,
                subject=user.subject,
                email=user.email,
                detail={"before": {"email": old_email}, "after": {"email": user.email}},
            )
        )
