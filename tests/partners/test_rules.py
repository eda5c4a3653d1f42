import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from partners import rules
from partners.models import Connection, EmailDomain, Partner
from tests.partners.conftest import connection_of_partner, domain_of_partner

TRUSTED = frozenset({"127.0.0.1:9001", "[::1]:9001", "sso.internal:80"})


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example/t/contoso",
        "https://login.example",
        "https://tenant.eu.auth0.com/",
        "https://login.example/realms/a-b_c~d",
        "https://login.example:443/",
        "https://127.0.0.1:9001/contoso",
        "https://login.microsoftonline.com/5b0f2c1e-8d3a-4c66-9a57-2f1d7e90c4ab/v2.0",
        "http://127.0.0.1:9001/contoso",
        "http://[::1]:9001/contoso",
        "http://sso.internal/contoso",
        "https://common.example/common",
    ],
)
def test_takes_an_issuer_of_one_company(issuer, settings):
    settings.FEDERATION_TRUSTED_ENDPOINTS = TRUSTED

    rules.require_issuer(issuer)


@pytest.mark.parametrize(
    "issuer",
    [
        "",
        "login.example",
        "http://login.example",
        "http://127.0.0.1:9002/contoso",
        "http://127.0.0.1/contoso",
        "HTTP://127.0.0.1:9001x",
        "ftp://127.0.0.1:9001",
        "//login.example",
        "https://",
        "https:///path",
        "https://login.example?tenant=a",
        "https://login.example?",
        "https://login.example/#a",
        "https://login.example#",
        "https://user@login.example",
        "https://user:password@login.example",
        "https://login.example:x/",
        "https://login.example:99999/",
        "https://login.example:8443/",
        "https://127.0.0.1:9002/",
        "https://login.example:/",
        "https://login.example:000443/",
        "https://lo$in.example/",
        "https://login.example/..a",
        "https://[::1/",
        "https://login.example/a b",
        "https://login.example/\n",
        "https://löginn.example",
        "https://login.example\\@evil.example",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/Organizations/v2.0",
        "https://LOGIN.microsoftonline.com/consumers/v2.0",
        "https://login.microsoftonline.com./common/v2.0",
        "https://login.microsoftonline.com/%63ommon/v2.0",
        "https://login.microsoftonline.com//common/v2.0",
        "https://login.microsoftonline.com/x/../common/v2.0",
        "https://login.microsoftonline.us/common/v2.0",
        "https://login.windows.net/common/v2.0",
        "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        "https://login.example/./a",
        "https://login.example/a/%2e%2e/b",
    ],
)
def test_refuses_what_is_no_issuer_of_one_company(issuer, settings):
    settings.FEDERATION_TRUSTED_ENDPOINTS = TRUSTED

    with pytest.raises(ValidationError):
        rules.require_issuer(issuer)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://", "https://["]))
def test_any_issuer_is_taken_or_refused(text, scheme):
    try:
        rules.require_issuer(scheme + text)
    except ValidationError:
        return

    assert scheme.startswith("https://")


@pytest.mark.parametrize("slug", ["contoso", "a", "a-1-b", "42"])
def test_takes_a_slug(slug):
    rules.require_slug(slug)


@pytest.mark.parametrize(
    "slug",
    ["", "Contoso", "a_b", "-a", "a-", "a--b", "a b", "é", "a\n", *rules.RESERVED_SLUGS],
)
def test_refuses_a_slug_that_cannot_be_an_address(slug):
    with pytest.raises(ValidationError):
        rules.require_slug(slug)


@pytest.mark.parametrize(
    "text", ["a\x00", "a\nb", "\ud800", "evil\u202egpj", " a", "a ", "\ufdd0", "\u2066a"]
)
def test_refuses_text_that_is_not_what_it_seems(text):
    with pytest.raises(ValidationError):
        rules.require_plain_text(text)


@pytest.mark.parametrize("text", ["", "Contoso & Söhne", "東京", "שלום", "👩‍🔬 Labs"])
def test_takes_text_of_every_script(text):
    rules.require_plain_text(text)


@pytest.mark.parametrize("client_id", ["", " a", "a ", "a\n", "é", "a\tb", "\x7f"])
def test_refuses_a_client_id_that_cannot_be_sent(client_id):
    with pytest.raises(ValidationError):
        rules.require_client_id(client_id)


@pytest.mark.parametrize("client_id", ["foyer", "a b", "0oa1~b-c_d.e:f/g"])
def test_takes_a_client_id(client_id):
    rules.require_client_id(client_id)


@pytest.mark.parametrize("scopes", [[], ["openid"], ["openid", "email", "urn:x:y"]])
def test_takes_scopes(scopes):
    rules.require_scopes(scopes)


@pytest.mark.parametrize(
    "scopes", [["email"], ["openid", "openid"], ["openid email"], ["openid", ""], ["openid", 'a"b']]
)
def test_refuses_scopes_that_cannot_be_sent(scopes):
    with pytest.raises(ValidationError):
        rules.require_scopes(scopes)


@pytest.mark.parametrize(
    "algorithms", [["none"], ["HS256"], ["RS256", "HS256"], ["rs256"], ["RS1"]]
)
def test_refuses_algorithms_with_which_others_could_sign(algorithms):
    with pytest.raises(ValidationError):
        rules.require_id_token_algs(algorithms)


