from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.home_realm import (
    _edits,
    near_miss,
    owns_email,
    partner_of_email,
    partner_of_slug,
)
from partners.models import Partner
from tests.partners.conftest import connection_of_partner, domain_of_partner, partner_named

pytestmark = pytest.mark.django_db


def test_finds_the_partner_of_an_address(acme, globex):
    assert partner_of_email("ana@acme.example") == acme
    assert partner_of_email("ana@globex.example") == globex


@pytest.mark.parametrize(
    "email",
    [
        "u@notacme.example",
        "u@acme.example.evil.example",
        "u@xacme.example",
        "u@acme.exampl",
        "u@example",
        "u@lab.acme.example",
        "u@acme_example",
    ],
)
def test_matches_whole_labels_only(acme, email):
    assert partner_of_email(email) is None
    assert not owns_email(acme, email)


def test_a_domain_that_is_not_verified_belongs_to_nobody(acme):
    domain_of_partner(acme, "acme.test", verified=False)

    assert partner_of_email("ana@acme.test") is None
    assert not owns_email(acme, "ana@acme.test")


def test_a_sub_domain_counts_where_the_domain_says_so(acme):
    domain_of_partner(acme, "acme.test", subdomains=True)

    assert partner_of_email("ana@deep.lab.acme.test") == acme
    assert owns_email(acme, "ana@deep.lab.acme.test")


def test_the_most_specific_domain_decides(acme, globex):
    domain_of_partner(acme, "shared.test", subdomains=True)
    domain_of_partner(globex, "lab.shared.test", subdomains=True)

    assert partner_of_email("ana@shared.test") == acme
    assert partner_of_email("ana@lab.shared.test") == globex
    assert partner_of_email("ana@deep.lab.shared.test") == globex
    assert not owns_email(acme, "ana@lab.shared.test")
    assert owns_email(globex, "ana@lab.shared.test")


@pytest.mark.parametrize("status", ["live", "paused"])
def test_a_draft_takes_nobody_away(acme, globex, status):
    domain_of_partner(acme, "shared.test", subdomains=True)
    domain_of_partner(globex, "lab.shared.test", subdomains=True)
    Partner.objects.filter(pk=acme.pk).update(status=status)
    Partner.objects.filter(pk=globex.pk).update(status="draft")

    assert partner_of_email("ana@lab.shared.test") == acme
    assert owns_email(acme, "ana@deep.lab.shared.test")
    assert not owns_email(globex, "ana@lab.shared.test")


def test_a_partner_that_was_live_keeps_its_people_from_others(acme, globex):
    domain_of_partner(acme, "shared.test", subdomains=True)
    domain_of_partner(globex, "lab.shared.test")
    globex.people.create(email="ana@lab.shared.test")
    Partner.objects.filter(pk=globex.pk).update(status="draft")

    assert not owns_email(acme, "ana@lab.shared.test")


@pytest.mark.parametrize("status", ["draft", "live", "paused"])
@pytest.mark.parametrize("visibility", ["listed", "by_email", "hidden"])
def test_leaves_status_and_visibility_to_the_caller(acme, status, visibility):
    Partner.objects.update(status=status, visibility=visibility)

    found = partner_of_email("ana@acme.example")

    assert (found.status, found.visibility) == (status, visibility)


def test_one_query_brings_the_partner_and_its_live_connection(
    acme, globex, django_assert_num_queries
):
    old = connection_of_partner(acme, issuer="https://old.acme.example", is_live=False)

    with django_assert_num_queries(1):
        by_email = partner_of_email("ana@acme.example").live_connection
    with django_assert_num_queries(1):
        by_slug = partner_of_slug("acme").live_connection
    with django_assert_num_queries(1):
        assert not hasattr(
            partner_of_slug("acme", related=("documents",)).live_connection, "documents"
        )

    assert by_email == by_slug
    assert by_email != old
    assert by_email.issuer == "https://login.acme.example"


def test_a_partner_without_a_live_connection_is_found_all_the_same():
    partner = partner_named("Initech")
    domain_of_partner(partner, "initech.example")
    connection_of_partner(partner, is_live=False)

    assert partner_of_email("ana@initech.example").live_connection is None
    assert partner_of_slug("initech").live_connection is None


@pytest.mark.parametrize("slug", ["acme-2", "", "ACME", "acme\x00", "\ud800", "acme\n"])
def test_an_unknown_slug_is_nobody(acme, slug):
    assert partner_of_slug(slug) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("brightwatr.example", "brightwater.example"),
        ("birghtwater.example", "brightwater.example"),
        ("brightwater.exampel", "brightwater.example"),
        ("rightwater.example", "brightwater.example"),
        ("bightwatr.example", "brightwater.example"),
        ("brightwater.test", None),
        ("x", None),
        ("b" * 250, None),
    ],
)
def test_suggests_the_domain_that_was_probably_meant(typed, meant):
    partner = partner_named("Brightwater Labs", status="live", visibility="listed")
    domain_of_partner(partner, "brightwater.example")

    assert near_miss(typed) == meant


@pytest.mark.parametrize(
    ("status", "visibility", "verified"),
    [
        ("live", "by_email", True),
        ("live", "hidden", True),
        ("draft", "listed", True),
        ("paused", "listed", True),
        ("live", "listed", False),
    ],
)
def test_never_suggests_a_domain_that_is_not_on_the_page(status, visibility, verified):
    partner = partner_named("Brightwater Labs", status=status, visibility=visibility)
    domain_of_partner(partner, "brightwater.example", verified=verified)

    assert near_miss("brightwatr.example") is None


def test_one_query_serves_the_suggestion(acme, globex, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert near_miss("globx.example") == "globex.example"


@settings(deadline=None)
@given(st.text("abc.", max_size=8), st.text("abc.", max_size=8))
def test_the_distance_is_the_fewest_edits(left, right):
    exact = _plain_distance(left, right)

    assert _edits(left, right) == min(exact, 3)


@cache
def _plain_distance(left, right):
    if not left or not right:
        return len(left) + len(right)
    return min(
        _plain_distance(left[1:], right) + 1,
        _plain_distance(left, right[1:]) + 1,
        _plain_distance(left[1:], right[1:]) + (left[0] != right[0]),
    )
