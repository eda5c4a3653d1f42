"""Linking a member of staff to an account at the owner's own company: by a superuser alone.

The account is the one that a refused sign-in came with. Whose it is, the superuser says: that the
address is the same as that of a member of staff decides nothing, and is not even suggested.
"""

from typing import Any

from django import forms
from django.contrib.messages import ERROR, SUCCESS
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from console.acting import acting, staff_of
from console.entrance import PasswordForm
from console.pages import Pages, Question, back, found
from federation.oidc.errors import Reason
from partners.models import Connection
from people.models import User
from people.own_company import LoginTakenError, is_own_company, link_staff


class LinkError(Exception):
    """This refusal cannot be linked to anybody; the text says why."""


class LinkForm(PasswordForm):
    """Which member of staff it is."""

    member: Any = forms.ModelChoiceField(
        label=gettext_lazy("Member of staff"),
        queryset=User.objects.none(),
        empty_label=gettext_lazy("Choose one"),
    )
    field_order = ("member", "password")

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        staff = User.objects.filter(is_staff=True, is_active=True, partner=None)
        self.fields["member"].queryset = staff.order_by("email")  # type: ignore[attr-defined] # a model's choices


class LinkPages(Pages):
    """The page behind the button of a ``staff_not_linked`` refusal."""

    def link(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whose account it is, and for the superuser's password; then link it."""
        event = found(request, Event.objects.all(), pk, permission="people.add_stafflogin")
        if not staff_of(request).is_superuser:
            raise PermissionDenied
        try:
            connection, subject = _account_in(event)
            form = LinkForm(request)
            if not form.is_valid():
                return self.ask(request, event, _question(event, connection, form))
            with acting(request):
                _link(form.cleaned_data["member"], connection, subject)
        except LinkError as error:
            return back(request, event, str(error), level=ERROR)
        told = _("%(member)s can come in through %(company)s from now on.")
        names = {"member": form.cleaned_data["member"], "company": connection.partner}
        return back(request, event, told % names, level=SUCCESS)


def _account_in(event: Event) -> tuple[Connection, str]:
    """Return the connection and the provider's subject of a refused try, if they still hold."""
    facts = event.detail
    if event.reason != Reason.STAFF_NOT_LINKED or not facts.get("provider_subject"):
        raise LinkError(_("This entry doesn’t say which account was refused."))
    connection = (
        Connection.objects.select_related("partner")
        .filter(
            pk=facts.get("connection_id"),
            is_live=True,
            issuer=facts.get("issuer"),
            client_id=facts.get("client_id"),
            partner__slug=event.partner,
        )
        .first()
    )
    if connection is None or not is_own_company(connection.partner):
        raise LinkError(_("The connection has been changed since: have the person try again."))
    return connection, str(facts["provider_subject"])


def _link(member: User, connection: Connection, subject: str) -> None:
    try:
        link_staff(member, connection=connection, provider_subject=subject)
    except LoginTakenError as error:
        told = _("Another member of staff is linked to this account already.")
        raise LinkError(told) from error


def _question(event: Event, connection: Connection, form: LinkForm) -> Question:
    explanation = _(
        "Somebody came through %(company)s and is known there as %(subject)s, with the address "
        "%(email)s. Whoever you choose can come into these pages with that account, and do here "
        "whatever they may. Ask the person in another way than by mail whether it was them."
    )
    names = {
        "company": connection.partner,
        "subject": event.detail["provider_subject"],
        "email": event.detail.get("email", "–"),
    }
    return Question(
        title=_("Link to a member of staff"),
        explanation=explanation % names,
        submit=_("Link"),
        form=form,
    )
