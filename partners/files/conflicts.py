"""Plans held against each other, and against the partners that are there already."""

from collections import defaultdict

from partners.files.plans import Plan
from partners.files.problems import Problems
from partners.models import Connection, EmailDomain
from partners.models.connection import not_told_apart
from partners.rules import tell_apart


def note_conflicts(plans: list[Plan], *, problems: Problems) -> None:
    """Note each verified domain, and each place at an issuer, that would have two owners."""
    _note_domains(plans, problems=problems)
    _note_connections(plans, problems=problems)


def _note_domains(plans: list[Plan], *, problems: Problems) -> None:
    owners = _owners_outside(plans)
    for plan in plans:
        for path, domain in plan.domains:
            if domain.verified_at is None:
                continue
            owner = owners.setdefault(domain.name, plan.record.slug)
            if owner != plan.record.slug:
                problems.add(path, f"{domain.name} is a domain of {owner} already")


def _owners_outside(plans: list[Plan]) -> dict[str, str]:
    """Return the verified domains of partners for which no plan says what they will have."""
    names = {domain.name for plan in plans for _, domain in plan.domains}
    planned = [plan.partner.pk for plan in plans if not plan.is_new]
    others = EmailDomain.objects.filter(name__in=names, verified_at__isnull=False)
    return dict(others.exclude(partner__in=planned).values_list("name", "partner__slug"))


def _note_connections(plans: list[Plan], *, problems: Problems) -> None:
    at_issuer = _connections_outside(plans)
    for plan in plans:
        # First those that stay as they are, so that a plan is blamed which changes something.
        if plan.connection and plan.record.connection is None:
            at_issuer[plan.connection.issuer].append(plan.connection)
    for plan in plans:
        if plan.connection and plan.record.connection is not None:
            _note_neighbours(plan, plan.connection, at_issuer, problems=problems)
            at_issuer[plan.connection.issuer].append(plan.connection)


def _connections_outside(plans: list[Plan]) -> defaultdict[str, list[Connection]]:
    connections = [plan.connection for plan in plans if plan.connection]
    issuers = {connection.issuer for connection in connections}
    planned = {connection.pk for connection in connections}
    at_issuer: defaultdict[str, list[Connection]] = defaultdict(list)
    for other in Connection.objects.filter(issuer__in=issuers).select_related("partner"):
        if other.pk not in planned:
            at_issuer[other.issuer].append(other)
    return at_issuer


def _note_neighbours(
    plan: Plan,
    connection: Connection,
    at_issuer: defaultdict[str, list[Connection]],
    *,
    problems: Problems,
) -> None:
    path = f"{plan.record.path}.connection"
    for other in at_issuer[connection.issuer]:
        if other.client_id == connection.client_id:
            problems.add(
                f"{path}.client_id",
                f"{other.partner.slug} has this issuer and client ID already",
            )
            return
        is_ours = other.partner is plan.partner or other.partner.slug == plan.record.slug
        if not is_ours and not _told_apart(connection, other):
            problems.add(f"{path}.pinned_claims", not_told_apart(other.partner))
            return


def _told_apart(connection: Connection, other: Connection) -> bool:
    pins, others = connection.pinned_claims, other.pinned_claims
    return isinstance(pins, dict) and isinstance(others, dict) and tell_apart(pins, others)
