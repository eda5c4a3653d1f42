"""What is saved on a page of somebody whose set-up ends while their provider is asked: nothing."""

import pytest

from onboarding.steps import Step
from onboarding.views import connect
from partners.models import Connection
from tests.onboarding.conftest import opened
from tests.onboarding.test_ended_meanwhile import ENDS
from tests.support.company import founded


@pytest.fixture
def ready(db, provider, pool):
    """Give a set-up whose provider answers."""
    company = founded("acme", provider, partner={"status": "draft"}, connection={"is_live": False})
    return opened(company.partner, "ana@acme.example")


def connected(set_up, **typed):
    version = Connection.objects.get()
    return set_up.save(
        Step.CONNECT,
        **{"address": version.issuer, "client_id": version.client_id, "ends": "never", **typed},
    )


def test_nothing_is_in_the_way_of_one_that_goes_on(ready):
    answer = connected(ready)

    assert answer.headers["Location"] == Step.DOMAINS.url
    assert ready.case.steps.get(name=Step.CONNECT).is_done


@pytest.mark.parametrize("end", ENDS)
def test_m04_what_the_provider_has_said_is_not_kept_in_a_set_up_that_has_ended(
    ready, monkeypatch, end
):
    ask = connect.tried
    monkeypatch.setattr(connect, "tried", lambda saved: (ask(saved), end(ready))[0])

    page = connected(ready)

    assert not ready.case.steps.get(name=Step.CONNECT).is_done
    if page.status_code == 303:
        assert page.headers["Location"] == Step.SWITCH_ON.url
    else:
        assert page.status_code == 410
        assert "Acme" not in page.content.decode()


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "typed", [{"client_id": "another"}, {"client_id": "", "client_secret": "x"}]
)
def test_m04_nor_is_what_was_typed(ready, monkeypatch, end, typed):
    count = connect.limits.count_failure
    monkeypatch.setattr(
        connect.limits, "count_failure", lambda *a, **k: end(ready) or count(*a, **k)
    )
    before = Connection.objects.values().get()

    page = connected(ready, **typed)

    assert page.status_code in {303, 410}
    assert Connection.objects.values().get() == before
