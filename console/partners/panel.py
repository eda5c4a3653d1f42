"""How a partner is doing, above its change page."""

from audit.models import Event
from console.partners.activity import MONTH, SUCCEEDED, days_of, refusals_of
from console.partners.charts import chart
from console.partners.standing import concerns_of, with_standing
from onboarding.examinations import last_examination_of
from partners.models import Partner, Status
from people.current import current_sessions

SHOWN_REASONS = 6


def panel_of(partner: Partner) -> dict[str, object]:
    """Return what ``console/panel.html`` shows of *partner*: from what is stored, asking nobody."""
    standing = with_standing(Partner.objects.filter(pk=partner.pk)).get()
    refusals = refusals_of(partner.slug, days=MONTH)
    connection = partner.live_connection
    examination = last_examination_of(connection) if connection else None
    arrivals = Event.objects.filter(partner=partner.slug, what=SUCCEEDED).order_by("-at")
    return {
        "partner": partner,
        "is_draft": partner.status == Status.DRAFT,
        "concerns": concerns_of(standing),
        "examination": examination,
        "last_sign_in": arrivals.values_list("at", flat=True).first(),
        "sessions": current_sessions().filter(partner=partner).count(),
        "chart": chart(days_of([partner.slug], days=MONTH)[partner.slug]),
        "refusals": refusals[:SHOWN_REASONS],
    }
