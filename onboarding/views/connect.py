"""The third step: where the company's provider is, and how it and the portal know each other."""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from federation import limits
from onboarding.connect_form import (
    DRAFT_FIELDS,
    KEPT,
    MONTHS,
    NEVER,
    ON,
    ConnectForm,
    months_from,
)
from onboarding.connecting import (
    EXAMINATIONS,
    keep_secret,
    save_settings,
    settle,
    shown_version_of,
    tried,
)
from onboarding.progress import StepConflictError, done
from onboarding.providers import Product, marked_up, product_of, values_of
from onboarding.steps import Step
from onboarding.views.frame import StepPage
from partners.models import Connection


class Connect(StepPage):
    """``/setup/connect/`` takes what the provider has shown, saves it, and tries it at once."""

    step = Step.CONNECT
    template_name = "onboarding/connect.html"
    is_for_secret = True
    asks_others = True
    draft_fields = DRAFT_FIELDS

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the form as it is saved; nobody gets here without having chosen a product."""
        shown = shown_version_of(self.partner)
        if not shown.pk:
            return HttpResponseRedirect(Step.PROVIDER.url)
        form = ConnectForm(product=product_of(shown.provider), connection=shown, draft=self.draft)
        return self._page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save what was typed, try it, and go on when nothing has to be mended."""
        shown = shown_version_of(self.partner)
        if not shown.pk:
            return HttpResponseRedirect(Step.PROVIDER.url)
        if limits.count_failure(request, EXAMINATIONS, partner=self.partner.slug):
            return limits.too_many(request, EXAMINATIONS, partner=self.partner.slug)
        form = ConnectForm(request.POST, product=product_of(shown.provider), connection=shown)
        if not form.is_valid():
            return self._page(form, secret_kept=self._keep_secret(form))
        try:
            with self.saving(is_done=False):
                saved = save_settings(self.partner, form.settings)
        except StepConflictError as conflict:
            return self._page(form, conflict=conflict)
        return self._tried(saved)

    def _tried(self, saved: Connection) -> HttpResponse:
        """Ask the provider; go on, or return the page that says what has to be mended."""
        trying = tried(saved)
        with self.acting():
            is_settled = settle(saved, trying)
            if is_settled and not trying.findings:
                done(self.case, self.step)
        if not is_settled:
            # What was tried is no more: the page of now says what is.
            return HttpResponseRedirect(self.step.url, status=HTTPStatus.SEE_OTHER)
        if not (trying.findings or trying.adopted):
            return self.onward()
        form = ConnectForm(product=product_of(saved.provider), connection=saved)
        return self._page(form, findings=trying.findings, adopted=trying.adopted)

    def _keep_secret(self, form: ConnectForm) -> bool:
        """Save a secret that was typed beside a mistake: it is not sent back to be typed again."""
        secret = form.cleaned_data.get("client_secret")
        if not secret:
            return False
        with self.acting():
            kept = keep_secret(self.partner, secret, issuer=form.issuer)
        form.connection = kept or form.connection
        return kept is not None

    def _page(
        self, form: ConnectForm, *, conflict: StepConflictError | None = None, **context: object
    ) -> HttpResponse:
        values = values_of(self.partner)
        credentials = form.product.credentials
        shown = {
            "form": form,
            "product": form.product,
            "connection": form.connection,
            "mistakes": form.mistakes(),
            "parts": [(part, form[f"part_{part.name}"]) for part in form.product.issuer.parts],
            "client_id_at": marked_up(credentials.client_id, values),
            "client_secret_at": marked_up(credentials.client_secret, values),
            "key_at": marked_up(credentials.key, values),
            "jwks_uri": values["jwks_uri"],
            "secret_told": _told_of_secret(form.connection),
            "ends": _ends_offered(form.product, form.connection),
        }
        return self.page({**shown, **context}, conflict=conflict)


def _told_of_secret(connection: Connection) -> str:
    """Return what is known of the secret that is there, never any of it; empty without one."""
    if not connection.client_secret_sealed:
        return ""
    set_at = connection.client_secret_set_at or connection.created_at
    told = _("•••• set %s") % date_format(timezone.localtime(set_at), "DATE_FORMAT")
    return f"{told}, {_end(connection.client_secret_expires)}."


def _end(ends: date | None) -> str:
    return _("ends %s") % date_format(ends, "DATE_FORMAT") if ends else _("no end known")


def _ends_offered(product: Product, connection: Connection) -> list[tuple[str, Any]]:
    """Return the ends that a secret may have, each with its words."""
    most = product.credentials.most_months or max(MONTHS)
    today = timezone.localdate()
    offered = [
        (
            str(months),
            _("In %(months)d months: %(day)s")
            % {"months": months, "day": date_format(months_from(today, months), "DATE_FORMAT")},
        )
        for months in MONTHS
        if months <= most
    ]
    offered += [(NEVER, _("It doesn’t, or I don’t know")), (ON, _("On another day"))]
    if connection.client_secret_sealed:
        kept = _("The secret that is there: %s") % _end(connection.client_secret_expires)
        offered.insert(0, (KEPT, kept))
    return offered
