"""Saving an issuer: its discovery document is fetched, and a mistake is explained at the field."""

from urllib.parse import urlsplit

import pytest

from audit.models import Event
from console.partners.documents import Advice
from demo.provider import Fault, ProviderConfig
from federation.provider import Provider
from federation.registration import live_connection_of
from partners.models import Connection, Partner
from tests.console.conftest import STAFF, messages_of
from tests.support.company import founded

NOWHERE = "http://127.0.0.1:1/initech"
"""A port at which nobody listens."""


@pytest.fixture
def issuer(provider, db):
    return provider.register("initech", client_id="foyer", redirect_uri="https://testserver/")


@pytest.fixture
def save(staff):
    """Give a way to save a new partner with a connection, a draft unless told otherwise."""

    def save(typed, **more):
        connection = {
            "issuer": typed,
            "client_id": "foyer",
            "client_secret": "a secret",
            **{name: value for name, value in more.items() if name != "status"},
        }
        return staff.save(
            "partners_partner_add",
            name="Initech",
            slug="initech",
            status=more.get("status", "draft"),
            **{f"connections-0-{name}": value for name, value in connection.items()},
            **{
                "domains-0-name": "initech.example",
                "domains-0-confirmed": "on",
                "domains-0-verified_why": "in our contract",
            },
        )

    return save


def errors_of(response, field="issuer"):
    formset = response.context["inline_admin_formsets"][0].formset
    return " ".join(formset.forms[0].errors.get(field, []))


@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param("{issuer}/.well-known/openid-configuration", id="discovery-document"),
        pytest.param("{issuer}/.well-known/openid-configuration?appid=1", id="with-a-query"),
        pytest.param("  {issuer} ", id="blanks"),
        pytest.param("{issuer}/", id="slash"),
        pytest.param("HTTP{rest}", id="upper-case"),
    ],
)
def test_understands_what_was_pasted(save, issuer, pasted):
    rest = issuer.issuer.removeprefix("http")

    response = save(pasted.format(issuer=issuer.issuer, rest=rest))

    assert response.redirect_chain, errors_of(response)
    assert Connection.objects.get().issuer == issuer.issuer


def test_adds_the_scheme_that_is_missing(save, db):
    response = save("login.initech.example.invalid")

    assert Connection.objects.get().issuer == "https://login.initech.example.invalid"
    assert "We can’t find login.initech.example.invalid." in " ".join(messages_of(response))


def test_takes_over_the_slash_that_the_provider_writes_and_says_so(save, provider, db):
    config = ProviderConfig(issuer_has_trailing_slash=True)
    issuer = provider.register(
        "initech", client_id="foyer", redirect_uri="https://testserver/", config=config
    )

    response = save(issuer.issuer.removesuffix("/"), status="live")

    assert Connection.objects.get().issuer == issuer.issuer
    assert (
        f"calls itself {issuer.issuer}: the issuer is saved like that" in messages_of(response)[0]
    )


def test_says_and_records_which_hosts_are_accepted_with_an_issuer(save, issuer):
    host = urlsplit(issuer.issuer).netloc

    response = save(issuer.issuer, status="live")

    assert messages_of(response)[0] == f"Its endpoints are accepted at {host}."
    event = Event.objects.get(what="partner.hosts_accepted")
    assert (event.partner, event.actor, event.detail) == ("initech", STAFF, {"hosts": [host]})


def test_a_new_host_is_accepted_by_ticking_and_saving_and_by_nothing_else(
    staff, provider, pool, db
):
    acme = founded("acme", provider)
    Provider(acme.connection).metadata()
    moved = {"token_endpoint": "https://elsewhere.example/token"}
    acme.issuer.misbehave(discovery=Fault(members=moved))

    def endpoint_after_saving(**changes):
        staff.save("partners_partner_change", acme.partner.pk, **changes)
        return Provider(live_connection_of("acme")).metadata().token_endpoint

    assert endpoint_after_saving(help_name="IT") == f"{acme.issuer.url}/token"
    assert (
        endpoint_after_saving(**{"connections-0-scopes": "openid email"}) != moved["token_endpoint"]
    )
    assert endpoint_after_saving(**{"connections-0-accepts_hosts": "on"}) == moved["token_endpoint"]


