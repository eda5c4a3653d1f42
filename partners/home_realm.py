"""Home realm discovery: from an e-mail address to the partner whose people have such addresses."""

import re

from django.db.models import BooleanField, Case, FilteredRelation, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length

from partners.addresses import domain_of
from partners.domains import with_parents
from partners.models import EmailDomain, Partner
from partners.rules import SLUG_FORM

NEAR_EDITS = 2
"""How many letters may be wrong in a domain for another to be suggested."""

NEAR_CANDIDATES = 500
"""How many domains are compared: under 10 ms of arithmetic, however many partners there are."""

DECIDING = """
    SELECT d.* FROM partners_emaildomain d JOIN partners_partner p ON p.id = d.partner_id
    WHERE d.name = ANY(%s) AND (d.name = %s OR d.subdomains) AND d.verified_at IS NOT NULL
    ORDER BY p.status = 'draft'
             AND NOT EXISTS (SELECT 1 FROM people_user u WHERE u.partner_id = p.id),
             length(d.name) DESC
    LIMIT 1
"""
"""The verified domain that decides for a name: among it and its parents, the most specific.

A draft that nobody has come from yet takes nobody away: what it has decides only where nobody
else's does. One that was live keeps its people's addresses from everybody else. The parameters are
all of those names, and the name. Written out because each sign-in asks it twice: decisions 23, 24.
"""


def partner_of_email(email: str, *, related: tuple[str, ...] = ()) -> Partner | None:
    """Return the partner with the most specific verified domain that has *email*, or ``None``.

    *email* is normalised. The partner comes whatever its status and visibility: what to make of
    those is the caller's decision. Its ``live_connection`` comes with it in the one query, and so
    does what *related* names of that connection.
    """
    return _with_live_connection(related).filter(pk=owner_of(domain_of(email))).first()


def partner_of_slug(slug: str, *, related: tuple[str, ...] = ()) -> Partner | None:
    """Return the partner *slug*, as ``partner_of_email`` does, or ``None``.

    *slug* is as somebody may have typed it into an address.
    """
    if not re.fullmatch(SLUG_FORM, slug):
        return None  # PostgreSQL fails on some texts, rather than not finding them
    return _with_live_connection(related).filter(slug=slug).first()


def owns_email(partner: Partner, email: str) -> bool:
    """Return whether *partner* is the one whose people have addresses like *email*, normalised."""
    return owns_domain(partner, domain_of(email))


def owns_domain(partner: Partner, name: str) -> bool:
    """Return whether *partner* is the one whose people have addresses at *name*, an A-label.

    Not the owner of any domain that has it: a sub-domain may have been given to another partner.
    """
    deciding = deciding_domain(name)
    return deciding is not None and deciding.partner_id == partner.pk


def waiting_domain(partner: Partner, email: str) -> str:
    """Return which domain, that *partner* has and that is not verified, has addresses like *email*.

    Empty where there is none.
    """
    name = domain_of(email)
    inside = Q(name=name) | Q(name__in=with_parents(name), subdomains=True)
    found = EmailDomain.objects.filter(inside, partner=partner, verified_at=None).first()
    return found.name if found else ""


def deciding_domain(name: str) -> EmailDomain | None:
    """Return the verified domain that decides whose people have addresses at *name*, an A-label."""
    return next(iter(EmailDomain.objects.raw(DECIDING, _names(name))), None)


def owner_of(name: str) -> RawSQL:
    """Return, for a query of partners, the id of the one that the domain *name* belongs to."""
    owner = f"SELECT partner_id FROM ({DECIDING}) AS deciding"  # noqa: S608 -- both are ours
    return RawSQL(owner, _names(name))  # noqa: S611 -- likewise


def near_miss(domain: str) -> str | None:
    """Return a listed partner's domain of which *domain*, an A-label, may be a misspelling.

    Partners that are not listed are never suggested: a guess must not discover them.
    """
    candidates = (
        EmailDomain.objects.filter(
            verified_at__isnull=False,
            partner__status="live",
            partner__visibility="listed",
        )
        .annotate(
            length=Length("name"),
            same_start=Case(
                When(name__startswith=domain[:2], then=Value(value=True)),
                default=Value(value=False),
                output_field=BooleanField(),
            ),
        )
        .filter(length__gte=len(domain) - NEAR_EDITS, length__lte=len(domain) + NEAR_EDITS)
        .order_by("-same_start", "name")
        .values_list("name", flat=True)[:NEAR_CANDIDATES]
    )
    nearest = min(
        ((_edits(domain, name), name) for name in candidates), default=(NEAR_EDITS + 1, "")
    )
    return nearest[1] if nearest[0] <= NEAR_EDITS else None


def _names(domain: str) -> tuple[list[str], str]:
    return with_parents(domain), domain


def _with_live_connection(related: tuple[str, ...]) -> QuerySet[Partner]:
    live = FilteredRelation("connections", condition=Q(connections__is_live=True))
    names = ["live_connection", *(f"live_connection__{name}" for name in related)]
    annotations = {"live_connection": live}  # as a keyword it is a redefinition to mypy's plugin
    return Partner.objects.annotate(**annotations).select_related(*names)


def _edits(left: str, right: str) -> int:
    """Return Levenshtein's distance, or ``NEAR_EDITS + 1`` when it is larger."""
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            current.append(
                min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (letter != other),
                )
            )
        if min(current) > NEAR_EDITS:
            return NEAR_EDITS + 1
        previous = current
    return min(previous[-1], NEAR_EDITS + 1)
