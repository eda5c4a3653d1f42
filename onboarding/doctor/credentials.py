"""Keys and credentials: OD-201, OD-202, OD-302, OD-305, OD-308."""

import re
from collections.abc import Sequence
from http import HTTPStatus

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from federation.oidc.discovery import settle_algorithms
from federation.oidc.errors import ProviderError
from federation.oidc.values import ClientRegistration
from federation.outbound import OutboundError
from onboarding.doctor.case import Case
from onboarding.doctor.diagnostics import diagnostic
from onboarding.doctor.explanations import EXPLANATIONS
from onboarding.doctor.probes import Known
from onboarding.findings import Verdict, consider, needs_fixing, passed
from partners.client_keys import signing_key_of
from partners.models import AuthMethod, Kind
from partners.secrets import SealError, client_secret_of

_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""What Microsoft's IDs look like, and none of its secrets."""


@diagnostic("OD-201", gettext_lazy("Its signing keys"), needs=("OD-112",))
def readable_keys(case: Case) -> Verdict:
    """Look whether the key set can be read."""
    answer = case.key_set
    if isinstance(answer, OutboundError):
        return needs_fixing(
            _("We can’t read the signing keys. %s") % answer.detail,
            _("The address in jwks_uri has to be reachable as the discovery document is."),
        )
    if answer.status != HTTPStatus.OK:
        return needs_fixing(
            _("We can’t read the signing keys: the answer’s status is %s.") % answer.status
        )
    return passed(_("The signing keys can be read."), bytes=len(answer.body))


@diagnostic("OD-202", gettext_lazy("Usable keys and algorithms"), needs=("OD-201",))
def usable_keys(case: Case) -> Verdict:
    """Look whether an ID Token that this connection accepts can be signed and verified."""
    jwks = case.jwks
    if isinstance(jwks, ProviderError):
        return needs_fixing(
            _("None of the signing keys can be used: %s.") % jwks.detail,
            _("RSA keys have 2048 bits or more; only public keys are published."),
        )
    offered = case.known_metadata.id_token_algs
    try:
        accepted = _accepted_algorithms(case)
    except ProviderError:
        return needs_fixing(
            _("Only %s is offered.") % ", ".join(offered),
            _("ID Tokens have to be signed with RS256, PS256, ES256 or stronger."),
            offered=offered,
        )
    usable = sorted({alg for key in jwks.keys for alg in key.algorithms} & set(accepted))
    if not usable or (offered and not set(offered) & set(usable)):
        return needs_fixing(
            _("ID Tokens signed with %s are accepted here, and the provider signs with others.")
            % ", ".join(accepted),
            _("Change the connection’s algorithms, or leave them empty."),
            for_partner=_("Have your provider sign with one of these for this app."),
            offered=offered,
        )
    if jwks.unusable:
        return consider(
            _("Some of the signing keys can’t be used."),
            _("Sign-ins work as long as the provider signs with the others."),
            keys=len(jwks.keys),
            unusable=jwks.unusable,
        )
    return passed(_("The signing keys can be used."), keys=len(jwks.keys), algorithms=usable)


@diagnostic("OD-308", gettext_lazy("Our client secret"))
def readable_secret(case: Case) -> Verdict:
    """Look whether there is a secret or a key, and a key of the ring that opens it."""
    if case.connection.is_keyed:
        return _readable_key(case)
    if not case.connection.client_secret_sealed:
        return needs_fixing(_("There is no client secret."), _("Enter the one of the app."))
    try:
        secret = client_secret_of(case.connection)
    except SealError:
        return needs_fixing(
            _("The stored client secret can’t be opened."),
            _("Put the key with which it was sealed back into SECRETS_KEYS, or enter it anew."),
            for_partner=_("Enter it anew."),
        )
    if case.connection.provider == Kind.ENTRA and _GUID.fullmatch(secret):
        return needs_fixing(
            _("What was entered looks like the Secret ID, and not like the secret."),
            _("Copy the column Value instead. It is shown once; if it is gone, make a new one."),
            is_guess=True,
        )
    return passed(_("There is a client secret, and it can be opened."))


