"""The versions of a partner's connection: one prepared, one in use, and the former one.

A version that has been tested is switched to; the one before stays for a while, secret and all, so
that it can be returned to with one click. People keep their logins where the provider knows them
by the same names as before, and nowhere else.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.trail import NOBODY, Caller, Happening, acting_as, record
from federation.last_good import unaccepted_hosts
from onboarding.moving import move_people
from partners.client_keys import retire_all_keys
from partners.models import ClientKey, Connection, Partner
from partners.secrets import SealError, client_secret_of, remember_client_secret
from partners.tested import settings_digest
from people.models import User

KEPT = timedelta(days=30)
"""How long a former version can be returned to, and its secret is kept for that."""

APPROVED_SETTINGS = (
    *("issuer", "client_id", "pinned_claims", "email_claim", "require_email_verified"),
    *("max_age", "acr_values", "required_amr", "id_token_algs"),
)
"""What the owner has to approve a change of: whose people come in, and what is required of them."""

HOSTS = "hosts"
"""What the owner has to approve besides: endpoints at hosts that nobody has accepted."""

_NOT_COPIED = frozenset(
    {
        *("id", "partner", "is_live", "created_at", "tested_at", "retired_at"),
        *("client_secret_sealed", "client_secret_set_at", "client_keys_changed_at"),
    }
)


class VersionError(Exception):
    """The version cannot be put in use now. The text says why, to whoever asked for it."""


class NotTestedError(VersionError):
    """No test sign-in has passed with exactly these settings."""


class NeedsApprovalError(VersionError):
    """The owner has to approve it; ``fields`` names the settings on account of which."""

    def __init__(self, fields: Collection[str]) -> None:
        super().__init__(_("This changes whom the portal lets in: we have to approve it first."))
        self.fields = tuple(fields)


def prepared_version_of(partner: Partner) -> Connection | None:
    """Return the version that is being prepared, ``None`` where there is none."""
    return partner.connections.filter(is_live=False, retired_at=None).first()


def prepared_as_it_was(connection: Connection, *, digest: str) -> Connection | None:
    """Return *connection* as it is now, if it is prepared still and its settings are *digest*'s.

    Call this inside the transaction that changes it: nobody else changes or switches it meanwhile.
    """
    stored = _locked(connection)
    if stored is None or stored.is_live or stored.retired_at is not None:
        return None
    return stored if settings_digest(stored) == digest else None


def former_version_of(partner: Partner, *, now: datetime | None = None) -> Connection | None:
    """Return the version that can be returned to *now*: the one that was retired last."""
    since = (now or timezone.now()) - KEPT
    return partner.connections.filter(retired_at__gt=since).order_by("-retired_at").first()


@transaction.atomic
def draft_version_of(partner: Partner) -> Connection:
    """Return the version that is being prepared, made from the live one where there is none yet.

    Where nothing is live either, it is a new one with the defaults, not saved: it has no issuer.
    """
    _lock(partner)
    prepared = prepared_version_of(partner)
    if prepared is not None:
        return prepared
    live = partner.connections.filter(is_live=True).first()
    return Connection(partner=partner, is_live=False) if live is None else _copied(live)


@transaction.atomic
def discard_draft_of(partner: Partner) -> None:
    """Forget the version that is being prepared, if there is one."""
    _lock(partner)
    partner.connections.filter(is_live=False, retired_at=None).delete()
    ask_no_longer(partner)


def ask_no_longer(partner: Partner) -> None:
    """Have nobody wait for the owner's approval, unless what is prepared as it is now needs it."""
    prepared = prepared_version_of(partner)
    if prepared is None or not needs_approval(prepared):
        asking = partner.set_up_cases.filter(closed_at=None, approval_asked_at__isnull=False)
        asking.update(approval_asked_at=None)


def needs_approval(connection: Connection) -> tuple[str, ...]:
    """Return the settings on account of which the owner has to approve a switch; often none.

    They are those in which *connection* differs from the live version, and ``HOSTS`` where the
    provider is at hosts at which the live one's was not.
    """
    live = connection.partner.connections.filter(is_live=True).first()
    if live is None:
        return ()
    differing = [
        name for name in APPROVED_SETTINGS if getattr(connection, name) != getattr(live, name)
    ]
    return (*differing, HOSTS) if unaccepted_hosts(connection) else tuple(differing)


