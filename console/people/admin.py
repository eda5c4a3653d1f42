"""The list of people and staff, and a person's page."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from audit.trail import Happening
from console.acting import record_act, recorded, staff_of
from console.deleting import DeletingAdmin
from console.pages import Question, routes
from console.people.forms import StaffCreationForm, StaffForm
from console.people.tools import PersonTools
from console.stock import TabularInline
from people.current import current_sessions
from people.models import FederatedLogin, User

if TYPE_CHECKING:
    StaffAdmin = UserAdmin[User]
else:
    # Not in ``stock``, which the site imports: this module of Django needs a site to be there.
    StaffAdmin = UserAdmin


class LoginInline(TabularInline[FederatedLogin, User]):
    """How the person is known at providers; only to be looked at."""

    model = FederatedLogin
    fields = readonly_fields = ("connection", "issuer", "provider_subject", "created_at")
    extra = 0
    verbose_name_plural = gettext_lazy("Known at providers as")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that a login comes from a sign-in, or from a re-link in the trail."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that a login says what the provider said."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return that a login stays as long as the person does."""
        return False


@admin.register(User)
class PersonAdmin(DeletingAdmin[User], StaffAdmin):
    """People, who come from partners' providers, and staff, who have passwords."""

    list_display = ("email", "name", "partner", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("partner",)
    search_fields = ("email", "name", "subject", "partner__name", "partner__slug")
    search_help_text = gettext_lazy("Email, name, subject, or company")
    ordering = ("email",)
    actions = None
    form = StaffForm
    add_form = StaffCreationForm
    add_form_template = "admin/change_form.html"
    change_password_form = AdminPasswordChangeForm
    filter_horizontal = ("groups", "user_permissions")
    add_fieldsets = (
        (None, {"fields": ("email", "name", "password1", "password2", "is_superuser")}),
    )
    _of_person = ("email", "name", "partner", "subject", "is_active", "created_at", "last_sign_in")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Return everybody, with their companies."""
        return super().get_queryset(request).select_related("partner")

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Return a person's logins; staff have none."""
        return [LoginInline] if obj and obj.partner_id else []

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return what is to be seen of a person, or to be set for staff."""
        if obj is None:
            return self.add_fieldsets
        if obj.partner_id:
            return [(None, {"fields": (*self._of_person, "sessions_now")})]
        rights = ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")
        return [
            (None, {"fields": ("email", "name", "created_at", "sessions_now", "linked_to")}),
            (_("Rights"), {"fields": rights}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return what nobody sets by hand."""
        shown = ("last_sign_in", "sessions_now", "linked_to")
        fixed = ("subject", "created_at", "partner", *shown)
        return fixed if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether the member of staff may make others: a superuser."""
        return staff_of(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether the record may be edited: a member of staff's, by a superuser.

        A person's e-mail and name are the provider's, and a person never becomes staff.
        """
        if obj is None:
            return super().has_change_permission(request)
        return staff_of(request).is_superuser and obj.partner_id is None

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return whether the record may be deleted; staff's by superusers, nobody's own."""
        staff = staff_of(request)
        if obj is not None and (
            obj == staff or (obj.partner_id is None and not staff.is_superuser)
        ):
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=gettext_lazy("Last sign-in"))
    def last_sign_in(self, person: User) -> str:
        """Return when the person last came in, as the trail has it."""
        arrivals = Event.objects.filter(subject=person.subject, what="login.succeeded")
        at = arrivals.values_list("at", flat=True).first()
        return date_format(localtime(at), "DATETIME_FORMAT") if at else "–"

    @admin.display(description=gettext_lazy("Sessions now"))
    def sessions_now(self, person: User) -> str:
        """Return how many browsers the person is signed in with, leading to them."""
        count = current_sessions().filter(user=person).count()
        sessions = reverse("admin:people_session_changelist")
        return format_html('<a href="{}?user__id__exact={}">{}</a>', sessions, person.pk, count)

    @admin.display(description=gettext_lazy("Comes in through"))
    def linked_to(self, member: User) -> str:
        """Return the account at the owner's own company to which the member of staff is linked."""
        logins = member.staff_logins.select_related("partner")
        accounts = (f"{login.partner}, {login.provider_subject}" for login in logins)
        return "; ".join(accounts) or _("the password alone")

    def deletion_of(self, record: User) -> Question:
        """Return what is asked before a person, or a member of staff, is deleted."""
        return Question(
            title=_("Delete %s") % record,
            explanation=_(
                "Whoever comes again from a provider is a new person to the services behind the "
                "portal. To keep somebody out, deactivate them instead."
            )
            if record.partner_id
            else _("The account and its sessions end; the trail stays."),
            submit=_("Delete"),
        )

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 -- Django's own
        form_url: str = "",
    ) -> HttpResponse:
        """Set a member of staff's password."""
        with recorded(request):
            return super().user_change_password(request, id, form_url)

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Record a new member of staff."""
        _record(request, obj, what="staff.added", detail={"is_superuser": obj.is_superuser})
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Record what was changed of a member of staff, the password by its name alone."""
        rights = {"is_active": obj.is_active, "is_superuser": obj.is_superuser}
        _record(request, obj, what="staff.changed", detail={"changed": message, "after": rights})
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Record who is deleted."""
        for person in queryset:
            what = "person.removed" if person.partner_id else "staff.removed"
            _record(request, person, what=what, detail={})
        return super().log_deletions(request, queryset)

    def get_urls(self) -> list[URLPattern]:
        """Return the routes of the buttons, then the admin's own."""
        tools = PersonTools(self.admin_site)
        pages = {
            "end-sessions": tools.end_sessions,
            "deactivate": tools.deactivate,
            "reactivate": tools.reactivate,
            "unlink": tools.unlink,
        }
        return [*routes(self.admin_site, User, pages), *super().get_urls()]


def _record(request: HttpRequest, person: User, *, what: str, detail: dict[str, object]) -> None:
    happening = Happening(
        what=what,
        partner=person.partner.slug if person.partner else "",
        subject=person.subject,
        email=person.email,
        actor=staff_of(request).email,
        detail=detail,
    )
    record_act(request, happening)
