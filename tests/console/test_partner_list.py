"""The list of partners: what it shows, what it finds, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.trail import Happening, record
from partners.models import Connection, EmailDomain, Partner
from people.models import Session, User


def partner_named(name, **fields):
    slug = fields.pop("slug", name.lower().replace(" ", "-"))
    live = fields.pop("connection", {})
    partner = Partner.objects.create(slug=slug, name=name, **{"status": "live", **fields})
    EmailDomain.objects.create(partner=partner, name=f"{slug}.example", verified_at=timezone.now())
    Connection.objects.create(
        **{"partner": partner, "issuer": f"https://{slug}.example", "client_id": "foyer", **live}
    )
    return partner


def expiring(days):
    return {"client_secret_expires": timezone.localdate() + timedelta(days=days)}


def names_in(response):
    return [partner.name for partner in response.context["cl"].result_list]


@pytest.fixture
def listed(staff):
    """Give the names that a page of the list shows."""

    def listed(query):
        response = staff.get("partners_partner_changelist", query=query)
        assert response.status_code == 200
        return names_in(response)

    return listed


def test_shows_what_the_owner_has_to_know(staff, db):
    acme = partner_named("Acme", connection={"provider": "okta", **expiring(12)})
    EmailDomain.objects.create(partner=acme, name="acme.test")
    EmailDomain.objects.create(partner=acme, name="acme.invalid")
    user = User.objects.create(email="ana@acme.example", partner=acme)
    Session.objects.create(
        digest="a" * 64,
        user=user,
        partner=acme,
        idle_seconds=1800,
        ends_at=timezone.now() + timedelta(hours=1),
    )
    record(Happening(what="login.succeeded", partner="acme"))

    page = staff.get("partners_partner_changelist").content.decode()

    assert "Live</span>" in page
    assert 'title="acme.test, acme.invalid">+2</span>' in page
    assert "Okta" in page
    assert "in 12 days" in page
    assert "0\xa0minutes ago" in page
    assert "1 sign-in in 7 days, by day: 0, 0, 0, 0, 0, 0, 1</title>" in page


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "ended"), (0, "today"), (1, "in 1 day"), (400, "in 400 days")]
)
def test_says_when_a_secret_ends(staff, db, days, words):
    partner_named("Acme", connection=expiring(days))

    page = staff.get("partners_partner_changelist").content.decode()

    assert words in page


def test_a_status_is_told_without_its_colour(staff, db):
    for status in ("live", "draft", "paused"):
        partner_named(status.title() + " Ltd", status=status)

    page = staff.get("partners_partner_changelist").content.decode()

    for shape, word in (("●", "Live"), ("○", "Draft"), ("❚❚", "Paused")):
        assert f"{shape}</span> {word}</span>" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status__exact=paused", ["Globex"]),
        ("?visibility__exact=hidden", ["Initech"]),
        ("?provider=okta", ["Acme"]),
        ("?secret=soon", ["Acme"]),
        ("?secret=ended", ["Globex"]),
        ("?quiet=60", ["Initech"]),
        ("?secret=soon&_facets=True", ["Acme"]),
    ],
)
def test_filters(listed, query, found):
    partner_named("Acme", connection={"provider": "okta", **expiring(30)})
    partner_named("Globex", status="paused", connection=expiring(-1))
    partner_named("Initech", visibility="hidden", connection=expiring(31))
    record(Happening(what="login.succeeded", partner="acme"))

    assert listed(query) == found


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("muller", id="without-accents"),
        pytest.param("MW", id="alias"),
        pytest.param("muller-werke", id="slug"),
        pytest.param("werke.test", id="domain"),
        pytest.param("ana@werke.test", id="address"),
        pytest.param("client-7", id="client-id"),
        pytest.param("werke müller", id="two-words"),
    ],
)
def test_finds_a_partner(listed, typed):
    partner_named("Acme")
    found = partner_named(
        "Müller Werke",
        slug="muller-werke",
        aliases=["MW"],
        connection={"client_id": "client-7"},
    )
    EmailDomain.objects.create(partner=found, name="werke.test")

    assert listed(f"?q={typed}") == ["Müller Werke"]


@pytest.mark.parametrize("typed", ["FY-7F3K-92QD", "fy7f3k92qd", " 7f3k 92qd "])
def test_a_reference_leads_to_its_attempt(staff, db, typed):
    record(Happening(what="login.refused", reference="FY-7F3K-92QD", partner="acme"))

    response = staff.get("partners_partner_changelist", query=f"?q={typed}")

    assert response.headers["Location"] == "/admin/attempts/FY-7F3K-92QD/"


def test_a_name_that_could_be_a_reference_is_still_a_name(listed):
    partner_named("Seabreez")

    assert listed("?q=seabreez") == ["Seabreez"]


@pytest.mark.parametrize("order", ["2", "3", "5", "7", "8", "9"])
def test_sorts_by_every_column_that_offers_it(listed, order):
    partner_named("Acme")

    assert listed(f"?o={order}") == ["Acme"]


def test_costs_the_same_with_a_thousand_partners_as_with_two(staff, db):
    partner_named("Acme", connection=expiring(3))
    partner_named("Globex")
    queries = {}

    for count in (2, 1000):
        while (missing := count - Partner.objects.count()) > 0:
            _bulk(missing)
        with CaptureQueriesContext(connection) as captured:
            response = staff.get("partners_partner_changelist")
        queries[len(names_in(response))] = len(captured)

    assert queries == {2: queries[2], 50: queries[2]}
    assert queries[2] <= 10


def test_calls_no_provider(staff, acme):
    acme.issuer.requests.clear()

    staff.get("partners_partner_changelist")

    assert not acme.issuer.requests


def _bulk(count):
    partners = [Partner(slug=f"p{n}", name=f"Partner {n}", status="live") for n in range(count)]
    for partner in partners:
        partner.refile()
    Partner.objects.bulk_create(partners)
    EmailDomain.objects.bulk_create(
        EmailDomain(partner=partner, name=f"{partner.slug}.example") for partner in partners
    )
    Connection.objects.bulk_create(
        Connection(partner=partner, issuer=f"https://{partner.slug}.example", client_id="foyer")
        for partner in partners
    )
