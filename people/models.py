"""The records: a person, the person's logins at providers, sessions, and staff's way in."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.history import RecordChanges
from partners.addresses import AddressError, normalised_email
from partners.models import Connection, Partner
from partners.models.partner import SLUG_OF_PARTNER

SUBJECT_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Lower-case base32: how Cognito treats case is not documented, and ``:`` has a meaning there."""

SUBJECT_CHARACTERS = 26
"""130 random bits, so that no subject is ever given twice or guessed."""


def new_subject() -> str:
    """Return a random subject: ``u`` and 26 lower-case letters and digits."""
    return "u" + "".join(secrets.choice(SUBJECT_ALPHABET) for _ in range(SUBJECT_CHARACTERS))


class UserManager(BaseUserManager["User"]):
    """Creates members of staff for Django's own commands; people come from a sign-in."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the member of staff with this address, however its letters were typed."""
        return self.get(email__iexact=(username or "").strip(), is_staff=True)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new superuser, saved.

        Raises ``ValidationError`` when *email* is no address, or somebody's already.
        """
        try:
            address = normalised_email(email)
        except AddressError as error:
            raise ValidationError(
                _("Enter an email address in the correct format, like name@company.com")
            ) from error
        user = self.model(email=address, is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        user.validate_constraints()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person who has signed in, or a member of staff.

    ``subject`` is random, because Cognito prints it into every token. It is kept apart from the
    provider's subject, so that a partner can move to another provider and its people remain who
    they are.
    """

    email = models.EmailField(_("email address"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    partner = models.ForeignKey(
        Partner,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
        verbose_name=_("partner"),
    )
    subject = models.CharField(
        _("subject"), max_length=40, unique=True, default=new_subject, editable=False
    )
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    created_at = models.DateTimeField(_("known since"), default=timezone.now, editable=False)
    # The trail tells when somebody signed in; a second place would cost a write with each sign-in.
    last_login = None

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_unique",
                violation_error_message=_("Somebody has this email address already."),
            )
        ]

    def __str__(self) -> str:
        """Return the e-mail address."""
        return self.email


class FederatedLogin(models.Model):
    """A person's login at one provider: found by connection, issuer and the provider's subject.

    The issuer is part of it, so that a connection that is pointed at another issuer never carries
    its old subjects over.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="logins")
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="logins", verbose_name=_("connection")
    )
    issuer = models.CharField(_("issuer"), max_length=255)
    provider_subject = models.CharField(_("subject there"), max_length=255)
    created_at = models.DateTimeField(_("known since"), auto_now_add=True)

    class Meta:
        verbose_name = _("login at a provider")
        verbose_name_plural = _("logins at providers")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "issuer", "provider_subject"], name="login_subject_unique"
            )
        ]

    def __str__(self) -> str:
        """Return the issuer and its subject for the person."""
        return f"{self.provider_subject} at {self.issuer}"


class Session(models.Model):
    """One browser in which somebody is signed in.

    The cookie's value is not here: ``digest`` is its SHA-256, so that a stolen table opens no
    session. A session of a person has the partner and the provider's ``sid``, by which it can be
    ended; one of staff has no partner, and a connection only where they came by one.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    data = models.TextField()
    user = models.ForeignKey(
        User,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("person"),
    )
    partner = models.ForeignKey(
        Partner,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("partner"),
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    provider_session_id = models.CharField(_("session at the provider"), max_length=255, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    idle_seconds = models.PositiveIntegerField()
    ends_at = models.DateTimeField(_("ends"))
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    agent = models.CharField(_("browser"), max_length=300, blank=True)
    # Columns of their own and not part of ``data``: a token that is renewed must not write over
    # what another request of the same browser saves meanwhile, nor be written over by it.
    # ``tokens.store`` keeps both.
    developer_token = models.TextField(default="", db_default="", blank=True, editable=False)
    renewing_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        indexes: ClassVar = [
            models.Index(fields=["ends_at"], name="session_ends_at"),
            models.Index(
                fields=["connection", "provider_session_id"], name="session_provider_session"
            ),
        ]

    def __str__(self) -> str:
        """Return whose session it is."""
        return str(self.user)


class OwnCompany(models.Model):
    """The one partner that is the owner's own company: by it, members of staff may come in."""

    only = models.BooleanField(primary_key=True, default=True, editable=False)
    partner = models.OneToOneField(Partner, on_delete=models.CASCADE, related_name="as_own_company")
    marked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            # With the primary key: one row, or none.
            models.CheckConstraint(condition=models.Q(only=True), name="own_company_is_one")
        ]
        triggers: ClassVar = [
            RecordChanges("own_company", slug=SLUG_OF_PARTNER, hidden=("only", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return the company's name."""
        return str(self.partner)


class StaffLogin(models.Model):
    """How a member of staff is known at the own company's provider: linked by a superuser.

    Not a ``FederatedLogin``, so that no sign-in of a partner's person ever finds staff. It names
    issuer and client as they were, so that neither another issuer nor another client, whose
    subjects may be others, is taken for the same: Core 1.0, section 8.1.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_logins")
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="staff_logins")
    issuer = models.CharField(max_length=255)
    client_id = models.CharField(max_length=255)
    provider_subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["partner", "issuer", "client_id", "provider_subject"],
                name="staff_login_subject_unique",
            )
        ]
        triggers: ClassVar = [
            RecordChanges("staff_login", slug=SLUG_OF_PARTNER, hidden=("id", "partner_id"))
        ]

    def __str__(self) -> str:
        """Return the issuer and its subject for the member of staff."""
        return f"{self.provider_subject} at {self.issuer}"
