"""One line a request, without what its address says after the question mark."""

from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware


class RequestLog(RequestMiddleware):
    """Binds the request's id to every line of its log, and says how it was answered."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """Return the method and the path: a callback's query holds a code and a state."""
        return f"{request.method} {request.path}"
