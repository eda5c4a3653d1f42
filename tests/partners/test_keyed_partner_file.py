"""A partner file whose partner knows us by our keys: there is no secret to write down."""

import json

import pytest

from partners.client_keys import make_key, provide_key
from partners.files.exporting import partner_file as exported
from partners.models import ClientKey, Connection
from partners.secrets import remember_client_secret
from tests.partners.files import connection_record, record_of

pytestmark = pytest.mark.django_db

KEY = "private_key_jwt"


def keyed(**members):
    connection = connection_record(client_secret=..., token_endpoint_auth_method=KEY, **members)
    return record_of(connection=connection)


def test_a_key_counts_as_the_credential_and_is_made_by_the_import(partner_file):
    assert partner_file.imported(keyed()) == [("contoso", "created")]

    key = ClientKey.objects.get()
    assert key.connection == Connection.objects.get()
    assert key.algorithm == "ES256"


def test_no_second_key_is_made_beside_one_of_the_meantime(acme):
    connection = acme.live_connection
    connection.token_endpoint_auth_method = KEY
    make_key(Connection.objects.get())

    provide_key(connection, taken=lambda _connection: ())

    assert ClientKey.objects.count() == 1


def test_the_same_file_twice_makes_one_key(partner_file):
    partner_file.imported(keyed())

    assert partner_file.imported(keyed()) == [("contoso", "unchanged")]
    assert ClientKey.objects.count() == 1


def test_a_partner_with_a_secret_is_moved_to_a_key(partner_file):
    partner_file.imported(record_of())

    assert partner_file.changes(keyed()) == ("connection.token_endpoint_auth_method",)
    assert ClientKey.objects.count() == 1


def test_a_partner_without_a_secret_is_not_moved_back_to_one(partner_file):
    partner_file.imported(keyed())

    back = record_of(connection={"token_endpoint_auth_method": "client_secret_basic"})

    assert partner_file.problems(back) == [
        "partners[0].connection.client_secret: is required: none is stored"
    ]


def test_null_forgets_the_secret_that_a_key_has_taken_the_place_of(partner_file):
    partner_file.imported(record_of())
    moved = record_of(connection={"token_endpoint_auth_method": KEY, "client_secret": None})

    assert partner_file.changes(moved) == (
        "connection.token_endpoint_auth_method",
        "connection.client_secret",
    )
    connection = Connection.objects.get()
    assert connection.client_secret_sealed == ""
    assert connection.client_secret_set_at is None
    assert partner_file.changes(moved) == ()


def test_null_forgets_a_secret_beside_which_a_key_is_used_by_itself(partner_file):
    partner_file.imported(record_of())
    make_key(Connection.objects.get())

    partner_file.imported(record_of(connection={"client_secret": None}))

    assert Connection.objects.get().is_keyed


def test_null_forgets_no_secret_that_is_needed(partner_file):
    partner_file.imported(record_of())

    problem = partner_file.problem(record_of(connection={"client_secret": None}))

    assert problem.startswith("partners[0].connection.client_secret: is required where no key")
    assert Connection.objects.get().client_secret_sealed


def test_a_dry_run_makes_no_key(partner_file):
    partner_file.imported(keyed(), dry_run=True)

    assert not ClientKey.objects.exists()


def test_a_connection_that_has_a_secret_gets_no_key(partner_file):
    partner_file.imported(record_of())

    assert not ClientKey.objects.exists()


def test_exporting_with_secrets_names_neither_a_private_key_nor_an_empty_secret(acme):
    connection = acme.live_connection
    remember_client_secret(connection, "")
    connection.token_endpoint_auth_method = KEY
    connection.save()
    key = make_key(connection)

    text = exported(with_secrets=True)

    (record,) = json.loads(text)["partners"]
    assert record["connection"]["token_endpoint_auth_method"] == KEY
    assert "client_secret" not in record["connection"]
    assert key.kid not in text
