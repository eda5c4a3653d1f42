"""Whose fault a refusal is."""

import pytest

from console.faults import FAULTS, Fault, fault_of
from federation.oidc.errors import Reason
from federation.phrases import BY_REASON


def test_every_reason_is_somebodys_fault():
    assert set(FAULTS) == set(Reason)


def test_each_kind_of_fault_has_a_reason():
    assert set(FAULTS.values()) == set(Fault)


@pytest.mark.parametrize("reason", list(Reason))
def test_agrees_with_whom_the_person_is_told_to_ask(reason):
    """What only the person can mend is the person's fault, and nobody else's."""
    is_persons = BY_REASON[reason].who == "person"

    assert (FAULTS[reason] is Fault.PERSONS) == is_persons


def test_a_word_of_another_release_is_nobodys():
    assert fault_of("client_rejected") is Fault.OURS
    assert fault_of("retired_reason") is None
    assert fault_of("") is None
