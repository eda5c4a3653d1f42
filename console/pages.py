"""The frame of the console's own pages: ask first, then act, then go back and say what was done."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from console.acting import staff_of
from onboarding.findings import Text

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked before something is done: a heading, what it means, the button's word."""

    title: Text
    explanation: Text
    submit: Text
    form: forms.Form | None = None


class Pages:
    """Pages that belong to records of one kind; *site* is the admin site whose frame they have."""

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def ask(self, request: HttpRequest, record: Model, question: Question) -> HttpResponse:
        """Return the page that asks *question* of *record*."""
        context = {"question": question, "form": question.form, "title": question.title}
        return self.response(request, record, "console/confirm.html", context)

    def ask_of_many(
        self,
        request: HttpRequest,
        model: type[Model],
        question: Question,
        *,
        kept: list[tuple[str, str]],
    ) -> TemplateResponse:
        """Return the page that asks of chosen records; *kept* is sent back with the answer."""
        options = model._meta  # noqa: SLF001 -- the admin's templates expect it
        context = {
            **self.site.each_context(request),
            "question": question,
            "title": question.title,
            "kept": kept,
            "opts": options,
            "back": reverse(f"admin:{options.app_label}_{options.model_name}_changelist"),
        }
        return TemplateResponse(request, "console/confirm.html", context)

    def response(
        self, request: HttpRequest, record: Model, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Return a page about *record* in the admin's frame."""
        frame = {
            **self.site.each_context(request),
            "subtitle": str(record),
            "original": record,
            "opts": record._meta,  # noqa: SLF001 -- the admin's templates expect it
            "back": change_url(record),
        }
        return TemplateResponse(request, template, {**frame, **context})


def routes(
    site: AdminSite, model: type[Model], pages: Mapping[str, Callable[..., HttpResponseBase]]
) -> list[URLPattern]:
    """Return the routes of *pages*, by the last word of their addresses, for records of *model*."""
    kind = f"{model._meta.app_label}_{model._meta.model_name}"  # noqa: SLF001 -- documented
    return [
        path(f"<int:pk>/{word}/", site.admin_view(page), name=f"{kind}_{word.replace('-', '_')}")
        for word, page in pages.items()
    ]


def found(request: HttpRequest, records: QuerySet[M], pk: int, *, permission: str) -> M:
    """Return the record; raises ``PermissionDenied`` or ``Http404``."""
    if not staff_of(request).has_perm(permission):
        raise PermissionDenied
    return get_object_or_404(records, pk=pk)


def change_url(record: Model) -> str:
    """Return the address of the record's change page."""
    kind = f"{record._meta.app_label}_{record._meta.model_name}"  # noqa: SLF001 -- documented
    return reverse(f"admin:{kind}_change", args=[record.pk])


def back(request: HttpRequest, record: Model, message: str, *, level: int) -> HttpResponse:
    """Return to the record's change page, with *message*; *level* is one of ``messages``."""
    messages.add_message(request, level, message)
    return HttpResponseRedirect(change_url(record))
