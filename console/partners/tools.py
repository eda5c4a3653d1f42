"""What can be done to a partner from above its change page, each on a page of its own."""

from datetime import date

from django import forms
from django.contrib.messages import ERROR, SUCCESS, WARNING
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.trail import Happening
from console.acting import acting, record_act, staff_of
from console.pages import Pages, Question, back, found
from console.partners.keys import NewKeyForm, new_key, what_a_new_key_does
from partners.models import Partner, Status
from partners.rules import require_plain_text
from people.current import current_sessions
from people.own_company import is_own_company
from people.session_store import end_sessions_of_partner


class PauseForm(forms.Form):
    """What goes with a pause."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
        help_text=gettext_lazy("For ourselves: it is noted in the trail, and nobody else sees it."),
    )
    until = forms.DateField(
        label=gettext_lazy("Expected to end on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy(
            "People are told, and you are reminded. The pause ends when you resume."
        ),
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the company’s people"),
        required=False,
        max_length=300,
        validators=[require_plain_text],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=gettext_lazy("They see it instead of the sign-in page."),
    )
    sign_out = forms.BooleanField(
        label=gettext_lazy("Sign everybody out now"),
        required=False,
        help_text=gettext_lazy(
            "Without it, whoever doesn’t open a page during the pause is still signed in after it."
        ),
    )

    def clean_until(self) -> date | None:
        """Return the day; one that is over is a slip."""
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError(_("That day is over."))
        return until


class PartnerTools(Pages):
    """The pages of the buttons."""

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a note, then stop the partner's sign-ins."""
        partner = _partner(request, pk, permission="partners.change_partner")
        if partner.status != Status.LIVE:
            return back(request, partner, _("Only a live partner is paused."), level=WARNING)
        form = PauseForm(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            return self.ask(request, partner, _pause_question(partner, form))
        with acting(request):
            detail = _paused(partner, **form.cleaned_data)
            _record(request, partner, what="partner.paused", detail=detail)
        return back(request, partner, _("%s is paused.") % partner, level=SUCCESS)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then let the partner's people in again."""
        partner = _partner(request, pk, permission="partners.change_partner")
        if partner.status != Status.PAUSED:
            return back(request, partner, _("The partner is not paused."), level=WARNING)
        if not _is_complete(partner):
            lacks = _("It needs a connection and a confirmed domain first.")
            return back(request, partner, lacks, level=ERROR)
        if request.method != "POST":
            question = Question(
                title=_("Resume sign-in"),
                explanation=_("The company’s people can sign in again at once."),
                submit=_("Resume"),
            )
            return self.ask(request, partner, question)
        with acting(request):
            partner.status, partner.paused_note, partner.paused_until = Status.LIVE, "", None
            partner.save(update_fields=["status", "paused_note", "paused_until"])
            _record(request, partner, what="partner.resumed", detail={})
        return back(request, partner, _("%s is live again.") % partner, level=SUCCESS)

    def end_sessions(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then sign everybody of the partner out."""
        partner = _partner(request, pk, permission="people.delete_session")
        if request.method != "POST":
            question = Question(
                title=_("Sign everyone out"),
                explanation=_signed_in(partner),
                submit=_("Sign everyone out"),
            )
            return self.ask(request, partner, question)
        with acting(request):
            ended = end_sessions_of_partner(partner)
            _record(
                request, partner, what="partner.sessions_ended", detail={"sessions_ended": ended}
            )
        done = ngettext("%d session has been ended.", "%d sessions have been ended.", ended) % ended
        return back(request, partner, done, level=SUCCESS)

    def new_key(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask, then make a new key by which the partner's provider knows us."""
        partner = _partner(request, pk, permission="partners.change_partner")
        connection = partner.live_connection
        if connection is None or connection.client_keys_changed_at is None:
            return back(request, partner, _("There is no key to replace."), level=WARNING)
        form = NewKeyForm(request.POST if request.method == "POST" else None)
        if request.method != "POST" or not form.is_valid():
            question = Question(
                title=_("Make a new key"),
                explanation=what_a_new_key_does(connection),
                submit=_("Make a new key"),
                form=form,
            )
            return self.ask(request, partner, question)
        with acting(request):
            new_key(connection, at_once=form.cleaned_data["at_once"])
        return back(request, partner, _("There is a new key."), level=SUCCESS)


def why_it_stays(partner: Partner) -> str:
    """Return why a partner with people is not deleted."""
    people = partner.people.count()
    message = ngettext(
        "%(count)d person has come from %(partner)s. A partner with people can’t be deleted: "
        "pause it instead.",
        "%(count)d people have come from %(partner)s. A partner with people can’t be deleted: "
        "pause it instead.",
        people,
    )
    return message % {"count": people, "partner": partner}


def _paused(
    partner: Partner, *, reason: str, until: date | None, note: str, sign_out: bool
) -> dict[str, object]:
    """Pause *partner*, and return what the trail is told of it."""
    partner.status, partner.paused_note, partner.paused_until = Status.PAUSED, note, until
    partner.save(update_fields=["status", "paused_note", "paused_until"])
    ended = end_sessions_of_partner(partner) if sign_out else 0
    told = {"reason": reason, "until": until and until.isoformat(), "note": note}
    return {**told, "sessions_ended": ended}


def _pause_question(partner: Partner, form: PauseForm) -> Question:
    sentences = [_("New sign-ins stop now."), _signed_in(partner)]
    if is_own_company(partner):
        sentences.append(_("Members of staff who came in through it are signed out too."))
    explanation = " ".join(sentences)
    return Question(title=_("Pause sign-in"), explanation=explanation, submit=_("Pause"), form=form)


def _partner(request: HttpRequest, pk: int, *, permission: str) -> Partner:
    return found(request, Partner.objects.all(), pk, permission=permission)


def _is_complete(partner: Partner) -> bool:
    verified = partner.domains.filter(verified_at__isnull=False)
    return partner.connections.filter(is_live=True).exists() and verified.exists()


def _signed_in(partner: Partner) -> str:
    people = current_sessions().filter(partner=partner).values("user").distinct().count()
    return ngettext("%d person is signed in.", "%d people are signed in.", people) % people


def _record(
    request: HttpRequest, partner: Partner, *, what: str, detail: dict[str, object]
) -> None:
    actor = staff_of(request).email
    record_act(request, Happening(what=what, partner=partner.slug, actor=actor, detail=detail))
