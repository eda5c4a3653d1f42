"""The keys by which a partner's provider knows us: made, shown, made anew."""

from collections.abc import Collection

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.oidc.errors import FederationError
from federation.provider import Provider
from federation.registration import client_jwks_uri_of
from partners.client_keys import PUBLISHED_FIRST, algorithm_among, make_key
from partners.models import ClientKey, Connection

_NONE = gettext_lazy("There is none yet: one is made when private_key_jwt is chosen and saved.")


class NewKeyForm(forms.Form):
    """What goes with a new key."""

    at_once = forms.BooleanField(
        label=gettext_lazy("The old key has leaked: stop it now"),
        required=False,
        help_text=gettext_lazy(
            "Then the new one signs at once, and sign-ins may fail until the company’s provider "
            "has fetched our keys again."
        ),
    )


def new_key(connection: Connection, *, at_once: bool = False) -> ClientKey:
    """Return a new key, of the first of our algorithms that the provider takes."""
    return make_key(
        connection, algorithm=algorithm_among(algs_taken_by(connection)), at_once=at_once
    )


def algs_taken_by(connection: Connection) -> Collection[str]:
    """Return the algorithms of keys that the provider takes, none where it does not say."""
    try:
        return Provider(connection).metadata().token_endpoint_auth_algs
    except FederationError:
        return ()


def what_a_new_key_does(connection: Connection) -> str:
    """Return the sentences that go before making a key."""
    minutes = int(PUBLISHED_FIRST.total_seconds() // 60)
    return _(
        "It is published now at %(address)s and signs in %(minutes)d minutes; until then the old "
        "one does. Nothing changes for the company’s IT if its provider fetches our keys there."
    ) % {"address": client_jwks_uri_of(connection.partner.slug), "minutes": minutes}


def shown_keys(connection: Connection) -> str:
    """Return when our keys were made; where they are published is among what IT is given."""
    if connection.pk is None:
        return str(_NONE)
    keys = connection.client_keys.filter(retired_at=None)
    made = ", ".join(
        _("%(algorithm)s of %(date)s")
        % {
            "algorithm": key.algorithm,
            "date": date_format(localtime(key.created_at), "DATETIME_FORMAT"),
        }
        for key in keys
    )
    return made or str(_NONE)
