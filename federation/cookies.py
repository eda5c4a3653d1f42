"""How the cookies of sign-in are set: sealed by us, and for nobody but us."""

from datetime import timedelta

from django.conf import settings
from django.http.response import HttpResponseBase


def keep(response: HttpResponseBase, name: str, sealed: str, *, max_age: timedelta) -> None:
    """Have the browser keep a sealed text under *name*, out of reach of scripts and other sites."""
    response.set_cookie(
        name,
        sealed,
        max_age=max_age,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def drop(response: HttpResponseBase, name: str) -> None:
    """Have the browser forget what it keeps under *name*."""
    response.delete_cookie(name, samesite="Lax")
