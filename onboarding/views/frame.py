"""The frame of the set-up pages: who is at work, on which case, and how a step is saved.

``opened_set_up`` is the one place that reads the cookie. A page for a step is a ``StepPage``::

    class Provider(StepPage):
        step = Step.PROVIDER
        template_name = "onboarding/provider.html"
        draft_fields = ("provider",)

        def get(self, request):
            return self.page({"form": ProviderForm(initial=self.draft)})

        def post(self, request):
            form = ProviderForm(request.POST)
            if not form.is_valid():
                return self.page({"form": form})
            try:
                with self.saving():
                    ...
            except StepConflictError as conflict:
                return self.page({"form": form}, conflict=conflict)
            return self.onward()
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from http import HTTPStatus
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.views.generic import View

from audit.trail import Happening, acting_as, record
from federation import limits
from federation.callers import caller_of
from onboarding import sessions
from onboarding.invitations import ClosedError, require_open
from onboarding.models import SetUpCase, SetUpSession
from onboarding.progress import draft_of, keep_draft, saving_step, step_of, steps_done
from onboarding.steps import COUNTED, Step
from onboarding.turns import RETRY_SECONDS, BusyError, turn_of
from partners.models import Partner


class SetUpPage(View):
    """A page that only a browser in a set-up sees; anybody else is asked for the address first.

    ``session`` is what the cookie opened. Everything else follows from it: nothing in an address or
    a form says whose set-up this is.
    """

    http_method_names: Sequence[str] = ("get", "head", "post", "options")
    session: SetUpSession
    is_for_closed: ClassVar[bool] = False
    is_for_secret: ClassVar[bool] = False
    """Whether whoever replaces a secret by a reminder sees it too."""
    asks_others: ClassVar[bool] = False
    """Whether its form has us wait for a provider or a name server, of whom nothing is known."""

    @property
    def case(self) -> SetUpCase:
        """The case that this browser is at work on."""
        return self.session.link.case

    @property
    def partner(self) -> Partner:
        """The partner whose case it is."""
        return self.case.partner

    @property
    def address(self) -> str:
        """The e-mail address of whoever is at work: what the trail names."""
        return self.session.link.address

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let in whoever is in a set-up; send the others to where they get into one."""
        key = sessions.key_in(request)
        session = sessions.open_session(key)
        if session is None:
            self.keep_typed(request, key)
            return HttpResponseRedirect(reverse("setup"), status=HTTPStatus.SEE_OTHER)
        self.session = session
        if not self.case.is_open and not self.is_for_closed:
            return HttpResponseRedirect(Step.SWITCH_ON.url, status=HTTPStatus.SEE_OTHER)
        if not self.is_for_secret and sessions.is_for_a_secret(session):
            # Where Connect leads on to is not needed for a secret: the test is next.
            return HttpResponseRedirect(Step.TEST.url, status=HTTPStatus.SEE_OTHER)
        try:
            with self.turn(request):
                return super().dispatch(request, *args, **kwargs)
        except BusyError:
            return limits.wait(request, seconds=RETRY_SECONDS)
        except ClosedError:
            return self.over()

    def turn(self, request: HttpRequest) -> AbstractContextManager[None]:
        """Return what a form that has us wait for others is held in: its partner's turn."""
        has_us_wait = request.method == "POST" and self.asks_others
        return turn_of(self.partner.slug) if has_us_wait else nullcontext()

    def keep_typed(self, request: HttpRequest, key: str) -> None:
        """Keep what came from a browser whose session has ended; a page without forms has none."""

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Open a transaction whose changes the trail records as this contact's.

        What ended meanwhile is not gone on with: ``over`` answers for the ``ClosedError``.
        """
        with acting_as(self.address, caller=caller_of(self.request)):
            require_open(self.session)
            yield

    def record(self, *, what: str, detail: Mapping[str, object] | None = None) -> None:
        """Add what this contact has done to the trail; *detail* never holds a secret."""
        happening = Happening(
            what=what, partner=self.partner.slug, actor=self.address, detail=detail or {}
        )
        record(happening, caller=caller_of(self.request))

    def over(self) -> HttpResponse:
        """Return the page for whoever's set-up ended while they were at work; nothing was done."""
        if sessions.open_session(sessions.key_in(self.request)):
            # A colleague has just switched it on: they may see how it went.
            return HttpResponseRedirect(Step.SWITCH_ON.url, status=HTTPStatus.SEE_OTHER)
        # Nothing of the partner: they may have been shut out.
        return render(self.request, "onboarding/over.html", status=HTTPStatus.GONE)

    def page_of(
        self, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
    ) -> HttpResponse:
        """Return *template*, which extends ``onboarding/base.html``, with what that one needs."""
        done = steps_done(self.case)
        frame = {
            "partner": self.partner,
            "case": self.case,
            "contact": self.address,
            "rail": [(step, step in done) for step in COUNTED],
        }
        return render(self.request, template, {**frame, **context}, status=status)


class StepPage(SetUpPage):
    """The page of one step. Its form sends ``revision`` back: ``onboarding/parts/form.html``.

    ``draft_fields`` names the fields that are kept when somebody's session ends while they type.
    Those of secrets are never among them, nor what says whom we write to or where people go.
    """

    step: Step = Step.WELCOME
    template_name: str
    draft_fields: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def draft(self) -> dict[str, str]:
        """What this address has typed here and could not save, by the names of the fields."""
        return draft_of(self.case, self.step, by=self.address)

    def page(
        self,
        context: Mapping[str, Any] | None = None,
        *,
        conflict: Exception | None = None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        """Return the step's page; with *conflict*, it says who has saved it meanwhile."""
        frame = {
            "step": self.step,
            "revision": step_of(self.case, self.step).revision,
            "conflict": conflict,
            "has_draft": self.request.method == "GET" and bool(self.draft),
        }
        return self.page_of(self.template_name, {**frame, **(context or {})}, status=status)

    @contextmanager
    def saving(self, *, is_done: bool = True) -> Iterator[None]:
        """Open the transaction in which this step is saved, as this contact's doing.

        Raises ``StepConflictError`` when somebody else has saved it since the page was made.
        """
        with (
            self.acting(),
            saving_step(
                self.case,
                self.step,
                revision=self.request.POST.get("revision", ""),
                by=self.address,
                is_done=is_done,
            ),
        ):
            yield

    def onward(self) -> HttpResponse:
        """Return the way to the next step."""
        following = self.step.following or self.step
        return HttpResponseRedirect(following.url, status=HTTPStatus.SEE_OTHER)

    def keep_typed(self, request: HttpRequest, key: str) -> None:
        """Keep what somebody typed whose session has ended meanwhile, until they are back."""
        ended = sessions.ended_session(key) if request.method == "POST" else None
        if ended is not None:
            typed = {name: request.POST[name] for name in self.draft_fields if name in request.POST}
            keep_draft(ended.link.case, self.step, typed, by=ended.link.address)