def test_takes_every_algorithm_of_the_protocol():
    rules.require_id_token_algs(list(rules.ID_TOKEN_ALGS))


@pytest.mark.parametrize("pins", [{}, {"hd": "acme.example"}, {"acct": 0}, {"xms_edov": True}])
def test_takes_pins(pins):
    rules.require_pinned_claims(pins)


@pytest.mark.parametrize(
    "pins",
    [
        [],
        "hd",
        None,
        {"hd": ""},
        {"hd": None},
        {"hd": ["a"]},
        {"": "a"},
        {"hd": "a\x00"},
        {"x": 1.5},
    ],
)
def test_refuses_pins_that_no_claim_could_equal(pins):
    with pytest.raises(ValidationError):
        rules.require_pinned_claims(pins)


@pytest.mark.parametrize(
    ("issuer", "pins"),
    [
        ("https://accounts.google.com", {}),
        ("https://accounts.google.com", {"tid": "a"}),
        ("https://oauth.id.jumpcloud.com/", {}),
    ],
)
def test_an_issuer_of_everybody_needs_a_pin(issuer, pins):
    connection = Connection(issuer=issuer, client_id="foyer", pinned_claims=pins)

    with pytest.raises(ValidationError) as refusal:
        connection.full_clean(
            exclude=["partner"], validate_unique=False, validate_constraints=False
        )

    assert list(refusal.value.message_dict) == ["pinned_claims"]


@pytest.mark.parametrize(
    ("pins", "others", "apart"),
    [
        ({"hd": "a"}, {"hd": "b"}, True),
        ({"hd": "a", "x": 1}, {"hd": "a", "x": 2}, True),
        ({"hd": "a"}, {"hd": "a"}, False),
        ({"hd": "a"}, {"tid": "b"}, False),
        ({"hd": "a"}, {}, False),
        ({}, {}, False),
        ({"acct": 1}, {"acct": True}, True),
    ],
)
def test_pins_tell_partners_apart_where_no_token_can_hold_both(pins, others, apart):
    assert rules.tell_apart(pins, others) is apart
    assert rules.tell_apart(others, pins) is apart


@pytest.mark.django_db
class TestRecords:
    def test_another_partner_at_the_same_issuer_needs_another_pin(self, acme, globex):
        Connection.objects.filter(partner=acme).update(
            issuer="https://shared.example", client_id="acme"
        )
        connection = globex.live_connection
        connection.issuer = "https://shared.example"

        with pytest.raises(ValidationError, match="Acme has this issuer too"):
            connection.full_clean()

        Connection.objects.filter(issuer=connection.issuer).update(pinned_claims={"tid": "acme"})
        connection.pinned_claims = {"tid": "globex"}
        connection.full_clean()

    def test_what_another_partner_merely_prepares_keeps_nobody_away(self, acme, globex):
        connection_of_partner(acme, issuer="https://login.globex.example", is_live=False)

        globex.live_connection.full_clean()

    def test_a_partner_may_have_two_connections_at_one_issuer(self, acme):
        connection = Connection(
            partner=acme, issuer=acme.live_connection.issuer, client_id="new", is_live=False
        )

        connection.full_clean()

    def test_broken_pins_are_refused_once(self, acme, globex):
        connection = globex.live_connection
        connection.issuer, connection.client_id = acme.live_connection.issuer, "globex"
        connection.pinned_claims = ["tid"]

        with pytest.raises(ValidationError) as refusal:
            connection.full_clean()

        assert list(refusal.value.message_dict) == ["pinned_claims"]

    def test_a_domain_is_compared_and_kept_as_its_a_label(self, acme, globex):
        domain_of_partner(acme, "xn--bcher-kva.example")
        domain = EmailDomain(partner=globex, name="Bücher.example", verified_how="operator")
        domain.verified_at = acme.created_at

        with pytest.raises(ValidationError, match="belongs to another partner"):
            domain.full_clean()

        assert domain.name == "xn--bcher-kva.example"

    def test_a_claim_that_nobody_proved_does_not_block_the_owner(self, acme, globex):
        domain_of_partner(acme, "initech.example", verified=False)

        domain_of_partner(globex, "initech.example")

        assert EmailDomain.objects.filter(name="initech.example").count() == 2

    @pytest.mark.parametrize("seconds", [0, 59, 30 * 86400 + 1])
    def test_a_session_has_limits_that_make_sense(self, acme, seconds):
        acme.session_max_age = seconds

        with pytest.raises(ValidationError, match="value is"):
            acme.full_clean()

    def test_a_reserved_slug_is_refused_by_the_database_too(self):
        with pytest.raises(IntegrityError, match="partner_slug_form"), transaction.atomic():
            Partner.objects.create(slug="callback", name="Callback")


@pytest.mark.parametrize("name", ["email", "upn", "https://company.example/mail", "custom:e-mail"])
def test_takes_a_claim(name):
    rules.require_claim(name)


@pytest.mark.parametrize("name", ["", "a b <x>", "<x>", '"email"', "email ", "e\nmail", "é"])
def test_refuses_what_is_no_claims_name(name):
    with pytest.raises(ValidationError, match="one word"):
        rules.require_claim(name)
