"""What the names of events say, in words: ``setup_link.code_sent`` is “Set-up links: code sent”."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.trail.filters import KINDS

_KINDS = dict(KINDS)

ACTS = {
    "added": gettext_lazy("added"),
    "approval_asked": gettext_lazy("approval asked for"),
    "approved": gettext_lazy("approved"),
    "changed": gettext_lazy("changed"),
    "closed": gettext_lazy("closed"),
    "code_refused": gettext_lazy("code refused"),
    "code_sent": gettext_lazy("code sent"),
    "contested": gettext_lazy("contested"),
    "declined": gettext_lazy("declined"),
    "ended": gettext_lazy("left"),
    "expired": gettext_lazy("expired"),
    "found_again": gettext_lazy("record found again"),
    "look_alike": gettext_lazy("reads like another one"),
    "missing": gettext_lazy("record missing"),
    "opened": gettext_lazy("opened"),
    "passed": gettext_lazy("passed"),
    "proved": gettext_lazy("proved"),
    "refused": gettext_lazy("refused"),
    "released": gettext_lazy("released"),
    "removed": gettext_lazy("removed"),
    "reported": gettext_lazy("reported as unexpected"),
    "resumed": gettext_lazy("resumed"),
    "returned": gettext_lazy("former version in use again"),
    "revoked": gettext_lazy("revoked"),
    "sent": gettext_lazy("sent"),
    "switched": gettext_lazy("another version in use"),
    "used": gettext_lazy("opened"),
}
"""What may be done in a set-up, by the second word of an event's name."""


def words_of(what: str) -> str:
    """Return an event's name in words, and the name itself where there are none for it."""
    kind, _dot, act = what.partition(".")
    if kind not in _KINDS or act not in ACTS:
        return what
    return _("%(kind)s: %(act)s") % {"kind": _KINDS[kind], "act": ACTS[act]}
