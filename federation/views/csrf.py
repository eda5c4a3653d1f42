"""What happens when a form comes without the token that we gave it."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from federation.forms import SignInForm
from federation.return_to import safe_return_to
from federation.views.sign_in import page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """Return the sign-in page with what was typed, or for other forms a page that says so.

    A sign-in page that stood open over night has an old token, and that is nobody's fault.
    """
    if request.path == reverse("sign_in"):
        form = SignInForm(request.POST)
        form.errors.clear()
        message = _(
            "This page had been open for too long, or your browser blocks our cookies. Try again."
        )
        form.add_error("email", message)
        return page(request, form=form, return_to=safe_return_to(request.POST.get("next")))
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
