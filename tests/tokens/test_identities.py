from datetime import UTC, datetime

import pytest
import structlog

from people.models import User
from tests.tokens.jwts import IDENTITY_ID
from tokens.errors import IdentityChangedError
from tokens.identities import confirm_identity
from tokens.models import DeveloperIdentity
from tokens.values import DeveloperToken

pytestmark = pytest.mark.django_db

POOL_ID = "eu-west-1:9f1c2f80-5721-4e3c-90f3-82ade0ecba90"
OTHER_ID = "eu-west-1:00000000-0000-0000-0000-000000000000"


def token_of(identity_id):
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    return DeveloperToken(
        value="a.b.c", identity_id=identity_id, issued_at=moment, expires_at=moment
    )


def confirm(user, identity_id, pool_id=POOL_ID):
    confirm_identity(user, token_of(identity_id), identity_pool_id=pool_id)


def test_remembers_the_identity_of_the_first_token(user):
    confirm(user, IDENTITY_ID)
    confirm(user, IDENTITY_ID)

    identity = DeveloperIdentity.objects.get()
    assert (identity.user, str(identity)) == (user, IDENTITY_ID)


def test_a_known_identity_costs_one_statement(user, django_assert_num_queries):
    confirm(user, IDENTITY_ID)

    with django_assert_num_queries(1):
        confirm(user, IDENTITY_ID)


def test_refuses_another_identity_than_before_and_keeps_the_known_one(user):
    confirm(user, IDENTITY_ID)

    with structlog.testing.capture_logs() as logged, pytest.raises(IdentityChangedError) as refusal:
        confirm(user, OTHER_ID)

    assert refusal.value.cause == "identity_changed"
    assert refusal.value.facts == {"known": IDENTITY_ID, "returned": OTHER_ID}
    assert not refusal.value.concerns_all
    assert DeveloperIdentity.objects.get().identity_id == IDENTITY_ID
    assert [(line["event"], line["log_level"]) for line in logged] == [
        ("developer_identity.changed", "error")
    ]


def test_refuses_another_person_s_identity_from_the_first_token_on(user, partner):
    confirm(user, IDENTITY_ID)
    other = User.objects.create(email="ben@contoso.example", partner=partner)

    with pytest.raises(IdentityChangedError) as refusal:
        confirm(other, IDENTITY_ID)

    assert refusal.value.cause == "identity_of_another_person"
    assert not other.developer_identities.exists()


def test_another_pool_gives_another_identity(user):
    confirm(user, IDENTITY_ID)

    confirm(user, OTHER_ID, pool_id="eu-west-1:11111111-1111-1111-1111-111111111111")

    assert user.developer_identities.count() == 2
