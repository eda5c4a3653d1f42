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
    """Return who has the verified domains of the plans now, but for those who get a new list."""
    names = {domain.name for plan in plans for _, domain in plan.domains}
    planned = [
        plan.partner.pk for plan in plans if not plan.is_new and plan.record.domains is not None
    ]
    others = EmailDomain.objects.filter(name__in=names, verified_at__isnull=False)
    return dict(others.exclude(partner__in=planned).values_list("name", "partner__slug"))


def _note_connections(plans: list[Plan], *, problems: Problems) -> None:
    planned = [
        (plan, plan.connection)
        for plan in plans
        if plan.connection and plan.record.connection is not None
    ]
    at_issuer = _connections_outside([connection for _, connection in planned])
    for plan, connection in planned:
        _note_neighbours(plan, connection, at_issuer[connection.issuer], problems=problems)
        at_issuer[connection.issuer].append(connection)


def _connections_outside(planned: list[Connection]) -> defaultdict[str, list[Connection]]:
    """Return by issuer the live connections that stay as they are."""
    issuers = {connection.issuer for connection in planned}
    others = Connection.objects.filter(issuer__in=issuers, is_live=True)
    others = others.exclude(pk__in=[connection.pk for connection in planned if connection.pk])
    at_issuer: defaultdict[str, list[Connection]] = defaultdict(list)
    for other in others.select_related("partner"):
        at_issuer[other.issuer].append(other)
    return at_issuer


def _note_neighbours(
    plan: Plan, connection: Connection, neighbours: list[Connection], *, problems: Problems
) -> None:
    path = f"{plan.record.path}.connection"
    for other in neighbours:
        slug = other.partner.slug
        if other.client_id == connection.client_id:
            problems.add(f"{path}.client_id", f"{slug} has this issuer and client ID already")
            return
        if slug != plan.record.slug and not _told_apart(connection, other):
            problems.add(f"{path}.pinned_claims", not_told_apart(other.partner))
            return


def _told_apart(connection: Connection, other: Connection) -> bool:
    pins, others = connection.pinned_claims, other.pinned_claims
    return isinstance(pins, dict) and isinstance(others, dict) and tell_apart(pins, others)
