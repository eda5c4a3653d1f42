"""Group M: the links and pages by which a partner's IT department sets its sign-in up."""

import secrets

import pytest

from tests.console.pictures import picture
from tests.security.partners_it import PartnersIt, running_worker
from tests.support.portal_visitor import TOKEN, Visitor

pytestmark = pytest.mark.portal

STEPS = ("welcome", "provider", "register", "connect", "domains", "test", "switch-on")
POSTED = ("provider", "register", "connect", "domains", "test", "switch-on")
OTHERS = ("colleague", "log", "logos/wide", "logos/wide/withdraw", "leave")

AS_IT_IS = """
SELECT array(SELECT p::text FROM partners_partner p WHERE slug IN ('novo', 'vetus') ORDER BY id),
       array(SELECT c::text FROM partners_connection c JOIN partners_partner p
             ON p.id = c.partner_id WHERE p.slug IN ('novo', 'vetus') ORDER BY c.id),
       array(SELECT d::text FROM partners_emaildomain d JOIN partners_partner p
             ON p.id = d.partner_id WHERE p.slug IN ('novo', 'vetus') ORDER BY d.id),
       array(SELECT s::text FROM onboarding_setupstep s ORDER BY id),
       array(SELECT c::text FROM onboarding_contact c ORDER BY id)
"""

