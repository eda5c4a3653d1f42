"""What a partner's record may say: the rules that the partner file and the admin have in common.

All are Django's validators: they raise ``ValidationError`` with a sentence for whoever typed it.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

RESERVED_SLUGS = frozenset(
    {"initiate", "link", "help", "timed-out", "forget", "callback", "backchannel-logout"}
)
"""Words that mean something else under ``/login/``."""

SLUG_FORM = r"^[a-z0-9]+(-[a-z0-9]+)*$"
"""What is the same in a URL, in a file name, and when it is read out."""

ID_TOKEN_ALGS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"),
    *("EdDSA", "Ed25519"),
)
"""Signatures by a key that only the provider has: nothing unsigned, no shared secret."""

PINS_OF_SHARED_ISSUERS: dict[str, str] = {
    "https://accounts.google.com": "hd",
    "https://oauth.id.jumpcloud.com/": "",
}
"""Providers with one issuer for all their customers, and the claim that tells those apart.

Where the claim is not known, any will do that does.
"""

ENTRA_HOSTS = frozenset(
    {
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.windows.net",
    }
)
"""Where Microsoft Entra ID has a path for each of its tenants."""

_EVERYBODYS_TENANTS = frozenset(
    # The last one is the tenant of all personal accounts.
    {"common", "organizations", "consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"}
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn"})
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_PORTS = {"https": 443, "http": 80}
_AUTHORITY = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
_URL_CHARACTERS = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_SCOPE = re.compile(r"[!#-\[\]-~]+")
_CLAIM = re.compile(r"[!#-;=?-~]+")
_VISIBLE = re.compile(r"[ -~]+")


def require_plain_text(text: str) -> None:
    """Refuse control characters, halves of characters and reversals of the writing direction."""
    if any(one in _DIRECTIONS or unicodedata.category(one) in _HIDDEN_CATEGORIES for one in text):
        raise ValidationError(_("This has characters that cannot be shown."))
    if text != text.strip():
        raise ValidationError(_("This begins or ends with a blank."))


def require_slug(slug: str) -> None:
    """Refuse what cannot stand in ``/login/<slug>/``."""
    if not re.fullmatch(SLUG_FORM, slug):
        raise ValidationError(
            _("A slug is of lower-case letters, digits and single hyphens between them.")
        )
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” is a reserved word.") % {"slug": slug})


def require_issuer(issuer: str) -> None:
    """Refuse what cannot be the issuer of one company: Discovery 1.0, section 3.

    Whether its host may be called is judged when it is.
    """
    if not _URL_CHARACTERS.fullmatch(issuer.lower()):
        raise ValidationError(_("An issuer is an address such as https://login.company.example."))
    try:
        parts = urlsplit(issuer)
        _require_called_port(parts)
    except ValueError as error:
        raise ValidationError(_("This is not an address.")) from error
    if "?" in issuer or "#" in issuer or not _AUTHORITY.fullmatch(parts.netloc.lower()):
        raise ValidationError(_("An issuer has no user name, no ? and no #."))
    segments = [unquote(segment) for segment in parts.path.split("/")]
    if "." in segments or any(segment.startswith("..") for segment in segments):
        raise ValidationError(_("An issuer has no dots between the slashes of its path."))
    if lets_everybody_in(issuer):
        raise ValidationError(
            _("This address lets people of any company in: use the one with your tenant’s ID.")
        )


def _require_called_port(parts: SplitResult) -> None:
    """Refuse plain http and other ports, but where the operator trusts them."""
    host = (parts.hostname or "").rstrip(".")
    port = _PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    endpoint = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if parts.scheme in _PORTS and endpoint in settings.FEDERATION_TRUSTED_ENDPOINTS:
        return
    if parts.scheme != "https":
        raise ValidationError(_("An issuer begins with https://."))
    if port != _PORTS["https"]:
        raise ValidationError(_("Port %(port)s is not called: only 443 is.") % {"port": port})


def lets_everybody_in(issuer: str) -> bool:
    """Return whether every Microsoft customer, or every private person, can sign in at *issuer*."""
    parts = urlsplit(issuer)
    segments = [unquote(segment).lower() for segment in parts.path.split("/")]
    host = (parts.hostname or "").rstrip(".")
    return host in ENTRA_HOSTS and not _EVERYBODYS_TENANTS.isdisjoint(segments)


def require_client_id(client_id: str) -> None:
    """Refuse what cannot be a client identifier or a secret: RFC 6749, appendix A."""
    if not _VISIBLE.fullmatch(client_id) or client_id != client_id.strip():
        raise ValidationError(_("This is of visible ASCII characters, without blanks around it."))


def require_claim(name: str) -> None:
    """Refuse what is no claim's name: one word, as in ``upn`` or ``https://company.example/mail``.

    Any text may be one, but what no provider sends is a mistake that keeps everybody out.
    """
    if not _CLAIM.fullmatch(name):
        raise ValidationError(_("A claim’s name is one word, as in email or upn."))


def require_scopes(scopes: list[str]) -> None:
    """Refuse scopes without ``openid``, which makes the request one of OpenID Connect."""
    require_words(scopes)
    if scopes and "openid" not in scopes:
        raise ValidationError(_("The scope “openid” is missing."))


def require_words(words: list[str]) -> None:
    """Refuse a list that cannot travel as words between blanks, or that repeats one."""
    for word in words:
        if not _SCOPE.fullmatch(word):
            raise ValidationError(_("“%(word)s” is not one word.") % {"word": word})
    if len(set(words)) != len(words):
        raise ValidationError(_("A word is listed twice."))


def require_id_token_algs(algorithms: list[str]) -> None:
    """Refuse algorithms with which anybody else could have signed."""
    require_words(algorithms)
    for algorithm in algorithms:
        if algorithm not in ID_TOKEN_ALGS:
            raise ValidationError(
                _("“%(algorithm)s” is not accepted; these are: %(accepted)s.")
                % {"algorithm": algorithm, "accepted": ", ".join(ID_TOKEN_ALGS)}
            )


def require_pinned_claims(pins: object) -> None:
    """Refuse what is no object of claims with the one value that each may have."""
    if not isinstance(pins, dict):
        raise ValidationError(_("This is an object: claims with the value that each must have."))
    for claim, value in pins.items():
        require_plain_text(claim)
        if isinstance(value, str):
            require_plain_text(value)
        if not claim or not isinstance(value, str | int) or value == "":
            raise ValidationError(
                _("“%(claim)s” needs a text, a whole number, true or false.") % {"claim": claim}
            )


def require_pin_of_shared_issuer(issuer: str, pins: Mapping[str, object]) -> None:
    """Refuse an issuer that serves everybody, unless a pin says whose people are meant."""
    claim = PINS_OF_SHARED_ISSUERS.get(issuer)
    if claim is None or (pins if not claim else claim in pins):
        return
    raise ValidationError(
        _("All customers of this provider share its issuer: pin the claim “%(claim)s”.")
        % {"claim": claim}
        if claim
        else _("All customers of this provider share its issuer: pin a claim.")
    )


def tell_apart(pins: Mapping[str, object], others: Mapping[str, object]) -> bool:
    """Return whether no ID Token can hold both sets of pinned claims."""
    return any(
        claim in others and (type(value), value) != (type(others[claim]), others[claim])
        for claim, value in pins.items()
    )
