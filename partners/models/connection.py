"""The connections of a partner: how its people sign in."""

from collections.abc import Collection
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.history import RecordChanges
from partners.models.partner import SLUG_OF_PARTNER, Partner
from partners.rules import (
    require_claim,
    require_client_id,
    require_id_token_algs,
    require_issuer,
    require_pin_of_shared_issuer,
    require_pinned_claims,
    require_scopes,
    require_words,
    tell_apart,
)


class Kind(models.TextChoices):
    """Which product a partner's provider is: it decides help texts, never what is believed."""

    ENTRA = "entra", "Microsoft Entra ID"
    OKTA = "okta", "Okta"
    AUTH0 = "auth0", "Auth0"
    COGNITO = "cognito", "Amazon Cognito"
    GOOGLE = "google", "Google Workspace"
    KEYCLOAK = "keycloak", "Keycloak"
    PINGONE = "pingone", "PingOne"
    ONELOGIN = "onelogin", "OneLogin"
    JUMPCLOUD = "jumpcloud", "JumpCloud"
    AUTHENTIK = "authentik", "authentik"
    OTHER = "other", _("Another OpenID Connect provider")


class AuthMethod(models.TextChoices):
    """How the portal authenticates at a token endpoint; empty: what the provider offers."""

    CHOSEN = "", _("What the provider offers")
    BASIC = "client_secret_basic", "client_secret_basic"
    POST = "client_secret_post", "client_secret_post"
    KEY = "private_key_jwt", _("private_key_jwt: a key of ours, no secret")


TESTED_SETTINGS = (
    *("issuer", "client_id", "client_secret_set_at", "token_endpoint_auth_method", "scopes"),
    *("email_claim", "require_email_verified", "pinned_claims", "max_age", "acr_values"),
    *("required_amr", "id_token_algs"),
)
"""What a test sign-in tells about: after a change of any of it, nothing has been tested.

Our keys are too, of a version that is being prepared: its provider may not know a new one. In use,
they are rotated with an overlap, which takes nobody's sign-in away.
"""


class Connection(models.Model):
    """A partner's registered way to sign in: which provider, and how we are known there.

    Exactly one connection of a partner is live. The others are versions of it: one that is being
    prepared, which a sign-in has tested or not yet, and those that it has taken the place of.
    ``pinned_claims`` tell apart the customers of a provider that has one issuer for all of them.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="connections")
    is_live = models.BooleanField(default=True)
    provider = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    # Exactly as the provider writes it: issuers are compared character by character, and a
    # trailing slash makes another issuer.
    issuer = models.CharField(_("issuer"), max_length=255, validators=[require_issuer])
    client_id = models.CharField(max_length=255, validators=[require_client_id])
    client_secret_sealed = models.TextField(blank=True, default="")
    client_secret_set_at = models.DateTimeField(null=True, blank=True)
    client_secret_expires = models.DateField(null=True, blank=True)
    # Set with every change of ``client_keys``, so that a process knows whether those it has opened
    # are still the ones; null while there has never been one.
    client_keys_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    token_endpoint_auth_method = models.CharField(
        max_length=32, choices=AuthMethod, blank=True, default=AuthMethod.CHOSEN
    )
    scopes = ArrayField(
        models.CharField(max_length=100), default=list, blank=True, validators=[require_scopes]
    )
    email_claim = models.CharField(max_length=64, default="email", validators=[require_claim])
    require_email_verified = models.BooleanField(default=False)
    pinned_claims = models.JSONField(
        _("pinned claims"), default=dict, blank=True, validators=[require_pinned_claims]
    )
    max_age = models.PositiveIntegerField(null=True, blank=True)
    acr_values = ArrayField(
        models.CharField(max_length=200), default=list, blank=True, validators=[require_words]
    )
    required_amr = ArrayField(
        models.CharField(max_length=50), default=list, blank=True, validators=[require_words]
    )
    id_token_algs = ArrayField(
        models.CharField(max_length=10),
        default=list,
        blank=True,
        validators=[require_id_token_algs],
    )
    needs_id_token_hint = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # When a test sign-in last passed with exactly these settings; null after any change.
    tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When another version took its place; null for the live one and for those not live yet.
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(is_live=True),
                name="connection_one_live_per_partner",
                violation_error_message=_("This partner has a live connection already."),
            ),
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(is_live=False, retired_at=None),
                name="connection_one_draft_per_partner",
            ),
            models.UniqueConstraint(
                fields=["issuer", "client_id"],
                condition=Q(is_live=True),
                name="connection_issuer_client_id",
                violation_error_message=_(
                    "Another connection has this issuer and client ID already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(provider__in=Kind.values), name="connection_provider_kind"
            ),
            # Which product it is, is known before anything else of a version in preparation.
            models.CheckConstraint(
                condition=~Q(issuer="") | Q(is_live=False, retired_at=None),
                name="connection_has_issuer",
            ),
        ]
        triggers: ClassVar = [
            RecordChanges(
                "connection",
                slug=SLUG_OF_PARTNER,
                sealed=("client_secret_sealed",),
                hidden=("id", "partner_id"),
            ),
            pgtrigger.Trigger(
                name="tested_as_it_is",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(*TESTED_SETTINGS),
                func="NEW.tested_at := NULL; RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="tested_with_these_keys",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__client_keys_changed_at__df=pgtrigger.F("new__client_keys_changed_at"),
                    new__is_live=False,
                    new__retired_at__isnull=True,
                ),
                func="NEW.tested_at := NULL; RETURN NEW;",
            ),
        ]

    def __str__(self) -> str:
        """Return the issuer: what names the provider."""
        return self.issuer

    @property
    def is_keyed(self) -> bool:
        """Whether we prove who we are by a key: because it was chosen, or is all that there is."""
        if self.token_endpoint_auth_method:
            return self.token_endpoint_auth_method == AuthMethod.KEY
        return not self.client_secret_sealed and self.client_keys_changed_at is not None

    def clean(self) -> None:
        """Refuse an issuer that serves everybody, unless a pin says whose people are meant."""
        if isinstance(self.pinned_claims, dict):
            try:
                require_pin_of_shared_issuer(self.issuer, self.pinned_claims)
            except ValidationError as error:
                raise ValidationError({"pinned_claims": error}) from error

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Refuse, besides, pins that another partner's people at the same issuer satisfy too."""
        super().validate_constraints(exclude=exclude)
        if not isinstance(self.pinned_claims, dict):
            return  # refused already, by the field's own rule
        # A version that is being prepared keeps nobody away from an issuer: anybody can type one.
        others = Connection.objects.filter(issuer=self.issuer, is_live=True).exclude(
            partner_id=self.partner_id
        )
        for other in others.select_related("partner"):
            if not tell_apart(self.pinned_claims, other.pinned_claims):
                raise ValidationError({"pinned_claims": not_told_apart(other.partner)})


def not_told_apart(other: Partner) -> str:
    """Return the sentence for pins with which *other*'s people could come in too."""
    return _(
        "%(partner)s has this issuer too: pin a claim, as in hd or tid, that differs for each."
    ) % {"partner": other.name}
