import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Event
from partners.secrets import (
    SealError,
    client_secret_of,
    remember_client_secret,
    reseal_all,
    seal,
    unseal,
)

OLD = b"o" * 32
NEW = b"n" * 32


@given(plain=st.binary(max_size=200), context=st.text(max_size=50))
def test_what_was_sealed_is_unsealed(plain, context):
    assert unseal(seal(plain, context=context), context=context) == plain


def test_a_sealed_text_can_be_the_value_of_a_cookie_and_never_repeats():
    first, second = (seal(b"\xff" * 40, context="here") for _ in range(2))

    assert first != second
    assert set(first) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


def test_refuses_what_was_sealed_for_another_place():
    sealed = seal(b"secret", context="partners_connection:1:client_secret")

    with pytest.raises(SealError):
        unseal(sealed, context="partners_connection:2:client_secret")


def test_refuses_what_was_changed_anywhere():
    sealed = seal(b"secret", context="here")
    key_id, _, encoded = sealed.partition(".")
    message = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))

    for place in range(len(message)):
        changed = bytearray(message)
        changed[place] ^= 1
        with pytest.raises(SealError):
            unseal(f"{key_id}.{base64.urlsafe_b64encode(changed).decode()}", context="here")


@pytest.mark.parametrize("sealed", ["", ".", "x", "é.é", "00000000.AAAA", "no dot at all"])
def test_refuses_what_is_no_sealed_text(sealed):
    with pytest.raises(SealError):
        unseal(sealed, context="here")


@pytest.mark.parametrize("junk", ["!", " ", "\n", ".", "é", "+", "="])
def test_refuses_characters_that_a_lenient_reader_would_skip(junk):
    sealed = seal(b"secret", context="here")

    with pytest.raises(SealError):
        unseal(f"{sealed[:12]}{junk * 4}{sealed[12:]}", context="here")


@given(rest=st.text(max_size=60))
def test_refuses_anything_after_the_id_of_a_key_we_have(rest):
    key_id = seal(b"", context="here").partition(".")[0]

    with pytest.raises(SealError):
        unseal(f"{key_id}.{rest}", context="here")


def test_an_old_key_opens_and_only_the_newest_seals(settings):
    settings.SECRETS_KEYS = [OLD]
    sealed = seal(b"secret", context="here")

    settings.SECRETS_KEYS = [NEW, OLD]

    assert unseal(sealed, context="here") == b"secret"
    settings.SECRETS_KEYS = [NEW]
    with pytest.raises(SealError, match="not in the ring"):
        unseal(sealed, context="here")
    assert unseal(seal(b"secret", context="here"), context="here") == b"secret"


def test_a_client_secret_is_kept_sealed_and_bound_to_its_connection(acme, globex):
    ours, theirs = acme.live_connection, globex.live_connection

    remember_client_secret(ours, "demo secret: 100 % + é")

    ours.refresh_from_db()
    assert client_secret_of(ours) == "demo secret: 100 % + é"
    assert "demo" not in ours.client_secret_sealed
    assert ours.client_secret_set_at is not None
    theirs.client_secret_sealed = ours.client_secret_sealed
    with pytest.raises(SealError):
        client_secret_of(theirs)


def test_an_empty_client_secret_is_forgotten(acme):
    connection = acme.live_connection
    remember_client_secret(connection, "secret")

    remember_client_secret(connection, "")

    connection.refresh_from_db()
    assert client_secret_of(connection) == ""
    assert connection.client_secret_set_at is None


def test_the_trail_never_holds_a_secret_sealed_or_not(acme):
    connection = acme.live_connection

    remember_client_secret(connection, "correct horse")

    event = Event.objects.get(what="connection.changed")
    assert event.detail["after"]["client_secret_sealed"] == "•••• changed"
    assert "correct horse" not in str(event.detail)
    assert connection.client_secret_sealed not in str(event.detail)


def test_every_secret_is_sealed_with_the_newest_key(acme, globex, settings):
    settings.SECRETS_KEYS = [OLD]
    for partner in (acme, globex):
        remember_client_secret(partner.live_connection, f"of {partner.slug}")
    settings.SECRETS_KEYS = [NEW, OLD]

    resealing = reseal_all()

    assert (resealing.resealed, resealing.unreadable) == (2, ())
    assert reseal_all().resealed == 0
    settings.SECRETS_KEYS = [NEW]
    acme.live_connection.refresh_from_db()
    assert client_secret_of(acme.live_connection) == "of acme"


def test_a_secret_of_a_lost_key_is_named_and_left_as_it_is(acme, globex, settings):
    settings.SECRETS_KEYS = [OLD]
    remember_client_secret(acme.live_connection, "lost")
    settings.SECRETS_KEYS = [NEW]
    remember_client_secret(globex.live_connection, "kept")

    resealing = reseal_all()

    assert resealing.resealed == 0
    assert resealing.unreadable == ("acme: https://login.acme.example",)
    settings.SECRETS_KEYS = [OLD]
    acme.live_connection.refresh_from_db()
    assert client_secret_of(acme.live_connection) == "lost"
