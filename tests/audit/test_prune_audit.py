from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from audit.models import Event
from audit.trail import Happening, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    for days in (1, 400):
        Event.objects.create(what=f"{days} days old", at=timezone.now() - timedelta(days=days))


def test_deletes_old_events_and_records_that(events, capsys):
    call_command("prune_audit", days=365)

    assert set(Event.objects.values_list("what", flat=True)) == {"1 days old", "trail.pruned"}
    assert Event.objects.get(what="trail.pruned").detail["events"] == 1


def test_the_trail_is_closed_again_afterwards(events):
    call_command("prune_audit", days=365)

    with pytest.raises(ProgrammingError, match="audit_event"), transaction.atomic():
        Event.objects.all().delete()


def test_keeps_at_least_a_month(events):
    with pytest.raises(CommandError, match="at least 30 days"):
        call_command("prune_audit", days=1)

    assert Event.objects.count() == 2


def test_a_stranger_to_the_setting_deletes_nothing():
    record(Happening(what="login.succeeded"))

    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="audit_event"),
        transaction.atomic(),
    ):
        cursor.execute("DELETE FROM audit_event")
