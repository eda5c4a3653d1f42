"""The columns of the partners' list, and the one query behind them."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import (
    Count,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.models import Event
from partners.models import Connection, EmailDomain, Partner, Visibility
from people.current import current_sessions

SOON = timedelta(days=30)
"""A secret that ends within this time is marked."""

SHAPES = {"draft": "○", "live": "●", "paused": "❚❚"}
"""A status is told by its word and its shape, and never by its colour alone."""

_VISIBILITIES = {
    Visibility.LISTED: gettext_lazy("Listed"),
    Visibility.BY_EMAIL: gettext_lazy("By email"),
    Visibility.HIDDEN: gettext_lazy("Hidden"),
}


def with_columns(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Return *partners* with all that the list shows, in a number of queries that stays."""
    live = FilteredRelation("connections", condition=Q(connections__is_live=True))
    sessions = current_sessions().filter(partner=OuterRef("pk")).order_by().values("partner")
    arrivals = Event.objects.filter(partner=OuterRef("slug"), what="login.succeeded")
    # By name: mypy's plugin knows the model's own relations only.
    annotations = {"live_connection": live}
    related = ["live_connection"]
    return (
        partners.annotate(**annotations)
        .select_related(*related)
        .annotate(
            sessions_now=Coalesce(
                Subquery(sessions.annotate(n=Count("pk")).values("n")),
                0,
                output_field=IntegerField(),
            ),
            last_sign_in=Subquery(arrivals.order_by("-id").values("at")[:1]),
        )
        .prefetch_related("logos", Prefetch("domains", EmailDomain.objects.order_by("id")))
    )


class PartnerColumns:
    """The methods of the list's columns."""

    @admin.display(description=gettext_lazy("Logo"))
    def picture(self, partner: Partner) -> str:
        """Return the square mark, or the initials that stand in for it."""
        return render_to_string("console/mark.html", {"partner": partner})

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def badge(self, partner: Partner) -> str:
        """Return the status as word and shape."""
        return format_html(
            '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>',
            partner.status,
            SHAPES[partner.status],
            partner.get_status_display(),
        )

    @admin.display(description=gettext_lazy("Visibility"), ordering="visibility")
    def seen(self, partner: Partner) -> str:
        """Return the visibility in a word or two."""
        return str(_VISIBILITIES[Visibility(partner.visibility)])

    @admin.display(description=gettext_lazy("Domains"))
    def domain_names(self, partner: Partner) -> str:
        """Return the first domain, and how many more there are."""
        first, *others = [domain.name for domain in partner.domains.all()] or ["–"]
        if not others:
            return first
        return format_html('{} <span title="{}">+{}</span>', first, ", ".join(others), len(others))

    @admin.display(description=gettext_lazy("Provider"), ordering="live_connection__provider")
    def product(self, partner: Partner) -> str:
        """Return which product the provider is."""
        connection = partner.live_connection
        if connection is None:
            return "–"
        return "OpenID Connect" if connection.provider == "other" else _product_of(connection)

    @admin.display(
        description=gettext_lazy("Secret ends"),
        ordering="live_connection__client_secret_expires",
    )
    def secret_end(self, partner: Partner) -> str:
        """Return in how many days the secret ends, or that it has."""
        connection = partner.live_connection
        if connection is None or connection.client_secret_expires is None:
            return "–"
        days = (connection.client_secret_expires - timezone.localdate()).days
        if days < 0:
            return format_html('<strong class="alarm">✖ {}</strong>', _("ended"))
        words = _("today") if not days else ngettext("in %d day", "in %d days", days) % days
        if days > SOON.days:
            return words
        return format_html('<strong class="alarm">! {}</strong>', words)

    @admin.display(description=gettext_lazy("Last sign-in"), ordering="last_sign_in")
    def last_seen(self, partner: Partner) -> str:
        """Return how long ago somebody signed in."""
        at = getattr(partner, "last_sign_in", None)
        if at is None:
            return "–"
        ago = _("%s ago") % timesince(at, depth=1)
        return format_html(
            '<time datetime="{}" title="{}">{}</time>',
            at.isoformat(),
            date_format(at, "DATETIME_FORMAT"),
            ago,
        )

    @admin.display(description=gettext_lazy("Sessions now"), ordering="sessions_now")
    def sessions(self, partner: Partner) -> int:
        """Return how many browsers are signed in."""
        return int(getattr(partner, "sessions_now", 0))


def _product_of(connection: Connection) -> str:
    return str(connection.get_provider_display())
