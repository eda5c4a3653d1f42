"""The trail is found, filtered and read, and nothing more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Event
from audit.trail import Caller, Happening, record
from console.references import reference_in


def happened(what="login.refused", *, address=None, request_id="", **fields):
    record(Happening(what=what, **fields), caller=Caller(address=address, request_id=request_id))
    return Event.objects.first()


@pytest.fixture
def found(staff):
    """Give the references that a page of the trail shows."""

    def found(query):
        response = staff.get("audit_event_changelist", query=query)
        assert response.status_code == 200
        return [event.reference for event in response.context["cl"].result_list]

    return found


@pytest.mark.parametrize(
    ("typed", "reference"),
    [
        ("FY-7F3K-92QD", "FY-7F3K-92QD"),
        ("fy-7f3k-92qd", "FY-7F3K-92QD"),
        ("7f3k92qd", "FY-7F3K-92QD"),
        ("FY 7F3K 92QD", "FY-7F3K-92QD"),
        ("FY–7F3K–92QD", "FY-7F3K-92QD"),
        ("fy-oil0-0000", "FY-0110-0000"),
        ("FY-7F3K-92Q", None),
        ("FY-7F3K-92QDX", None),
        ("FY-7F3K-92QU", None),
        ("", None),
    ],
)
def test_reads_a_reference_as_people_type_it(typed, reference):
    assert reference_in(typed) == reference


@pytest.mark.parametrize(
    "typed",
    [
        "fy7f3k92qd",
        "Ana@Acme.example",
        "uabc",
        "192.0.2.7",
        "request-1",
    ],
)
def test_finds_an_entry(found, typed):
    happened(reference="FY-0000-0001")
    happened(
        reference="FY-7F3K-92QD",
        email="ana@acme.example",
        subject="uabc",
        address="192.0.2.7",
        request_id="request-1",
    )

    assert found(f"?q={typed}") == ["FY-7F3K-92QD"]


@pytest.mark.parametrize(
    ("query", "references"),
    [
        ("?partner=acme", ["FY-0000-0001"]),
        ("?partner=", [f"FY-0000-000{number}" for number in (5, 4, 3, 2, 1)]),
        ("?kind=partner", ["FY-0000-0003"]),
        ("?kind=login&partner=globex", ["FY-0000-0002"]),
        ("?kind=logout", ["FY-0000-0005", "FY-0000-0004"]),
        ("?reason=email_taken", ["FY-0000-0002"]),
    ],
)
def test_filters(found, query, references):
    happened("login.succeeded", partner="acme", reference="FY-0000-0001")
    happened(partner="globex", reason="email_taken", reference="FY-0000-0002")
    happened("partner.paused", partner="globex", reference="FY-0000-0003")
    happened("logout", reference="FY-0000-0004")
    happened("logout.backchannel", reference="FY-0000-0005")

    assert found(query) == references


def test_filters_by_date(found):
    happened(reference="FY-0000-0001")
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d")

    assert found(f"?at__gte={tomorrow}+00:00:00%2B00:00") == []


def test_the_partner_filter_keeps_the_others(staff, db):
    page = staff.get("audit_event_changelist", query="?kind=login&partner=acme").content.decode()

    assert '<input type="hidden" name="kind" value="login">' in page
    assert 'name="partner" value="acme"' in page


def test_shows_before_and_after_escaped(staff, db):
    event = happened(
        "partner.changed",
        partner="acme",
        detail={
            "before": {"name": "<b>Acme</b>", "visibility": "listed"},
            "after": {"name": "<script>alert(1)</script>", "visibility": None},
            "note": ["a", 1],
        },
    )

    page = staff.get("audit_event_change", event.pk).content.decode()

    assert "&lt;b&gt;Acme&lt;/b&gt;" in page
    assert "<script>alert(1)" not in page
    assert "[&quot;a&quot;, 1]" in page


def test_nothing_can_be_added_changed_or_deleted(staff, db):
    event = happened()

    answers = [
        staff.get("audit_event_add"),
        staff.post("audit_event_add", data={"what": "x"}),
        staff.post("audit_event_change", event.pk, data={"what": "x"}),
        staff.post("audit_event_delete", event.pk, data={"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert Event.objects.get(pk=event.pk).what == "login.refused"


def test_the_trail_is_for_those_with_the_permission(helper, db):
    assert helper.get("audit_event_changelist").status_code == 403
