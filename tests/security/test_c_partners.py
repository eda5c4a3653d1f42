"""Group C, partners beside each other: alike, at one issuer, paused, deleted, all at once."""

import json
from base64 import b64decode
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_plus, urlsplit

import pytest

from demo.names import ADMIN_EMAIL
from demo.provider import Account, IdTokenFault
from tests.security.adversary import Adversary
from tests.support.portal import ADMIN_PASSWORD

pytestmark = pytest.mark.portal


# --- C10, C16: alike -----------------------------------------------------------------------------


def test_c10_two_partners_with_one_client_id_share_nothing(case, at):
    twins = [at("twin-one"), at("twin-two")]
    case.adversaries += twins
    assert twins[0].client_id == twins[1].client_id

    for twin in twins:
        browser = case.new_browser()
        case.let_in(browser.sign_in(twin.slug), twin.email("ana"), by=browser, at=twin)

    sent = [twin.issuer.requests_to("token")[0].headers["authorization"] for twin in twins]
    secrets = [unquote_plus(b64decode(one.split()[1]).decode().split(":")[1]) for one in sent]
    assert secrets == [f"a secret: 100 % + of {twin.slug}" for twin in twins]


def test_c10_a_token_for_the_one_is_none_for_the_other(case, at):
    one, other = at("twin-one"), at("twin-two")
    case.adversaries += [one, other]
    sent = []
    keep = IdTokenFault(token=lambda token: sent.append(token) or token)
    one.misbehave(id_token=keep)
    browser = case.new_browser()
    case.let_in(browser.sign_in(one.slug), one.email("ana"), by=browser, at=one)
    other.misbehave(id_token=IdTokenFault(token=sent[0]))

    answer = case.browser.sign_in(other.slug)

    case.refused(answer, "key_unknown", at=other)


def test_c16_one_subject_at_two_providers_is_two_people(case, accomplice):
    case.adversaries.append(accomplice)
    assert case.adversary.account("ana").subject == accomplice.account("ana").subject
    first, second = case.new_browser(), case.new_browser()

    at_first = first.sign_in(case.adversary.slug)
    one = case.let_in(at_first, case.adversary.email("ana"), by=first)
    at_second = second.sign_in(accomplice.slug)
    other = case.let_in(at_second, accomplice.email("ana"), by=second, at=accomplice)

    assert one["subject"] != other["subject"]
    assert one["token"]["issuer_subject"] != other["token"]["issuer_subject"]
    assert first.who() == one


# --- C11, C12: at one issuer ---------------------------------------------------------------------


def test_c11_two_companies_at_one_issuer_each_get_their_own_people(case, at):
    for slug in ("tenant-one", "tenant-two"):
        tenant = at(slug)
        case.adversaries.append(tenant)
        tenant.sign_in_as("ana")
        browser = case.new_browser()
        case.let_in(browser.sign_in(slug), tenant.email("ana"), by=browser, at=tenant)


CLAIMS = {
    "another-company": ({"tid": "tenant-two"}, "claim_mismatch"),
    "upper-case": ({"tid": "TENANT-ONE"}, "claim_mismatch"),
    "list": ({"tid": ["tenant-one"]}, "claim_mismatch"),
    "both": ({"tid": "tenant-one tenant-two"}, "claim_mismatch"),
    "object": ({"tid": {"tenant-one": 1}}, "claim_mismatch"),
    "true": ({"tid": True}, "claim_mismatch"),
    "null": ({"tid": None}, "claim_mismatch"),
    "empty": ({"tid": ""}, "claim_mismatch"),
    "missing": ({}, "claim_missing"),
    "another-name": ({"TID": "tenant-one"}, "claim_missing"),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"C11-{name}") for name in CLAIMS])
def test_c11_a_person_of_another_company_at_the_same_issuer(case, at, name):
    tenant = at("tenant-one")
    case.adversaries.append(tenant)
    claims, reason = CLAIMS[name]
    tenant.issuer.add_account(
        Account(subject="somebody", email="ana@tenant-one.example", claims=claims)
    )
    tenant.sign_in_as("ana")

    case.refused(case.browser.sign_in(tenant.slug), reason, at=tenant)


