"""Deleting a record asks in our own words what goes with it."""

from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from console.acting import RecordedAdmin
from console.pages import Pages, Question

M = TypeVar("M", bound=Model)


class DeletingAdmin(RecordedAdmin[M]):
    """A ModelAdmin whose page of deletion is a question of the console's."""

    def deletion_of(self, record: M) -> Question:
        """Return what is asked before *record* is deleted."""
        raise NotImplementedError

    def delete_view(
        self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Ask, or delete; whoever may not, and whatever can't be, is Django's to answer."""
        record = self.get_object(request, unquote(object_id))
        if record is None or request.method == "POST":
            return super().delete_view(request, object_id, *args, **kwargs)
        if not self.has_delete_permission(request, record):
            return super().delete_view(request, object_id, *args, **kwargs)
        return Pages(self.admin_site).ask(request, record, self.deletion_of(record))
