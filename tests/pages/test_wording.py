"""Every refusal in plain words, and whom to ask."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from federation.oidc.errors import Reason
from federation.phrases import BY_PROVIDER_ERROR, BY_REASON
from federation.templatetags.pages import possessive
from federation.traces import BY_TRACE
from federation.wording import mailto_of, wording_of

JARGON = re.compile(
    r"\b(token|claim|issuer|oauth|openid|oidc|idp|sso|nonce|jwt|invalid|unauthori[sz]ed)",
    re.IGNORECASE,
)


def words_for(reason: Reason = Reason.AUTHORIZATION_DENIED, **given: str):
    return wording_of(reason, partner_name="Contoso", portal_name="Northlake", **given)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_plain_words(reason, language):
    with translation.override(language):
        wording = words_for(reason)

    assert wording.headline
    assert wording.cause.endswith(".")
    assert "%" not in wording.headline + wording.cause
    assert not JARGON.search(wording.headline + wording.cause)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_put_into_german(reason):
    english = words_for(reason)

    with translation.override("de"):
        german = words_for(reason)

    assert german.headline != english.headline
    assert german.cause != english.cause


def test_no_reason_is_without_words():
    assert set(BY_REASON) == set(Reason)


@pytest.mark.parametrize(
    ("error", "description", "headline"),
    [
        ("access_denied", "", "You stopped before finishing"),
        ("access_denied", "The user cancelled.", "You stopped before finishing"),
        (
            "access_denied",
            "User is not assigned to the client application.",
            "Contoso hasn’t given you access yet",
        ),
        ("access_denied", "AADSTS50105: blocked", "Contoso hasn’t given you access yet"),
        ("access_denied", "Policy evaluation failed.", "Contoso didn’t let you through"),
        ("consent_required", "", "Contoso’s IT team has to approve Northlake first"),
        (
            "interaction_required",
            "AADSTS65001: no consent",
            "Contoso’s IT team has to approve Northlake first",
        ),
        ("access_denied", "AADSTS90094", "Contoso’s IT team has to approve Northlake first"),
        ("interaction_required", "", "Contoso needs one more step from you"),
        ("server_error", "", "Contoso’s sign‑in page had a problem"),
        ("invalid_scope", "", "Sign‑in for Contoso is not set up correctly"),
        ("of_their_own_making", "", "Contoso didn’t let you through"),
    ],
)
def test_the_providers_own_words_choose_the_explanation(error, description, headline):
    wording = words_for(provider_error=error, provider_description=description)

    assert wording.headline == headline


def test_the_providers_words_change_nothing_for_other_reasons():
    wording = words_for(Reason.SIGNATURE_INVALID, provider_error="access_denied")

    assert wording == words_for(Reason.SIGNATURE_INVALID)


def test_errors_that_the_standards_name_have_words_of_their_own():
    assert set(BY_PROVIDER_ERROR) >= {
        "access_denied",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_left_of_an_attempt_chooses_the_explanation(language):
    with translation.override(language):
        said = [words_for(Reason.ATTEMPT_UNKNOWN, trace=trace) for trace in ("", *BY_TRACE)]

    assert len({wording.headline for wording in said}) == 4
    assert not any(JARGON.search(wording.headline + wording.cause) for wording in said)


def test_a_name_owns_its_page_as_the_language_has_it():
    assert [possessive("Contoso"), possessive("Brightwater Labs")] == [
        "Contoso’s",
        "Brightwater Labs’",
    ]
    with translation.override("de"):
        assert possessive("Brightwater Labs") == "von Brightwater Labs"


def test_an_unknown_partner_is_called_your_company():
    wording = wording_of(Reason.EMAIL_MISSING, partner_name="", portal_name="Northlake")

    assert wording.headline == "Your company didn’t tell us your email address"


def test_a_name_with_a_percent_sign_is_shown_as_it_is():
    wording = wording_of(
        Reason.EMAIL_MISSING, partner_name="100 %s Steel", portal_name="North%lake"
    )

    assert wording.headline.startswith("100 %s Steel didn’t")


def test_the_mail_to_the_help_desk_holds_the_details_and_no_header_of_its_own():
    address = mailto_of(
        words_for(),
        address="it@contoso.example?cc=x",
        portal_name="Northlake",
        details=[("Reference", "FY-7F3K-92QD"), ("When", "2026 & later")],
    )

    parts = urlsplit(address)
    assert parts.path == "it@contoso.example%3Fcc%3Dx"
    assert parse_qs(parts.query)["subject"] == ["Can’t sign in to Northlake"]
    assert "Reference: FY-7F3K-92QD\r\nWhen: 2026 & later" in parse_qs(parts.query)["body"][0]
