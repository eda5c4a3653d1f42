"""How partners stand by what is so now: other settings, another proof, nothing to be approved."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from onboarding import proposals
from onboarding.connecting import Settings, Trying, choose_product, save_settings, settle
from onboarding.models import SetUpCase
from onboarding.switching_on import ask_for_approval
from onboarding.versions import discard_draft_of, draft_version_of
from partners.models import Connection, Partner
from partners.tested import settings_digest
from tests.console.pictures import picture
from tests.console.test_partner_list import expiring, partner_named
from tests.console.test_partner_standing import concerns, examined, waiting

CONTACT = "ana@acme.example"


@pytest.fixture
def acme(db):
    return partner_named("Acme")


# --- The secret ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keyed",
    [
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"client_secret_sealed": "", "client_keys_changed_at": timezone.now()},
    ],
    ids=["chosen", "all-there-is"],
)
def test_nowhere_ends_a_secret_that_a_key_has_replaced(staff, acme, keyed):
    Connection.objects.update(**expiring(3), client_secret_sealed="sealed")
    assert "in 3 days" in staff.get("partners_partner_changelist").content.decode()
    assert waiting() == ["Acme"]

    Connection.objects.update(**keyed)

    assert "in 3 days" not in staff.get("partners_partner_changelist").content.decode()
    assert (concerns(acme), waiting()) == ([], [])


# --- What was found with former settings ---------------------------------------------------------


def test_what_was_found_with_former_settings_is_told_as_that(staff, acme):
    examined(acme, "needs_fixing")
    assert "Thing 0 is wrong." in page_of(staff, acme)
    assert "former settings" not in page_of(staff, acme)

    Connection.objects.update(client_id="another")

    assert concerns(acme) == ["Thing 0 is wrong. (with former settings)"]


def test_an_examination_with_former_settings_is_not_the_last_one(staff, acme):
    examined(acme, "passed")
    assert "✔</span> OK</span>" in page_of(staff, acme)

    Connection.objects.update(client_id="another")

    assert "✔</span> OK</span>" not in page_of(staff, acme)


def test_without_a_language_it_is_said_in_the_portals(acme, settings):
    settings.LANGUAGE_CODE = "de"
    examined(acme, "needs_fixing")

    with translation.override(None):
        assert concerns(acme) == ["Punkt 0."]


def page_of(staff, partner):
    return staff.get("partners_partner_change", partner.pk).content.decode()


# --- What waits for us ---------------------------------------------------------------------------


def saved(partner, **changed):
    live = partner.connections.get(is_live=True)
    typed = {"issuer": live.issuer, "client_id": live.client_id, "pinned_claims": {}, **changed}
    save_settings(partner, Settings(uses_key=False, **typed))


def asked(partner):
    """Have the partner's people ask us for approval of another client."""
    case = SetUpCase.objects.create(partner=partner)
    saved(partner, client_id="another")
    ask_for_approval(case, by=CONTACT)


def test_what_was_discarded_waits_for_nobody(acme):
    asked(acme)
    assert concerns(acme) == ["Waits for our approval"]

    discard_draft_of(acme)

    assert (concerns(acme), waiting()) == ([], [])


def test_nor_does_what_was_changed_back(acme):
    asked(acme)

    saved(acme)

    assert (concerns(acme), waiting()) == ([], [])


def test_nor_does_another_product_that_changes_nobody_who_comes_in(acme):
    asked(acme)
    Connection.objects.filter(is_live=False).update(client_id="foyer", provider="keycloak")

    choose_product(acme, "other")

    assert concerns(acme) == []


def test_nor_does_what_the_provider_spells_as_the_one_in_use(acme):
    asked(acme)
    saved(acme, issuer="https://acme.example/")
    assert concerns(acme) == ["Waits for our approval"]
    draft = draft_version_of(acme)

    settle(draft, Trying(digest=settings_digest(draft), adopted="https://acme.example"))

    assert concerns(acme) == []


def test_what_still_needs_our_approval_waits_and_is_asked_for_once(acme):
    asked(acme)

    saved(acme, client_id="a third")

    assert concerns(acme) == ["Waits for our approval"]


def test_a_set_up_that_is_over_keeps_what_was_asked(acme):
    asked(acme)
    SetUpCase.objects.update(closed_at=timezone.now())

    discard_draft_of(acme)

    assert SetUpCase.objects.get().approval_asked_at is not None


# --- The list of set-ups -------------------------------------------------------------------------


def test_the_list_of_set_ups_asks_no_more_often_for_more_of_them(staff, acme):
    def asked_for_a_list():
        case = SetUpCase.objects.create(partner=Partner.objects.latest("pk"))
        proposals.propose_logo(case, "wide", picture(200, 80), by=CONTACT)
        with CaptureQueriesContext(connection) as captured:
            html = staff.get("onboarding_setupcase_changelist").content.decode()
        assert html.count("Wide logo") == SetUpCase.objects.count()
        assert not any('"onboarding_proposedlogo"."data"' in one["sql"] for one in captured)
        return len(captured)

    asked_for_a_list()
    partner_named("Globex")
    of_two = asked_for_a_list()
    partner_named("Initech")

    assert asked_for_a_list() == of_two
