"""What is told about a product with which companies sign their people in: the form of a file.

A text is a whole sentence for whoever sets the product up, English here and translated where it is
shown. ``*New registration*`` is what the product's own pages say, shown in bold; ```email``` is
something to type. ``%(portal)s`` and the names of ``Value`` stand for what differs from portal to
portal and from partner to partner.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.functional import Promise

from partners.models import Kind

Text = str | Promise

HOST_NAME = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}"
"""A pattern for a public host name or domain, in small letters."""


class Value(StrEnum):
    """Something of ours that is copied into the product, by its name in texts."""

    APP_NAME = "portal"
    REDIRECT_URI = "redirect_uri"
    SIGNED_OUT_URI = "signed_out_uri"
    BACKCHANNEL_LOGOUT_URI = "backchannel_logout_uri"
    INITIATE_LOGIN_URI = "initiate_login_uri"
    START_URI = "start_uri"
    JWKS_URI = "jwks_uri"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A value to copy, with what the field is called into which it goes."""

    value: Value
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do at the product: what, how, which values to copy, and what to look out for."""

    title: Text
    text: Text
    copies: tuple[Copy, ...] = ()
    warning: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the issuer that differs from company to company.

    *pattern* is a regular expression for the whole of it; its named groups are parts too. *fault*
    says what is wrong when it does not match. An optional part may be left empty; letters are
    made small unless the case is kept.
    """

    name: str
    label: Text
    example: str
    pattern: str
    help_text: Text = ""
    fault: Text = ""
    is_optional: bool = False
    is_case_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """How the issuer is built of its *parts*; an empty *template*: it is typed as a whole.

    A part in the template stands as ``{tenant}``, and an optional one with what goes along with it
    as ``[/oauth2/{server}]``. *pins* are the claims, and by which template their value is built, by
    which the people of one customer are told from those of others.
    """

    template: str = ""
    parts: tuple[Part, ...] = ()
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Where the product shows who we are there, and by what we prove it.

    *key* says how our keys are made known to it, and is empty where it takes none of ours.
    *secret_months* is how long a new secret should last, *most_months* how long it can; zero where
    it has no end. What matches *not_secret* is something else, as *slip* says.
    """

    client_id: Text
    client_secret: Text
    key: Text = ""
    secret_months: int = 0
    most_months: int = 0
    not_secret: str = ""
    slip: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """What a page of the product *says* when a sign-in stops there, and the diagnostic's code."""

    says: Text
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product: what its people are told, and what is known of how it behaves.

    *maker* is who speaks when it answers, *tile* what else it is known as, *place* where the steps
    are done and *role* what is needed there. *remedies* are, by a diagnostic's code, the steps that
    mend it. *mail_hosts* are where its customers' mail goes, as the ends of host names. One that
    *reads_code_first* refuses an unknown code before it looks at who brings it; one that
    *has_sign_out* has the standard address for it, which its metadata names.
    """

    kind: Kind
    maker: str
    place: Text
    role: Text
    issuer: Issuer
    steps: tuple[Step, ...]
    credentials: Credentials
    tile: Text = ""
    minutes: int = 5
    remedies: Mapping[str, tuple[Text, ...]] = field(default_factory=dict)
    symptoms: tuple[Symptom, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    has_endpoints_elsewhere: bool = False
    is_silent_on_pkce: bool = False
    reads_code_first: bool = False
    has_sign_out: bool = True

    @property
    def name(self) -> str:
        """The product's own name."""
        return str(self.kind.label)