def test_c11_c12_a_partner_that_is_not_told_apart_is_not_taken(case):
    """The owner is told; nothing of the file is saved, and the partners go on as they were."""
    own = case.adversary.issuer_url
    shared = f"{case.portal.provider.base_url}/everybody"
    connections = {
        "stolen-client": {"issuer": own, "client_id": case.adversary.client_id},
        "same-issuer": {"issuer": own, "client_id": "another"},
        "same-pin": {"issuer": shared, "client_id": "b", "pinned_claims": {"tid": "tenant-one"}},
        "another-claim": {"issuer": shared, "client_id": "c", "pinned_claims": {"hd": "x"}},
        "no-pin": {"issuer": shared, "client_id": "d"},
    }
    records = [
        {**case.portal.record_of(slug), "connection": {**connection, "client_secret": "s" * 20}}
        for slug, connection in connections.items()
    ]
    file = case.portal.directory / "not-told-apart.json"
    file.write_text(json.dumps({"partners": records}))

    with pytest.raises(AssertionError) as refused:
        case.portal.manage("import_partners", str(file))

    told = str(refused.value)
    for number in range(len(records)):
        assert f"partners[{number}]" in told
    found = "SELECT count(*) FROM partners_partner WHERE slug = ANY(%s)"
    assert case.portal.rows(found, list(connections)) == [(0,)]
    case.let_in(case.attack(), case.adversary.email("ana"))


# --- C18 to C20: paused, changed, deactivated ----------------------------------------------------


@pytest.mark.parametrize("status", ["paused", "draft"])
def test_c18_a_partner_that_is_paused_while_somebody_is_on_the_way(case, status):
    callback = case.callback()
    case.adversary.set_status(status)

    case.refused(case.browser.get(callback), "partner_not_live")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(
            "UPDATE partners_connection SET issuer = issuer || '/other' WHERE id = %s",
            id="C18-issuer",
        ),
        pytest.param(
            "UPDATE partners_connection SET is_live = false WHERE id = %s", id="C18-connection"
        ),
    ],
)
def test_c18_a_connection_that_is_changed_meanwhile(case, change):
    callback = case.callback()
    undo = "UPDATE partners_connection SET is_live = true, issuer = %s WHERE id = %s"

    case.portal.change(change, case.adversary.connection_id)
    try:
        case.refused(case.browser.get(callback), "attempt_unknown")
    finally:
        case.portal.change(undo, case.adversary.issuer_url, case.adversary.connection_id)


def test_c18_a_domain_that_is_taken_away_meanwhile(case):
    callback = case.callback()
    proved = "UPDATE partners_emaildomain SET verified_at = {} WHERE partner_id = %s"

    case.portal.change(proved.format("NULL"), case.adversary.partner_id)
    try:
        case.refused(case.browser.get(callback), "email_not_of_partner")
    finally:
        case.portal.change(proved.format("now()"), case.adversary.partner_id)


@pytest.mark.parametrize("status", ["paused", "draft"])
def test_c19_the_sessions_of_a_paused_partner_are_over_at_their_next_request(case, status):
    case.let_in(case.attack(), case.adversary.email("ana"))
    assert case.browser.get("/api/authorize/").status_code == 204
    case.adversary.set_status(status)
    calls = len(case.portal.pool.calls)

    assert case.browser.get("/api/authorize/").status_code == 401
    assert case.browser.get("/api/token/").status_code == 401
    assert case.browser.who() is None
    assert len(case.portal.pool.calls) == calls
    # And do not come back with the partner.
    case.adversary.set_status("live")
    assert case.browser.who() is None


@pytest.mark.parametrize("status", ["paused", "draft"])
def test_c19_nobody_starts_a_sign_in_at_a_partner_that_is_not_live(case, status):
    case.adversary.set_status(status)

    answer = case.browser.get(f"/login/{case.adversary.slug}/")

    case.nothing_happened(answer, status=503 if status == "paused" else 404)
    assert not case.browser.attempts()
    assert not case.adversary.issuer.requests_to("discovery")


