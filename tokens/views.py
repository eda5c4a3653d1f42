"""``/api/*``: who is signed in, and the developer token, for the portal's pages and for proxies.

None of these requests moves the idle limit: a page that asks every minute is nobody at work.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tokens import store
from tokens.callers import is_own_origin, login_url_for
from tokens.errors import SignedOutError, TokenIssuerError
from tokens.refusals import REASON, recorded_once
from tokens.signed_in import SignedIn, signed_in
from tokens.values import DeveloperToken

View = Callable[[HttpRequest], HttpResponse]

NO_STORE = {"Cache-Control": "no-store"}


def get_only(view: View) -> View:
    """Return *view*, which answers other methods than GET with 405 and JSON."""

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "GET":
            headers = {"Allow": "GET", **NO_STORE}
            return JsonResponse({"error": "method_not_allowed"}, status=405, headers=headers)
        return view(request)

    # Nothing is changed by a GET, and whatever else gets its 405 and not a page about cookies.
    return csrf_exempt(answer)


@get_only
def session(request: HttpRequest) -> HttpResponse:
    """``GET /api/session/``: who is signed in, until when."""
    person = signed_in(request)
    if person is None:
        body = {"authenticated": False, "login_url": login_url_for(request)}
        return JsonResponse(body, status=401, headers=NO_STORE)
    return JsonResponse(_described(person), headers=NO_STORE)


@get_only
def token(request: HttpRequest) -> HttpResponse:
    """``GET /api/token/``: the developer token, for the portal's own pages alone."""
    # First, so that another origin cannot even tell whether somebody is signed in.
    if not is_own_origin(request):
        return _refusal("cross_origin", status=403)
    person = signed_in(request)
    if person is None:
        return _signed_out(request)
    if not settings.TOKEN_TO_BROWSER:
        return _refusal("token_to_browser_off", status=403)
    return _with_token(request, person, _shown)


# Any method: Envoy asks with the method of the request that it holds back.
@csrf_exempt
def authorize(request: HttpRequest) -> HttpResponse:
    """``/api/authorize/``: whether a reverse proxy may let this request through, and as whom."""
    person = signed_in(request)
    if person is None:
        return _signed_out(request)
    return _with_token(request, person, _headed)


def _with_token(
    request: HttpRequest,
    person: SignedIn,
    answer: Callable[[SignedIn, DeveloperToken], HttpResponse],
) -> HttpResponse:
    try:
        developer_token = store.current(person)
    except SignedOutError:
        return _signed_out(request)
    except TokenIssuerError as error:
        reference = recorded_once(request, person, error)
        response = _refusal(REASON, status=503, reference=reference)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return answer(person, developer_token)


def _shown(person: SignedIn, developer_token: DeveloperToken) -> HttpResponse:
    del person
    body = {
        "token": developer_token.value,
        "issuer_subject": developer_token.identity_id,
        "expires_at": _rfc3339(developer_token.expires_at),
    }
    return JsonResponse(body, headers=NO_STORE)


def _headed(person: SignedIn, developer_token: DeveloperToken) -> HttpResponse:
    response = HttpResponse(status=204, headers=NO_STORE)
    # UTF-8 as it is: Django would otherwise choose an encoding by the address's letters.
    response.headers["X-Foyer-Email"] = person.user.email.encode()
    response.headers["X-Foyer-Partner"] = person.partner.slug
    response.headers["X-Foyer-Subject"] = person.user.subject
    response.headers["Authorization"] = f"Bearer {developer_token.value}"
    return response


def _described(person: SignedIn) -> dict[str, object]:
    user, partner, row = person.user, person.partner, person.row
    developer_token = store.held(person)
    return {
        "authenticated": True,
        "subject": user.subject,
        "email": user.email,
        "name": user.name,
        "partner": {"slug": partner.slug, "name": partner.name},
        "signed_in_at": _rfc3339(row.started_at),
        "expires_at": _rfc3339(row.ends_at),
        "token": developer_token
        and {
            "issuer_subject": developer_token.identity_id,
            "expires_at": _rfc3339(developer_token.expires_at),
        },
    }


def _signed_out(request: HttpRequest) -> HttpResponse:
    login_url = login_url_for(request)
    headers = {"X-Foyer-Login": login_url, **NO_STORE}
    return JsonResponse(
        {"error": "signed_out", "login_url": login_url}, status=401, headers=headers
    )


def _refusal(error: str, *, status: int, **members: str) -> HttpResponse:
    return JsonResponse({"error": error, **members}, status=status, headers=NO_STORE)


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
