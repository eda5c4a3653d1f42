"""The rows that would come of a partner file, judged by the rules that the admin has too."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone

from partners.files.problems import Problems
from partners.files.records import HELP, LOGOS, Record
from partners.logos import UPLOAD_BYTES, LogoError, Picture, is_remembered, picture_of
from partners.models import Connection, EmailDomain, Partner, Status
from partners.secrets import SealError, client_secret_of

MEMBER_OF = {f"help_{key}": f"help.{key}" for key in HELP}
"""The members of a record that are not named as their fields are."""


@dataclass(kw_only=True)
class Plan:
    """What importing one record would do: the rows as they would be afterwards.

    *changed* names the members that differ. *domains* pairs each path with its row, where the file
    lists them; *domains_gone* are those to delete. *client_secret* is one to store, empty to
    forget it. *notes* are sentences on what follows. *pictures* maps a shape to a picture to keep,
    or to ``None`` for one to forget.
    """

    record: Record
    partner: Partner
    connection: Connection | None
    is_new: bool
    changed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    client_secret: str | None = None
    domains: list[tuple[str, EmailDomain]] = field(default_factory=list)
    domains_changed: list[EmailDomain] = field(default_factory=list)
    domains_gone: list[EmailDomain] = field(default_factory=list)
    pictures: dict[str, Picture | None] = field(default_factory=dict)


def plans_of(records: list[Record], *, problems: Problems) -> list[Plan]:
    """Return the plan of each record; notes *problems*: what a rule refuses, slugs used twice."""
    slugs = {record.slug for record in records}
    known = Partner.objects.filter(slug__in=slugs)
    stored = {
        partner.slug: partner
        for partner in known.prefetch_related("domains", "connections", "logos")
    }
    first: dict[str, Record] = {}
    plans = []
    for record in records:
        if first.setdefault(record.slug, record) is not record:
            problems.add(f"{record.path}.slug", f"is the slug of {first[record.slug].path} too")
            continue
        plans.append(_plan_of(record, stored.get(record.slug), problems=problems))
    return plans


def _plan_of(record: Record, stored: Partner | None, *, problems: Problems) -> Plan:
    live = [one for one in stored.connections.all() if one.is_live] if stored else []
    plan = Plan(
        record=record,
        partner=stored or Partner(),
        connection=live[0] if live else None,
        is_new=stored is None,
    )
    _plan_partner(plan, problems=problems)
    _plan_connection(plan, problems=problems)
    _plan_domains(plan, problems=problems)
    for key, shape in LOGOS.items():
        if shape in record.logos:
            _plan_picture(plan, key, shape, problems=problems)
    if plan.partner.status == Status.LIVE:
        _note_what_a_live_one_lacks(plan, problems=problems)
    return plan


def _plan_partner(plan: Plan, *, problems: Problems) -> None:
    record = plan.record
    plan.changed += [MEMBER_OF.get(name, name) for name in _patch(plan.partner, record.fields)]
    missing = set()
    if plan.is_new:
        stated = {
            *record.fields,
            *(["connection"] if record.connection is not None else []),
            *(["domains"] if record.domains is not None else []),
        }
        missing = {"name", "domains", "connection"} - stated
    for name in sorted(missing):
        problems.add(f"{record.path}.{name}", "is required for a new partner")
    _judge(plan.partner, record.path, exclude=missing, problems=problems)


def _plan_connection(plan: Plan, *, problems: Problems) -> None:
    record = plan.record
    if record.connection is None:
        return
    path = f"{record.path}.connection"
    missing: set[str] = set()
    if plan.connection is None:
        plan.connection = Connection(partner=plan.partner)
        missing = {"issuer", "client_id"} - set(record.connection)
    for name in sorted(missing):
        problems.add(f"{path}.{name}", "is required for a new connection")
    changed = _patch(plan.connection, record.connection)
    if _plan_secret(plan, plan.connection, path=path, problems=problems):
        changed.append("client_secret")
    plan.changed += [f"connection.{name}" for name in changed]
    _judge(plan.connection, path, exclude={"partner", *missing}, problems=problems)


def _plan_secret(plan: Plan, connection: Connection, *, path: str, problems: Problems) -> bool:
    """Plan what becomes of the client secret; return whether it will be another one, or none."""
    wanted, stored = plan.record.client_secret, _stored_secret(connection)
    if wanted == "":
        connection.client_secret_sealed = ""
    _require_credential(connection, wanted, path=path, problems=problems)
    if wanted is None or wanted == stored:
        return False
    plan.client_secret = wanted
    return True


def _require_credential(
    connection: Connection, wanted: str | None, *, path: str, problems: Problems
) -> None:
    # A key is made by the import, and its public half fetched by the provider.
    if not (wanted or connection.client_secret_sealed or connection.is_keyed):
        where = ": none is stored" if wanted is None else " where no key of ours takes its place"
        problems.add(f"{path}.client_secret", f"is required{where}")


def _plan_domains(plan: Plan, *, problems: Problems) -> None:
    if plan.record.domains is None:
        return
    stored = {} if plan.is_new else {domain.name: domain for domain in plan.partner.domains.all()}
    for stated in plan.record.domains:
        row = EmailDomain(partner=plan.partner, name=stated.name)
        _judge(row, stated.path, exclude={"partner"}, problems=problems)
        if any(row.name == other.name for _, other in plan.domains):
            problems.add(stated.path, f"{row.name} is listed twice")
            continue
        domain = stored.pop(row.name, row)
        plan.domains.append((stated.path, domain))
        differs = _restate(domain, verified=stated.verified, subdomains=stated.subdomains)
        if differs or domain is row:
            plan.domains_changed.append(domain)
    plan.domains_gone = list(stored.values())
    if plan.domains_changed or plan.domains_gone:
        plan.changed.append("domains")


def _restate(domain: EmailDomain, *, verified: bool, subdomains: bool) -> bool:
    """Make *domain* as stated; return whether it was not."""
    differs = domain.subdomains != subdomains
    domain.subdomains = subdomains
    if verified == (domain.verified_at is not None):
        return differs  # how it was verified stays: a DNS proof is not made less by a file
    domain.verified_at = timezone.now() if verified else None
    domain.verified_how = EmailDomain.Proof.OPERATOR if verified else EmailDomain.Proof.NONE
    return True


def _plan_picture(plan: Plan, key: str, shape: str, *, problems: Problems) -> None:
    file = plan.record.logos[shape]
    try:
        upload = _start_of(file) if file else b""
        if file is None:
            if plan.is_new or not any(logo.shape == shape for logo in plan.partner.logos.all()):
                return
            plan.pictures[shape] = None
        elif plan.is_new or not is_remembered(plan.partner, shape, upload):
            plan.pictures[shape] = picture_of(upload, shape=shape)
        else:
            return
    except (OSError, LogoError) as error:
        problems.add(f"{plan.record.path}.{key}", str(error))
    plan.changed.append(key)


def _note_what_a_live_one_lacks(plan: Plan, *, problems: Problems) -> None:
    path, connection = plan.record.path, plan.connection
    if connection is None and not plan.is_new:
        problems.add(f"{path}.connection", "is required for a live partner")
    if connection and plan.record.connection is None and "status" in plan.changed:
        _require_credential(connection, None, path=f"{path}.connection", problems=problems)
    if plan.record.domains is not None:
        is_confirmed = any(domain.verified_at is not None for _, domain in plan.domains)
    else:
        is_confirmed = plan.is_new or any(one.verified_at for one in plan.partner.domains.all())
    if not is_confirmed:
        plan.notes.append("It is live without a verified domain: nobody can sign in.")


def _start_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(UPLOAD_BYTES + 1)


def _stored_secret(connection: Connection) -> str | None:
    try:
        return client_secret_of(connection)
    except SealError:
        return None


def _patch(row: Model, stated: Mapping[str, object]) -> list[str]:
    """Write what is *stated* into *row*; return the names of the fields that differed."""
    changed = []
    defaults = type(row)()
    for name, value in stated.items():
        wanted = getattr(defaults, name) if value is None else value
        if not _same(getattr(row, name), wanted):
            setattr(row, name, wanted)
            changed.append(name)
    return changed


def _same(one: object, other: object) -> bool:
    # As JSON where it is JSON: to Python, true is 1.
    if isinstance(one, dict):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True, default=str)
    return one == other


def _judge(row: Model, path: str, *, exclude: Collection[str], problems: Problems) -> None:
    try:
        row.clean_fields(exclude=exclude)
        row.clean()
    except ValidationError as error:
        for name, errors in error.error_dict.items():
            # A domain is one text in the file, whatever its row has.
            at = path if isinstance(row, EmailDomain) else f"{path}.{MEMBER_OF.get(name, name)}"
            problems.add(at, " ".join(_told(one, row, name) for one in errors))


def _told(error: ValidationError, row: Model, name: str) -> str:
    if error.code != "invalid_choice":
        return " ".join(error.messages)
    choices: Any = row._meta.get_field(name)  # noqa: SLF001 -- documented
    values = [value for value, _label in choices.flatchoices if value]
    return f"must be one of {', '.join(values)}"
