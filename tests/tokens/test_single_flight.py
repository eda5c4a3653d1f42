"""Many requests of one browser at once, each with a database connection of its own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from people.models import Session
from tokens import store
from tokens.signed_in import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = 8


@pytest.fixture
def ask_at_once(arrival, next_request):
    """Return a function: what each of eight requests, all of them read already, is given."""

    def ask(person):
        try:
            return store.current(person)
        finally:
            connection.close()

    def ask_at_once():
        people = [signed_in(next_request(arrival)) for _ in range(REQUESTS)]
        with ThreadPoolExecutor(REQUESTS) as threads:
            return list(threads.map(ask, people))

    return ask_at_once


def test_a_first_token_is_issued_once_and_everybody_gets_it(ask_at_once, pool):
    pool.delay(0.3)

    given = ask_at_once()

    assert len(set(given)) == 1
    assert len(pool.calls) == 1


def test_a_due_token_is_renewed_once_and_nobody_waits(ask_at_once, arrival, user, pool, settings):
    settings.COGNITO_TOKEN_DURATION = 600
    old = store.attach(arrival, user)
    arrival.session.save()
    settings.COGNITO_TOKEN_DURATION = 900
    age = old.expires_at - timezone.now() - timedelta(seconds=45)
    as_if_older = store.sealed(
        store.DeveloperToken(
            value=old.value,
            identity_id=old.identity_id,
            issued_at=old.issued_at - age,
            expires_at=old.expires_at - age,
        ),
        digest=arrival.session.row.digest,
        subject=user.subject,
    )
    Session.objects.update(developer_token=as_if_older)
    pool.calls.clear()
    pool.delay(0.3)

    given = ask_at_once()

    assert len(pool.calls) == 1
    assert sorted(token.value == old.value for token in given) == [False] + [True] * 7
