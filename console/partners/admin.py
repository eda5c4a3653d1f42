"""The partners' list and the partner's change page."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.forms import Script
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from audit.trail import Happening
from console.acting import record_act, staff_of
from console.deleting import DeletingAdmin
from console.pages import Question, back
from console.partners.buttons import button_routes
from console.partners.columns import PartnerColumns, add_weeks, with_columns
from console.partners.connection import ConnectionFormSet, ConnectionInline
from console.partners.domains import DomainFormSet, DomainInline
from console.partners.drafts import preparation_of, tell_next_step
from console.partners.filters import AttentionFilter, ProviderFilter, QuietFilter, SecretFilter
from console.partners.form import PartnerForm
from console.partners.given import shown_given
from console.partners.panel import panel_of
from console.partners.tools import why_it_stays
from console.references import reference_in
from partners.filing import folded
from partners.models import Connection, EmailDomain, Partner, Status
from partners.takings import takings


@admin.register(Partner)
class PartnerAdmin(PartnerColumns, DeletingAdmin[Partner]):
    """The companies whose people sign in here."""

    form = PartnerForm
    inlines = (ConnectionInline, DomainInline)
    list_display = (
        "picture",
        "name",
        "badge",
        "health",
        "product",
        "domain_names",
        "seen",
        "secret_end",
        "last_seen",
        "week",
    )
    list_display_links = ("name",)
    list_filter = (
        AttentionFilter,
        "status",
        "visibility",
        ProviderFilter,
        SecretFilter,
        QuietFilter,
    )
    list_per_page = 50
    ordering = ("sort_key", "id")
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name, slug, domain, client ID, or a reference: FY-7F3K-92QD")
    prepopulated_fields: ClassVar = {"slug": ("name",)}
    readonly_fields = ("given",)
    # Partners are deleted one at a time, from their own page.
    actions = None

    class Media:
        js = (Script("copy.js", defer=True), Script("console/given.js", defer=True))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Partner]:
        """Return the partners, with the list's columns where it is the list."""
        partners = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and match.url_name == "partners_partner_changelist"
        return with_columns(partners) if is_list else partners

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list, each partner on its page with its last seven days."""
        changelist = super().get_changelist_instance(request)
        add_weeks(list(changelist.result_list))
        return changelist

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Partner], search_term: str
    ) -> tuple[QuerySet[Partner], bool]:
        """Return the partners that *search_term* finds by a name, slug, domain or client ID."""
        for word in search_term.split():
            domains = EmailDomain.objects.filter(name__contains=word.lower().rpartition("@")[2])
            queryset = queryset.filter(
                Q(search_text__contains=folded(word))
                | Q(slug__contains=word.lower())
                | Q(pk__in=domains.values("partner_id"))
                | Q(pk__in=Connection.objects.filter(client_id=word).values("partner_id"))
            )
        return queryset, False

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or the attempt whose reference was searched for."""
        reference = reference_in(request.GET.get("q", ""))
        if reference and Event.objects.filter(reference=reference).exists():
            return HttpResponseRedirect(reverse("admin:attempt", args=[reference]))
        return super().changelist_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the form, under how the partner is doing where it is there already."""
        partner = kwargs.get("obj")
        context["panel"] = panel_of(partner) if partner else None
        context["preparation"] = preparation_of(partner) if partner else None
        return super().render_change_form(request, context, *args, **kwargs)

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Partner | None = None
    ) -> dict[str, Sequence[str]]:
        """Return that a new partner's slug follows its name."""
        return {} if obj else self.prepopulated_fields

    def get_inline_instances(self, request: HttpRequest, obj: Partner | None = None) -> list[Any]:
        """Return the inlines; a connection is folded away while a set-up prepares the first one."""
        inlines = super().get_inline_instances(request, obj)
        preparation = preparation_of(obj) if obj else None
        if preparation and preparation.is_first:
            for inline in inlines:
                inline.classes = ["collapse"] if isinstance(inline, ConnectionInline) else None
        return inlines

    def response_add(self, request: HttpRequest, obj: Partner, *args: Any) -> HttpResponse:
        """Return to the list, or stay; say what a partner without a connection needs."""
        tell_next_step(request, obj)
        return super().response_add(request, obj, *args)

    def get_readonly_fields(
        self, request: HttpRequest, obj: Partner | None = None
    ) -> tuple[str, ...]:
        """Return the fields that stay: the slug for ever, the status while it is paused."""
        fixed = () if obj is None else ("slug",)
        is_paused = obj is not None and obj.status == Status.PAUSED
        return (*self.readonly_fields, *fixed, *(("status",) if is_paused else ()))

    def get_fieldsets(self, request: HttpRequest, obj: Partner | None = None) -> Any:
        """Return the tasks of setting a partner up, in their order."""
        is_paused = obj is not None and obj.status == Status.PAUSED
        status = ("status", "paused_note") if is_paused else ("status",)
        return [
            (_("Company"), {"fields": ("name", "slug", "aliases", "wide_logo", "mark", *status)}),
            (_("What the company’s IT is given"), {"fields": ("given",)}),
            (_("Where people find it"), {"fields": ("visibility",)}),
            (
                _("Who helps its people"),
                {"fields": ("help_name", "help_email", "help_phone", "help_url")},
            ),
            (_("Session length"), {"fields": ("session_max_age", "session_idle")}),
        ]

    @admin.display(description=gettext_lazy("Addresses"))
    def given(self, partner: Partner) -> str:
        """Return the addresses that the company's IT registers, to be copied."""
        return shown_given(partner.slug if partner.pk else "")

    def save_model(self, request: HttpRequest, obj: Partner, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's own
        """Save the partner and its logos."""
        if change:
            # The provider was asked since the record was read: what somebody else has done to it
            # meanwhile, as pausing it, stays.
            obj.save(update_fields=model_to_dict(obj).keys() & set(form.changed_data))
        else:
            super().save_model(request, obj, form, change)
        form.keep_logos()
        namesakes = Partner.objects.filter(sort_key=obj.sort_key).exclude(pk=obj.pk)
        if "name" in form.changed_data and namesakes:
            told = _(
                "There is another partner of that name (%s): people tell them apart by a domain."
            )
            messages.warning(request, told % ", ".join(one.slug for one in namesakes))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001 -- Django's own
        """Save an inline, and say what its provider's documents made worth saying."""
        super().save_formset(request, form, formset, change)
        if isinstance(formset, ConnectionFormSet):
            for note in formset.notes:
                messages.warning(request, note)
            hosts = formset.accepted_hosts()
            if hosts is not None:
                _record_hosts(request, form.instance, hosts)
        if isinstance(formset, DomainFormSet):
            is_moved = "status" in form.changed_data
            saved = form.instance.domains.all() if is_moved else formset.saved_domains()
            for taking in takings(saved):
                messages.warning(request, taking.sentence)

    def has_delete_permission(self, request: HttpRequest, obj: Partner | None = None) -> bool:
        """Return whether the partner may be deleted: one that nobody has ever come from."""
        is_free = obj is None or not obj.people.exists()
        return is_free and super().has_delete_permission(request, obj)

    def deletion_of(self, record: Partner) -> Question:
        """Return what is asked before a partner is deleted."""
        return Question(
            title=_("Delete %s") % record,
            explanation=_(
                "Nobody has ever come from it. Its connection, domains and logos go with it, and "
                "its addresses end here; the trail stays."
            ),
            submit=_("Delete"),
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Ask, or delete; of a partner with people it is said why that can't be."""
        partner = self.get_object(request, unquote(object_id))
        if partner is None or not partner.people.exists():
            return super().delete_view(request, object_id, *args, **kwargs)
        return back(request, partner, why_it_stays(partner), level=messages.ERROR)

    def get_urls(self) -> list[URLPattern]:
        """Return the routes of the buttons, then the admin's own."""
        return [*button_routes(self.admin_site), *super().get_urls()]


def _record_hosts(request: HttpRequest, partner: Partner, hosts: list[str]) -> None:
    """Record the hosts that a member of staff has accepted, and say which they are."""
    if not hosts:
        told = _("Its provider couldn’t be asked: where its endpoints are is not accepted yet.")
        messages.warning(request, told)
        return
    what, actor = "partner.hosts_accepted", staff_of(request).email
    detail = {"hosts": hosts}
    record_act(request, Happening(what=what, partner=partner.slug, actor=actor, detail=detail))
    messages.info(request, _("Its endpoints are accepted at %s.") % ", ".join(hosts))