def switch_to(
    connection: Connection, *, by: str, approved_by: User | None = None, caller: Caller = NOBODY
) -> Connection:
    """Put the prepared version in use; return it as it is now. *by* is who did it, for the trail.

    Raises ``NotTestedError``, and ``NeedsApprovalError`` unless a member of staff approves a change
    of whom the portal lets in; any other ``VersionError`` says that it cannot be put in use.
    """
    with acting_as(by, caller=caller):
        prepared = _locked(connection)
        if prepared is None or prepared.is_live or prepared.retired_at is not None:
            raise VersionError(_("This version isn’t being prepared any more."))
        if prepared.tested_at is None:
            raise NotTestedError(_("Sign in as a test first, with the settings as they are now."))
        detail = _put_in_use(prepared, approved_by=approved_by)
        happening = Happening(
            what="connection.switched", partner=prepared.partner.slug, actor=by, detail=detail
        )
        record(happening, caller=caller)
    return prepared


def return_to_former(
    partner: Partner, *, by: str, approved_by: User | None = None, caller: Caller = NOBODY
) -> Connection:
    """Put the former version in use again; return it. The present one becomes the former one.

    Raises ``VersionError`` where there is none any more, and ``NeedsApprovalError`` as
    ``switch_to`` does.
    """
    with acting_as(by, caller=caller):
        _lock(partner)
        former = former_version_of(partner)
        if former is None:
            raise VersionError(_("There is no former version to return to any more."))
        detail = _put_in_use(former, approved_by=approved_by)
        happening = Happening(
            what="connection.returned", partner=partner.slug, actor=by, detail=detail
        )
        record(happening, caller=caller)
    return former


@transaction.atomic
def forget_former_secrets(now: datetime) -> int:
    """Forget the secrets and keys of versions that cannot be returned to; return of how many."""
    forgotten = 0
    living = ClientKey.objects.filter(connection=OuterRef("pk"), retired_at=None)
    long_retired = Connection.objects.filter(
        ~Q(client_secret_sealed="") | Exists(living), retired_at__lte=now - KEPT
    )
    for connection in long_retired.select_for_update().order_by("id"):
        retire_all_keys(connection)
        if connection.client_secret_sealed:
            remember_client_secret(connection, "")
        forgotten += 1
    return forgotten


def _put_in_use(version: Connection, *, approved_by: User | None) -> dict[str, object]:
    """Take *version* in use, its row and its partner's locked; return what the trail is told."""
    may_approve = approved_by is not None and approved_by.is_staff and approved_by.is_active
    approver = approved_by if may_approve else None
    differing = needs_approval(version)
    if differing and approver is None:
        raise NeedsApprovalError(differing)
    live = version.partner.connections.filter(is_live=True).first()
    if live is not None:
        # First: there is at no moment more than one live connection of a partner.
        live.is_live, live.retired_at = False, timezone.now()
        live.save(update_fields=["is_live", "retired_at"])
    version.is_live, version.retired_at = True, None
    try:
        version.validate_constraints()
        with transaction.atomic():
            version.save(update_fields=["is_live", "retired_at"])
    except (ValidationError, IntegrityError) as error:
        # Which one it is, is nothing for another company to know.
        raise VersionError(_("Another company signs in this way already: ask us.")) from error
    moved = move_people(to=version)
    return {
        "before": live.pk if live else None,
        "after": version.pk,
        "changed": list(differing),
        "people_moved": moved,
        "approved_by": approver.email if approver and differing else "",
    }


def _copied(live: Connection) -> Connection:
    values = {
        field.name: getattr(live, field.name)
        for field in Connection._meta.concrete_fields  # noqa: SLF001 -- documented
        if field.name not in _NOT_COPIED
    }
    copy = Connection.objects.create(partner_id=live.partner_id, is_live=False, **values)
    # One that no key opens is typed anew.
    with suppress(SealError):
        if secret := client_secret_of(live):
            remember_client_secret(copy, secret)
            copy.client_secret_set_at = live.client_secret_set_at
            copy.save(update_fields=["client_secret_set_at"])
    return copy


def _lock(partner: Partner) -> None:
    Partner.objects.select_for_update(no_key=True).get(pk=partner.pk)


def _locked(connection: Connection) -> Connection | None:
    """Return the row as it is now, its partner's row locked, ``None`` where it is gone."""
    _lock(connection.partner)
    rows = Connection.objects.select_for_update(of=("self",)).select_related("partner")
    return rows.filter(pk=connection.pk, partner_id=connection.partner_id).first()
