"""How the cookies of sign-in are set: for nobody but us."""

from datetime import timedelta

from django.conf import settings
from django.http.response import HttpResponseBase


def keep(response: HttpResponseBase, name: str, value: str, *, max_age: timedelta | None) -> None:
    """Have the browser keep *value* under *name*, out of reach of scripts and other sites.

    Without a *max_age* until the browser is closed. What nobody may read or make up is sealed.
    """
    response.set_cookie(
        name,
        value,
        max_age=max_age,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def drop(response: HttpResponseBase, name: str) -> None:
    """Have the browser forget what it keeps under *name*."""
    response.delete_cookie(name, samesite="Lax")
