"""What the import does to people who can sign in now: it cuts nobody off unsaid."""

import pytest

from partners.models import Partner
from tests.partners.conftest import connection_of_partner, domain_of_partner, partner_named
from tests.partners.files import record_of

pytestmark = pytest.mark.django_db

NOBODY = "It is live without a verified domain: nobody can sign in."


@pytest.mark.parametrize(
    "members",
    [
        {"slug": "acme", "domains": []},
        {"slug": "acme", "domains": [{"name": "acme.example", "verified": False}]},
        record_of("new", status="live", domains=[]),
        record_of("new", status="live", domains=[{"name": "new.example", "verified": False}]),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_says_that_a_live_partner_is_left_without_a_verified_domain(
    partner_file, acme, members, dry_run
):
    (outcome,) = partner_file.outcomes(members, dry_run=dry_run)

    assert outcome.notes == (NOBODY,)


def test_a_draft_and_a_paused_partner_may_be_without_a_domain(partner_file, acme):
    Partner.objects.update(status="paused")

    assert partner_file.imported({"slug": "acme", "domains": []}, record_of("new", domains=[]))


def test_sets_no_partner_live_that_lacks_what_a_sign_in_needs(partner_file):
    partner_named("Bare")
    connection_of_partner(partner_named("Keyless"))
    domain_of_partner(Partner.objects.get(slug="keyless"), "keyless.example")

    problems = partner_file.problems(
        {"slug": "bare", "status": "live"}, {"slug": "keyless", "status": "live"}
    )

    assert problems == [
        "partners[0].connection: is required for a live partner",
        "partners[1].connection.client_secret: is required: none is stored",
    ]


def brightwater(acme):
    Partner.objects.filter(pk=acme.pk).update(name="Brightwater Labs")
    return domain_of_partner(acme, "brightwater.test", subdomains=True)


def test_says_whose_people_a_domain_takes(partner_file, acme):
    brightwater(acme)
    record = record_of("fabrikam", domains=["labs.brightwater.test"])

    (draft,) = partner_file.outcomes(record, dry_run=True)
    (live,) = partner_file.outcomes({**record, "status": "live"})
    (unchanged,) = partner_file.outcomes(record)

    name = "labs.brightwater.test"
    had_by = "Brightwater Labs, which has brightwater.test with all its sub-domains."
    assert draft.notes == (
        f"Once Fabrikam is live, people at {name} belong to it and no longer to {had_by}",
    )
    assert live.notes == (f"People at {name} belong to Fabrikam now and no longer to {had_by}",)
    assert not unchanged.notes


def test_says_nothing_of_domains_that_take_nobody(partner_file, acme, globex):
    brightwater(acme)
    domain_of_partner(globex, "globex.test")
    domain_of_partner(partner_named("Draft"), "draft.test", subdomains=True)

    outcomes = partner_file.outcomes(
        {
            "slug": "acme",
            "domains": [{"name": "brightwater.test", "subdomains": True}, "x.brightwater.test"],
        },
        record_of(
            "fabrikam",
            domains=[
                "x.globex.test",
                "x.draft.test",
                {"name": "y.brightwater.test", "verified": False},
            ],
        ),
    )

    assert not any(outcome.notes for outcome in outcomes)
