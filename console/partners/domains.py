"""A partner's e-mail domains, on its change page."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.partners.proofs import shown_proof
from console.stock import BaseInlineFormSet, ModelForm, TabularInline
from onboarding.domains import challenge_of
from onboarding.models import DomainChallenge
from partners.addresses import normalised_domain
from partners.domains import refusal_of_domain
from partners.models import EmailDomain, Partner, Status


class DomainForm(ModelForm[EmailDomain]):
    """One domain, and whether we know that it is the partner's."""

    name = forms.CharField(label=gettext_lazy("Domain"), max_length=253)
    confirmed = forms.BooleanField(
        label=gettext_lazy("We have confirmed that this domain is theirs"), required=False
    )

    class Meta:
        model = EmailDomain
        fields = ("name", "subdomains", "verified_why")
        labels: ClassVar = {
            "subdomains": gettext_lazy("And all its sub-domains"),
            "verified_why": gettext_lazy("How we know"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["confirmed"] = self.instance.verified_at is not None
        # In a table, Django's admin gives fields a column's heading and no label of their own.
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = str(field.label)

    def clean_name(self) -> str:
        """Return the A-label, by which domains are compared."""
        typed: str = self.cleaned_data["name"]
        refusal = refusal_of_domain(typed)
        if refusal:
            raise forms.ValidationError(refusal)
        return normalised_domain(typed)

    def clean(self) -> dict[str, Any]:
        """Refuse a domain that is another partner's, and one confirmed for no reason."""
        cleaned = super().clean() or self.cleaned_data
        if self._is_confirmed_now() and not cleaned.get("verified_why", "").strip():
            self.add_error("verified_why", _("Say how we know: the trail keeps it."))
        if cleaned.get("confirmed") and "name" in cleaned:
            others = EmailDomain.objects.filter(name=cleaned["name"], verified_at__isnull=False)
            owner = others.exclude(pk=self.instance.pk).select_related("partner").first()
            if owner is not None:
                self.add_error("name", _("This domain belongs to %s.") % owner.partner)
        return cleaned

    def save(self, commit: bool = True) -> EmailDomain:  # noqa: FBT001, FBT002 -- Django's own
        """Save, with how and when the domain was verified."""
        is_confirmed = self.cleaned_data["confirmed"]
        if not is_confirmed:
            self.instance.verified_at = None
            self.instance.verified_how = EmailDomain.Proof.NONE
            self.instance.verified_why = ""
        elif self._is_confirmed_now():
            self.instance.verified_at = timezone.now()
            self.instance.verified_how = EmailDomain.Proof.OPERATOR
        return super().save(commit)

    def _is_confirmed_now(self) -> bool:
        is_new = self.instance.verified_at is None or "name" in self.changed_data
        return bool(self.cleaned_data.get("confirmed")) and is_new


class DomainFormSet(BaseInlineFormSet[EmailDomain, Partner, DomainForm]):
    """The domains of one partner."""

    def clean(self) -> None:
        """Refuse to leave a live partner without a domain."""
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        confirmed = [form for form in kept if form.cleaned_data.get("confirmed")]
        if self.instance.status == Status.LIVE and not confirmed and not any(self.errors):
            raise forms.ValidationError(
                _("A live partner needs a confirmed domain: without one, nobody can sign in.")
            )

    def save(self, commit: bool = True) -> list[EmailDomain]:  # noqa: FBT001, FBT002 -- Django's own
        """Save; a record that proved another name, or what we have taken back, counts no more."""
        saved = super().save(commit)
        for domain, changed in self.changed_objects:
            if not {"name", "confirmed"}.isdisjoint(changed):
                DomainChallenge.objects.filter(domain=domain).delete()
        for domain in self.saved_domains():
            if domain.verified_at is None:
                challenge_of(domain)
        return saved

    def saved_domains(self) -> list[EmailDomain]:
        """Return the domains that were added or changed, once they are saved."""
        return [*self.new_objects, *(domain for domain, _changed in self.changed_objects)]

    def add_fields(self, form: DomainForm, index: int | None) -> None:
        """Add the tick that removes a domain, named as its column is."""
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = _("Delete")

    def get_unique_error_message(self, unique_check: Any) -> str:
        """Return what is said of a domain that is listed twice."""
        return _("This domain is listed twice.")


class DomainInline(TabularInline[EmailDomain, Partner]):
    """The table of a partner's domains."""

    model = EmailDomain
    form = DomainForm
    formset = DomainFormSet  # type: ignore[assignment] # the stubs know no formset of another form
    fields = ("name", "subdomains", "confirmed", "verified_why", "proof")
    readonly_fields = ("proof",)
    extra = 1
    verbose_name = gettext_lazy("domain")
    verbose_name_plural = gettext_lazy("Domains: whose addresses are this company’s")

    @admin.display(description=gettext_lazy("Proof"))
    def proof(self, domain: EmailDomain) -> str:
        """Return how and since when the domain is known to be the partner's, or how far that is."""
        return shown_proof(domain) if domain.pk else "–"
