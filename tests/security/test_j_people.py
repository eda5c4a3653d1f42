"""Group J, people: whose place a sign-in opens, and what it can never make of anybody."""

from contextlib import contextmanager
from uuid import uuid4

import pytest

from demo.names import ADMIN_EMAIL
from demo.provider import Account, Fault, IdTokenFault

pytestmark = pytest.mark.portal

STAFF = "SELECT count(*) FROM people_user WHERE is_staff OR is_superuser"


def arriving(case, *, by=None, **claims):
    """Return the answer to a person of whom the provider says this."""
    case.adversary.misbehave(id_token=IdTokenFault(members=claims))
    return (by or case.browser).sign_in(case.adversary.slug)


@contextmanager
def a_person(case, email, *, is_staff=False):
    """Have somebody with this address who has never come through a provider."""
    case.portal.change(
        "INSERT INTO people_user (password, is_superuser, email, name, partner_id, subject,"
        " is_active, is_staff, created_at) VALUES"
        " ('!', %s, %s, 'Somebody', %s, %s, true, %s, now())",
        *(is_staff, email, case.adversary.partner_id, uuid4().hex, is_staff),
    )
    yield
    case.portal.change("DELETE FROM people_user WHERE email = %s", email)


# --- J20, J21: an address that changes -----------------------------------------------------------


def test_j20_a_new_address_of_the_same_person_is_followed_and_recorded(case):
    before = case.let_in(case.attack(), case.adversary.email("ana"))
    new = case.adversary.email("ana.sousa")

    answer = arriving(case, email=new)

    assert answer.status_code == 302
    after = case.browser.who()
    assert (after["email"], after["subject"]) == (new, before["subject"])
    assert after["token"]["issuer_subject"] == before["token"]["issuer_subject"]
    recorded = (
        "SELECT what, email, detail->'before'->>'email' FROM audit_event"
        " WHERE what = 'person.email_changed' AND subject = %s"
    )
    old = case.adversary.email("ana")
    assert case.portal.rows(recorded, after["subject"]) == [("person.email_changed", new, old)]


@pytest.mark.parametrize("name", ["ana", "another"])
def test_j20_the_old_address_opens_nothing_of_the_one_who_had_it(case, name):
    """Somebody new at the company gets the address of somebody who is called otherwise now."""
    other = case.new_browser()
    one = case.let_in(case.attack(), case.adversary.email("ana"))
    arriving(case, email=case.adversary.email("ana.sousa"))
    case._rows(case.browser)
    case._new_calls()

    answer = arriving(case, by=other, sub=f"new-{name}", email=case.adversary.email("ana"))

    two = case.let_in(answer, case.adversary.email("ana"), by=other)
    assert two["subject"] != one["subject"]
    assert two["token"]["issuer_subject"] != one["token"]["issuer_subject"]


def test_j20_no_address_follows_out_of_the_partners_domains(case):
    before = case.let_in(case.attack(), case.adversary.email("ana"))

    answer = arriving(case, email="ana@bystander.example")

    case.refused(answer, "email_not_of_partner", token_requests=2)
    assert case.browser.who() == before


@pytest.mark.parametrize("written", ["ben@adversary.example", "BEN@Adversary.Example"])
def test_j21_an_address_never_follows_onto_a_colleagues(case, written):
    case.adversary.sign_in_as("ben")
    ben = case.new_browser()
    case.let_in(ben.sign_in(case.adversary.slug), case.adversary.email("ben"), by=ben)
    bens = ben.who()
    case.adversary.sign_in_as("ana")
    anas = case.let_in(case.attack(), case.adversary.email("ana"))

    case.refused(arriving(case, email=written), "email_taken", token_requests=3)

    assert (ben.who(), case.browser.who()) == (bens, anas)


@pytest.mark.parametrize("sub", ["person-1 ", "PERSON-1", "person-10", "person-"])
def test_j21_a_subject_that_resembles_another_is_somebody_else(case, sub):
    case.let_in(case.attack(), case.adversary.email("ana"))
    assert case.adversary.account("ana").subject == "person-1"

    answer = arriving(case, sub=sub)

    case.refused(answer, "email_taken", token_requests=2)


def test_j21_a_subject_that_nobody_can_read(case):
    case.refused(arriving(case, sub="person-1\u200b"), "claim_mismatch")


# --- J22: claims that look like an address -------------------------------------------------------


@pytest.mark.parametrize(
    "claim", ["preferred_username", "upn", "unique_name", "nickname", "sub", "name"]
)
def test_j22_no_other_claim_stands_in_for_the_address(case, claim):
    said = IdTokenFault(members={claim: "ben@adversary.example"}, without=["email"])
    without = Fault(without=["email"], members={} if claim == "sub" else {claim: "b@x.example"})

    answer = case.attack(id_token=said, userinfo=without)

    # Where the ID Token is about somebody else, so is what UserInfo says.
    case.refused(answer, "subject_mismatch" if claim == "sub" else "email_missing")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("victim@bystander.example", "email_not_of_partner"),
        ("ana_bystander.example#EXT#@adversary.evil", "email_not_of_partner"),
        ("ana@adversary.example@bystander.example", "email_not_of_partner"),
        (["ana@adversary.example"], "email_missing"),
    ],
)
def test_j22_where_the_owner_names_another_claim_the_same_rules_hold(case, value, reason):
    case.adversary.configure(email_claim="preferred_username")

    case.refused(arriving(case, preferred_username=value), reason)


