"""The words for an attempt that cannot be finished, by what this browser has left of it."""

from typing import Literal

from django.utils.translation import gettext_lazy as _

from federation.phrases import Phrases

Trace = Literal["", "used", "elsewhere", "no cookies"]
"""What is known of an attempt that cannot be finished: nothing, that it has been used, that this
browser has other cookies than its, that this browser has none."""

BY_TRACE = {
    "used": Phrases(
        "person",
        _("That sign‑in was already used"),
        _(
            "Loading a page again, a double click or the Back button can do that. "
            "Start again – it only takes a moment."
        ),
    ),
    "elsewhere": Phrases(
        "person",
        _("This link was opened in a different browser"),
        _(
            "A sign‑in has to end in the browser that it was started in, and soon after. "
            "Start again here – it only takes a moment."
        ),
    ),
    "no cookies": Phrases(
        "person",
        _("Your browser didn’t send the cookie we need"),
        _(
            "It blocks our cookies, or this sign‑in was started in a different browser. "
            "Allow cookies for this site, then start again."
        ),
    ),
}
"""For ``attempt_unknown``, by what is left of the attempt: ``Trace``."""
