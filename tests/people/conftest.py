"""A live partner, one of its people, and that person's session."""

from datetime import timedelta

import pytest
from django.contrib import auth
from django.test import RequestFactory
from django.utils import timezone

from partners.models import Partner, Status
from people.models import Session, User
from people.session_store import SessionStore

PASSWORD_BACKEND = "people.staff.StaffPasswordBackend"


@pytest.fixture
def partner(db):
    return Partner.objects.create(slug="contoso", name="Contoso", status=Status.LIVE)


@pytest.fixture
def user(partner):
    return User.objects.create(email="ana@contoso.example", name="Ana Sousa", partner=partner)


@pytest.fixture
def sign_in(partner):
    """Return a function that signs a user in as federation does, and gives the saved session."""

    def sign_in(user, *, session=None, **fields):
        request = RequestFactory().get("/")
        request.session = session if session is not None else SessionStore()
        ends_at = timezone.now() + timedelta(hours=1)
        described = {"partner": partner, "ends_at": ends_at, "idle_seconds": 600} | fields
        request.session.row = Session(**described)
        auth.login(request, user, backend=PASSWORD_BACKEND)
        request.session.save()
        return request.session

    return sign_in


@pytest.fixture
def session(sign_in, user):
    return sign_in(user)
