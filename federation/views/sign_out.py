"""Leaving the portal, and the way to leave the company's provider too."""

import json
import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from audit.trail import Happening, record
from federation import attempts, cookies, remembered, sessions
from federation.callers import caller_of
from federation.oidc.errors import FederationError
from federation.oidc.logout import end_session_url
from federation.oidc.values import UnverifiedIdToken
from federation.provider import Provider
from federation.registration import connection_of, registration_of
from partners.models import Partner
from partners.secrets import SealError, seal, unseal
from people.models import Session, User

GOODBYE = timedelta(minutes=10)
"""How long the signed-out page offers the way to sign out of the company, too."""

_CONTEXT = "signed out"


class SignOut(View):
    """``POST /logout/`` ends the session, ``GET /logout/`` is the page after it."""

    http_method_names = ("get", "head", "post", "options")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """End the session here, whatever the provider's state, and go to the page."""
        response = HttpResponseRedirect(reverse("sign_out"), status=303)
        session = sessions.signed_in_session(request)
        if session is not None:
            _remember_the_way_out(request, session, response)
        if isinstance(request.user, User):
            _record(request, request.user, session)
        sessions.sign_out(request)
        # Whoever leaves has given up what is still under way: nobody asks about it later.
        attempts.forget_all(request, response=response)
        return response

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Return the signed-out page; ask first when somebody is still signed in."""
        if request.user.is_authenticated:
            session = sessions.signed_in_session(request)
            signed_in_with = session.partner if session else None
            return render(request, "federation/sign_out.html", {"partner": signed_in_with})
        partner, url = _way_out(request)
        context = {
            "partner": partner,
            "end_session_url": url,
            "remembered": remembered.remembered(request),
        }
        response = render(request, "federation/signed_out.html", context)
        if "state" in request.GET:
            # Back from the provider: there is nothing left to sign out of.
            cookies.drop(response, _cookie_name())
        return response


def _remember_the_way_out(
    request: HttpRequest, session: Session, response: HttpResponseBase
) -> None:
    farewell = [session.connection_id, secrets.token_urlsafe(16), sessions.id_token_hint(request)]
    cookies.keep(
        response,
        _cookie_name(),
        seal(json.dumps(farewell).encode(), context=_CONTEXT),
        max_age=GOODBYE,
    )


def _record(request: HttpRequest, user: User, session: Session | None) -> None:
    record(
        Happening(
            what="logout",
            partner=session.partner.slug if session and session.partner else "",
            subject=user.subject,
            email=user.email,
        ),
        caller=caller_of(request),
    )


def _way_out(request: HttpRequest) -> tuple[Partner | None, str]:
    """Return the partner that the person was signed in with, and where to sign out there."""
    try:
        farewell = unseal(request.COOKIES.get(_cookie_name(), ""), context=_CONTEXT)
    except SealError:
        return None, ""
    connection_id, state, hint = json.loads(farewell)
    connection = connection_of(connection_id)
    if connection is None or _is_same(request.GET.get("state", ""), state):
        return None, ""
    try:
        url = end_session_url(
            Provider(connection).metadata(),
            registration_of(connection),
            state=state,
            post_logout_redirect_uri=settings.BASE_URL + reverse("sign_out"),
            id_token_hint=UnverifiedIdToken(compact=hint) if hint else None,
        )
    except FederationError:
        url = None
    return connection.partner, url or ""


def _is_same(given: str, state: str) -> bool:
    return secrets.compare_digest(given.encode(), state.encode())


def _cookie_name() -> str:
    return f"{settings.COOKIE_PREFIX}foyer-signed-out"
