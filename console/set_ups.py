"""The list of set-ups: which partners are at work on theirs, and which wait for us."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, Prefetch, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from console.partners.set_up import waits_for_us
from console.stock import ModelAdmin
from onboarding.models import ProposedLogo, SetUpCase


class OpenFilter(admin.SimpleListFilter):
    """Set-ups that partners are at work on, unless others are asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the states."""
        return [("open", _("Open")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SetUpCase]) -> QuerySet[SetUpCase]:
        """Return the set-ups in the chosen state."""
        if self.value() not in {"open", "closed"}:
            return queryset
        return queryset.filter(closed_at__isnull=self.value() == "open")


@admin.register(SetUpCase)
class SetUpAdmin(ModelAdmin[SetUpCase]):
    """Set-ups are looked at here; what is done to one is done on its partner's page."""

    list_display = ("name", "opened_at", "state", "links_sent", "last_saved", "waiting")
    list_display_links = None
    list_filter = (OpenFilter,)
    list_per_page = 50
    list_select_related = ("partner",)
    search_fields = ("partner__slug", "partner__name", "links__address")
    search_help_text = _("Company, or address that a link was sent to")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[SetUpCase]:
        """Return the set-ups with what the list shows of them."""
        logos = Prefetch("proposed_logos", ProposedLogo.objects.defer("data"))
        cases = super().get_queryset(request).prefetch_related(logos)
        return cases.annotate(
            link_count=Count("links", distinct=True), saved=Max("steps__saved_at")
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return that a set-up begins with a link."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that it is only looked at."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that it stays, as long as its partner does."""
        return False

    @admin.display(description=_("Partner"), ordering="partner__sort_key")
    def name(self, case: SetUpCase) -> str:
        """Return the partner's name, with the way to its set-up."""
        address = reverse("admin:partners_partner_set_up", args=[case.partner_id])
        return format_html('<a href="{}">{}</a>', address, case.partner.name)

    @admin.display(description=_("State"))
    def state(self, case: SetUpCase) -> str:
        """Return in a word how it stands."""
        if case.is_open:
            return gettext("Open")
        return gettext("Switched on") if case.switched_on_at else gettext("Closed")

    @admin.display(description=_("Links"))
    def links_sent(self, case: SetUpCase) -> str:
        """Return how many links have been sent."""
        count: int = case.link_count  # type: ignore[attr-defined] # annotated above
        return ngettext("%d link", "%d links", count) % count

    @admin.display(description=_("Last saved"), ordering="saved", empty_value="–")
    def last_saved(self, case: SetUpCase) -> Any:
        """Return when somebody has last saved a step."""
        return case.saved  # type: ignore[attr-defined] # annotated above

    @admin.display(description=_("Waits for you"), empty_value="–")
    def waiting(self, case: SetUpCase) -> str | None:
        """Return what the service owner has to decide on."""
        return ", ".join(waits_for_us(case)) or None
