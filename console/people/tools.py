"""What can be done to a person from above the person's page."""

from django.contrib.messages import SUCCESS
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.trail import Happening
from console.acting import acting, record_act, staff_of
from console.pages import Pages, Question, back, found
from people.models import User
from people.own_company import unlink_staff
from people.session_store import end_sessions_of


class PersonTools(Pages):
    """The pages of the buttons."""

    def end_sessions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then sign the person out everywhere."""
        person = _person(request, pk, permission="people.delete_session")
        if request.method != "POST":
            question = Question(
                title=_("End all sessions"),
                explanation=_("%s is signed out everywhere, and can sign in again.") % person,
                submit=_("End all sessions"),
            )
            return self.ask(request, person, question)
        with acting(request):
            ended = end_sessions_of(person)
            _record(request, person, what="person.sessions_ended", sessions_ended=ended)
        done = ngettext("%d session has been ended.", "%d sessions have been ended.", ended) % ended
        return back(request, person, done, level=SUCCESS)

    def deactivate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then keep the person out, whatever their provider says."""
        person = _person(request, pk, permission="people.change_user")
        if person == staff_of(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.ask(request, person, _deactivate_question(person))
        with acting(request):
            _set_active(person, is_active=False)
            ended = end_sessions_of(person)
            _record(request, person, what="person.deactivated", sessions_ended=ended)
        return back(request, person, _("Deactivated: %s.") % person, level=SUCCESS)

    def reactivate(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then let the person sign in again."""
        person = _person(request, pk, permission="people.change_user")
        if request.method != "POST":
            question = Question(
                title=_("Reactivate"),
                explanation=_("%s can sign in again, as the same person as before.") % person,
                submit=_("Reactivate"),
            )
            return self.ask(request, person, question)
        with acting(request):
            _set_active(person, is_active=True)
            _record(request, person, what="person.reactivated")
        return back(request, person, _("Active again: %s.") % person, level=SUCCESS)

    def unlink(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then have a member of staff come in by password alone."""
        member = _person(request, pk, permission="people.change_user")
        if not staff_of(request).is_superuser or member.partner_id is not None:
            raise PermissionDenied
        if request.method != "POST":
            question = Question(
                title=_("Unlink"),
                explanation=_("%s comes in by password alone, and is signed out if need be.")
                % member,
                submit=_("Unlink"),
            )
            return self.ask(request, member, question)
        with acting(request):
            for login in member.staff_logins.select_related("partner"):
                unlink_staff(member, partner=login.partner)
        return back(request, member, _("Unlinked: %s.") % member, level=SUCCESS)


def _deactivate_question(person: User) -> Question:
    explanation = _(
        "%s is signed out everywhere and can’t sign in any more, until somebody reactivates the "
        "person here."
    )
    return Question(title=_("Deactivate"), explanation=explanation % person, submit=_("Deactivate"))


def _person(request: HttpRequest, pk: int, *, permission: str) -> User:
    people = User.objects.select_related("partner")
    person = found(request, people, pk, permission=permission)
    # Staff act on people; on each other only superusers do.
    if person.partner_id is None and not staff_of(request).is_superuser:
        raise PermissionDenied
    return person


def _set_active(person: User, *, is_active: bool) -> None:
    person.is_active = is_active
    person.save(update_fields=["is_active"])


def _record(request: HttpRequest, person: User, *, what: str, **detail: object) -> None:
    happening = Happening(
        what=what,
        partner=person.partner.slug if person.partner else "",
        subject=person.subject,
        email=person.email,
        actor=staff_of(request).email,
        detail=detail,
    )
    record_act(request, happening)
