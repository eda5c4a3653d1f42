"""The columns of the partners' list, and the one query behind them."""

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from console.partners.activity import WEEK, days_of
from console.partners.charts import sparkline
from console.partners.standing import SOON, days_of_secret, problem_of, with_standing
from partners.models import Connection, EmailDomain, Partner, Status, Visibility

SHAPES = {"draft": "○", "setting-up": "◐", "live": "●", "paused": "❚❚", "problem": "✖"}
"""A status is told by its word and its shape, and never by its colour alone."""

_VISIBILITIES = {
    Visibility.LISTED: gettext_lazy("Listed"),
    Visibility.BY_EMAIL: gettext_lazy("By email"),
    Visibility.HIDDEN: gettext_lazy("Hidden"),
}


def with_columns(partners: QuerySet[Partner]) -> QuerySet[Partner]:
    """Return *partners* with all that the list shows, in a number of queries that stays."""
    domains = Prefetch("domains", EmailDomain.objects.order_by("id"))
    related = ["live_connection"]
    return with_standing(partners).select_related(*related).prefetch_related("logos", domains)


def add_weeks(partners: list[Partner]) -> None:
    """Give each partner of a page its last seven days, by one query for all of them."""
    weeks = days_of([partner.slug for partner in partners], days=WEEK)
    for partner in partners:
        partner.week = weeks[partner.slug]  # type: ignore[attr-defined] # for the column below


class PartnerColumns:
    """The methods of the list's columns."""

    @admin.display(description=gettext_lazy("Logo"))
    def picture(self, partner: Partner) -> str:
        """Return the square mark, or the initials that stand in for it."""
        return render_to_string("console/mark.html", {"partner": partner})

    @admin.display(description=gettext_lazy("Status"), ordering="status")
    def badge(self, partner: Partner) -> str:
        """Return the status as word and shape."""
        state, word = partner.status, str(partner.get_status_display())
        if partner.status == Status.DRAFT and getattr(partner, "is_set_up", False):
            state, word = "setting-up", _("Setting up")
        elif problem_of(partner):
            state, word = "problem", _("Problem")
        return format_html(
            '<span class="badge badge-{}"><span aria-hidden="true">{}</span> {}</span>',
            state,
            SHAPES[state],
            word,
        )

    @admin.display(description=gettext_lazy("Health"))
    def health(self, partner: Partner) -> str:
        """Return whether people can sign in, as far as is known, and what keeps them out."""
        if partner.status == Status.DRAFT:
            return "–"
        problem = problem_of(partner, in_a_word=True)
        examined_at = getattr(partner, "examined_at", None)
        if problem:
            sign, words, kind = "✖", problem, "alarm"
        elif examined_at or getattr(partner, "last_sign_in", None):
            sign, words, kind = "✔", _("OK"), "good"
        else:
            sign, words, kind = "?", _("Unknown"), "quiet"
        since = _("Examined %s ago") % timesince(examined_at, depth=1) if examined_at else ""
        return format_html(
            '<span class="health {}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
            *(kind, since, sign, words),
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
        return format_html(
            '{} <span class="more" title="{}">+{}</span>', first, ", ".join(others), len(others)
        )

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
        days = days_of_secret(partner)
        if days is None:
            return "–"
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

    @admin.display(description=gettext_lazy("7 days"))
    def week(self, partner: Partner) -> str:
        """Return the line of the last seven days' sign-ins."""
        days = getattr(partner, "week", None)
        return sparkline(days) if days else "–"


def _product_of(connection: Connection) -> str:
    return str(connection.get_provider_display())
