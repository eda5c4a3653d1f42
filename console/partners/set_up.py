"""A partner's set-up, seen from our side: its links, how far it is, what waits for the owner."""

from collections.abc import Callable
from typing import Any

from django.contrib.messages import ERROR, SUCCESS, WARNING, add_message
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.trail import Happening
from console.acting import acting, record_act, staff_of
from console.pages import Pages, found
from console.partners.deeds import deeds_of
from federation.callers import caller_of
from mails.sending import can_be_sent
from onboarding import proposals
from onboarding.forms import AddressForm
from onboarding.invitations import PausedError, close_case, revoke, send_link
from onboarding.models import ProposedLogo, SetUpCase, SetUpLink
from onboarding.progress import steps_done
from onboarding.steps import COUNTED
from onboarding.switching_on import is_to_be_approved
from partners.models import Logo, Partner

Done = tuple[str, int]
"""What is said of what was done, and one of the levels of ``messages``."""


class SetUpTools(Pages):
    """The page of a partner's set-up, and the pictures on it."""

    def page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the set-up, or do what one of its buttons says."""
        partner = _partner(request, pk)
        if request.method != "POST":
            return self.shown(request, partner, AddressForm(auto_id="id_%s"))
        if request.POST.get("do") == "send":
            return self.send(request, partner)
        # What a partner has proposed waits for us after its set-up is closed too.
        case = partner.set_up_cases.first()
        do = request.POST.get("do", "")
        act = _ACTS.get(do) or (_ACTS_OF_OPEN.get(do) if case and case.is_open else None)
        if act is None or case is None:
            raise Http404
        return _back(request, partner, *act(request, case))

    def send(self, request: HttpRequest, partner: Partner) -> HttpResponse:
        """Send a set-up link, or return the page with what is wrong with the address."""
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self.shown(request, partner, form)
        address: str = form.cleaned_data["email"]
        staff = staff_of(request).email
        try:
            with acting(request):
                send_link(partner, address, sent_by=staff, caller=caller_of(request))
        except PausedError:
            return _back(request, partner, _("Resume the partner first."), WARNING)
        if not can_be_sent():
            told = _("There is no mail server: nothing can be sent. Set EMAIL_URL.")
            return _back(request, partner, told, ERROR)
        return _back(request, partner, _("A link is on its way to %s.") % address, SUCCESS)

    def proposed_wide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the wide logo that waits to be approved."""
        return _proposed(request, pk, Logo.Shape.WIDE)

    def proposed_mark(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the square mark that waits to be approved."""
        return _proposed(request, pk, Logo.Shape.MARK)

    def shown(self, request: HttpRequest, partner: Partner, form: AddressForm) -> HttpResponse:
        """Return the page."""
        case = partner.set_up_cases.first()
        context = {"title": _("Set-up"), "form": form, "case": case}
        if case is not None:
            context |= _context_of(case)
        return self.response(request, partner, "console/set_up.html", context)


def state_of(link: SetUpLink) -> str:
    """Return in a word what has become of a link."""
    if link.revoked_at is not None:
        return _("Revoked")
    if link.used_at is not None:
        return _("Opened")
    return _("Ended") if link.expires_at <= timezone.now() else _("Sent")


def waits_for_us(case: SetUpCase) -> list[str]:
    """Return what of the case, its ``proposed_logos`` prefetched, the owner has to decide on."""
    waiting = [logo.get_shape_display() for logo in case.proposed_logos.all()]
    if case.visibility_wished:
        waiting.append(_("Visibility"))
    if _switch_waits(case):
        waiting.append(_("Switch"))
    return waiting


def _switch_waits(case: SetUpCase) -> bool:
    is_asked = case.is_open and case.approval_asked_at is not None
    return is_asked and is_to_be_approved(case.partner)


def _context_of(case: SetUpCase) -> dict[str, Any]:
    done = steps_done(case)
    saved = {step.name: step for step in case.steps.all()}
    return {
        "steps": [(step, step in done, saved.get(step.value)) for step in COUNTED],
        "links": [(link, state_of(link)) for link in case.links.all()],
        "logos": case.proposed_logos.defer("data"),
        "switch_waits": _switch_waits(case),
        "deeds": deeds_of(case),
    }


def _revoke(request: HttpRequest, case: SetUpCase) -> Done:
    pk = request.POST.get("link", "")
    link = case.links.filter(pk=pk, revoked_at=None).first() if pk.isdecimal() else None
    if link is None:
        raise Http404
    with acting(request):
        revoke(link, by=staff_of(request).email, caller=caller_of(request))
    return _("The link to %s opens nothing any more.") % link.address, SUCCESS


def _close(request: HttpRequest, case: SetUpCase) -> Done:
    with acting(request):
        close_case(case, by=staff_of(request).email, caller=caller_of(request))
    return _("The set-up is closed."), SUCCESS


def _approve_logo(request: HttpRequest, case: SetUpCase) -> Done:
    proposed = _proposed_in(case, request.POST.get("shape", ""))
    with acting(request):
        proposals.approve_logo(proposed)
        _record(request, case, what="setup_case.approved", of=proposed.shape)
    return _("The logo is shown from now on."), SUCCESS


def _decline_logo(request: HttpRequest, case: SetUpCase) -> Done:
    proposed = _proposed_in(case, request.POST.get("shape", ""))
    with acting(request):
        proposals.withdraw_logo(case, proposed.shape)
        _record(request, case, what="setup_case.declined", of=proposed.shape)
    return _("The picture is gone."), SUCCESS


def _approve_visibility(request: HttpRequest, case: SetUpCase) -> Done:
    if not case.visibility_wished:
        raise Http404
    with acting(request):
        proposals.approve_visibility(case)
        _record(request, case, what="setup_case.approved", of="visibility")
    return _("The visibility is as the partner wants it."), SUCCESS


def _decline_visibility(request: HttpRequest, case: SetUpCase) -> Done:
    with acting(request):
        case.visibility_wished = ""
        case.save(update_fields=["visibility_wished"])
        _record(request, case, what="setup_case.declined", of="visibility")
    return _("The visibility stays as it is."), SUCCESS


Act = Callable[[HttpRequest, SetUpCase], Done]

_ACTS_OF_OPEN: dict[str, Act] = {
    "revoke": _revoke,
    "close": _close,
}

_ACTS: dict[str, Act] = {
    "approve-logo": _approve_logo,
    "decline-logo": _decline_logo,
    "approve-visibility": _approve_visibility,
    "decline-visibility": _decline_visibility,
}


def _partner(request: HttpRequest, pk: int) -> Partner:
    return found(request, Partner.objects.all(), pk, permission="partners.change_partner")


def _proposed(request: HttpRequest, pk: int, shape: str) -> HttpResponse:
    case = _partner(request, pk).set_up_cases.first()
    if case is None:
        raise Http404
    picture = bytes(_proposed_in(case, shape).data)
    return HttpResponse(picture, content_type="image/webp")


def _proposed_in(case: SetUpCase, shape: str) -> ProposedLogo:
    proposed = case.proposed_logos.filter(shape=shape).first()
    if proposed is None:
        raise Http404
    return proposed


def _back(request: HttpRequest, partner: Partner, told: str, level: int) -> HttpResponse:
    add_message(request, level, told)
    return HttpResponseRedirect(reverse("admin:partners_partner_set_up", args=[partner.pk]))


def _record(request: HttpRequest, case: SetUpCase, *, what: str, of: str) -> None:
    happening = Happening(
        what=what,
        partner=case.partner.slug,
        actor=staff_of(request).email,
        detail={"of": of},
    )
    record_act(request, happening)
