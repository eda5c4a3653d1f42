"""Who is who in the pool, and the operations that change it."""

import time
from concurrent.futures import ThreadPoolExecutor

from demo.cognito import POOL_ID, running_emulator
from demo.cognito.operations import token_for_developer_identity
from tests.demo.cognito.calls import (
    PROVIDER,
    client_of,
    everybody,
    lookup,
    merge,
    refused,
    token_for,
    unlink,
    verified,
)


def test_the_same_identifier_is_the_same_identity(client):
    first, again, other = (token_for(client, name)["IdentityId"] for name in ("a", "a", "b"))

    assert first == again
    assert first != other


def test_case_makes_another_person(client):
    assert token_for(client, "casE")["IdentityId"] != token_for(client, "case")["IdentityId"]


def test_first_calls_at_once_find_one_identity(emulator, identifier):
    def register(number):
        logins = {PROVIDER: f"{identifier}-{number}"}
        return token_for_developer_identity(emulator.pool, {"Logins": logins})["IdentityId"]

    with ThreadPoolExecutor(8) as pool:
        found = [set(pool.map(register, [number] * 8)) for number in range(30)]

    assert [len(identities) for identities in found] == [1] * 30


def test_identities_and_keys_survive_a_restart(tmp_path):
    with running_emulator(state=tmp_path / "state") as emulator:
        before = token_for(client_of(emulator), "u1")
        port = int(emulator.base_url.rpartition(":")[2])

    with running_emulator(state=tmp_path / "state", port=port) as emulator:
        after = token_for(client_of(emulator), "u1")

        assert after["IdentityId"] == before["IdentityId"]
        assert verified(before["Token"], emulator)["sub"] == before["IdentityId"]


def test_the_state_is_for_its_owner_alone(tmp_path):
    with running_emulator(state=tmp_path / "state"):
        modes = [path.stat().st_mode & 0o077 for path in (tmp_path / "state").iterdir()]

    assert modes
    assert not any(modes)


def test_an_identifier_is_attached_to_an_identity_without_logins(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]
    unlink(client, identity_id, identifier)

    attached = token_for(client, f"{identifier}-new", IdentityId=identity_id)

    assert attached["IdentityId"] == identity_id
    assert token_for(client, f"{identifier}-new")["IdentityId"] == identity_id


def test_an_identity_is_confirmed_by_its_own_identifier(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]

    assert token_for(client, identifier, IdentityId=identity_id)["IdentityId"] == identity_id


def test_an_identifier_of_another_identity_is_refused(client, identifier):
    token_for(client, identifier)
    other = token_for(client, f"{identifier}-other")["IdentityId"]

    with refused("DeveloperUserAlreadyRegisteredException"):
        token_for(client, identifier, IdentityId=other)


def test_an_identity_with_other_logins_is_not_given_away(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]

    with refused("NotAuthorizedException", "Logins don't match"):
        token_for(client, f"{identifier}-new", IdentityId=identity_id)


def test_lookup_finds_either_way(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]

    by_identifier = lookup(client, DeveloperUserIdentifier=identifier)
    by_identity = lookup(client, IdentityId=identity_id)

    assert by_identifier["IdentityId"] == identity_id
    assert by_identity["DeveloperUserIdentifierList"] == [identifier]


def test_lookup_refuses_a_pair_that_does_not_belong_together(client, identifier):
    token_for(client, identifier)
    other = token_for(client, f"{identifier}-other")["IdentityId"]

    with refused("ResourceConflictException"):
        lookup(client, DeveloperUserIdentifier=identifier, IdentityId=other)
    with refused("InvalidParameterException"):
        lookup(client)


def test_an_unlinked_identifier_is_somebody_new(client, identifier):
    before = token_for(client, identifier)["IdentityId"]

    unlink(client, before, identifier)

    assert token_for(client, identifier)["IdentityId"] != before


def test_merged_identifiers_share_the_destinations_identity(client, identifier):
    source = token_for(client, f"{identifier}-source")["IdentityId"]
    destination = token_for(client, f"{identifier}-destination")["IdentityId"]

    merged = merge(client, f"{identifier}-source", f"{identifier}-destination")

    assert merged["IdentityId"] == destination
    assert token_for(client, f"{identifier}-source")["IdentityId"] == destination
    enabled = everybody(client, HideDisabled=True)
    assert destination in enabled
    assert source not in enabled
    assert source in everybody(client)


def test_a_merged_identity_takes_no_new_logins(client, identifier):
    source = token_for(client, f"{identifier}-source")["IdentityId"]
    token_for(client, f"{identifier}-destination")
    merge(client, f"{identifier}-source", f"{identifier}-destination")

    with refused("NotAuthorizedException", "Logins don't match"):
        token_for(client, f"{identifier}-new", IdentityId=source)


def test_an_identity_holds_twenty_logins_at_most(client, identifier):
    for number in range(21):
        token_for(client, f"{identifier}-{number}")
    for number in range(1, 20):
        merge(client, f"{identifier}-{number}", f"{identifier}-0")

    with refused("ResourceConflictException"):
        merge(client, f"{identifier}-20", f"{identifier}-0")


def test_another_developer_provider_is_refused_everywhere(client):
    with refused("InvalidParameterException", "developer provider"):
        merge(client, "a", "b", DeveloperProviderName="login.other")


def test_deletion_lists_what_it_could_not_delete(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]
    unknown = "eu-west-1:00000000-0000-0000-0000-000000000000"

    answer = client.delete_identities(IdentityIdsToDelete=[identity_id, unknown])

    assert answer["UnprocessedIdentityIds"] == [
        {"IdentityId": unknown, "ErrorCode": "AccessDenied"}
    ]
    with refused("ResourceNotFoundException"):
        client.describe_identity(IdentityId=identity_id)


def test_an_identity_is_described_without_its_identifier(client, identifier):
    identity_id = token_for(client, identifier)["IdentityId"]

    described = client.describe_identity(IdentityId=identity_id)

    assert described["Logins"] == [PROVIDER]
    assert abs(described["CreationDate"].timestamp() - time.time()) < 60


def test_identities_come_in_pages(client, identifier):
    created = [token_for(client, f"{identifier}-{n}")["IdentityId"] for n in range(3)]

    listed = everybody(client, MaxResults=2)

    assert [identity_id for identity_id in listed if identity_id in created] == created


def test_the_pool_is_described_as_the_portal_needs_one(client):
    pool = client.describe_identity_pool(IdentityPoolId=POOL_ID)

    assert pool["DeveloperProviderName"] == PROVIDER
    assert pool["AllowUnauthenticatedIdentities"] is False
    assert pool["AllowClassicFlow"] is False


def test_a_page_that_does_not_exist_is_refused(client):
    with refused("InvalidParameterException", "NextToken"):
        client.list_identities(IdentityPoolId=POOL_ID, MaxResults=1, NextToken="nonsense")
