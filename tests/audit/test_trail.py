import pytest
from django.db import ProgrammingError, connection, transaction

from audit.models import Event
from audit.trail import Caller, Happening, acting_as, new_reference, record
from partners.models import Partner

pytestmark = pytest.mark.django_db


def test_records_who_what_and_where():
    record(
        Happening(what="sign_in.refused", reason="email_taken", partner="acme"),
        caller=Caller(address="192.0.2.1", agent="x" * 1000),
    )

    event = Event.objects.get()
    assert (event.what, event.reason, event.partner) == ("sign_in.refused", "email_taken", "acme")
    assert event.address == "192.0.2.1"
    assert len(event.agent) == 300


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_recorded_event_can_be_neither_changed_nor_deleted(change):
    record(Happening(what="sign_in.succeeded"))

    changes = {
        "update": lambda: Event.objects.update(what="nothing happened"),
        "delete": Event.objects.all().delete,
    }

    with pytest.raises(ProgrammingError, match="audit_event"), transaction.atomic():
        changes[change]()

    assert Event.objects.get().what == "sign_in.succeeded"


def test_the_trail_is_never_emptied():
    record(Happening(what="sign_in.succeeded"))

    with connection.cursor() as cursor:
        # The run's own clean-up needs it off; see tests/conftest.py.
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER ALL")
        with pytest.raises(ProgrammingError, match="never emptied"), transaction.atomic():
            cursor.execute("TRUNCATE audit_event")

    assert Event.objects.exists()


def test_a_change_of_a_partner_is_recorded_with_before_and_after_and_who_made_it():
    partner = Partner.objects.create(slug="acme", name="Acme")

    with acting_as("owner@northlake.example"):
        Partner.objects.filter(pk=partner.pk).update(name="Acme Ltd")

    event = Event.objects.get(what="partner.changed")
    assert event.actor == "owner@northlake.example"
    assert event.partner == "acme"
    assert event.detail == {"before": {"name": "Acme"}, "after": {"name": "Acme Ltd"}}


def test_a_change_is_recorded_with_where_it_came_from():
    partner = Partner.objects.create(slug="acme", name="Acme")
    caller = Caller(address="2001:db8::7", agent="a browser" * 50, request_id="r-1")

    with acting_as("owner@northlake.example", caller=caller):
        Partner.objects.filter(pk=partner.pk).update(name="Acme Ltd")
    event = Event.objects.get(what="partner.changed")
    with acting_as("command import_partners"):
        Partner.objects.filter(pk=partner.pk).delete()

    assert (event.address, event.request_id) == ("2001:db8::7", "r-1")
    assert event.agent == caller.agent[:300]
    removed = Event.objects.get(what="partner.removed")
    assert (removed.address, removed.agent, removed.request_id) == (None, "", "")


def test_who_acts_is_forgotten_with_the_transaction():
    with acting_as("owner@northlake.example"):
        pass

    Partner.objects.create(slug="acme", name="Acme")

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (database_user,) = cursor.fetchone()
    assert Event.objects.get(what="partner.added").actor in {
        database_user,
        "owner@northlake.example",  # the test's own transaction is still open
    }


def test_references_look_alike_and_never_repeat():
    references = {new_reference() for _ in range(1000)}

    assert len(references) == 1000
    assert all(len(reference) == 12 and reference.startswith("FY-") for reference in references)
