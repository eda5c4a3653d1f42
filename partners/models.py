"""The records: a partner, its e-mail domains, its connections, its logos."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.history import OWN_SLUG, RecordChanges
from partners.filing import initials_of, letter_of, search_text_of, sort_key_of

SLUG_OF_PARTNER = (
    "(SELECT p.slug FROM partners_partner p WHERE p.id = "
    "coalesce(after ->> 'partner_id', before ->> 'partner_id')::bigint)"
)
"""SQL that names the partner of a row which points to it."""

RESERVED_SLUGS = frozenset({"initiate", "link", "help", "timed-out", "forget", "callback"})
"""Words that mean something else under ``/login/``."""


class Status(models.TextChoices):
    """How far a partner is."""

    DRAFT = "draft", _("Draft")
    LIVE = "live", _("Live")
    PAUSED = "paused", _("Paused")


class Visibility(models.TextChoices):
    """Who can learn from the sign-in page that a company is a partner."""

    LISTED = "listed", _("Listed: logo on the sign-in page")
    BY_EMAIL = "by_email", _("By email: found by an address at its domains")
    HIDDEN = "hidden", _("Hidden: only by its own link")


class Kind(models.TextChoices):
    """Which product a partner's provider is: it decides help texts, never what is believed."""

    ENTRA = "entra", "Microsoft Entra ID"
    OKTA = "okta", "Okta"
    AUTH0 = "auth0", "Auth0"
    COGNITO = "cognito", "Amazon Cognito"
    GOOGLE = "google", "Google Workspace"
    KEYCLOAK = "keycloak", "Keycloak"
    OTHER = "other", _("Another OpenID Connect provider")


class AuthMethod(models.TextChoices):
    """How the portal authenticates at a token endpoint; empty: what the provider offers."""

    CHOSEN = "", _("What the provider offers")
    BASIC = "client_secret_basic", "client_secret_basic"
    POST = "client_secret_post", "client_secret_post"


class Partner(models.Model):
    """An organization whose people sign in here.

    The slug stays for ever: it is part of the redirect URI that the partner has registered.
    """

    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=120)
    aliases = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    status = models.CharField(max_length=8, choices=Status, default=Status.DRAFT)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.BY_EMAIL)
    help_name = models.CharField(max_length=120, blank=True)
    help_email = models.EmailField(blank=True)
    help_phone = models.CharField(max_length=80, blank=True)
    help_url = models.URLField(blank=True)
    paused_note = models.CharField(max_length=300, blank=True)
    session_max_age = models.PositiveIntegerField(null=True, blank=True)
    session_idle = models.PositiveIntegerField(null=True, blank=True)
    # Derived by ``file``: what is searched, where the name is filed. Sorted by code point, so
    # that the pages of the directory are the same in every database.
    search_text = models.TextField(editable=False, default="")
    sort_key = models.CharField(max_length=240, editable=False, default="", db_collation="C")
    letter = models.CharField(max_length=3, editable=False, default="", db_collation="C")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["sort_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="partner_status"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="partner_visibility"
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z0-9]+(-[a-z0-9]+)*$")
                & ~Q(slug__in=sorted(RESERVED_SLUGS)),
                name="partner_slug_form",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["sort_key", "id"], name="partner_by_name"),
            models.Index(
                fields=["letter", "sort_key", "id"],
                condition=Q(status="live", visibility="listed"),
                name="partner_directory",
            ),
        ]
        triggers: ClassVar = [
            RecordChanges(
                "partner", slug=OWN_SLUG, hidden=("id", "search_text", "sort_key", "letter")
            )
        ]

    def __str__(self) -> str:
        """Return the company's name."""
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with what is derived from the names."""
        self.file()
        fields = kwargs.get("update_fields")
        if fields is not None and not {"name", "aliases"}.isdisjoint(fields):
            kwargs["update_fields"] = {*fields, "search_text", "sort_key", "letter"}
        super().save(*args, **kwargs)

    def file(self) -> None:
        """Set what is derived from the names; what is not saved one by one has to call it."""
        self.search_text = search_text_of([self.name, *self.aliases])
        self.sort_key = sort_key_of(self.name)
        self.letter = letter_of(self.sort_key)

    @cached_property
    def live_connection(self) -> "Connection | None":
        """The connection by which people sign in now; ``home_realm`` brings it along."""
        return self.connections.filter(is_live=True).first()

    @property
    def initials(self) -> str:
        """What stands in for a logo: two letters at most."""
        return initials_of(self.name)

    @property
    def wide_logo_url(self) -> str:
        """Where the wide logo is, or nothing."""
        return self._logo_urls.get(Logo.Shape.WIDE, "")

    @property
    def mark_url(self) -> str:
        """Where the square mark is, or nothing."""
        return self._logo_urls.get(Logo.Shape.MARK, "")

    @cached_property
    def _logo_urls(self) -> dict[str, str]:
        return {logo.shape: logo.url for logo in self.logos.all()}


class LogoManager(models.Manager["Logo"]):
    """Leaves the pictures themselves in the database: a page needs only their addresses."""

    def get_queryset(self) -> models.QuerySet["Logo"]:
        """Return the logos, their data deferred."""
        return super().get_queryset().defer("data")


class Logo(models.Model):
    """A picture of a partner, re-encoded by us: nothing that was uploaded is ever served.

    ``digest`` is its address and its ETag: random enough that no address can be guessed from a
    company's name.
    """

    class Shape(models.TextChoices):
        """Which of the two pictures."""

        WIDE = "wide", _("Wide logo")
        MARK = "mark", _("Square mark")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="logos")
    shape = models.CharField(max_length=4, choices=Shape)
    data = models.BinaryField()
    content_type = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    # SHA-256 of what was uploaded, by which the same upload is recognised.
    source_digest = models.CharField(max_length=64)

    objects = LogoManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["partner", "shape"], name="logo_one_of_each_shape")
        ]
        triggers: ClassVar = [
            RecordChanges("logo", slug=SLUG_OF_PARTNER, hidden=("id", "data", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return which of the two it is."""
        return self.shape

    @property
    def url(self) -> str:
        """The address of the picture: another one after every change."""
        return reverse("logo", args=[self.digest])


