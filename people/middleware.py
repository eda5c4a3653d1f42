"""Who is at work stays signed in."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from people.session_store import SessionStore

CALLED_BY_SCRIPTS = "/api/"
"""A page that asks every minute is nobody at work."""


class AtWork:
    """Starts the idle limit of a session anew with every page that is opened in it."""

    def __init__(self, next_step: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note that the person was there if the answer depended on who it is."""
        response = self.next_step(request)
        session = request.session
        by_a_script = request.path.startswith(CALLED_BY_SCRIPTS)
        if isinstance(session, SessionStore) and session.accessed and not by_a_script:
            session.seen()
        return response
