"""The form of the step in which a partner connects its provider."""

import re
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.connecting import Settings
from onboarding.providers import Product, plain, values_of
from onboarding.providers.issuers import (
    cleaned_part,
    is_fitting,
    issuer_of_address,
    issuer_of_parts,
    parts_of_issuer,
    parts_of_pasted,
    parts_of_pins,
    pins_of_parts,
)
from onboarding.providers.product import Part, Text
from partners.models import Connection
from partners.rules import require_client_id, require_issuer, require_pin_of_shared_issuer
from partners.secrets import has_secret_for

KEY, SECRET = "key", "secret"
ON, NEVER, KEPT = "on", "never", "kept"
MONTHS = (6, 12, 24)
"""For how long secrets are usually made."""

DRAFT_FIELDS = ("client_id", "proof", "ends", "ends_on")
"""Fields that may be kept of what could not be saved; none that says where people are sent."""


class ConnectForm(forms.Form):
    """Where the provider is, how we are known there, and by what we prove it.

    The widgets are never rendered: templates/onboarding/connect.html writes them. *draft* is what
    was typed before and could not be saved. ``settings`` is what a valid form says.
    """

    address = forms.CharField(required=False, max_length=500)
    client_id = forms.CharField(
        max_length=255,
        validators=[require_client_id],
        error_messages={"required": gettext_lazy("Enter the client ID.")},
    )
    proof = forms.ChoiceField(choices=[(KEY, KEY), (SECRET, SECRET)], required=False)
    client_secret = forms.CharField(required=False, max_length=1000, validators=[require_client_id])
    ends = forms.ChoiceField(
        choices=[(one, one) for one in (*map(str, MONTHS), ON, NEVER, KEPT)], required=False
    )
    ends_on = forms.DateField(required=False)

    settings: Settings
    issuer: str = ""
    """What was typed, whether it can be one or not."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        product: Product,
        connection: Connection,
        draft: Mapping[str, str] | None = None,
    ) -> None:
        self.product, self.connection = product, connection
        super().__init__(data, initial={**_saved(product, connection), **(draft or {})})
        for part in product.issuer.parts:
            self.fields[f"part_{part.name}"] = forms.CharField(required=False, max_length=255)

    def mistakes(self) -> list[tuple[str, str]]:
        """Return the fields that are wrong, in the order in which the page has them, and why."""
        parts = [f"part_{part.name}" for part in self.product.issuer.parts]
        shown = [*parts, "address", "client_id", "client_secret", "ends", "ends_on"]
        return [(name, str(self.errors[name][0])) for name in shown if name in self.errors]

    def clean(self) -> dict[str, Any]:
        """Judge what belongs together, and make the settings of it."""
        data = super().clean() or {}
        uses_key = bool(self.product.credentials.key) and data.get("proof") == KEY
        self.issuer, pins = self._issuer_and_pins(data)
        if not uses_key:
            self._require_secret(data)
        secret_ends = None if uses_key else self._secret_ends(data)
        if not self.errors:
            self.settings = Settings(
                issuer=self.issuer,
                client_id=data["client_id"],
                pinned_claims=pins,
                uses_key=uses_key,
                client_secret=data["client_secret"],
                secret_ends=secret_ends,
            )
        return data

    def _issuer_and_pins(self, data: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        shape = self.product.issuer
        address = issuer_of_address(data.get("address") or "")
        if address and not shape.template and "://" not in address:
            address = f"https://{address}"
        parts = self._parts(data, address)
        issuer = address or issuer_of_parts(shape, parts)
        # Which pins the owner has set besides is nothing that the partner says.
        others = {
            claim: value
            for claim, value in self.connection.pinned_claims.items()
            if claim not in shape.pins
        }
        pins = {**others, **pins_of_parts(shape, parts, partner=self.connection.partner.slug)}
        if not self.errors:
            self._require(issuer, pins)
        return issuer, pins

    def _parts(self, data: Mapping[str, Any], address: str) -> dict[str, str]:
        """Return the parts of the issuer; beside an *address* they only say whose people it is."""
        shape = self.product.issuer
        typed = [str(data.get(f"part_{part.name}") or "") for part in shape.parts]
        # Some paste the whole address where a part of it is asked for.
        found = (parts_of_pasted(shape, one) for one in ([address] if address else typed))
        parts = next((one for one in found if one), {})
        for part in shape.parts:
            if parts.get(part.name):
                continue
            cleaned = cleaned_part(part, str(data.get(f"part_{part.name}") or ""))
            parts[part.name] = cleaned
            if not is_fitting(part, cleaned) and (cleaned or not address):
                self.add_error(f"part_{part.name}", self._fault_of(part, cleaned))
        return parts

    def _fault_of(self, part: Part, cleaned: str) -> str:
        if cleaned:
            return self._filled_in(part.fault)
        return _("Enter this: %(name)s.") % {"name": part.label}

    def _require(self, issuer: str, pins: Mapping[str, Any]) -> None:
        first = next((part for part in self.product.issuer.parts), None)
        built = bool(self.product.issuer.template) and not self.cleaned_data["address"]
        field = f"part_{first.name}" if first and built else "address"
        if not issuer:
            self.add_error(field, _("Enter the issuer of your provider."))
            return
        try:
            require_issuer(issuer)
            require_pin_of_shared_issuer(issuer, pins)
        except ValidationError as error:
            self.add_error(field, error)

    def _require_secret(self, data: Mapping[str, Any]) -> None:
        typed = data.get("client_secret") or ""
        credentials = self.product.credentials
        if credentials.not_secret and re.fullmatch(credentials.not_secret, typed):
            self.add_error("client_secret", self._filled_in(credentials.slip))
        elif typed or self.has_error("client_secret"):
            return
        elif not self.connection.client_secret_sealed:
            self.add_error("client_secret", _("Enter the client secret."))
        elif self.issuer and not has_secret_for(self.connection, self.issuer):
            self.add_error("client_secret", _("Enter the secret of the app at this issuer."))

    def _secret_ends(self, data: Mapping[str, Any]) -> date | None:
        """Return when the secret ends, ``None`` where it doesn't."""
        match data.get("ends"):
            case "":
                self.add_error("ends", _("Say when the secret ends, so that we can remind you."))
            case choice if choice == KEPT and not data.get("client_secret"):
                return self.connection.client_secret_expires
            case choice if choice == KEPT:
                self.add_error("ends", _("This is another secret: say when it ends."))
            case choice if choice == ON:
                return self._day(data)
            case choice if choice and choice != NEVER:
                return months_from(timezone.localdate(), int(choice))
        return None

    def _day(self, data: Mapping[str, Any]) -> date | None:
        day: date | None = data.get("ends_on")
        if "ends_on" in self.errors:
            return None
        if day is None:
            self.add_error("ends_on", _("Enter the day on which it ends."))
        elif day < timezone.localdate():
            self.add_error("ends_on", _("That day is over: enter a secret that is good."))
        return day

    def _filled_in(self, text: Text) -> str:
        return plain(text, values_of(self.connection.partner))


def months_from(day: date, months: int) -> date:
    """Return the day so many *months* later, the last of its month where there is no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _saved(product: Product, connection: Connection) -> dict[str, str]:
    """Return what the form shows of the version as it is, by the names of the fields."""
    shape = product.issuer
    parts = parts_of_issuer(shape, connection.issuer) if connection.issuer else None
    known = {**(parts or {}), **parts_of_pins(shape, connection.pinned_claims)}
    uses_secret = bool(connection.client_secret_sealed) and not connection.is_keyed
    return {
        **{f"part_{name}": value for name, value in known.items() if value},
        "address": "" if parts is not None else connection.issuer,
        "client_id": connection.client_id,
        "proof": SECRET if uses_secret or not product.credentials.key else KEY,
        "ends": KEPT if connection.client_secret_sealed else _usual_end(product),
    }


def _usual_end(product: Product) -> str:
    if product.credentials.secret_months:
        return str(product.credentials.secret_months)
    # Nothing is known of the end of secrets at a provider that could be any.
    return NEVER if product.issuer.template else ""
