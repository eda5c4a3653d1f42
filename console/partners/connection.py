"""A partner's connection, on its change page: held against its provider when it is saved."""

from typing import ClassVar

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.partners.connection_form import ConnectionForm
from console.partners.documents import advice_on
from console.partners.keys import shown_keys
from console.stock import BaseInlineFormSet, StackedInline
from federation.provider import accept_hosts
from partners.models import Connection, Partner, Status

LOOKED_AT = frozenset(
    {
        *("provider", "issuer", "scopes", "token_endpoint_auth_method", "id_token_algs"),
        "accepts_hosts",
    }
)
"""Fields whose change is held against what the provider says of itself."""

ACCEPTED_WITH = frozenset({"issuer", "accepts_hosts"})
"""Fields with whose change the owner accepts where the provider's endpoints are."""


class ConnectionFormSet(BaseInlineFormSet[Connection, Partner, ConnectionForm]):
    """The one live connection of a partner, held against what its provider says of itself."""

    notes: tuple[str, ...] = ()
    """What the member of staff is told besides, when the connection is saved."""

    def clean(self) -> None:
        """Refuse a live partner without a good connection, and a connection with a mistake."""
        super().clean()
        is_live = self.instance.status == Status.LIVE
        filled = [form for form in self.forms if form.instance.pk or form.has_changed()]
        if is_live and not filled:
            raise ValidationError(_("A live partner needs a connection."))
        for form in filled:
            if is_live and not form.errors:
                _require_secret(form)
            if not form.errors and self._is_due(form):
                self._look_at(form, is_live=is_live)

    def accepted_hosts(self) -> list[str] | None:
        """Return the hosts that are accepted by what was saved, once it is.

        It is ``None`` where that is no question, and empty where the provider could not be asked.
        """
        for form in self.forms:
            if form.instance.pk and not ACCEPTED_WITH.isdisjoint(form.changed_data):
                return accept_hosts(form.instance)
        return None

    def _is_due(self, form: ConnectionForm) -> bool:
        """Return whether the provider has to be asked: not for a new help desk's address."""
        if not LOOKED_AT.isdisjoint(form.changed_data):
            return True
        stored = Partner.objects.filter(pk=self.instance.pk).values_list("status", flat=True)
        return self.instance.status == Status.LIVE and stored.first() != Status.LIVE

    def _look_at(self, form: ConnectionForm, *, is_live: bool) -> None:
        form.instance.partner = self.instance
        advice = advice_on(form.instance, is_live=is_live)
        for field, sentence in advice.errors:
            form.add_error(field, sentence)
        if advice.issuer:
            form.instance.issuer = advice.issuer
            _hold_against_others(form)
        self.notes = advice.notes


class ConnectionInline(StackedInline[Connection, Partner]):
    """The live connection on the page of its partner."""

    model = Connection
    form = ConnectionForm
    formset = ConnectionFormSet  # type: ignore[assignment] # as in domains
    max_num = 1
    extra = 1
    can_delete = False
    verbose_name = gettext_lazy("connection")
    readonly_fields = ("our_keys",)
    fieldsets: ClassVar = [
        (
            None,
            {
                "fields": (
                    "provider",
                    "issuer",
                    "client_id",
                    "client_secret",
                    "client_secret_expires",
                )
            },
        ),
        (
            gettext_lazy("What is required of a sign-in"),
            {
                "classes": ("collapse",),
                "fields": (
                    "pinned_claims",
                    "require_email_verified",
                    "max_age",
                    "acr_values",
                    "required_amr",
                ),
            },
        ),
        (
            gettext_lazy("What providers differ in"),
            {
                "classes": ("collapse",),
                "fields": (
                    "accepts_hosts",
                    "token_endpoint_auth_method",
                    "our_keys",
                    "scopes",
                    "id_token_algs",
                    "email_claim",
                    "needs_id_token_hint",
                ),
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        """Return the connections by which people sign in now."""
        return super().get_queryset(request).filter(is_live=True)

    @admin.display(description=gettext_lazy("Our public keys"))
    def our_keys(self, connection: Connection) -> str:
        """Return which there are."""
        return shown_keys(connection)


def _hold_against_others(form: ConnectionForm) -> None:
    # The form has done this already, for the issuer as it was typed.
    try:
        form.instance.validate_constraints(exclude={"partner"})
    except ValidationError as error:
        form.add_error(None, error)


def _require_secret(form: ConnectionForm) -> None:
    connection = form.instance
    has_credential = connection.client_secret_sealed or connection.is_keyed
    if not form.cleaned_data.get("client_secret") and not has_credential:
        form.add_error("client_secret", _("A live partner’s connection needs its client secret."))
