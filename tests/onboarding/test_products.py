"""What is told about each product: complete, true to itself, and of which an issuer is built."""

import re

import pytest
from django.core.exceptions import ValidationError

from onboarding.providers import all_products, product_of
from onboarding.providers.issuers import (
    cleaned_part,
    is_fitting,
    issuer_of_address,
    issuer_of_parts,
    parts_of_issuer,
    parts_of_pasted,
    parts_of_pins,
    pins_of_parts,
)
from onboarding.providers.product import Value
from onboarding.providers.texts import marked_up, plain
from partners.models import Kind
from partners.rules import PINS_OF_SHARED_ISSUERS, require_issuer

VALUES = {value: f"<{value}>" for value in Value}
CODE = re.compile(r"OD-[1-7]\d\d")

BUILT = [product for product in all_products() if product.issuer.template]
"""Products whose issuers are built of parts; of the others, the issuer is typed as a whole."""

SHARED = [product for product in BUILT if product.issuer.template in PINS_OF_SHARED_ISSUERS]
"""Those with one issuer for all companies."""

products = pytest.mark.parametrize("product", all_products(), ids=lambda product: product.kind)

TENANT = "8eaef023-2b34-4da1-9baa-8bc8c9d6a490"


def texts_of(product):
    yield from (product.tile, product.place, product.role)
    for step in product.steps:
        yield from (step.title, step.text, step.warning)
        yield from (copy.label for copy in step.copies)
    for part in product.issuer.parts:
        yield from (part.label, part.help_text, part.fault)
    yield from (product.credentials.client_id, product.credentials.client_secret)
    yield product.credentials.key
    for steps in product.remedies.values():
        yield from steps
    yield from (symptom.says for symptom in product.symptoms)


def examples_of(product):
    return {part.name: part.example for part in product.issuer.parts}


def test_every_kind_of_provider_has_a_file():
    kinds = [product.kind for product in all_products()]

    assert kinds == list(Kind)


@products
def test_every_text_can_be_shown_with_the_values_of_a_partner(product):
    shown = [marked_up(text, VALUES) for text in texts_of(product)]

    assert not any(mark in text for text in shown for mark in ("*", "`", "%("))
    assert all(plain(text, VALUES) for text in texts_of(product) if text)


@products
def test_says_where_the_redirect_uri_goes_and_how_its_absence_is_mended(product):
    copied = [copy.value for step in product.steps for copy in step.copies]

    assert Value.REDIRECT_URI in copied
    assert product.kind == Kind.OTHER or "OD-307" in product.remedies


@products
def test_shows_the_address_of_our_keys_exactly_where_the_product_takes_them(product):
    copied = {copy.value for step in product.steps for copy in step.copies}

    assert (Value.JWKS_URI in copied) == bool(product.credentials.key)
    assert bool(product.credentials.key) == ("OD-306" in product.remedies) or (
        product.kind == Kind.OTHER
    )


@products
def test_codes_have_the_form_of_codes_and_symptoms_lead_to_remedies(product):
    codes = [*product.remedies, *(symptom.code for symptom in product.symptoms)]

    assert all(CODE.fullmatch(code) for code in codes)
    assert product.kind == Kind.OTHER or all(
        symptom.code in product.remedies for symptom in product.symptoms
    )


@pytest.mark.parametrize("product", BUILT, ids=lambda product: product.kind)
def test_the_examples_of_its_parts_fit_and_make_an_issuer(product):
    examples = examples_of(product)

    issuer = issuer_of_parts(product.issuer, examples)

    assert all(is_fitting(part, examples[part.name]) for part in product.issuer.parts)
    require_issuer(issuer)
    pins = pins_of_parts(product.issuer, examples, partner="contoso")
    known = parts_of_issuer(product.issuer, issuer) | parts_of_pins(product.issuer, pins)
    assert known == examples


@pytest.mark.parametrize("product", SHARED, ids=lambda product: product.kind)
def test_a_product_with_one_issuer_for_everybody_pins_a_claim(product):
    issuer = issuer_of_parts(product.issuer, examples_of(product))

    pins = pins_of_parts(product.issuer, examples_of(product), partner="contoso")

    assert set(pins) >= {PINS_OF_SHARED_ISSUERS[issuer]} - {""}
    assert pins


