"""Adding and changing a partner: what is kept, what is refused, what is said."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q

from audit.models import Event
from demo.provider import ProviderConfig
from partners.home_realm import partner_of_email
from partners.models import Connection, EmailDomain, Logo, Partner
from partners.secrets import client_secret_of
from tests.console.conftest import STAFF, messages_of
from tests.console.pictures import picture

SECRET = "a secret of theirs"


@pytest.fixture
def issuer(provider):
    return provider.register(
        "initech",
        client_id="foyer",
        client_secret=SECRET,
        redirect_uri="https://testserver/login/initech/callback/",
        config=ProviderConfig(name="Initech"),
    )


@pytest.fixture
def initech(issuer):
    """Give what is typed to make a live partner of a company."""
    return {
        "name": "Initech",
        "slug": "initech",
        "status": "live",
        "visibility": "listed",
        "connections-0-issuer": issuer.issuer,
        "connections-0-client_id": "foyer",
        "connections-0-client_secret": SECRET,
        "domains-0-name": "initech.example",
        "domains-0-confirmed": "on",
        "domains-0-verified_why": "in our contract",
    }


def test_makes_a_live_partner_whose_people_are_found_at_once(staff, initech):
    response = staff.save("partners_partner_add", **initech)

    assert response.redirect_chain, response.context["errors"]
    partner = partner_of_email("ana@initech.example")
    assert (partner.name, partner.status, partner.visibility) == ("Initech", "live", "listed")
    assert client_secret_of(partner.live_connection) == SECRET
    assert partner.domains.get().verified_how == "operator"


def test_a_name_is_enough_for_a_draft_and_the_next_step_is_said(staff, db):
    assert "The name is enough" in staff.get("partners_partner_add").content.decode()

    response = staff.save("partners_partner_add", name="Initech", slug="initech")

    partner = Partner.objects.get()
    assert (partner.status, partner.live_connection) == ("draft", None)
    told = [
        told for told in map(str, messages_of(response)) if "Initech has no connection yet." in told
    ]
    assert f"/partner/{partner.pk}/set-up/" in told[0]


def test_no_next_step_is_said_of_a_partner_with_its_connection(staff, initech):
    response = staff.save("partners_partner_add", **initech)

    assert not [told for told in messages_of(response) if "no connection yet" in str(told)]


@pytest.mark.parametrize("left_out", ["issuer", "client_id"])
def test_a_connection_that_is_begun_needs_its_issuer_and_client_id(staff, initech, left_out):
    page = staff.save("partners_partner_add", **initech | {f"connections-0-{left_out}": ""})

    assert "This field is required." in page.content.decode()
    assert not Partner.objects.exists()


def test_a_new_partners_people_sign_in(staff, initech, issuer, browser, pool):
    staff.save("partners_partner_add", **initech)
    issuer.add_account(issuer.account("ana@company.example"))
    issuer.sign_in_as("ana@company.example")

    url = browser.authorization_url("initech")

    assert url.startswith(issuer.issuer)


def test_records_every_change_as_the_staffs(staff, initech):
    staff.save("partners_partner_add", **initech)

    events = Event.objects.filter(partner="initech")
    assert {"partner.added", "connection.added", "domain.added"} <= {event.what for event in events}
    assert {event.actor for event in events} == {STAFF}


def test_records_before_and_after_and_masks_the_secret(staff, acme):
    staff.save(
        "partners_partner_change",
        acme.partner.pk,
        name="Acme & Sons",
        **{"connections-0-client_secret": "another secret"},
    )

    named = Event.objects.get(what="partner.changed", actor=STAFF)
    assert (named.detail["before"]["name"], named.detail["after"]["name"]) == (
        "Acme",
        "Acme & Sons",
    )
    sealed = Event.objects.get(what="connection.changed", actor=STAFF)
    assert sealed.detail["after"]["client_secret_sealed"] == "•••• changed"
    assert "another secret" not in str(list(Event.objects.values()))


def test_an_empty_secret_keeps_the_stored_one(staff, acme):
    stored = client_secret_of(acme.connection)

    staff.save("partners_partner_change", acme.partner.pk, help_email="it@acme.example")

    acme.connection.refresh_from_db()
    assert client_secret_of(acme.connection) == stored
    assert Partner.objects.get(slug="acme").help_email == "it@acme.example"


def test_never_shows_a_secret_and_says_since_when_it_is_there(staff, acme):
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    assert "•••• set on" in page
    assert client_secret_of(acme.connection) not in page
    assert acme.connection.client_secret_sealed not in page


def test_keeps_what_was_typed_but_not_the_secret(staff, initech):
    response = staff.save("partners_partner_add", **{**initech, "slug": "Callback!"})

    page = response.content.decode()
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["slug"]
    assert 'value="Initech"' in page
    assert 'value="initech.example"' in page
    assert SECRET not in page
    assert not Partner.objects.exists()


def test_the_slug_stays_whatever_is_posted(staff, acme):
    staff.save("partners_partner_change", acme.partner.pk, slug="other", name="Acme Two")

    assert Partner.objects.get(pk=acme.partner.pk).slug == "acme"


@pytest.mark.parametrize("slug", ["callback", "help"])
def test_refuses_a_reserved_slug(staff, initech, slug):
    response = staff.save("partners_partner_add", **{**initech, "slug": slug})

    assert response.context["adminform"].form.errors["slug"]


def test_a_live_partner_needs_a_connection(staff, initech):
    without = {name: "" for name in initech if name.startswith("connections-0")}

    response = staff.save("partners_partner_add", **{**initech, **without})

    assert "A live partner needs a connection." in response.content.decode()
    assert not Partner.objects.exists()


def test_a_live_partner_needs_a_secret(staff, initech):
    response = staff.save("partners_partner_add", **{**initech, "connections-0-client_secret": ""})

    assert "needs its client secret" in response.content.decode()
    assert not Partner.objects.exists()


def test_a_live_partner_needs_a_confirmed_domain(staff, initech):
    response = staff.save("partners_partner_add", **{**initech, "domains-0-confirmed": None})

    assert "A live partner needs a confirmed domain" in response.content.decode()
    assert not Partner.objects.exists()


def test_a_live_partner_keeps_its_last_domain(staff, acme):
    response = staff.save("partners_partner_change", acme.partner.pk, **{"domains-0-DELETE": "on"})

    assert "A live partner needs a confirmed domain" in response.content.decode()
    assert EmailDomain.objects.filter(partner=acme.partner).exists()


def test_a_draft_needs_neither(staff, db):
    response = staff.save("partners_partner_add", name="Initech", slug="initech")

    assert response.redirect_chain
    assert Partner.objects.get().status == "draft"
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param("gmail.com", "Anybody can have an address", id="public-mail"),
        pytest.param("co.uk", "Anybody can register", id="public-suffix"),
        pytest.param("not a domain", "not a domain name", id="malformed"),
        pytest.param("portal.testserver", "", id="own"),
    ],
)
def test_refuses_domains_that_cannot_be_a_partners(staff, initech, settings, typed, sentence):
    settings.PORTAL_SUPPORT_EMAIL = "help@portal.testserver"

    response = staff.save("partners_partner_add", **{**initech, "domains-0-name": typed})

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not Partner.objects.exists()


def test_refuses_a_domain_that_is_confirmed_for_another_partner(staff, initech, acme):
    response = staff.save("partners_partner_add", **{**initech, "domains-0-name": "ACME.example"})

    assert "This domain belongs to Acme." in response.content.decode()
    assert not Partner.objects.filter(slug="initech").exists()


def test_refuses_a_domain_that_is_listed_twice_in_other_words(staff, initech):
    response = staff.save(
        "partners_partner_add",
        **{**initech, "domains-TOTAL_FORMS": "2", "domains-1-name": "Initech.Example"},
    )

    assert "This domain is listed twice." in response.content.decode()


def test_a_domain_without_the_tick_is_not_verified(staff, initech):
    staff.save(
        "partners_partner_add",
        **{**initech, "domains-TOTAL_FORMS": "2", "domains-1-name": "initech.test"},
    )

    assert partner_of_email("ana@initech.test") is None
    assert EmailDomain.objects.get(name="initech.test").verified_at is None


def test_taking_the_tick_away_takes_the_verification_away(staff, acme):
    EmailDomain.objects.create(
        partner=acme.partner, name="acme.test", verified_at="2026-01-01T00:00Z", verified_how="dns"
    )

    staff.save("partners_partner_change", acme.partner.pk, **{"domains-1-confirmed": None})

    assert partner_of_email("ana@acme.test") is None


def test_another_name_for_a_domain_is_another_proof(staff, acme):
    EmailDomain.objects.update(verified_how="dns")

    renamed = {"domains-0-name": "acme.test", "domains-0-verified_why": "a letter of theirs"}
    staff.save("partners_partner_change", acme.partner.pk, **renamed)

    domain = EmailDomain.objects.get(partner=acme.partner)
    assert (domain.name, domain.verified_how) == ("acme.test", "operator")


def test_keeps_logos_and_shows_them_on_both_plates(staff, acme):
    upload = SimpleUploadedFile("../../x.png", picture(640, 256), "image/png")

    staff.save("partners_partner_change", acme.partner.pk, wide_logo=upload)

    logo = Logo.objects.get(partner=acme.partner, shape="wide")
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()
    assert page.count(f'src="{logo.url}"') == 2


def test_refuses_an_email_claim_that_is_none(staff, acme):
    response = staff.save(
        "partners_partner_change", acme.partner.pk, **{"connections-0-email_claim": "a b <x>"}
    )

    assert "A claim’s name is one word" in response.content.decode()


def test_refuses_a_secret_that_has_ended_and_keeps_one_that_ends_since(staff, acme):
    end = "connections-0-client_secret_expires"
    refused = staff.save("partners_partner_change", acme.partner.pk, **{end: "2020-01-01"})
    Connection.objects.update(client_secret_expires="2020-01-01")

    kept = staff.save("partners_partner_change", acme.partner.pk, help_name="Acme IT")

    assert "That day is over" in refused.content.decode()
    assert kept.redirect_chain


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("Bad Slug", "A slug is of lower-case letters, digits and single hyphens between them."),
        ("bad_slug", "A slug is of lower-case letters, digits and single hyphens between them."),
        ("acme", "Another partner has this slug already."),
    ],
)
def test_says_in_one_wording_what_is_wrong_with_a_slug(staff, acme, initech, slug, words):
    response = staff.save("partners_partner_add", **{**initech, "slug": slug})

    assert response.context["adminform"].form.errors["slug"] == [words]


def test_shows_an_example_where_pins_are_no_json(staff, acme):
    response = staff.save(
        "partners_partner_change", acme.partner.pk, **{"connections-0-pinned_claims": "tid=1"}
    )

    assert "Enter an object such as {&quot;tid&quot;" in response.content.decode()


def test_warns_of_a_partner_of_the_same_name(staff, acme, globex):
    named = staff.save("partners_partner_change", globex.partner.pk, name="ACME")
    again = staff.save("partners_partner_change", globex.partner.pk, help_name="Acme IT")

    assert "There is another partner of that name (acme)" in " ".join(messages_of(named))
    assert "another partner of that name" not in " ".join(messages_of(again))


def test_removes_a_logo(staff, acme):
    upload = SimpleUploadedFile("x.png", picture(96, 96), "image/png")
    staff.save("partners_partner_change", acme.partner.pk, mark=upload)

    staff.save("partners_partner_change", acme.partner.pk, **{"mark-clear": "on"})

    assert not Logo.objects.exists()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"<script>alert(1)</script>", id="html"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * 600_000, id="too-large"),
    ],
)
def test_refuses_what_is_no_picture(staff, acme, content):
    upload = SimpleUploadedFile("x.png", content, "image/png")

    response = staff.save("partners_partner_change", acme.partner.pk, wide_logo=upload)

    assert response.context["adminform"].form.errors["wide_logo"]
    assert not Logo.objects.exists()


ADDRESSES = [
    "/login/{}/callback/",
    "/logout/",
    "/login/{}/initiate/",
    "/login/{}/backchannel-logout/",
    "/.well-known/foyer/{}/jwks.json",
    "/login/{}/",
]


def test_shows_all_that_the_company_is_given(staff, acme):
    page = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    for address in ADDRESSES:
        assert f">https://testserver{address.format('acme')}</code>" in page


def test_shows_it_before_there_is_a_partner(staff):
    page = staff.get("partners_partner_add").content.decode()

    for address in ADDRESSES:
        assert f">https://testserver{address.format('‹slug›')}</code>" in page
    assert ">Addresses:<" in page
    assert "above" not in page
    assert "below" not in page


def test_says_what_visibility_gives_away(staff, db):
    page = staff.get("partners_partner_add").content.decode()

    assert (
        "By email: anyone who types an address at this domain can learn that the company uses "
        "this portal."
    ) in page


def test_what_a_partner_calls_itself_is_escaped(staff, acme):
    Partner.objects.update(name="<script>alert(1)</script>", paused_note="<b>x</b>")
    EmailDomain.objects.create(partner=acme.partner, name="acme.test")

    pages = [
        staff.get("partners_partner_changelist"),
        staff.get("partners_partner_change", acme.partner.pk),
        staff.get("partners_partner_delete", acme.partner.pk),
        staff.get("partners_partner_pause", acme.partner.pk),
        staff.post("partners_partner_examine", acme.partner.pk),
        staff.get("audit_event_changelist"),
    ]

    for page in pages:
        assert "<script>alert(1)" not in page.content.decode()


def test_a_partner_without_people_can_be_deleted(staff, acme):
    response = staff.post(
        "partners_partner_delete", acme.partner.pk, data={"post": "yes"}, follow=True
    )

    assert not Partner.objects.exists()
    assert messages_of(response)
    assert Event.objects.filter(what="partner.removed", partner="acme", actor=STAFF).exists()


def test_asks_in_our_own_words_before_deleting(staff, acme, browser):
    asked = staff.get("partners_partner_delete", acme.partner.pk).content.decode()
    free = staff.get("partners_partner_change", acme.partner.pk).content.decode()
    browser.sign_in(acme)
    kept = staff.get("partners_partner_change", acme.partner.pk).content.decode()

    assert "Nobody has ever come from it." in asked
    assert "object (" not in asked
    assert "deletelink" in free
    assert "deletelink" not in kept


def test_a_partner_with_people_is_kept_and_the_reason_said(staff, acme, browser):
    browser.sign_in(acme)

    response = staff.post(
        "partners_partner_delete", acme.partner.pk, data={"post": "yes"}, follow=True
    )

    assert "1 person has come from Acme." in messages_of(response)[0]
    assert Partner.objects.filter(Q(slug="acme")).exists()