@diagnostic("OD-302", gettext_lazy("The secret’s end"), needs=("OD-308",))
def secret_end(case: Case) -> Verdict:
    """Look whether the secret has ended."""
    if case.connection.is_keyed:
        return passed(_("A key doesn’t end."))
    told = case.told_of_us
    if told and told.code == "OD-302":
        explained = EXPLANATIONS["OD-302"]
        return needs_fixing(
            explained.statement,
            _("Ask the partner for a new client secret, and enter it with its end."),
            for_partner=explained.remedy,
            is_guess=True,
        )
    ends = case.connection.client_secret_expires
    if ends is None:
        return passed(_("As far as we know, the client secret doesn’t end."))
    shown = date_format(ends, "DATE_FORMAT")
    if ends < timezone.localdate():
        return needs_fixing(
            _("The client secret ended on %s.") % shown,
            _("Ask the partner for a new client secret, and enter it with its end."),
            for_partner=_("Make a new client secret at your provider, and enter it with its end."),
            ended=str(ends),
        )
    return passed(_("The client secret is good until %s.") % shown, ends=str(ends))


@diagnostic("OD-305", gettext_lazy("How we prove who we are"), needs=("OD-112",))
def auth_method(case: Case) -> Verdict:
    """Look whether the provider lets us authenticate as this connection wants to."""
    # Discovery 1.0, section 3: where it is silent, a provider takes client_secret_basic.
    offered = case.known_metadata.token_endpoint_auth_methods or (AuthMethod.BASIC.value,)
    chosen = case.connection.token_endpoint_auth_method
    by_choice = [AuthMethod.BASIC.value, AuthMethod.POST.value]
    if case.connection.is_keyed:
        by_choice = [AuthMethod.KEY.value]
    ours = [chosen] if chosen else by_choice
    fitting = [method for method in ours if method in offered]
    if fitting and not _takes_our_key(case):
        accepted = case.known_metadata.token_endpoint_auth_algs
        return needs_fixing(
            _("The provider takes no key like ours: it takes %s.") % ", ".join(accepted),
            _("Make a new key: it will be of a kind that the provider takes, if we have one."),
            offered=accepted,
        )
    if fitting:
        return _as_told(case, fitting[0]) or passed(
            _("We authenticate with %s.") % fitting[0], offered=offered
        )
    return needs_fixing(
        _("The provider takes %(offered)s, and we would authenticate with %(ours)s.")
        % {"offered": ", ".join(offered), "ours": " / ".join(ours)},
        _("Choose a method that it takes, or set its app to one that we know."),
        for_partner=_to_choose(case, offered),
        offered=offered,
    )


DIAGNOSTICS = (readable_keys, usable_keys, readable_secret, secret_end, auth_method)


def _as_told(case: Case, ours: str) -> Verdict | None:
    """Return what the token endpoint has told of the method, if it has."""
    told = case.told_of_us
    if told and told.known is Known.YES and told.method and told.method != ours:
        return needs_fixing(
            _("The provider takes our secret with %(takes)s, and not with %(ours)s.")
            % {"takes": told.method, "ours": ours},
            _("Choose that method here, or set the app to the other one."),
            is_guess=True,
            takes=told.method,
        )
    if told and told.code == "OD-305":
        explained = EXPLANATIONS["OD-305"]
        return needs_fixing(explained.statement, explained.remedy, is_guess=True)
    return None


def _to_choose(case: Case, offered: Sequence[str]) -> str:
    """Return what somebody in a set-up can choose instead, empty where that is none of theirs."""
    if case.connection.is_keyed and {AuthMethod.BASIC.value, AuthMethod.POST.value} & set(offered):
        return _("Your provider takes no key from us: choose “With a client secret”.")
    return ""


def _readable_key(case: Case) -> Verdict:
    if case.connection.client_keys_changed_at is None:
        return passed(_("A key is made when the connection is saved."))
    try:
        signing_key_of(case.connection, now=timezone.now())
    except SealError:
        return needs_fixing(
            _("Our key can’t be opened."),
            _("Put the key with which it was sealed back into SECRETS_KEYS, or make a new one."),
            for_partner=_("Tell us: it is not your mistake."),
        )
    return passed(_("We have a key, and it can be opened."))


def _takes_our_key(case: Case) -> bool:
    accepted = case.known_metadata.token_endpoint_auth_algs
    if not accepted or not case.connection.is_keyed:
        return True
    try:
        key = signing_key_of(case.connection, now=timezone.now())
    except SealError:
        return True  # OD-308 speaks of that
    return key is None or key.algorithm in accepted


def _accepted_algorithms(case: Case) -> tuple[str, ...]:
    registration = ClientRegistration(
        partner=case.partner.slug,
        issuer=case.issuer,
        client_id=case.connection.client_id,
        client_secret="",
        redirect_uri="",
        id_token_algs=tuple(case.connection.id_token_algs),
    )
    return settle_algorithms(registration, case.known_metadata).id_token_algs
