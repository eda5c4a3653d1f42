"""Whom a login at the owner's own company means, and for how long."""

import pytest

from partners.models import Connection, Partner
from people.models import OwnCompany, User
from people.own_company import (
    LoginTakenError,
    NotStaffError,
    link_staff,
    mark_own_company,
    member_of_staff,
    own_company,
    still_staff,
)

ISSUER = "https://login.acme.example"


@pytest.fixture
def connection(db):
    partner = Partner.objects.create(slug="acme", name="Acme", status="live")
    mark_own_company(partner)
    return Connection.objects.create(partner=partner, issuer=ISSUER, client_id="foyer")


@pytest.fixture
def linked(connection):
    user = User.objects.create(email="staff@northlake.example", is_staff=True)
    link_staff(user, connection=connection, provider_subject="7")
    return user


def found(connection, subject="7", issuer=ISSUER):
    return member_of_staff(connection, issuer=issuer, provider_subject=subject)


def test_finds_the_member_of_staff_who_is_linked(connection, linked):
    assert found(connection) == linked
    assert still_staff(linked.pk) == linked


@pytest.mark.parametrize("subject", ["8", "7 ", "", "staff@northlake.example"])
def test_finds_nobody_by_anything_else(connection, linked, subject):
    with pytest.raises(NotStaffError):
        found(connection, subject)


def test_finds_nobody_where_the_company_is_not_the_own_one(connection, linked):
    OwnCompany.objects.all().delete()

    with pytest.raises(NotStaffError):
        found(connection)
    assert still_staff(linked.pk) is None


@pytest.mark.parametrize("field", ["is_staff", "is_active"])
def test_nobody_stays_in_who_is_no_staff_any_more(connection, linked, field):
    User.objects.update(**{field: False})

    assert still_staff(linked.pk) is None


def test_nobody_stays_in_who_is_a_partners_person_by_now(connection, linked):
    User.objects.update(partner=connection.partner)

    assert still_staff(linked.pk) is None


def test_a_new_link_takes_the_place_of_the_old_one(connection, linked):
    link_staff(linked, connection=connection, provider_subject="8")

    assert found(connection, "8") == linked
    with pytest.raises(NotStaffError):
        found(connection, "7")


def test_a_link_that_is_somebody_elses_changes_nothing(connection, linked):
    other = User.objects.create(email="joao@northlake.example", is_staff=True)
    link_staff(other, connection=connection, provider_subject="8")

    with pytest.raises(LoginTakenError):
        link_staff(other, connection=connection, provider_subject="7")

    assert (found(connection, "7"), found(connection, "8")) == (linked, other)


def test_there_is_one_own_company_or_none(connection):
    other = Partner.objects.create(slug="globex", name="Globex", status="live")

    mark_own_company(other)

    assert own_company() == other
    other.delete()
    assert own_company() is None
