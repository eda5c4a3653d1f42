"""What needs attention, on the first page of the admin."""

from dataclasses import dataclass

from django.db.models import Case, Count, Value, When, Window
from django.http import HttpRequest

from console.acting import staff_of
from console.partners.standing import concerns_of, has_problem, needs_attention, with_standing
from partners.models import Partner

SHOWN = 5
"""Partners that the box names; the list behind its link has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """How many partners need attention, and the most urgent of them with what there is."""

    count: int
    partners: list[tuple[Partner, list[str]]]

    @property
    def others(self) -> int:
        """How many there are besides those that are named."""
        return self.count - len(self.partners)


def attention_box(request: HttpRequest) -> Box | None:
    """Return what needs attention, ``None`` for whoever may not see partners."""
    if not staff_of(request).has_perm("partners.view_partner"):
        return None
    waiting = with_standing(Partner.objects.all()).filter(needs_attention())
    urgency = Case(When(has_problem(), then=Value(0)), default=Value(1))
    # By name: mypy's plugin knows the model's own relations only.
    order = ["urgency", "live_connection__client_secret_expires", "sort_key", "id"]
    related = ["live_connection"]
    # Counted by the same query: to find out who is kept out, examinations have to be opened.
    ordered = waiting.annotate(total=Window(Count("pk"))).alias(urgency=urgency).order_by(*order)
    partners = list(ordered.select_related(*related)[:SHOWN])
    count: int = partners[0].total if partners else 0
    return Box(count=count, partners=[(one, concerns_of(one)) for one in partners])
