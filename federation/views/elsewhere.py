"""A person's sessions in other browsers, ended from this one."""

import re

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View

from audit.trail import Happening, record
from federation.callers import caller_of
from federation.sessions import signed_in_session
from people.current import others_of
from people.devices import device_of
from people.models import Session

SHOWN = 10
"""How many of them the home page names; *all* ends the others as well."""

HANDLE = re.compile("[0-9a-f]{16}")
"""The beginning of a session's digest: it tells a person's few sessions apart, and opens none."""


class SignOutElsewhere(View):
    """``POST /logout/elsewhere/`` ends the session that *session* names, or *all* but this one."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """End them, and return to the home page, which shows what is left."""
        home = HttpResponseRedirect(reverse("home"), status=303)
        session = signed_in_session(request)
        if session is None:
            return home
        named = request.POST.get("session", "")
        others = others_of(session)
        if named != "all":
            if not HANDLE.fullmatch(named):
                raise Http404
            others = others.filter(pk__startswith=named)
        ended, _ = others.order_by().delete()
        if ended:
            _record(request, session, ended)
        return home


def sessions_elsewhere(session: Session) -> list[dict[str, object]]:
    """Return the person's other sessions, as the home page shows them."""
    return [
        {"handle": one.pk[:16], "device": device_of(one.agent), "seen": one.last_seen_at}
        for one in others_of(session)[:SHOWN]
    ]


def _record(request: HttpRequest, session: Session, ended: int) -> None:
    if session.user is None or session.partner is None:
        return
    happening = Happening(
        what="logout.elsewhere",
        partner=session.partner.slug,
        subject=session.user.subject,
        email=session.user.email,
        detail={"sessions": ended},
    )
    record(happening, caller=caller_of(request))
