"""A test sign-in counts if whoever began it may still test when it ends."""

import pytest
from django.utils import timezone

from onboarding.invitations import close_case, revoke
from onboarding.models import SetUpLink
from onboarding.trials import may_still_test
from partners.models import Connection, Partner
from people.models import User
from tests.onboarding.conftest import CONTACT, OWNER, opened


@pytest.fixture
def connection(set_up):
    return Connection.objects.create(
        partner=set_up.partner, issuer="https://idp.brightwater.example", client_id="foyer"
    )


def test_whoever_is_at_work_on_the_set_up_may(set_up, connection):
    assert may_still_test(connection, by=CONTACT)
    assert not may_still_test(connection, by="eve@brightwater.example")


@pytest.mark.parametrize("end", ["revoked", "closed", "switched on", "paused", "never opened"])
def test_m04_nobody_may_whose_set_up_has_ended_since(set_up, connection, end):
    if end == "revoked":
        revoke(set_up.link, by=OWNER)
    elif end == "closed":
        close_case(set_up.case, by=OWNER)
    elif end == "switched on":
        close_case(set_up.case, by=CONTACT, keep=[set_up.link])
    elif end == "paused":
        Partner.objects.update(status="paused")
    else:
        SetUpLink.objects.update(used_at=None)

    assert not may_still_test(connection, by=CONTACT)


def test_m09_nobody_may_who_is_at_work_on_another_set_up(set_up, connection):
    other = Partner.objects.create(slug="contoso", name="Contoso")
    opened(other, "dora@contoso.example")

    assert not may_still_test(connection, by="dora@contoso.example")


@pytest.mark.parametrize(
    ("standing", "may"),
    [({"is_staff": True}, True), ({"is_staff": True, "is_active": False}, False), ({}, False)],
)
def test_staff_may_while_they_are_staff(set_up, connection, standing, may):
    close_case(set_up.case, by=OWNER)
    User.objects.create(email=OWNER, created_at=timezone.now(), **standing)

    assert may_still_test(connection, by=OWNER) is may
