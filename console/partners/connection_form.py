"""The form of a partner's connection: how the portal is known at its provider."""

import re
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.fields import WordsField
from console.partners.keys import algs_taken_by
from console.stock import ModelForm
from partners.client_keys import provide_key
from partners.models import AuthMethod, Connection
from partners.rules import require_client_id
from partners.secrets import has_secret_for, remember_client_secret

_DISCOVERY_PATH = re.compile(r"/+\.well-known/openid-configuration.*$", re.DOTALL)
_SCHEME_AND_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#@]*")
_COLUMNS = tuple(
    field.name
    for field in Connection._meta.concrete_fields  # noqa: SLF001 -- documented
    if not field.primary_key
)

_NEEDED = ("issuer", "client_id")


class ConnectionForm(ModelForm[Connection]):
    """How the portal is known at the partner's provider, and what it asks of it."""

    client_secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=1000,
        validators=[require_client_id],
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "class": "vLargeTextField"}),
    )
    scopes = WordsField(
        required=False,
        help_text=gettext_lazy("Empty: openid email profile, which is all that the portal needs."),
    )
    id_token_algs = WordsField(
        label=gettext_lazy("ID Token algorithms"),
        required=False,
        help_text=gettext_lazy("As in RS256. Empty: those that we accept and the provider offers."),
    )
    acr_values = WordsField(
        label=gettext_lazy("Required acr"),
        required=False,
        help_text=gettext_lazy(
            "Asked for at every sign-in, and one of them has to come back; this is how a second "
            "factor is required."
        ),
    )
    required_amr = WordsField(
        label=gettext_lazy("Required amr"),
        required=False,
        help_text=gettext_lazy("Ways of signing in that all have to come back, as in mfa."),
    )
    accepts_hosts = forms.BooleanField(
        label=gettext_lazy("Accept where its endpoints are now"),
        required=False,
        help_text=gettext_lazy(
            "Endpoints that move to other hosts are not used until you tick this and save: the "
            "client secret is sent there. Ask the company’s IT first. Its keys are fetched anew "
            "too."
        ),
    )

    _drops_secret = False

    class Meta:
        model = Connection
        fields = (
            "provider",
            "issuer",
            "client_id",
            "client_secret_expires",
            "token_endpoint_auth_method",
            "email_claim",
            "require_email_verified",
            "pinned_claims",
            "max_age",
            "needs_id_token_hint",
        )
        error_messages: ClassVar = {
            "pinned_claims": {"invalid": gettext_lazy('Enter an object such as {"tid": "…"}.')}
        }
        labels: ClassVar = {
            "provider": gettext_lazy("Product"),
            "client_id": gettext_lazy("Client ID"),
            "client_secret_expires": gettext_lazy("The secret ends on"),
            "token_endpoint_auth_method": gettext_lazy("How we prove who we are"),
            "email_claim": gettext_lazy("Email claim"),
            "require_email_verified": gettext_lazy("Require email_verified"),
            "max_age": gettext_lazy("Most age of a sign-in"),
            "needs_id_token_hint": gettext_lazy("Needs id_token_hint at sign-out"),
        }
        widgets: ClassVar = {
            "issuer": forms.TextInput(attrs={"class": "vLargeTextField", "spellcheck": "false"}),
            "client_id": forms.TextInput(attrs={"class": "vLargeTextField", "spellcheck": "false"}),
            "pinned_claims": forms.Textarea(
                attrs={"class": "vLargeTextField", "rows": 2, "spellcheck": "false"}
            ),
        }
        help_texts: ClassVar = {
            "provider": gettext_lazy("What the company’s IT uses: it decides the advice given."),
            "issuer": gettext_lazy(
                "The address of the company’s provider, as in https://login.company.example. The "
                "address of its discovery document will do. It is tried when you save."
            ),
            "client_id": gettext_lazy("The name under which the company has registered us."),
            "client_secret_expires": gettext_lazy(
                "Ask the partner: after that day, nobody can sign in. The list shows it in time."
            ),
            "token_endpoint_auth_method": gettext_lazy(
                "With private_key_jwt there is no secret that could leak or end: the company’s IT "
                "registers the address of our public keys, then you choose it and save."
            ),
            "email_claim": gettext_lazy("The claim that has the person’s address."),
            "require_email_verified": gettext_lazy(
                "Refuse people whose provider doesn’t say that the address is verified. Microsoft "
                "Entra ID never says so. One that is said not to be is always refused."
            ),
            "pinned_claims": gettext_lazy(
                'Claims that every person must have, as in {"tid": "…"}. Needed where a provider '
                'has one issuer for all its customers: Google’s "hd".'
            ),
            "max_age": gettext_lazy(
                "In seconds. How long ago a person may have signed in at the provider; 0: each "
                "time anew. Empty: it doesn’t matter."
            ),
            "needs_id_token_hint": gettext_lazy(
                "Only for providers that sign nobody out without it: it sends an ID Token by URL."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["client_secret"].help_text = _secret_help(self.instance)
        if self.instance.pk is None:
            # A draft does without a connection: only one that is begun needs them, see `clean`.
            for name in _NEEDED:
                self.fields[name].required = False

    def clean_issuer(self) -> str:
        """Return the issuer, freed of what was pasted along with it."""
        typed = _DISCOVERY_PATH.sub("", self.cleaned_data["issuer"].strip())
        if not typed:
            return ""
        if "://" not in typed and "." not in typed.partition("/")[0]:
            # Not a company's host either: whoever means one writes its name in full.
            raise forms.ValidationError(
                _("An issuer is an address such as https://login.company.example.")
            )
        with_scheme = typed if "://" in typed or not typed else f"https://{typed}"
        # Host names have no case; the provider's own spelling of the rest is what counts.
        return _SCHEME_AND_HOST.sub(lambda found: found[0].lower(), with_scheme, count=1)

    def clean_client_secret_expires(self) -> date | None:
        """Return the secret's end; one that is typed as past is a slip, or a secret to replace."""
        ends: date | None = self.cleaned_data["client_secret_expires"]
        if ends and "client_secret_expires" in self.changed_data and ends < timezone.localdate():
            raise forms.ValidationError(_("That day is over: enter a secret that is good."))
        return ends

    def clean_pinned_claims(self) -> object:
        """Return the pins; an emptied field means none."""
        return self.cleaned_data["pinned_claims"] or {}

    def clean(self) -> dict[str, Any]:
        """Require what a connection needs, and the secret anew with another issuer."""
        data = super().clean() or {}
        for name in _NEEDED:
            if not data.get(name) and not self.has_error(name):
                self.add_error(name, self.fields[name].error_messages["required"])
        connection, issuer = self.instance, data.get("issuer")
        is_keyed = data.get("token_endpoint_auth_method") == AuthMethod.KEY
        self._drops_secret = bool(
            connection.client_secret_sealed and issuer
        ) and not has_secret_for(connection, issuer or "")
        typed = data.get("client_secret") or self.has_error("client_secret")
        if self._drops_secret and not (typed or is_keyed):
            self.add_error("client_secret", _("Enter the secret of the app at this issuer."))
        return data

    def save(self, commit: bool = True) -> Connection:  # noqa: FBT001, FBT002 -- Django's own
        """Save, seal the secret if one was typed, and make a key where one is wanted.

        Of a connection that is there already, only the form's own fields are written: the provider
        was asked since it was read, and a secret or key of the meantime must not be undone.
        """
        connection = self.instance
        if commit and connection.pk is not None:
            connection.save(update_fields=[name for name in _COLUMNS if name in self.fields])
        else:
            super().save(commit)
        secret = self.cleaned_data.get("client_secret")
        if commit and (secret or self._drops_secret):
            remember_client_secret(connection, secret or "")
        if commit:
            provide_key(connection, taken=algs_taken_by)
        return connection


def _secret_help(connection: Connection) -> str:
    if not connection.client_secret_sealed:
        return _("It is stored encrypted, and never shown again.")
    set_at = connection.client_secret_set_at
    when = _("set on %s") % date_format(set_at, "DATE_FORMAT") if set_at else _("set")
    return _("•••• %s. Leave this empty to keep it.") % when