def test_the_slash_that_is_taken_over_makes_no_duplicate(save, provider, pool, db):
    config = ProviderConfig(issuer_has_trailing_slash=True)
    acme = founded("acme", provider, config=config)

    response = save(acme.issuer.issuer.removesuffix("/"), client_id="foyer-at-acme")

    assert response.status_code == 200
    assert "Another connection has this issuer and client ID already." in response.content.decode()
    assert not Partner.objects.filter(slug="initech").exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param("http://login.initech.example", "begins with https://", id="not-https"),
        pytest.param("https://10.0.0.1", "inside a private network", id="private-address"),
        pytest.param("https://[fd00:ec2::254]", "inside a private network", id="metadata-address"),
        pytest.param("https://localhost", "inside a private network", id="localhost"),
        pytest.param("https://2130706433", "inside a private network", id="decimal-address"),
        pytest.param("https://login.initech.example:8443", "Port 8443 is not called", id="port"),
        pytest.param("https://login.initech.example?x=1", "no ?", id="query"),
        pytest.param("https://a:b@login.initech.example", "no user name", id="user-name"),
        pytest.param("https://login.initech.example/../x", "dots between", id="dots"),
        pytest.param(
            "https://login.microsoftonline.com/common/v2.0", "people of any company", id="common"
        ),
        pytest.param("https://login.microsoftonline.com/{tenantid}/v2.0", "", id="template"),
        pytest.param("https://sts.windows.net/abc/", "Microsoft’s older address", id="entra-v1"),
        pytest.param(
            "https://login.microsoftonline.com/abc", "Microsoft’s older address", id="without-v2"
        ),
    ],
)
def test_refuses_an_address_that_is_no_issuer_of_one_company(save, db, typed, sentence):
    response = save(typed)

    assert errors_of(response)
    assert sentence in errors_of(response)
    assert f'value="{typed}"' in response.content.decode()
    assert not Partner.objects.exists()


@pytest.mark.parametrize(
    ("faults", "field", "sentence"),
    [
        pytest.param(
            {"discovery": Fault(body=b"<html>Sign in</html>")},
            "issuer",
            "We found a page, not a discovery document",
            id="html",
        ),
        pytest.param(
            {"discovery": Fault(body=b"[]")}, "issuer", "not a JSON object", id="json-array"
        ),
        pytest.param(
            {"discovery": Fault(status=404, body=b"{}")}, "issuer", "status is 404", id="absent"
        ),
        pytest.param(
            {"discovery": Fault(status=302, headers={"Location": "https://evil.example/"})},
            "issuer",
            "redirects elsewhere",
            id="redirect",
        ),
        pytest.param(
            {"discovery": Fault(without=["token_endpoint", "jwks_uri"])},
            "issuer",
            "lacks token_endpoint, jwks_uri",
            id="missing-endpoints",
        ),
        pytest.param(
            {"discovery": Fault(members={"authorization_endpoint": "javascript:alert(1)"})},
            "issuer",
            "authorization_endpoint is no address that we may use",
            id="hostile-endpoint",
        ),
        pytest.param(
            {"discovery": Fault(members={"token_endpoint": "https://169.254.169.254/"})},
            "issuer",
            "at an address that the portal doesn’t call",
            id="private-endpoint",
        ),
        pytest.param(
            {"discovery": Fault(members={"issuer": "https://other.example"})},
            "issuer",
            "calls itself https://other.example, which is another issuer",
            id="other-issuer",
        ),
        pytest.param(
            {"discovery": Fault(members={"response_types_supported": ["id_token"]})},
            "issuer",
            "doesn’t offer the authorization code flow",
            id="implicit-only",
        ),
        pytest.param(
            {"discovery": Fault(members={"id_token_signing_alg_values_supported": ["HS256"]})},
            "id_token_algs",
            "Only HS256 is offered",
            id="shared-secret",
        ),
        pytest.param(
            {
                "discovery": Fault(
                    members={"token_endpoint_auth_methods_supported": ["private_key_jwt"]}
                )
            },
            "token_endpoint_auth_method",
            "The provider takes private_key_jwt",
            id="auth-method",
        ),
        pytest.param(
            {"discovery": Fault(members={"scopes_supported": ["email"]})},
            "scopes",
            "refuses the scope openid",
            id="scopes",
        ),
        pytest.param(
            {"jwks": Fault(body=b'{"keys": []}')}, "id_token_algs", "has no keys", id="no-keys"
        ),
        pytest.param(
            {"jwks": Fault(body=b'{"keys": [{"kty": "oct", "k": "AA"}]}')},
            "id_token_algs",
            "a key that is not public",
            id="secret-key",
        ),
    ],
)
def test_explains_a_mistake_at_its_field(save, issuer, faults, field, sentence):
    issuer.misbehave(**faults)

    response = save(issuer.issuer)

    assert sentence in errors_of(response, field)
    assert not Partner.objects.exists()


def test_never_repeats_what_was_answered(save, issuer):
    issuer.misbehave(discovery=Fault(body=b"<html>root:x:0:0</html>"))

    response = save(issuer.issuer)

    assert "root:x" not in response.content.decode()


