"""The least that signs somebody in, measured beside the portal to tell how fast the machine is.

``gunicorn bench.bare`` serves it: Django, a session row, PyJWT, requests and boto3, written the
shortest way. It has one partner, and no people, no audit, no form, no limits, and no second look
at anything; nobody should run it for anything else.
"""

import base64
import hashlib
import os
import secrets
import threading
from functools import cache
from typing import Any
from urllib.parse import urlencode

import boto3
import django
import environ
import jwt
import requests
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path

from bench.companies import secret_of, slug_of

TIMEOUT_SECONDS = 5

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    DATABASES={"default": environ.Env().db("DATABASE_URL") | {"CONN_MAX_AGE": None}},
    INSTALLED_APPS=["django.contrib.sessions"],
    MIDDLEWARE=[
        "django.middleware.common.CommonMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
    ],
    LOGGING_CONFIG=None,
)
django.setup()

SLUG = slug_of(0)
REDIRECT_URI = f"{os.environ['BASE_URL']}/login/{SLUG}/callback/"
OF_THREAD = threading.local()


@cache
def provider() -> dict[str, Any]:
    """Return the only provider's metadata, with its keys under ``keys``, fetched once."""
    issuer = f"http://{os.environ['FEDERATION_TRUSTED_ENDPOINTS']}/{SLUG}"
    url = f"{issuer}/.well-known/openid-configuration"
    metadata = requests.get(url, timeout=TIMEOUT_SECONDS).json()
    jwks = requests.get(metadata["jwks_uri"], timeout=TIMEOUT_SECONDS).json()
    return {**metadata, "keys": {key["kid"]: jwt.PyJWK(key) for key in jwks["keys"]}}


@cache
def cognito() -> Any:
    """Return the client of the identity pool."""
    return boto3.client("cognito-identity", region_name=os.environ["AWS_REGION"])


def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    request.session.update({"state": state, "nonce": nonce, "verifier": verifier})
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    query = {
        "response_type": "code",
        "client_id": "foyer",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
        "login_hint": request.GET["login_hint"],
    }
    return HttpResponseRedirect(f"{provider()['authorization_endpoint']}?{urlencode(query)}")


def callback(request: HttpRequest) -> HttpResponse:
    """Redeem the code, verify the ID Token, exchange the identity, and keep the token."""
    session = request.session
    claims = _claims(request.GET["code"], session["verifier"])
    if (request.GET["state"], claims["nonce"]) != (session["state"], session["nonce"]):
        return HttpResponse(status=400)
    exchanged = cognito().get_open_id_token_for_developer_identity(
        IdentityPoolId=os.environ["COGNITO_IDENTITY_POOL_ID"],
        Logins={os.environ["COGNITO_DEVELOPER_PROVIDER_NAME"]: claims["sub"]},
    )
    session.cycle_key()
    session.update({"email": claims["email"], "token": exchanged["Token"]})
    return HttpResponseRedirect("/")


def _claims(code: str, verifier: str) -> dict[str, Any]:
    if not hasattr(OF_THREAD, "http"):
        OF_THREAD.http = requests.Session()
    answer = OF_THREAD.http.post(
        provider()["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": verifier,
        },
        auth=("foyer", secret_of(0)),
        timeout=TIMEOUT_SECONDS,
    )
    token = answer.json()["id_token"]
    key = provider()["keys"][jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(
        token, key, algorithms=["ES256"], audience="foyer", issuer=provider()["issuer"]
    )
    return claims


def _prepare_database() -> None:
    from django.contrib.sessions.models import Session

    if "django_session" not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(Session)
    # The workers are forked from this process, and must not share its connection.
    connection.close()


urlpatterns = [
    path(f"login/{SLUG}/", begin),
    path(f"login/{SLUG}/callback/", callback),
    path("health/ready/", lambda request: HttpResponse(request.method)),
]
_prepare_database()
application = get_wsgi_application()
