"""Members of staff, as Django's own commands make and find them."""

import pytest
from django.core.management import CommandError, call_command

from people.models import User

pytestmark = pytest.mark.django_db

OWNER = "owner@northlake.example"


def made(email):
    call_command("createsuperuser", "--noinput", "--email", email, verbosity=0)


def test_the_first_superuser_is_made_under_the_one_form_of_the_address():
    made("Owner@Northlake.example")

    owner = User.objects.get()
    assert (owner.email, owner.is_staff, owner.partner) == (OWNER, True, None)


@pytest.mark.parametrize("email", ["root@localhost", "root@LOCALHOST", "owner"])
def test_what_is_no_address_is_refused_in_one_sentence(email):
    with pytest.raises(CommandError, match=r"^Enter an? (valid )?email address"):
        made(email)


def test_an_address_of_a_partners_person_is_refused_in_one_sentence(user):
    with pytest.raises(CommandError, match=r"^Somebody has this email address already\.$"):
        made(user.email.upper())


def test_staff_are_found_by_their_address_and_nobody_else_is(user):
    made(OWNER)

    assert User.objects.get_by_natural_key(f" {OWNER.upper()} ").email == OWNER
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(user.email)