def test_saves_a_draft_whose_provider_is_away_and_warns(save, settings, db):
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({"127.0.0.1:1"})

    response = save(NOWHERE)

    assert Connection.objects.get().issuer == NOWHERE
    assert "Saved, but not tried: The provider didn’t answer." in messages_of(response)[0]


def test_a_live_partner_needs_a_provider_that_is_there(save, settings, db):
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({"127.0.0.1:1"})

    response = save(NOWHERE, status="live")

    assert "The provider didn’t answer." in errors_of(response)
    assert not Partner.objects.exists()


def test_going_live_needs_a_good_document_though_nothing_else_changed(staff, save, issuer):
    save(issuer.issuer)
    issuer.misbehave(discovery=Fault(status=503))
    partner = Partner.objects.get()

    response = staff.save("partners_partner_change", partner.pk, status="live")

    assert "answers with status 503" in errors_of(response)
    partner.refresh_from_db()
    assert partner.status == "draft"


def test_a_live_partners_connection_is_not_swapped_for_a_bad_one(staff, acme):
    response = staff.save(
        "partners_partner_change",
        acme.partner.pk,
        **{
            "connections-0-issuer": acme.issuer.issuer + "/elsewhere",
            "connections-0-client_secret": "a secret",
        },
    )

    assert errors_of(response)
    acme.connection.refresh_from_db()
    assert acme.connection.issuer == acme.issuer.issuer


@pytest.mark.parametrize("typed", ["asdf", "asdf/realms/x", "a b"])
def test_a_word_is_no_issuer_and_is_not_taken_for_a_private_host(save, typed):
    response = save(typed)

    assert "An issuer is an address such as https://" in response.content.decode()
    assert "private network" not in response.content.decode()


def test_asks_no_provider_when_something_else_is_changed(staff, acme):
    acme.issuer.misbehave(discovery=Fault(closes=True))
    acme.issuer.requests.clear()

    response = staff.save("partners_partner_change", acme.partner.pk, help_phone="+1 555 0100")

    assert response.redirect_chain
    assert not acme.issuer.requests_to("discovery")


def test_says_what_is_worth_considering_of_a_connection_that_is_saved(save, issuer):
    issuer.misbehave(discovery=Fault(without=["code_challenge_methods_supported"]))

    response = save(issuer.issuer)

    assert "doesn’t say that it supports PKCE" in " ".join(messages_of(response))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("pinned_claims", "[1]"),
        ("pinned_claims", "not json"),
        ("scopes", "email"),
        ("id_token_algs", "HS256"),
        ("client_id", "a\u00e9"),
        ("max_age", "-1"),
    ],
)
def test_refuses_settings_that_cannot_be(save, issuer, field, typed):
    response = save(issuer.issuer, **{field: typed})

    assert errors_of(response, field)
    assert not Partner.objects.exists()


def test_keeps_lists_as_they_were_typed(save, issuer):
    save(issuer.issuer, acr_values="urn:mfa, phr", required_amr="mfa", pinned_claims='{"tid": "1"}')

    connection = Connection.objects.get()
    assert connection.acr_values == ["urn:mfa", "phr"]
    assert connection.required_amr == ["mfa"]
    assert connection.pinned_claims == {"tid": "1"}


def test_a_shared_issuer_needs_pins_that_tell_partners_apart(save, acme):
    response = save(acme.issuer.issuer, client_id="another")

    assert "Acme has this issuer too" in errors_of(response, "pinned_claims")


def test_says_when_nothing_could_be_accepted(staff, provider, pool, db):
    acme = founded("acme", provider, partner={"status": "draft"})
    acme.issuer.misbehave(discovery=Fault(status=503))

    response = staff.save(
        "partners_partner_change", acme.partner.pk, **{"connections-0-accepts_hosts": "on"}
    )

    assert "Its provider couldn’t be asked" in " ".join(messages_of(response))
    assert not Event.objects.filter(what="partner.hosts_accepted").exists()


def test_a_pause_while_the_page_was_saved_stays(staff, provider, pool, db, monkeypatch):
    acme = founded("acme", provider)

    def pause_meanwhile(*_args, **_options):
        Partner.objects.filter(pk=acme.partner.pk).update(status="paused")
        return Advice()

    monkeypatch.setattr("console.partners.connection.advice_on", pause_meanwhile)
    changes = {"help_name": "IT", "connections-0-scopes": "openid email"}
    staff.save("partners_partner_change", acme.partner.pk, **changes)

    partner = Partner.objects.get(pk=acme.partner.pk)
    assert (partner.help_name, partner.status) == ("IT", "paused")
