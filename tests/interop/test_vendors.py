"""Sign-ins at the providers that partners really have: what gets in, and what is refused."""

import pytest

from audit.models import Event
from onboarding.doctor import Outcome, findings_of_partner
from partners.models import Partner
from people.models import FederatedLogin
from tests.interop.vendors import VENDORS, document, partner_with
from tests.support.company import query_of

pytestmark = pytest.mark.django_db

PINS = {
    "entra": {"tid": "11111111-2222-4333-8444-555555555555"},
    "google": {"hd": "brightwater.example"},
    # An attribute that its application gives everybody: the issuer is everybody's.
    "jumpcloud": {"company": "brightwater"},
}
KINDS = {"okta-org": "okta", "okta-custom": "okta"}
NAMED = {"entra", "okta", "auth0", "cognito", "google", "keycloak"}


def registered(vendor, world, **changes):
    """Return a partner whose connection is as its page in docs/partners says."""
    kind = KINDS.get(vendor, vendor)
    connection = {
        "provider": kind if kind in NAMED else "other",
        "pinned_claims": PINS.get(vendor, {}),
        **changes,
    }
    return partner_with(vendor, world, connection=connection)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_person_signs_in_as_the_vendor_says_it(world, visitor, vendor):
    partner = registered(vendor, world)
    partner.company.connection.full_clean()

    url = visitor.authorization_url(partner.company.slug, "?next=/orders/")
    response = visitor.get(visitor.callback_path(url))

    assert (response.status_code, response.headers.get("Location")) == (302, "/orders/")
    session = visitor.session()
    assert (session["email"], session["token"] is not None) == (partner.person.email, True)
    assert session["name"] in {"Ana Sousa", "Mei Tanaka"}
    login = FederatedLogin.objects.get()
    issuer = document(vendor, "openid-configuration")["issuer"]
    assert (login.issuer, login.provider_subject) == (issuer, partner.person.subject)
    # A scope that a provider does not know fails the request at Cognito.
    assert query_of(url)["scope"] == ["openid email profile"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_calls_go_to_the_hosts_that_the_document_names_and_to_no_others(world, visitor, vendor):
    partner = registered(vendor, world)
    metadata = document(vendor, "openid-configuration")
    is_thin = "email" not in document(vendor, "id-token")["claims"]

    visitor.sign_in_at(partner)

    configuration, *others = world.called
    expected = {metadata[name] for name in ("jwks_uri", "authorization_endpoint", "token_endpoint")}
    assert configuration.endswith("/.well-known/openid-configuration")
    assert set(others) == expected | ({metadata["userinfo_endpoint"]} if is_thin else set())


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_doctor_finds_nothing_to_mend(world, vendor):
    partner = registered(vendor, world)

    findings = findings_of_partner(Partner.objects.get(pk=partner.company.partner.pk))

    # Nobody has tried the secret, or said when it ends, and certificates of tests live for a day.
    # JumpCloud offers more scopes than it lists.
    odd = {"OD-301": Outcome.COULD_NOT_TELL}
    odd |= {"OD-106": Outcome.CONSIDER, "OD-701": Outcome.CONSIDER}
    odd |= {"jumpcloud": {"OD-116": Outcome.CONSIDER}}.get(vendor, {})
    fine = {Outcome.PASSED, Outcome.WAITING}
    found = {one.code: one.outcome for one in findings if one.outcome not in fine}
    assert found == odd


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_issuer_with_a_slash_too_many_or_too_few_is_another(world, visitor, vendor):
    issuer = document(vendor, "openid-configuration")["issuer"]
    other = issuer.removesuffix("/") if issuer.endswith("/") else f"{issuer}/"
    partner = partner_with(vendor, world, issuer=other)

    response = visitor.get(f"/login/{partner.company.slug}/")

    assert response.status_code == 502
    assert Event.objects.get(what="login.refused").reason == "provider_misconfigured"


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_id_token_whose_issuer_has_a_slash_too_many_or_too_few_is_refused(
    world, visitor, vendor
):
    issuer = document(vendor, "openid-configuration")["issuer"]
    other = issuer.removesuffix("/") if issuer.endswith("/") else f"{issuer}/"
    partner = registered(vendor, world)
    partner.says(id_token={"iss": other})

    assert_refused(visitor, partner, "claim_mismatch")


def assert_refused(visitor, partner, reason):
    response = visitor.sign_in_at(partner)

    assert response.status_code in {400, 403}
    assert Event.objects.get(what="login.refused").reason == reason
    assert visitor.session() is None


ELSEWHERE = "https://contoso.auth0.example/"
TENANT = "99999999-2222-4333-8444-555555555555"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
V1 = f"https://sts.windows.net/{PINS['entra']['tid']}/"
DEFAULT_SERVER = "https://brightwater.okta.com/oauth2/default"
GUEST = {"email": "gast@home.example", "idp": "https://sts.windows.net/x/", "acct": 1}


@pytest.mark.parametrize(
    ("vendor", "id_token", "user_info", "connection"),
    [
        pytest.param("entra", {"xms_edov": True}, {}, {}, id="entra-edov-true"),
        pytest.param("entra", {"xms_edov": "1"}, {}, {}, id="entra-edov-text"),
        pytest.param("entra", {"xms_edov": 1}, {}, {}, id="entra-edov-number"),
        pytest.param("entra", {"email": ...}, {}, {}, id="entra-email-at-user-info"),
        pytest.param(
            "entra",
            {"email": ...},
            {"email": ...},
            {"email_claim": "preferred_username"},
            id="entra-user-name-is-the-address",
        ),
        pytest.param("okta-org", {}, {"email_verified": ...}, {}, id="okta-without-verified"),
        pytest.param("okta-org", {}, {"email_verified": "true"}, {}, id="okta-text"),
        pytest.param("auth0", {"email_verified": "true"}, {}, {}, id="auth0-text"),
        pytest.param("cognito", {"email": ..., "email_verified": ...}, {}, {}, id="cognito-text"),
        pytest.param(
            "cognito",
            {"email_verified": ...},
            {},
            {"require_email_verified": True},
            id="cognito-text-required",
        ),
        pytest.param("keycloak", {"email_verified": ...}, {}, {}, id="keycloak-without-verified"),
        pytest.param("ping", {"email": ...}, {}, {}, id="ping-email-at-user-info"),
        pytest.param("ping", {"sub": "mei"}, {"sub": "mei"}, {}, id="ping-user-name-as-sub"),
        pytest.param("onelogin", {"email_verified": True}, {}, {}, id="onelogin-verified"),
    ],
)
def test_what_a_vendor_may_say_otherwise_gets_in_too(
    world, visitor, vendor, id_token, user_info, connection
):
    partner = registered(vendor, world, **connection)
    partner.says(id_token=id_token, user_info=user_info)

    response = visitor.sign_in_at(partner)

    assert response.status_code == 302, response.content.decode()
    assert visitor.session()["email"] == partner.person.email


@pytest.mark.parametrize(
    ("vendor", "id_token", "user_info", "reason"),
    [
        pytest.param("entra", {"tid": TENANT}, {}, "claim_mismatch", id="entra-other-tenant"),
        pytest.param("entra", {"tid": PERSONAL}, {}, "claim_mismatch", id="entra-personal"),
        pytest.param("entra", {"tid": ...}, {}, "claim_missing", id="entra-no-tenant"),
        pytest.param("entra", {"iss": V1}, {}, "claim_mismatch", id="entra-version-1"),
        pytest.param("entra", GUEST, {}, "email_not_of_partner", id="entra-guest"),
        pytest.param(
            "entra",
            {"xms_edov": False},
            {},
            "email_not_verified",
            id="entra-edov-false",
        ),
        pytest.param("entra", {"xms_edov": "0"}, {}, "email_not_verified", id="entra-edov-text"),
        pytest.param("entra", {"xms_edov": 0}, {}, "email_not_verified", id="entra-edov-number"),
        pytest.param(
            "entra", {"email": ...}, {"email": ...}, "email_missing", id="entra-no-mailbox"
        ),
        pytest.param(
            "okta-org", {"iss": DEFAULT_SERVER}, {}, "claim_mismatch", id="okta-other-server"
        ),
        pytest.param(
            "okta-custom",
            {"iss": "https://brightwater.okta.com"},
            {},
            "claim_mismatch",
            id="okta-org-server",
        ),
        pytest.param(
            "okta-org", {}, {"email_verified": False}, "email_not_verified", id="okta-unverified"
        ),
        pytest.param("okta-org", {}, {"sub": "00u2ben"}, "subject_mismatch", id="okta-other-sub"),
        pytest.param("okta-org", {}, {"email": ...}, "email_missing", id="okta-no-address"),
        pytest.param("auth0", {"iss": ELSEWHERE}, {}, "claim_mismatch", id="auth0-custom-domain"),
        pytest.param(
            "auth0", {"email_verified": False}, {}, "email_not_verified", id="auth0-unverified"
        ),
        pytest.param(
            "cognito",
            {"email": ..., "email_verified": ...},
            {"email_verified": "false"},
            "email_not_verified",
            id="cognito-text",
        ),
        pytest.param(
            "cognito", {"email_verified": False}, {}, "email_not_verified", id="cognito-unverified"
        ),
        pytest.param("google", {"hd": ...}, {}, "claim_missing", id="google-personal"),
        pytest.param(
            "google", {"hd": "contoso.example"}, {}, "claim_mismatch", id="google-other-workspace"
        ),
        pytest.param(
            "google",
            {"email_verified": ...},
            {},
            "email_not_verified",
            id="google-without-verified",
        ),
        pytest.param(
            "google", {"iss": "accounts.google.com"}, {}, "claim_mismatch", id="google-older-issuer"
        ),
        pytest.param(
            "google",
            {"email": "mei@contoso.example"},
            {},
            "email_not_of_partner",
            id="google-other-domain",
        ),
        pytest.param(
            "keycloak", {"email_verified": False}, {}, "email_not_verified", id="keycloak-flag"
        ),
        pytest.param(
            "keycloak",
            {"iss": "https://sso.contoso.example/realms/people"},
            {},
            "claim_mismatch",
            id="keycloak-renamed-realm",
        ),
        pytest.param("ping", {"email": ...}, {"email": ...}, "email_missing", id="ping-no-scope"),
        pytest.param(
            "onelogin", {"email_verified": False}, {}, "email_not_verified", id="onelogin"
        ),
        pytest.param(
            "jumpcloud", {"company": "contoso"}, {}, "claim_mismatch", id="jumpcloud-other-company"
        ),
        pytest.param("jumpcloud", {"company": ...}, {}, "claim_missing", id="jumpcloud-no-company"),
        pytest.param(
            "jumpcloud",
            {"email_verified": ...},
            {"email_verified": ...},
            "email_not_verified",
            id="jumpcloud-without-verified",
        ),
    ],
)
def test_what_a_vendor_may_not_say_is_refused(world, visitor, vendor, id_token, user_info, reason):
    partner = registered(vendor, world)
    partner.says(id_token=id_token, user_info=user_info)

    assert_refused(visitor, partner, reason)


def test_keycloak_may_sign_with_an_elliptic_curve(world, visitor):
    partner = registered("keycloak", world)
    (kid,) = (key["kid"] for key in document("keycloak", "jwks")["keys"] if key["kty"] == "EC")
    partner.signs_with(kid, "ES256")
    partner.says(header={"kid": kid, "alg": "ES256"})

    assert visitor.sign_in_at(partner).status_code == 302


def test_keycloak_has_to_say_in_its_response_who_it_is(world, visitor):
    partner = registered("keycloak", world)
    partner.names_itself(in_response=False)

    assert_refused(visitor, partner, "response_from_another_issuer")


def test_okta_names_who_is_not_assigned(world, visitor):
    partner = registered("okta-org", world)
    partner.denies("access_denied", "User is not assigned to the client application.")

    assert_refused(visitor, partner, "authorization_denied")


def test_entra_for_everybody_is_refused_even_where_it_is_registered(world, visitor):
    issuer = "https://login.microsoftonline.com/{tenantid}/v2.0"
    partner = registered("entra", world)
    partner.describes_itself(issuer=issuer)

    response = visitor.get(f"/login/{partner.company.slug}/")

    assert response.status_code == 502
    assert Event.objects.get(what="login.refused").reason == "provider_misconfigured"
