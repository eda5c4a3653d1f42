"""``manage.py erase_person EMAIL``: forget a person, here and in the trail."""

import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from audit.models import Event
from audit.opened import trail_open
from audit.trail import Happening, record
from partners.addresses import AddressError, normalised_email
from people.models import User


class Command(BaseCommand):
    help = "Deletes a person, and from the trail what says who it was; what happened stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the person's address, as the list of people has it")

    def handle(self, *, email: str, **options: Any) -> None:
        person = _person_at(email)
        identities = [str(one) for one in person.developer_identities.all()]
        partner = person.partner.slug if person.partner else ""
        # All or nothing: half an erasure would be none.
        with transaction.atomic():
            with trail_open():
                count = _forget(person)
            person.delete()
            record(
                Happening(
                    what="person.erased",
                    partner=partner,
                    subject=person.subject,
                    actor="command erase_person",
                    detail={"events": count},
                )
            )
        self.stdout.write(f"Erased the person, and who it was from {count} events.")
        for identity in identities:
            self.stdout.write(f"Amazon Cognito still knows {identity}: delete it in the pool.")


def _person_at(email: str) -> User:
    try:
        person = User.objects.filter(email=normalised_email(email), partner__isnull=False).first()
    except AddressError as error:
        raise CommandError(f"{email} is no address: {error}") from error
    if person is None:
        raise CommandError(f"Nobody of a partner has the address {email}.")
    return person


def _forget(person: User) -> int:
    # By the opaque subject, which stays: that somebody signed in is still known, and not who.
    events = Event.objects.annotate(told=Cast("detail", TextField()))
    theirs = Q(subject=person.subject) | Q(email=person.email)
    return events.filter(theirs | Q(told__iregex=_alone(person.email))).update(
        email="", address=None, agent="", detail={"erased": True}
    )


def _alone(email: str) -> str:
    """Return a pattern of PostgreSQL's for the address, and not for one that it is a part of."""
    before, after = r"(?<![[:alnum:]!#$%&'*+/=?^_`{|}~.-])", r"(?![[:alnum:]-]|\.[[:alnum:]])"
    return before + re.sub(r"([^\w@])", r"\\\1", email) + after
