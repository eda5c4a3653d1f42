"""Where a partner's provider tells us that somebody signed out there: Back-Channel Logout 1.0."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from federation import limits
from federation.logouts import record_refusal, sign_out_by
from federation.oidc.errors import FederationError, IdTokenError, Reason
from federation.registration import live_connection_of
from partners.models import Connection, Status

BODY_BYTES = 100 * 1024
"""What a request may weigh, which holds one token and little else."""

FORM = "application/x-www-form-urlencoded"

NO_STORE = {"Cache-Control": "no-store"}


# The token is all that counts: a cookie is neither needed nor looked at.
@method_decorator(csrf_exempt, name="dispatch")
class BackchannelLogout(View):
    """``POST /login/<slug>/backchannel-logout/``, for the provider of that partner alone."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        """End the sessions that the logout token means: 200, or 400 if it does not hold."""
        connection = live_connection_of(slug)
        if connection is None or connection.partner.status == Status.DRAFT:
            raise Http404
        try:
            sign_out_by(_logout_token(request), connection=connection, request=request)
        except FederationError as error:
            return _refused(request, error, connection=connection)
        return HttpResponse(headers=NO_STORE)


def _logout_token(request: HttpRequest) -> str:
    """Return the one logout token of the form; section 2.5."""
    if request.content_type != FORM or int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES:
        raise IdTokenError(Reason.ID_TOKEN_MALFORMED, "the request is no form, or too large")
    tokens = request.POST.getlist("logout_token")
    if len(tokens) != 1:
        raise IdTokenError(Reason.ID_TOKEN_MALFORMED, "there is not exactly one logout_token")
    return tokens[0]


def _refused(
    request: HttpRequest, error: FederationError, *, connection: Connection
) -> JsonResponse:
    slug = connection.partner.slug
    waits = [
        limits.seconds_to_wait(request, limit, partner=partner)
        for limit, partner in ((limits.LOGOUT, ""), (limits.LOGOUT_AT_PARTNER, slug))
        if limits.count_failure(request, limit, partner=partner)
    ]
    if waits:
        headers = {**NO_STORE, "Retry-After": str(max(waits))}
        return JsonResponse({"error": "slow_down"}, status=429, headers=headers)
    record_refusal(error, connection=connection, request=request)
    return JsonResponse({"error": "invalid_request"}, status=400, headers=NO_STORE)
