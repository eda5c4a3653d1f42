"""Re-linking: a refused login, whose address is a known person's, becomes that person's.

It is needed when a partner has replaced its provider, or registered the portal there anew: then
everybody comes with a new subject. Whether it is the same person, only people can tell.
"""

from dataclasses import dataclass

from django.contrib.messages import ERROR, SUCCESS
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from audit.models import Event
from audit.trail import Happening
from console.acting import acting, record_act, staff_of
from console.pages import Pages, Question, back, found
from federation.oidc.errors import Reason
from partners.models import Connection
from people.models import FederatedLogin, User

PERMISSION = "people.add_federatedlogin"
"""Whoever may re-link decides who somebody is."""


class RelinkError(Exception):
    """This refusal cannot be re-linked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relink:
    """A refused login, and the person whom it is to belong to."""

    connection: Connection
    issuer: str
    provider_subject: str
    person: User


class RelinkPages(Pages):
    """The page behind the button of an ``email_taken`` refusal."""

    def relink(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then give the refused login to the person with its address."""
        event = found(request, Event.objects.all(), pk, permission=PERMISSION)
        try:
            wanted = relink_of(event)
            if request.method != "POST":
                return self.ask(request, event, _question(wanted))
            with acting(request):
                _carry_out(wanted)
                _record(request, event, wanted)
        except RelinkError as error:
            return back(request, event, str(error), level=ERROR)
        done = _("%s can sign in with the new login.") % wanted.person
        return back(request, event, done, level=SUCCESS)


def relink_of(event: Event) -> Relink:
    """Return what re-linking *event* would do; raises ``RelinkError`` when it must not be done.

    No more than the refusal itself is trusted: the connection has to be that partner's still, at
    that issuer, and the person has to be one of that partner, active, and no member of staff.
    """
    if event.reason != Reason.EMAIL_TAKEN:
        raise RelinkError(_("Only a refusal for a taken address can be re-linked."))
    facts = event.detail
    connection = _connection_of(event)
    person = User.objects.filter(email__iexact=str(facts.get("email", ""))).first()
    if person is None:
        raise RelinkError(_("Nobody has this address any more: the next sign-in will succeed."))
    if person.partner_id != connection.partner_id or person.is_staff:
        raise RelinkError(_("The address belongs to somebody who isn’t one of this partner."))
    if not person.is_active:
        raise RelinkError(_("The person is deactivated. That has to be decided first."))
    wanted = Relink(
        connection=connection,
        issuer=connection.issuer,
        provider_subject=str(facts["provider_subject"]),
        person=person,
    )
    _refuse_known_login(wanted)
    return wanted


def _connection_of(event: Event) -> Connection:
    facts = event.detail
    if not {"connection_id", "issuer", "provider_subject", "email"} <= facts.keys():
        raise RelinkError(_("This entry doesn’t say which login was refused."))
    connection = (
        Connection.objects.select_related("partner")
        .filter(pk=facts["connection_id"], issuer=facts["issuer"], partner__slug=event.partner)
        .first()
    )
    if connection is None or not facts["provider_subject"]:
        raise RelinkError(_("The connection has been changed since: ask the person to try again."))
    return connection


def _refuse_known_login(wanted: Relink) -> None:
    known = FederatedLogin.objects.select_related("user").filter(
        connection=wanted.connection,
        issuer=wanted.issuer,
        provider_subject=wanted.provider_subject,
    )
    for login in known:
        raise RelinkError(_("This login is known already, as %s.") % login.user)


def _question(wanted: Relink) -> Question:
    explanation = _(
        "At %(partner)s’s provider, somebody with the address %(person)s is known by a new "
        "subject. From now on they are the person whom we know by this address, with all that "
        "services keep for that person. Ask %(partner)s first: companies give addresses of people "
        "who left to others."
    )
    names = {"partner": wanted.connection.partner.name, "person": wanted.person.email}
    return Question(
        title=_("Re-link"), explanation=explanation % names, submit=_("It is the same person")
    )


def _carry_out(wanted: Relink) -> None:
    try:
        with transaction.atomic():
            FederatedLogin.objects.create(
                user=wanted.person,
                connection=wanted.connection,
                issuer=wanted.issuer,
                provider_subject=wanted.provider_subject,
            )
    except IntegrityError as error:
        raise RelinkError(_("This login has become known in the meantime.")) from error


def _record(request: HttpRequest, event: Event, wanted: Relink) -> None:
    happening = Happening(
        what="person.relinked",
        reference=event.reference,
        partner=event.partner,
        subject=wanted.person.subject,
        email=wanted.person.email,
        actor=staff_of(request).email,
        detail={
            "connection_id": wanted.connection.pk,
            "issuer": wanted.issuer,
            "provider_subject": wanted.provider_subject,
        },
    )
    record_act(request, happening)
