"""The life of the keys with which the portal authenticates at a provider: made, signing, retired.

A new key is published at once and signs an hour later, when every provider that keeps our key set
for a while has fetched it again. The old one stays published for a day after that. The first key
signs at once: nobody has fetched a set without it.
"""

import hashlib
import json
import threading
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from partners.models import AuthMethod, ClientKey, Connection
from partners.secrets import private_key_of, seal_private_key

PUBLISHED_FIRST = timedelta(hours=1)
"""How long a key is published before it signs: our key set may be kept for five minutes, and some
providers keep it longer than it says."""

KEPT_AFTER = timedelta(days=1)
"""How long a key stays published after its successor has begun to sign: an assertion lives for a
minute, and a provider whose clock or cache is wrong shall not refuse one for that."""

KEPT_IN_PROCESS = 4096
"""Connections whose opened keys a process keeps."""

PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

Key = TypeVar("Key", ClientKey, "OpenedKey")

_MAKERS: Mapping[str, Callable[[], PrivateKey]] = {
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
}

_PUBLIC_MEMBERS = {"EC": ("kty", "crv", "x", "y"), "RSA": ("kty", "n", "e")}
"""RFC 7638, section 3.2: all that a thumbprint is made of, and all that a verifier needs."""

ALGORITHMS = tuple(_MAKERS)
"""The algorithms of our keys, the one that is used where nothing speaks against it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedKey:
    """A key that is not retired, ready to sign."""

    kid: str
    algorithm: str
    created_at: datetime
    private_key: PrivateKey = field(repr=False)


_opened: OrderedDict[int, tuple[datetime, tuple[OpenedKey, ...]]] = OrderedDict()
_opened_lock = threading.Lock()


@transaction.atomic
def make_key(
    connection: Connection, *, algorithm: str = ALGORITHMS[0], at_once: bool = False
) -> ClientKey:
    """Return a new key of the saved *connection*, published from now on.

    With *at_once* the others are retired and it signs immediately, for a key that has leaked:
    sign-ins may fail until the provider has fetched our key set again.
    """
    if at_once:
        _retire(connection, list(_living(connection)))
    private_key = _MAKERS[algorithm]()
    members = _public_members(private_key)
    kid = _thumbprint(members)
    der = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    key = ClientKey.objects.create(
        connection=connection,
        kid=kid,
        algorithm=algorithm,
        jwk={**members, "kid": kid, "alg": algorithm, "use": "sig"},
        private_key_sealed=seal_private_key(der, connection_id=connection.pk, kid=kid),
    )
    _note_change(connection)
    return key


@transaction.atomic
def provide_key(connection: Connection, *, taken: Callable[[Connection], Collection[str]]) -> None:
    """Make the first key of the saved *connection*, where it is to have one and has none.

    *taken* tells which algorithms its provider takes, as far as that is known.
    """
    if connection.token_endpoint_auth_method != AuthMethod.KEY:
        return
    # Somebody else may have made it since the row was read.
    locked = Connection.objects.select_for_update(no_key=True)
    connection.refresh_from_db(fields=["client_keys_changed_at"], from_queryset=locked)
    if connection.client_keys_changed_at is None:
        make_key(connection, algorithm=algorithm_among(taken(connection)))


def algorithm_among(taken: Collection[str]) -> str:
    """Return the first of our algorithms that a provider takes; nothing *taken* is unknown."""
    return next((one for one in ALGORITHMS if one in taken), ALGORITHMS[0])


def signing_key_of(connection: Connection, *, now: datetime) -> OpenedKey | None:
    """Return the key that signs *now*, ``None`` where there is none; raises ``SealError``.

    The keys are read and opened once in a process, and again after a change.
    """
    keys = _opened_keys(connection)
    return _signing(keys, now) if keys else None


def published_keys(slug: str) -> list[dict[str, object]]:
    """Return the public keys at a partner that are not retired: RFC 7517, section 5.

    Those of a version that is being prepared are among them, so that it can be tested, and those
    of the former one, so that it can be returned to.
    """
    keys = ClientKey.objects.filter(connection__partner__slug=slug, retired_at=None)
    return list(keys.order_by("id").values_list("jwk", flat=True))


def newest_key_at(connection: Connection) -> datetime | None:
    """Return when the newest key that is not retired was made, ``None`` where there is none."""
    newest = _living(connection).last()
    return newest.created_at if newest else None


@transaction.atomic
def retire_all_keys(connection: Connection) -> int:
    """Retire every key of a connection that is out of use; return how many there were."""
    keys = list(_living(connection))
    if keys:
        _retire(connection, keys)
        _note_change(connection)
    return len(keys)


def retire_superseded(now: datetime) -> int:
    """Retire the keys that have not signed for a day; return how many there were."""
    retired = 0
    for connection in Connection.objects.filter(client_keys_changed_at__lt=now - KEPT_AFTER):
        keys = list(_living(connection))
        superseded = keys[: keys.index(_signing(keys, now - KEPT_AFTER))] if keys else []
        if superseded:
            with transaction.atomic():
                _retire(connection, superseded)
                _note_change(connection)
            retired += len(superseded)
    return retired


def _opened_keys(connection: Connection) -> tuple[OpenedKey, ...]:
    changed_at = connection.client_keys_changed_at
    if changed_at is None:
        return ()
    with _opened_lock:
        known_at, keys = _opened.get(connection.pk, (None, ()))
    if known_at == changed_at:
        return keys
    keys = tuple(_open(row) for row in _living(connection))
    with _opened_lock:
        _opened[connection.pk] = (changed_at, keys)
        _opened.move_to_end(connection.pk)
        if len(_opened) > KEPT_IN_PROCESS:
            _opened.popitem(last=False)
    return keys


def _open(row: ClientKey) -> OpenedKey:
    private_key = load_der_private_key(private_key_of(row), password=None)
    if not isinstance(private_key, PrivateKey):
        raise TypeError(f"{row.kid} is of no kind that we make")
    return OpenedKey(
        kid=row.kid,
        algorithm=row.algorithm,
        created_at=row.created_at,
        private_key=private_key,
    )


def _signing(keys: Sequence[Key], now: datetime) -> Key:
    """Return the newest of *keys*, oldest first, that has been published for long enough."""
    known = [key for key in keys if key.created_at <= now - PUBLISHED_FIRST]
    return known[-1] if known else keys[0]


def _living(connection: Connection) -> QuerySet[ClientKey]:
    return ClientKey.objects.filter(connection=connection, retired_at=None).order_by("id")


def _retire(connection: Connection, keys: list[ClientKey]) -> None:
    ClientKey.objects.filter(connection=connection, pk__in=[key.pk for key in keys]).update(
        retired_at=timezone.now(), private_key_sealed=""
    )


def _note_change(connection: Connection) -> None:
    connection.client_keys_changed_at = timezone.now()
    connection.save(update_fields=["client_keys_changed_at"])


def _public_members(private_key: PrivateKey) -> dict[str, str]:
    public = private_key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        members = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        members = ECAlgorithm.to_jwk(public, as_dict=True)
    # By name, so that no member of the private half can ever be among them.
    return {name: members[name] for name in _PUBLIC_MEMBERS[members["kty"]]}


def _thumbprint(members: Mapping[str, str]) -> str:
    # RFC 7638, section 3: the required members, sorted, without blanks.
    document = json.dumps(dict(sorted(members.items())), separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(document.encode()).digest()).rstrip(b"=").decode()
