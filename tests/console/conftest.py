"""A member of staff's browser, and forms as a browser would send them."""

import re
import socket
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User

STAFF = "staff@northlake.example"


class Staff:
    """A member of staff at the admin."""

    def __init__(self, user):
        self.user = user
        self.client = Client()
        self.client.force_login(user, backend="people.staff.StaffPasswordBackend")

    def get(self, route, *args, query=""):
        return self.client.get(_path(route, args) + query, secure=True)

    def post(self, route, *args, data=None, follow=False):
        return self.client.post(_path(route, args), data or {}, secure=True, follow=follow)

    def save(self, route, *args, follow=True, **changes):
        """Fill the page's form in as it stands, but for *changes*, and send it."""
        page = self.get(route, *args)
        assert page.status_code == 200
        data = {**fields_of(page.content.decode()), **changes}
        sent = {name: value for name, value in data.items() if value is not None}
        return self.client.post(_path(route, args), sent, secure=True, follow=follow)


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch):
    """Resolve no name: a test that means a company's host means one that isn't there."""
    real = socket.getaddrinfo

    def addresses(host, *args, **kwargs):
        if host not in {"127.0.0.1", "localhost", "::1", None}:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", addresses)


@pytest.fixture
def staff(db):
    """Give the browser of a superuser."""
    return Staff(User.objects.create_superuser(STAFF, "a long password of staff"))


@pytest.fixture
def helper(db):
    """Give the browser of a member of staff who may do nothing yet."""
    user = User.objects.create(email="help@northlake.example", is_staff=True)
    return Staff(user)


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def fields_of(html):
    """Return the names and values that a browser would send of the page's main form."""
    form = re.search(r'<form [^>]*id="\w+_form".*?</form>', html, re.DOTALL)[0]
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        is_choice = found.get("type") in {"checkbox", "radio"}
        if found.get("type") in {"submit", "file"} or (is_choice and " checked" not in tag):
            continue
        fields[found["name"]] = unescape(found.get("value", "on" if is_choice else ""))
    for name, text in re.findall(
        r'<textarea name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL
    ):
        fields[name] = unescape(text)
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)"[^>]* selected', options)
        if chosen:
            fields[name] = unescape(chosen[-1])
    fields.pop("csrfmiddlewaretoken", None)
    return {name: value for name, value in fields.items() if "__prefix__" not in name}


def _path(route, args):
    return route if route.startswith("/") else reverse(f"admin:{route}", args=args)