def test_c20_a_person_who_was_deactivated_is_out_and_stays_out(case):
    who = case.let_in(case.attack(), case.adversary.email("ana"))
    deactivate = "UPDATE people_user SET is_active = false WHERE subject = %s"
    case.portal.change(deactivate, who["subject"])

    assert case.browser.who() is None
    case.refused(case.attack(), "person_inactive", token_requests=2)

    active = "SELECT is_active FROM people_user WHERE subject = %s"
    assert case.portal.rows(active, who["subject"]) == [(False,)]


@pytest.mark.parametrize("claims", [{"sub": "another"}, {"email": "ANA@ADVERSARY.EXAMPLE"}])
def test_c20_nor_back_in_by_another_name(case, claims):
    who = case.let_in(case.attack(), case.adversary.email("ana"))
    deactivate = "UPDATE people_user SET is_active = false WHERE subject = %s"
    case.portal.change(deactivate, who["subject"])
    assert case.browser.who() is None
    reason = "email_taken" if "sub" in claims else "person_inactive"

    answer = case.attack(id_token=IdTokenFault(members=claims))

    case.refused(answer, reason, token_requests=2)


# --- C21: all at once ----------------------------------------------------------------------------


def test_c21_fifty_sign_ins_at_once_at_five_partners_swap_nobody(case, at):
    case.cpu_seconds = 5
    partners = [at(slug) for slug in ("adversary", "accomplice", "twin-one", "twin-two")]
    partners.append(at("awkward-basic"))
    case.adversaries += partners
    people = [(partner, f"person-{number}") for partner in partners for number in range(10)]
    for partner, name in people:
        account = Account(subject=name, email=partner.email(name), name=name)
        partner.issuer.add_account(account)
        partner.issuer.sign_in_as(None)
    browsers = [case.new_browser() for _ in people]

    def sign_in(place):
        (partner, name), browser = people[place], browsers[place]
        url = urlsplit(browser.begin(partner.slug))
        there = url._replace(path=f"/{partner.slug}/sign-in").geturl()
        chosen = browser._send("POST", there, data={"email": partner.email(name)})
        answer = browser.get(chosen.headers["Location"])
        return answer.status_code, browser.who()

    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(sign_in, range(len(people))))

    assert [status for status, _ in found] == [302] * 50
    for (partner, name), (_status, who) in zip(people, found, strict=True):
        assert (who["email"], who["partner"]["slug"]) == (partner.email(name), partner.slug)
    assert len({who["subject"] for _, who in found}) == 50
    assert len({who["token"]["issuer_subject"] for _, who in found}) == 50
    calls = Counter(str(call.parameters["Logins"]) for call in case._new_calls())
    assert len(calls) == 50
    case.adversary.sign_in_as("ana")
    case._rows(case.browser)
    case.let_in(case.attack(), case.adversary.email("ana"))


# --- C22: a slug that is used again --------------------------------------------------------------


def as_owner(case):
    owner = case.new_browser()
    form = {"username": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    assert owner.post("/admin/login/", form).status_code == 302
    return owner


def test_c22_a_partner_that_has_people_is_not_deleted(case):
    case.let_in(case.attack(), case.adversary.email("ana"))
    there = f"/admin/partners/partner/{case.adversary.partner_id}/delete/"
    owner = as_owner(case)

    page = owner.get(there)
    token = owner.cookies().get("foyer-csrf", "")
    owner._send("POST", there, data={"post": "yes", "csrfmiddlewaretoken": token})

    assert page.status_code in {200, 302, 403}
    still = "SELECT count(*) FROM partners_partner WHERE id = %s"
    assert case.portal.rows(still, case.adversary.partner_id) == [(1,)]
    assert case.browser.who() is not None


def test_c22_a_slug_that_is_used_again_inherits_nothing(outage):
    callback = outage.callback()
    adversary = outage.adversary
    there = f"/admin/partners/partner/{adversary.partner_id}/delete/"
    record = outage.portal.record_of(adversary.slug)
    assert as_owner(outage).post(there, {"post": "yes"}).status_code == 302

    outage.portal.found(record)

    outage.refused(outage.browser.get(callback), "attempt_unknown", is_gone=True)
    again = Adversary(outage.portal, adversary.slug)
    assert again.connection_id != adversary.connection_id
    again.sign_in_as("ana")
    outage.let_in(outage.browser.sign_in(again.slug), again.email("ana"))
    again.restore()