def test_j22_where_the_owner_names_another_claim_the_usual_one_is_not_read(case):
    case.adversary.configure(email_claim="preferred_username")
    said = {"preferred_username": case.adversary.email("ana"), "email": "victim@bystander.example"}

    case.let_in(arriving(case, **said), case.adversary.email("ana"))


# --- J23 to J25: personal accounts and guests ----------------------------------------------------

PERSONAL = {
    "J23-no-company": {},
    "J23-another-company": {"tid": "evil"},
    "J24-personal-account": {"hd": "tenant-one.example"},
    "J24-as-a-list": {"tid": ["tenant-one"], "hd": None},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in PERSONAL])
def test_j23_j24_an_account_of_nobodys_with_a_company_address(case, at, name):
    """A verified address is no membership: the shared issuer has to say whose account it is."""
    tenant = at("tenant-one")
    case.adversaries.append(tenant)
    tenant.issuer.add_account(
        Account(subject="personal", email="ana@tenant-one.example", claims=PERSONAL[name])
    )
    tenant.sign_in_as("ana")
    is_there = "tid" in PERSONAL[name]

    answer = case.browser.sign_in(tenant.slug)

    case.refused(answer, "claim_mismatch" if is_there else "claim_missing", at=tenant)


@pytest.mark.parametrize("value", [False, "false", "none", 0, None, "no", [], {}, 2])
def test_j25_entra_says_that_the_domain_is_not_verified(case, value):
    case.refused(arriving(case, xms_edov=value), "email_not_verified")


@pytest.mark.parametrize(
    "claims",
    [
        {"acct": 1, "idp": "https://sts.windows.net/evil/", "email": "ana@bystander.example"},
        {"acct": 1, "email": "ana_bystander.example#EXT#@adversary.onmicrosoft.example"},
    ],
    ids=["home-address", "guest-name"],
)
def test_j25_a_guest_keeps_the_address_of_home(case, claims):
    case.refused(arriving(case, **claims), "email_not_of_partner")


# --- J28, J29: people that are there already, and staff ------------------------------------------


@pytest.mark.parametrize("verified", [True, False])
def test_j28_somebody_who_is_expected_is_not_whoever_says_the_address(case, verified):
    with a_person(case, case.adversary.email("ana")):
        answer = arriving(case, email_verified=verified)

        case.refused(answer, "email_taken" if verified else "email_not_verified")


def test_j29_staff_with_an_address_of_the_partners(case):
    with a_person(case, case.adversary.email("ana"), is_staff=True):
        case.refused(case.attack(), "email_taken")

        assert case.browser.get("/admin/").status_code != 200


def test_j29_the_address_of_the_owners_staff(case):
    case.refused(arriving(case, email=ADMIN_EMAIL), "email_not_of_partner")


CLAIMED = {
    "flags": {"is_staff": True, "is_superuser": True, "staff": True, "admin": True},
    "roles": {"roles": ["admin", "superuser"], "groups": ["staff", "Administrators"]},
    "ours": {"user": 1, "user_id": 1, "id": 1, "pk": 1, "partner_id": 1, "subject": "x"},
    "scope": {"scope": "admin", "permissions": ["*"], "wids": ["62e90394"]},
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"J29-{name}") for name in CLAIMED])
def test_j29_nothing_that_a_provider_says_opens_the_admin(case, name):
    staff = case.portal.rows(STAFF)

    who = case.let_in(arriving(case, **CLAIMED[name]), case.adversary.email("ana"))

    for place in ("", "partners/partner/", "people/user/", "audit/event/"):
        answer = case.browser.get(f"/admin/{place}")
        assert answer.status_code in {302, 404}
        assert answer.headers.get("Location", "/admin/login/").startswith("/admin/login/")
    assert case.portal.rows(STAFF) == staff
    assert who["subject"] != "x"


# --- J30: whose domain it cannot be --------------------------------------------------------------


@pytest.mark.parametrize(
    "domain",
    ["northlake.example", "support.northlake.example", "NORTHLAKE.example", "gmail.com", "co.uk"],
)
def test_j30_the_owners_domain_and_everybodys_are_no_partners(case, domain):
    record = case.portal.record_of("claims-too-much", domains=[domain])

    with pytest.raises(AssertionError) as refused:
        case.portal.found(record)

    assert "partners[0].domains[0]" in str(refused.value)
    there = "SELECT count(*) FROM partners_partner WHERE slug = 'claims-too-much'"
    assert case.portal.rows(there) == [(0,)]
    case.let_in(case.attack(), case.adversary.email("ana"))
