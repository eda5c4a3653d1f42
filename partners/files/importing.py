"""Importing a partner file: the whole of it, or nothing."""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction

from audit.trail import acting_as
from partners.client_keys import provide_key
from partners.files.conflicts import note_conflicts
from partners.files.document import json_of
from partners.files.plans import Plan, plans_of
from partners.files.problems import PartnerFileError, Problems
from partners.files.records import records_of
from partners.logos import forget_logo, remember_picture
from partners.models import Connection, EmailDomain
from partners.secrets import remember_client_secret
from partners.takings import takings

AlgsTakenBy = Callable[[Connection], Collection[str]]
"""Returns the algorithms of keys that a connection's provider takes, none where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an import did with one partner; *changed* names the members that were different.

    *notes* are sentences on what follows for the people of others.
    """

    slug: str
    what: str
    changed: tuple[str, ...]
    notes: tuple[str, ...] = ()


def _unknown(_connection: Connection) -> Collection[str]:
    return ()


def import_partners(
    file: Path, *, actor: str, dry_run: bool = False, algs_taken_by: AlgsTakenBy = _unknown
) -> list[Outcome]:
    """Make the partners as *file* says, and return what that did with each, in its order.

    Raises ``PartnerFileError`` with everything that is wrong, and has then written nothing. The
    trail names *actor*. A *dry_run* does the same, and takes it back. *algs_taken_by* is asked
    before a key of ours is made.
    """
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise PartnerFileError([f"file: {error.strerror}"]) from error
    problems = Problems()
    records = records_of(json_of(raw), folder=file.parent, problems=problems)
    with acting_as(actor):
        plans = plans_of(records, problems=problems)
        note_conflicts(plans, problems=problems)
        problems.raise_if_any()
        try:
            _write(plans, algs_taken_by)
        except IntegrityError as error:
            # The rules have found nothing: somebody else has changed partners since we read them.
            raise PartnerFileError([f"database: {error}"]) from error
        outcomes = _outcomes_of(plans)
        transaction.set_rollback(dry_run)
    return outcomes


def _write(plans: list[Plan], algs_taken_by: AlgsTakenBy) -> None:
    # What is given up comes first: one partner's new domain may be another's old one.
    for plan in plans:
        for domain in plan.domains_gone:
            domain.delete()
        for domain in plan.domains_changed:
            if domain.pk and domain.verified_at is None:
                domain.save()
    for plan in plans:
        if plan.changed or plan.is_new:
            _write_partner(plan, algs_taken_by)


def _write_partner(plan: Plan, algs_taken_by: AlgsTakenBy) -> None:
    fields = set(plan.record.fields)
    if plan.is_new:
        plan.partner.save()
    elif fields:
        plan.partner.save(update_fields=fields)
    if plan.connection and plan.record.connection is not None:
        plan.connection.partner = plan.partner
        # What the file does not state may have changed since it was read, the secret above all.
        stated = plan.record.connection
        plan.connection.save(update_fields=stated if plan.connection.pk else None)
        if plan.client_secret is not None:
            remember_client_secret(plan.connection, plan.client_secret)
        provide_key(plan.connection, taken=algs_taken_by)
    for domain in plan.domains_changed:
        domain.partner = plan.partner
        domain.save()
    for shape, picture in plan.pictures.items():
        if picture:
            remember_picture(plan.partner, shape, picture)
        else:
            forget_logo(plan.partner, shape)


def _outcomes_of(plans: list[Plan]) -> list[Outcome]:
    changed = {
        plan.partner.pk for plan in plans if not {"domains", "status"}.isdisjoint(plan.changed)
    }
    domains = EmailDomain.objects.filter(partner__in=changed).select_related("partner")
    notes = defaultdict(list)
    for taking in takings(domains):
        notes[taking.domain.partner_id].append(taking.sentence)
    return [_outcome_of(plan, notes=notes[plan.partner.pk]) for plan in plans]


def _outcome_of(plan: Plan, *, notes: list[str]) -> Outcome:
    what = "created" if plan.is_new else "updated" if plan.changed else "unchanged"
    return Outcome(
        slug=plan.record.slug, what=what, changed=tuple(plan.changed), notes=(*plan.notes, *notes)
    )
