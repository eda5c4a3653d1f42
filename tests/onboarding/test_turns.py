"""Forms that have us ask others: one at a time for a partner, few at a time of all of them."""

from contextlib import ExitStack

import pytest

from onboarding.steps import Step
from onboarding.turns import AT_MOST, BusyError, turn_of
from onboarding.views.domains import ADDITIONS
from onboarding.views.provider import GUESSES
from partners.models import EmailDomain

ASKING = [
    (Step.PROVIDER, {"email": "ana@brightwater.example"}),
    (Step.CONNECT, {"client_id": "foyer"}),
    (Step.DOMAINS, {"domain": "brightwater.example"}),
    (Step.TEST, {"do": "examine"}),
    (Step.SWITCH_ON, {"then": "switch-on"}),
]


def test_a_partner_has_one_turn_and_has_it_again_afterwards():
    with turn_of("acme"), pytest.raises(BusyError), turn_of("acme"):
        pass

    with turn_of("acme"):
        pass


def test_all_partners_together_have_few():
    with ExitStack() as turns:
        for number in range(AT_MOST):
            turns.enter_context(turn_of(f"partner-{number}"))

        with pytest.raises(BusyError), turn_of("one-more"):
            pass


@pytest.mark.parametrize(("step", "form"), ASKING)
def test_a_form_whose_turn_it_is_not_says_when_to_try_again(set_up, step, form):
    with turn_of(set_up.partner.slug):
        answer = set_up.save(step, **form)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")


@pytest.mark.parametrize("step", [step for step, _form in ASKING])
def test_a_page_waits_for_nobody(set_up, step):
    with turn_of(set_up.partner.slug):
        assert set_up.get(step.url).status_code in {200, 302}


def test_guesses_are_limited(set_up, name_server):
    statuses = [
        set_up.save(Step.PROVIDER, email="ana@brightwater.example").status_code
        for _ in range(GUESSES.amount + 1)
    ]

    assert statuses == [*[200] * GUESSES.amount, 429]


def test_nobody_asks_about_domains_without_end(set_up):
    for number in range(ADDITIONS.amount):
        set_up.post(Step.DOMAINS.url, {"domain": f"no domain {number}"})

    answer = set_up.post(Step.DOMAINS.url, {"domain": "brightwater.example"})

    assert answer.status_code == 429
    assert not EmailDomain.objects.exists()