@pytest.mark.parametrize(
    ("kind", "parts", "issuer"),
    [
        (Kind.OKTA, {"domain": "contoso.okta.com"}, "https://contoso.okta.com"),
        (
            Kind.OKTA,
            {"domain": "contoso.okta.com", "server": "aus9"},
            "https://contoso.okta.com/oauth2/aus9",
        ),
        (Kind.AUTH0, {"domain": "contoso.eu.auth0.com"}, "https://contoso.eu.auth0.com/"),
        (
            Kind.COGNITO,
            {"pool": "us-gov-west-1_AbC123"},
            "https://cognito-idp.us-gov-west-1.amazonaws.com/us-gov-west-1_AbC123",
        ),
        (
            Kind.KEYCLOAK,
            {"host": "sso.contoso.example/auth", "realm": "Staff"},
            "https://sso.contoso.example/auth/realms/Staff",
        ),
        (
            Kind.PINGONE,
            {"environment": "e", "region": "com.au"},
            "https://auth.pingone.com.au/e/as",
        ),
        (Kind.ONELOGIN, {"subdomain": "contoso"}, "https://contoso.onelogin.com/oidc/2"),
        (Kind.JUMPCLOUD, {}, "https://oauth.id.jumpcloud.com/"),
        (
            Kind.AUTHENTIK,
            {"host": "id.contoso.example", "application": "foyer"},
            "https://id.contoso.example/application/o/foyer/",
        ),
    ],
)
def test_builds_the_issuer_as_the_product_writes_it(kind, parts, issuer):
    assert issuer_of_parts(product_of(kind).issuer, parts) == issuer


@pytest.mark.parametrize(
    ("kind", "name", "typed", "cleaned"),
    [
        (Kind.OKTA, "domain", " https://Contoso.okta.com/ ", "contoso.okta.com"),
        (Kind.KEYCLOAK, "realm", " Staff ", "Staff"),
        (
            Kind.ENTRA,
            "tenant",
            "8EAEF023-2B34-4DA1-9BAA-8BC8C9D6A490",
            "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
        ),
    ],
)
def test_takes_a_part_as_people_paste_it(kind, name, typed, cleaned):
    part = next(part for part in product_of(kind).issuer.parts if part.name == name)

    assert cleaned_part(part, typed) == cleaned
    assert is_fitting(part, cleaned)


@pytest.mark.parametrize(
    ("kind", "name", "typed"),
    [
        (Kind.ENTRA, "tenant", "contoso.example"),
        (Kind.ENTRA, "tenant", "common"),
        (Kind.ENTRA, "tenant", ""),
        (Kind.OKTA, "domain", "contoso-admin.okta.com"),
        (Kind.OKTA, "domain", "contoso.okta.com/oauth2/default"),
        (Kind.COGNITO, "pool", "AbCdEf123"),
        (Kind.KEYCLOAK, "realm", "staff/../master"),
        (Kind.GOOGLE, "workspace", "contoso"),
        (Kind.PINGONE, "region", "us"),
    ],
)
def test_a_part_that_is_something_else_does_not_fit(kind, name, typed):
    part = next(part for part in product_of(kind).issuer.parts if part.name == name)

    assert not is_fitting(part, cleaned_part(part, typed))


@pytest.mark.parametrize(
    ("address", "issuer"),
    [
        (
            "https://Login.Contoso.example/T/.well-known/openid-configuration",
            "https://Login.Contoso.example/T",
        ),
        (" https://LOGIN.contoso.example/T/ ", "https://login.contoso.example/T/"),
        ("HTTPS://login.contoso.example", "https://login.contoso.example"),
        ("login.contoso.example", "login.contoso.example"),
    ],
)
def test_an_issuer_is_cut_from_the_address_of_its_documents(address, issuer):
    assert issuer_of_address(address) == issuer


def test_an_issuer_built_otherwise_has_no_parts():
    issuer = product_of(Kind.ENTRA).issuer

    assert parts_of_issuer(issuer, "http://127.0.0.1:9001/contoso") is None
    with pytest.raises(ValidationError):
        require_issuer("https://login.microsoftonline.com/common/v2.0")


def test_a_text_has_no_markup_but_its_marks():
    assert marked_up("a <b> & *c*", {}) == "a &lt;b&gt; &amp; <strong>c</strong>"


def test_what_a_partner_is_called_is_no_markup():
    shown = marked_up("Name it *%(portal)s*, or `x`.", {"portal": "<b>*Acme*</b> `1`"})

    assert shown == ("Name it <strong>&lt;b&gt;*Acme*&lt;/b&gt; `1`</strong>, or <code>x</code>.")


@pytest.mark.parametrize(
    ("kind", "typed", "parts"),
    [
        (
            "keycloak",
            "https://sso.contoso.example/auth/realms/staff/",
            {"host": "sso.contoso.example/auth", "realm": "staff"},
        ),
        (
            "keycloak",
            "sso.contoso.example/realms/staff",
            {"host": "sso.contoso.example", "realm": "staff"},
        ),
        (
            "entra",
            f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration",
            {"tenant": TENANT},
        ),
        ("keycloak", "sso.contoso.example/auth", None),
        ("keycloak", "sso.contoso.example", None),
        ("entra", TENANT, None),
    ],
)
def test_finds_the_parts_in_a_whole_address_that_was_pasted_for_one(kind, typed, parts):
    assert parts_of_pasted(product_of(kind).issuer, typed) == parts