class EmailDomain(models.Model):
    """A domain whose addresses belong to a partner, once that is verified.

    ``name`` is the A-label in lower case, so that equal means the same domain.
    """

    class Proof(models.TextChoices):
        """How it is known that the domain is the partner's."""

        NONE = "", _("Not verified")
        OPERATOR = "operator", _("Confirmed by us")
        DNS = "dns", _("DNS record")

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253)
    subdomains = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_how = models.CharField(max_length=8, choices=Proof, blank=True, default=Proof.NONE)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(verified_at__isnull=False),
                name="domain_verified_once",
                violation_error_message=_("This domain belongs to another partner."),
            ),
            models.UniqueConstraint(
                fields=["partner", "name"],
                name="domain_once_per_partner",
                violation_error_message=_("This domain is listed twice."),
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"^([a-z0-9_]([a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]+$"),
                name="domain_is_a_label",
            ),
        ]
        triggers: ClassVar = [
            RecordChanges("domain", slug=SLUG_OF_PARTNER, hidden=("id", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return the domain's A-label."""
        return self.name


class Connection(models.Model):
    """A partner's registered way to sign in: which provider, and how we are known there.

    Exactly one connection of a partner is live. ``pinned_claims`` tell apart the customers of a
    provider that has one issuer for all of them.
    """

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="connections")
    is_live = models.BooleanField(default=True)
    provider = models.CharField(max_length=10, choices=Kind, default=Kind.OTHER)
    # Exactly as the provider writes it: issuers are compared character by character, and a
    # trailing slash makes another issuer.
    issuer = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    client_secret_sealed = models.TextField(blank=True, default="")
    client_secret_set_at = models.DateTimeField(null=True, blank=True)
    client_secret_expires = models.DateField(null=True, blank=True)
    token_endpoint_auth_method = models.CharField(
        max_length=32, choices=AuthMethod, blank=True, default=AuthMethod.CHOSEN
    )
    scopes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    email_claim = models.CharField(max_length=64, default="email")
    require_email_verified = models.BooleanField(default=False)
    pinned_claims = models.JSONField(default=dict, blank=True)
    max_age = models.PositiveIntegerField(null=True, blank=True)
    acr_values = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    required_amr = ArrayField(models.CharField(max_length=50), default=list, blank=True)
    id_token_algs = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    needs_id_token_hint = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner"],
                condition=Q(is_live=True),
                name="connection_one_live_per_partner",
                violation_error_message=_("This partner has a live connection already."),
            ),
            models.UniqueConstraint(
                fields=["issuer", "client_id"],
                name="connection_issuer_client_id",
                violation_error_message=_(
                    "Another connection has this issuer and client ID already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(provider__in=Kind.values), name="connection_provider_kind"
            ),
            models.CheckConstraint(condition=~Q(issuer=""), name="connection_has_issuer"),
        ]
        triggers: ClassVar = [
            RecordChanges(
                "connection",
                slug=SLUG_OF_PARTNER,
                sealed=("client_secret_sealed",),
                hidden=("id", "partner_id"),
            )
        ]

    def __str__(self) -> str:
        """Return the issuer: what names the provider."""
        return self.issuer
