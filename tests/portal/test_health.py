"""What load balancers are told when something that the portal needs is away."""

import json
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tests.support.portal import free_port


@pytest.mark.portal
def test_a_server_without_its_database_is_alive_but_not_ready_and_tells_no_more(portal):
    url = f"postgres://the-user:the-password@127.0.0.1:{free_port()}/the-database"

    with portal.another_process(DATABASE_URL=url) as lonely:
        live = lonely.ask("GET", "/health/live/")
        began = time.monotonic()
        ready = lonely.ask("GET", "/health/ready/")
        seconds = time.monotonic() - began

    told = json.loads(ready.body)
    assert live.status == 200
    assert (ready.status, told["status"]) == (503, "unavailable")
    assert told["database"] == {"status": "unavailable"}
    assert seconds < 3
    assert "the-" not in ready.text
    assert "the-password" not in lonely.log.read_text() + lonely.errors()


@pytest.mark.django_db
def test_a_portal_whose_code_is_newer_than_its_database_is_not_ready(client, pool):
    MigrationRecorder.Migration.objects.filter(app="people").latest("id").delete()

    ready = client.get("/health/ready/")

    told = ready.json()
    assert (ready.status_code, told["status"]) == (503, "unavailable")
    assert told["database"] == {"status": "not_migrated"}


@pytest.mark.django_db
def test_a_database_that_is_newer_than_the_portals_code_leaves_it_ready(client, pool):
    MigrationRecorder.Migration.objects.create(app="people", name="9999_of_the_next_version")

    ready = client.get("/health/ready/")

    assert (ready.status_code, ready.json()["database"]) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_a_database_without_tables_is_not_ready(client, pool):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO of_somebody_else")

    ready = client.get("/health/ready/")

    assert (ready.status_code, ready.json()["database"]) == (503, {"status": "not_migrated"})


@pytest.mark.django_db
def test_a_portal_that_was_given_no_identity_pool_is_not_ready(client, settings, pool):
    settings.COGNITO_IDENTITY_POOL_ID = ""

    ready = client.get("/health/ready/")

    told = ready.json()
    assert (ready.status_code, told["status"]) == (503, "unavailable")
    assert told["database"] == {"status": "ok"}
    assert told["token_issuer"]["status"] == "refused"


def test_a_pool_that_refuses_our_settings_makes_it_unready_until_that_is_old(
    acme, browser, client, pool
):
    pool.fail("AccessDeniedException")
    browser.sign_in(acme)

    at_once = client.get("/health/ready/")
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        # No sign-in came here meanwhile, so that nothing newer is known.
        later = client.get("/health/ready/")

    assert (at_once.status_code, later.status_code) == (503, 200)
    assert later.json()["token_issuer"]["status"] == "refused"


def test_a_pool_that_is_down_leaves_the_portal_ready_since_people_still_get_in(
    acme, browser, client, pool
):
    pool.fail("InternalErrorException", status=500)
    back = browser.sign_in(acme)

    ready = client.get("/health/ready/")

    assert back.status_code == 302
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert ready.json()["token_issuer"]["status"] == "unavailable"
