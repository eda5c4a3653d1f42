"""Pages as the templates make them, without a view and without a database."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from tests.pages.contexts import Context

Render = Callable[[str, Context], str]


@pytest.fixture(autouse=True)
def _portal(settings) -> None:
    settings.PORTAL_NAME = "Northlake"
    settings.PORTAL_TAGLINE = "Partner services"
    settings.PORTAL_SUPPORT_EMAIL = "support@northlake.example"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def request_of(rf: RequestFactory) -> Callable[[str], HttpRequest]:
    def made(address: str) -> HttpRequest:
        request = rf.get(address)
        request.user = AnonymousUser()
        return request

    return made


@pytest.fixture
def render(request_of) -> Render:
    def rendered(template: str, context: Context, address: str = "/login/?next=/orders/") -> str:
        return render_to_string(template, context, request_of(address))

    return rendered
