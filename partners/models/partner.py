"""A partner, and what is derived from its name."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from audit.history import OWN_SLUG, RecordChanges
from partners.filing import initials_of, letter_of, search_text_of, sort_key_of
from partners.rules import (
    RESERVED_SLUGS,
    SLUG_FORM,
    require_plain_text,
    require_slug,
)

if TYPE_CHECKING:
    from partners.models.connection import Connection

SLUG_OF_PARTNER = (
    "(SELECT p.slug FROM partners_partner p WHERE p.id = "
    "coalesce(after ->> 'partner_id', before ->> 'partner_id')::bigint)"
)
"""SQL that names the partner of a row which points to it."""


SESSION_LIMITS = [MinValueValidator(60), MaxValueValidator(30 * 86400)]
"""Seconds, as the portal's own limits."""


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


class Partner(models.Model):
    """An organization whose people sign in here.

    The slug stays for ever: it is part of the redirect URI that the partner has registered.
    """

    # Not a SlugField: that has a rule of its own, with other words.
    slug = models.CharField(_("slug"), max_length=63, unique=True, validators=[require_slug])
    name = models.CharField(_("name"), max_length=120, validators=[require_plain_text])
    aliases = ArrayField(
        models.CharField(max_length=120, validators=[require_plain_text]), default=list, blank=True
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    visibility = models.CharField(
        _("visibility"), max_length=8, choices=Visibility, default=Visibility.BY_EMAIL
    )
    help_name = models.CharField(max_length=120, blank=True, validators=[require_plain_text])
    help_email = models.EmailField(blank=True)
    help_phone = models.CharField(max_length=80, blank=True, validators=[require_plain_text])
    help_url = models.URLField(blank=True)
    paused_note = models.CharField(max_length=300, blank=True, validators=[require_plain_text])
    # What people are told, and the owner is reminded of: nothing ends a pause but a person.
    paused_until = models.DateField(null=True, blank=True)
    # Seconds. They shorten what the portal allows to everybody, and never lengthen it.
    session_max_age = models.PositiveIntegerField(null=True, blank=True, validators=SESSION_LIMITS)
    session_idle = models.PositiveIntegerField(null=True, blank=True, validators=SESSION_LIMITS)
    # Derived by ``refile``: what is searched, where the name is filed. Sorted by code point, so
    # that the pages of the directory are the same in every database.
    search_text = models.TextField(editable=False, blank=True, default="")
    sort_key = models.CharField(
        max_length=240, editable=False, blank=True, default="", db_collation="C"
    )
    letter = models.CharField(
        max_length=3, editable=False, blank=True, default="", db_collation="C"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering: ClassVar = ["sort_key", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="partner_status"),
            models.CheckConstraint(
                condition=Q(visibility__in=Visibility.values), name="partner_visibility"
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG_FORM) & ~Q(slug__in=sorted(RESERVED_SLUGS)),
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
        self.refile()
        fields = kwargs.get("update_fields")
        if fields is not None and not {"name", "aliases"}.isdisjoint(fields):
            kwargs["update_fields"] = {*fields, "search_text", "sort_key", "letter"}
        super().save(*args, **kwargs)

    def refile(self) -> None:
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
        return self._logo_urls.get("wide", "")

    @property
    def mark_url(self) -> str:
        """Where the square mark is, or nothing."""
        return self._logo_urls.get("mark", "")

    @cached_property
    def _logo_urls(self) -> dict[str, str]:
        return {logo.shape: logo.url for logo in self.logos.all()}
