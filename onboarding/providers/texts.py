"""From a product's texts to what is shown to one partner."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from federation.registration import client_jwks_uri_of, redirect_uri_of
from onboarding.providers.product import Product, Text, Value
from onboarding.providers.registry import product_of
from partners.models import Connection, Partner

_BOLD = re.compile(r"\*([^*]+)\*")
_TYPED = re.compile(r"`([^`]+)`")


def values_of(partner: Partner) -> dict[str, str]:
    """Return by their names what is copied into this *partner*'s provider.

    All addresses are built from ``BASE_URL`` and never from a request.
    """
    slug = partner.slug
    return {
        Value.APP_NAME: f"{settings.PORTAL_NAME} {settings.PORTAL_TAGLINE}".strip(),
        Value.PARTNER: slug,
        Value.REDIRECT_URI: redirect_uri_of(slug),
        Value.SIGNED_OUT_URI: settings.BASE_URL + reverse("sign_out"),
        Value.BACKCHANNEL_LOGOUT_URI: settings.BASE_URL
        + reverse("backchannel_logout", args=[slug]),
        Value.INITIATE_LOGIN_URI: settings.BASE_URL + reverse("initiate", args=[slug]),
        Value.START_URI: settings.BASE_URL + reverse("begin", args=[slug]),
        Value.JWKS_URI: client_jwks_uri_of(slug),
    }


def plain(text: Text, values: Mapping[str, str]) -> str:
    """Return *text* with its *values*, for a terminal or a mail: the marks stay."""
    return str(text) % values


def marked_up(text: Text, values: Mapping[str, str]) -> SafeString:
    """Return *text* as HTML, in which nothing but its own two marks is markup."""
    marked = _BOLD.sub(r"<strong>\1</strong>", str(escape(str(text))))
    marked = _TYPED.sub(r"<code>\1</code>", marked)
    # The values come last, so that what a partner is called cannot be a mark.
    filled = marked % {name: escape(value) for name, value in values.items()}
    return mark_safe(filled)  # noqa: S308 -- text and values are escaped above, each on its own


def guide_of(product: Product, partner: Partner) -> list[dict[str, object]]:
    """Return the steps of a product's guide for this *partner*, as its page shows them.

    Each has ``title``, ``text`` and ``warning`` (may be empty) as HTML, and ``copies``: an id, what
    the value is called there, and the value.
    """
    values = values_of(partner)
    return [
        {
            "title": marked_up(step.title, values),
            "text": marked_up(step.text, values),
            "warning": marked_up(step.warning, values),
            "copies": [
                (f"{number}-{copy.value}", copy.label, values[copy.value]) for copy in step.copies
            ],
        }
        for number, step in enumerate(product.steps, start=1)
    ]


def remedy_steps(connection: Connection, code: str) -> tuple[str, ...]:
    """Return what to do at the *connection*'s product about what *code* looks at; may be empty."""
    steps = product_of(connection.provider).remedies.get(code, ())
    values = values_of(connection.partner)
    return tuple(plain(step, values) for step in steps)