MASS = {
    "name": "Evil", "slug": "evil", "status": "live", "visibility": "listed", "aliases": "evil",
    "is_active": "1", "is_live": "1", "verified": "1", "verified_at": "2026-01-01T00:00:00Z",
    "verified_how": "operator", "subdomains": "on", "tenant_id": "1", "partner": "1",
    "partner_id": "1", "case": "1", "session_max_age": "999999", "services": "all",
    "allow_unverified_email": "1", "tested_at": "2026-01-01T00:00:00Z",
}  # fmt: skip
CHECKS = {
    "require_email_verified": "false", "id_token_algs": "none", "email_claim": "sub",
    "pinned_claims": "{}", "nonce": "off", "verify": "0", "verify_tls": "false", "max_age": "",
    "acr_values": "", "required_amr": "", "trusted": "1", "needs_id_token_hint": "on",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def partners(portal_server):
    """Two partners: one that is set up, and one that is live and nobody's business here."""
    portal_server.found(
        portal_server.record_of("novo", status="draft"), portal_server.record_of("vetus")
    )
    with running_worker(portal_server):
        yield


@pytest.fixture
def them(portal, owner):
    """Somebody at the partner, who has got no link yet; afterwards its set-up is closed."""
    it = PartnersIt(portal, owner, "novo")
    yield it
    it.ask_owner("close")


@pytest.fixture
def inside(them):
    """Somebody who is in the set-up."""
    them.get_in()
    return them


def saved(portal):
    return portal.rows(AS_IT_IS)


def told(portal, since):
    """Return all that was logged, recorded and queued since."""
    log = portal.log.read_text()[since[0] :]
    trail = portal.rows("SELECT e::text FROM audit_event e WHERE id > %s", since[1])
    mails = portal.rows("SELECT m::text FROM mails_queuedmail m")
    jobs = portal.rows("SELECT j::text FROM procrastinate_jobs j")
    return log + str(trail) + str(mails) + str(jobs)


def now(portal):
    ((last,),) = portal.rows("SELECT coalesce(max(id), 0) FROM audit_event")
    return len(portal.log.read_text()), last


# --- M01 to M08: the link ------------------------------------------------------------------------


def test_m01_m07_neither_a_link_nor_a_code_is_in_the_database_or_told_anywhere(portal, them):
    since = now(portal)
    path = them.invited()
    token = path.split("/")[2]
    code = them.code(path)
    them.browser.get(path)
    them.browser._send("POST", path, data={"code": code})
    answer = them.browser.post(path, {"code": code})

    assert len(token) == 43
    assert (answer.status_code, answer.headers["Location"]) == (303, "/setup/welcome/")
    (key,) = [value for name, value in them.browser.cookies().items() if "setup" in name]
    tables = portal.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    stored = "".join(
        str(portal.rows(f'SELECT t::text FROM "{table}" t'))  # noqa: S608 -- the catalogue's
        for (table,) in tables
    )
    for secret in (token, code, key):
        assert secret not in stored
        assert secret not in told(portal, since)
    assert "Forbidden" in told(portal, since)


def test_m02_the_second_use_is_told_and_shows_nothing_of_the_partner(inside, portal, owner):
    path = inside.get_in()

    for browser in (Visitor(portal), inside.browser):
        answer = browser.get(path)
        assert answer.status_code == 410
        assert "already used" in answer.text
        assert "ovo" not in answer.text.replace("Foyer", "")


def test_m04_revoked_replaced_and_paused_links_are_dead(them, portal):
    first = them.invited()
    second = them.invited()
    assert (them.browser.get(first).status_code, them.browser.get(second).status_code) == (410, 200)

    portal.change("UPDATE partners_partner SET status = 'paused' WHERE slug = 'novo'")
    paused = them.browser.get(second).status_code
    portal.change("UPDATE partners_partner SET status = 'draft' WHERE slug = 'novo'")
    ((link,),) = portal.rows("SELECT max(id) FROM onboarding_setuplink")
    them.ask_owner("revoke", link=str(link))

    assert paused == 410
    assert them.browser.get(second).status_code == 410


def test_m04_revoking_ends_what_was_opened(inside, portal):
    ((link,),) = portal.rows("SELECT max(id) FROM onboarding_setuplink")

    inside.ask_owner("revoke", link=str(link))

    assert inside.browser.get("/setup/welcome/").headers["Location"] == "/setup/"


def test_m05_a_link_that_was_tampered_with_is_none(them):
    token = them.invited().split("/")[2]
    swapped = token[1:] + token[0]

    for wrong in (token[:-1], f"{token}A", swapped, token.swapcase(), "../admin", f"{token}%2f"):
        assert them.browser.get(f"/setup/{wrong}/").status_code in {404, 302}, wrong


def test_m06_scanners_and_previews_consume_nothing(them, portal):
    path = them.invited()

    for _time in range(3):
        assert portal.ask("HEAD", path, headers={"Host": portal.base_url[7:]}).status == 200
        assert Visitor(portal).get(path, **{"Sec-Purpose": "prefetch"}).status_code == 200

    answer = them.browser.post(path, {"code": them.code(path)})
    assert answer.status_code == 303


def test_m07_the_pages_of_a_link_let_no_address_go_and_repeat_none(them, portal):
    path = them.invited()
    code = them.code(path)

    shown = [them.browser.get(path), them.browser.post(path, {"code": "00000000"})]
    entered = them.browser.post(path, {"code": code})

    for page in shown:
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert path.split("/")[2] not in page.text
        assert 'src="http' not in page.text
    assert entered.headers["Referrer-Policy"] == "no-referrer"
    assert path.split("/")[2] not in entered.headers["Location"]
    assert them.browser.get(path).status_code == 410


def test_m08_a_poisoned_host_gets_into_no_mail(them, portal, owner):
    page = f"/admin/partners/partner/{them.partner_id}/set-up/"
    token = TOKEN.search(owner.get(page).text)[1]
    form = {"csrfmiddlewaretoken": token, "do": "send", "email": them.address}
    forwarded = {
        "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example",
        "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/evil",
    }  # fmt: skip
    owner._visitor._send("POST", page, data=form, headers=forwarded)
    assert them.link_mailed()
    refused = owner._visitor._send("POST", page, data=form, headers={"Host": "evil.example"})

    assert refused.status_code == 400
    for mail in portal.mails_to(them.address):
        assert "evil.example" not in str(mail)


# --- M09, M10: what a set-up session opens -------------------------------------------------------


def test_m09_nothing_in_an_address_or_a_form_leads_to_another_partner(inside, portal):
    ((vetus,),) = portal.rows("SELECT id FROM partners_partner WHERE slug = 'vetus'")
    ((domain,),) = portal.rows("SELECT id FROM partners_emaildomain WHERE name = 'vetus.example'")
    before = portal.rows("SELECT p::text FROM partners_partner p WHERE slug = 'vetus'")

    for step in STEPS:
        for query in (f"partner={vetus}", "partner=vetus", f"case={vetus}", f"connection={vetus}"):
            page = inside.browser.get(f"/setup/{step}/?{query}")
            assert "etus" not in page.text.replace(query, "")
    for button in ("look", "remove"):
        answer = inside.browser.post("/setup/domains/", {button: str(domain)})
        assert answer.status_code == 404

    assert portal.rows("SELECT p::text FROM partners_partner p WHERE slug = 'vetus'") == before
    assert portal.rows("SELECT 1 FROM partners_emaildomain WHERE id = %s", domain)


def test_m10_a_set_up_session_is_no_session_of_the_portal_or_of_its_admin(inside):
    browser = inside.browser

    assert browser.who() is None
    assert browser.get("/").headers["Location"].startswith("/login/")
    assert browser.get("/api/token/").status_code == 401
    assert browser.get("/api/authorize/").status_code == 401
    for path in ("/admin/", f"/admin/partners/partner/{inside.partner_id}/set-up/"):
        assert browser.get(path).headers["Location"].startswith("/admin/login/")


def test_m10_whoever_is_signed_in_elsewhere_is_in_no_set_up(inside, portal, owner):
    portal.issuer("vetus").sign_in_as("ana@vetus.example")
    person = Visitor(portal)
    assert person.sign_in("vetus").status_code == 302

    for step in STEPS:
        assert person.get(f"/setup/{step}/").headers["Location"] == "/setup/"
        assert owner.get(f"/setup/{step}/").headers["Location"] == "/setup/"


def test_m10_a_made_up_key_opens_nothing(portal):
    for key in (secrets.token_urlsafe(32), "", "1", "x" * 5000):
        stranger = Visitor(portal)
        answer = stranger.get("/setup/welcome/", Cookie=f"foyer-setup={key}")
        assert answer.headers["Location"] == "/setup/"


# --- M11 to M15: the forms -----------------------------------------------------------------------


def test_m11_of_two_who_save_at_once_the_second_is_told(inside, portal, owner):
    inside.browser.post("/setup/colleague/", {"email": "ben@novo.example"})
    ben = PartnersIt(portal, owner, "novo", "ben")
    path = ben.link_mailed()
    ben.browser.post(path, {"code": ben.code(path)})
    revision = {"revision": "0", "then": "save"}
    inside.save("/setup/switch-on/", then="save", help_name="First")

    second = ben.browser.post("/setup/switch-on/", {**revision, "help_name": "Second"})

    assert "Somebody else has changed this meanwhile" in second.text
    assert inside.address in second.text
    assert 'value="Second"' in second.text
    assert portal.rows("SELECT help_name FROM partners_partner WHERE slug = 'novo'") == [("First",)]


def test_m12_what_was_typed_when_the_session_ended_is_there_after_coming_back(inside, portal):
    page = TOKEN.search(inside.browser.get("/setup/switch-on/").text)[1]
    portal.change("UPDATE onboarding_setupsession SET expires_at = now()")
    form = {"csrfmiddlewaretoken": page, "help_phone": "typed too late", "revision": "0"}
    late = inside.browser._send("POST", "/setup/switch-on/", data=form)
    code = inside.code("/setup/", {"email": inside.address})
    inside.browser.post("/setup/", {"email": inside.address, "code": code})

    again = inside.browser.get("/setup/switch-on/")

    assert late.headers["Location"] == "/setup/"
    assert 'value="typed too late"' in again.text
    assert portal.rows("SELECT help_phone FROM partners_partner WHERE slug = 'novo'") == [("",)]


@pytest.mark.parametrize("step", POSTED)
def test_m13_m19_what_a_form_does_not_show_cannot_be_set_by_it(inside, portal, step):
    query = (
        "SELECT slug, name, status, visibility, aliases, session_max_age, require_email_verified,"
        " id_token_algs, email_claim, pinned_claims, is_live, tested_at, max_age,"
        " needs_id_token_hint FROM partners_partner p JOIN partners_connection c"
        " ON c.partner_id = p.id AND c.is_live WHERE slug = 'novo'"
    )
    before = portal.rows(query)

    inside.save(f"/setup/{step}/", **MASS, **CHECKS)

    assert portal.rows(query) == before
    prepared = portal.rows(
        "SELECT require_email_verified, id_token_algs, email_claim, tested_at"
        " FROM partners_connection c JOIN partners_partner p ON p.id = c.partner_id"
        " WHERE slug = 'novo' AND NOT is_live"
    )
    assert all(row == (before[0][6], before[0][7], before[0][8], None) for row in prepared)
    assert not portal.rows(
        "SELECT 1 FROM partners_emaildomain d JOIN partners_partner p ON p.id = d.partner_id"
        " WHERE slug = 'novo' AND (subdomains OR (verified_at IS NOT NULL AND d.name <> %s))",
        "novo.example",
    )


def test_m14_no_form_is_taken_without_its_token(inside, portal):
    before = saved(portal)

    for place in (*POSTED, "colleague", "leave", "logos/wide/withdraw"):
        for token in ({}, {"csrfmiddlewaretoken": "x" * 64}):
            form = {"help_name": "Evil", "domain": "evil.example", "revision": "0", **token}
            answer = inside.browser._send("POST", f"/setup/{place}/", data=form)
            assert answer.status_code == 403, place

    assert saved(portal) == before
    assert inside.browser.get("/setup/welcome/").status_code == 200


def test_m14_a_form_of_another_site_is_refused_though_pages_of_links_name_no_origin(them):
    path = them.invited()
    token = TOKEN.search(them.browser.get(path).text)[1]

    def sent(**headers):
        return them.browser._send(
            "POST", path, data={"csrfmiddlewaretoken": token}, headers=headers
        ).status_code

    assert sent(Origin="null", **{"Sec-Fetch-Site": "same-origin"}) == 200
    assert sent(Origin="null", **{"Sec-Fetch-Site": "cross-site"}) == 403
    assert sent(Origin="null") == 403
    assert sent(Origin="https://evil.example", **{"Sec-Fetch-Site": "same-origin"}) == 403


def test_m15_what_a_partner_types_is_text_on_every_page_and_in_every_mail(inside, portal, owner):
    script = "<script>alert(1)</script>"
    page = inside.save("/setup/switch-on/", then="save", help_name=script)
    inside.browser.post("/setup/domains/", {"domain": script})

    pages = [
        page.text,
        inside.browser.get("/setup/switch-on/").text,
        owner.get(f"/admin/partners/partner/{inside.partner_id}/set-up/").text,
        owner.get(f"/admin/partners/partner/{inside.partner_id}/change/").text,
        owner.get("/admin/onboarding/setupcase/").text,
    ]
    assert not [shown for shown in pages if script in shown]


# --- M17, M20, M23 -------------------------------------------------------------------------------


def test_m17_people_sign_in_as_before_while_a_version_is_prepared(portal, owner):
    portal.issuer("vetus").sign_in_as("ana@vetus.example")
    it = PartnersIt(portal, owner, "vetus")
    it.get_in()

    it.save("/setup/connect/", address=f"{portal.provider.base_url}/nobody", client_id="wrong")

    assert Visitor(portal).sign_in("vetus").status_code == 302
    it.save("/setup/switch-on/", then="switch-on")
    assert Visitor(portal).sign_in("vetus").status_code == 302
    it.ask_owner("close")


def test_m20_nobody_gets_a_link_by_asking_and_all_are_told_of_one(inside, portal):
    stranger = Visitor(portal)
    answer = stranger.post("/setup/", {"email": "eve@novo.example"})
    assert answer.status_code == 200
    assert not portal.mails_to("eve@novo.example")

    inside.ask_owner("send", email="eve@novo.example")

    (newest, *_others) = portal.mails_to(inside.address)
    assert "eve@novo.example" in newest.get_content()
    assert "/setup/" not in newest.get_content()


def test_m23_links_cannot_be_guessed(them, portal):
    stranger = Visitor(portal)

    answers = [
        stranger.get(f"/setup/{secrets.token_urlsafe(32)}/").status_code for _time in range(22)
    ]

    assert answers[:20] == [404] * 20
    assert answers[-1] == 429
    assert Visitor(portal).get("/login/vetus/").status_code == 302


def test_m23_an_address_that_is_at_work_answers_like_one_that_is_not(inside, portal):
    def answered(email, **form):
        answer = Visitor(portal).post("/setup/", {"email": email, **form})
        return answer.status_code, TOKEN.sub("", answer.text).replace(email, "…")

    assert answered(inside.address) == answered("eve@novo.example")
    assert answered(inside.address, code="1") == answered("eve@novo.example", code="1")


# --- N08 -----------------------------------------------------------------------------------------


def test_n08_nobody_sees_a_logo_before_the_owner_has_approved_it(inside, portal):
    portal.change(
        "UPDATE partners_partner SET status='live', visibility='listed' WHERE slug='novo'"
    )
    page = inside.browser.get("/setup/switch-on/")
    form = {"csrfmiddlewaretoken": TOKEN.search(page.text)[1], "revision": "0", "then": "save"}
    form |= {"is_listed": "on"}
    files = {"wide_logo": ("a.png", picture(200, 80), "image/png")}
    inside.browser._send("POST", "/setup/switch-on/", data=form, files=files)
    before = Visitor(portal).get("/login/?q=novo").text
    assert inside.browser.get("/setup/logos/wide/").headers["Content-Type"] == "image/webp"
    assert Visitor(portal).get("/setup/logos/wide/").status_code == 303

    inside.ask_owner("approve-logo", shape="wide")

    after = Visitor(portal).get("/login/?q=novo").text
    portal.change("UPDATE partners_partner SET status = 'draft' WHERE slug = 'novo'")
    assert "/logos/" not in before
    assert "/logos/" in after
