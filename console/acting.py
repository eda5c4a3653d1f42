"""Everything that is changed in the admin is recorded as done by the member of staff who did it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, cast

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from audit.trail import Happening, acting_as, record
from console.stock import ModelAdmin
from federation.callers import caller_of
from people.models import User

M = TypeVar("M", bound=Model)


def staff_of(request: HttpRequest) -> User:
    """Return the member of staff whose request it is; ``admin_view`` has let nobody else in."""
    return cast("User", request.user)


def record_act(request: HttpRequest, happening: Happening) -> None:
    """Add what the member of staff does to the trail."""
    record(happening, caller=caller_of(request))


def acting(request: HttpRequest) -> AbstractContextManager[None]:
    """Return the block in which the database records changes as the member of staff's."""
    return acting_as(staff_of(request).email, caller=caller_of(request))


@contextmanager
def recorded(request: HttpRequest) -> Iterator[None]:
    """Let what this request changes bear the member of staff's name; one transaction.

    The database writes changes into the trail: it has to know whose they are before they happen.
    """
    if request.method != "POST":
        yield
        return
    with acting(request):
        yield


class RecordedAdmin(ModelAdmin[M]):
    """A ModelAdmin whose pages change nothing without saying who did it."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show or save one record."""
        with recorded(request):
            return super().changeform_view(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask about a record's deletion, or delete it."""
        with recorded(request):
            return super().delete_view(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list, or carry out an action on records in it."""
        with recorded(request):
            return super().changelist_view(request, *args, **kwargs)
