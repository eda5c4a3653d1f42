"""Every reason has its status, and what a provider says stays a quotation."""

import pytest

from federation.oidc.errors import AuthorizationError, FederationError, ProviderError, Reason

# Contract, section 6.
BAD_REQUEST = """
    attempt_unknown attempt_expired attempt_of_another_partner response_malformed
    response_from_another_issuer token_request_refused id_token_malformed signature_invalid
    key_unknown algorithm_not_allowed claim_missing claim_mismatch outside_validity
    subject_mismatch
"""
FORBIDDEN = """
    authorization_denied email_missing email_not_verified email_not_of_partner email_taken
    person_inactive staff_not_linked partner_not_live step_up_not_met
"""
BAD_GATEWAY = "provider_unreachable provider_misconfigured client_rejected"

STATUSES = {
    **dict.fromkeys(BAD_REQUEST.split(), 400),
    **dict.fromkeys(FORBIDDEN.split(), 403),
    **dict.fromkeys(BAD_GATEWAY.split(), 502),
    "token_issuer_unavailable": 503,
}


def test_every_reason_has_the_status_of_the_contract():
    statuses = {str(reason): reason.status for reason in Reason}

    assert statuses == STATUSES


def test_a_deadline_that_passed_is_a_gateway_timeout():
    error = ProviderError(Reason.PROVIDER_UNREACHABLE, "no answer", timed_out=True)

    assert error.status == 504


def test_any_other_refusal_has_the_status_of_its_reason():
    error = ProviderError(Reason.PROVIDER_UNREACHABLE, "no answer")

    assert error.status == 502
    assert FederationError(Reason.EMAIL_TAKEN).status == 403


def test_an_error_says_its_reason_and_its_detail():
    assert str(FederationError(Reason.CLAIM_MISSING, "sub is missing")) == (
        "claim_missing: sub is missing"
    )
    assert str(FederationError(Reason.CLAIM_MISSING)) == "claim_missing"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        pytest.param("User is not assigned", "User is not assigned", id="plain"),
        pytest.param("a\r\nSet-Cookie: b\tc\0d", "a Set-Cookie: b c d", id="control-characters"),
        pytest.param("a\u202eb\u2028c", "a b c", id="direction-and-line-separators"),
        pytest.param("x " * 200, ("x " * 60), id="long"),
        pytest.param(
            "code 4/0AX4XfWh-9k8sPq2mZr7tVb1cYd3eGf5hJu6kLm8 used", "code … used", id="code"
        ),
        pytest.param(
            "Trace ID: '1f3c0000-aaaa-4bbb-8ccc-ddddeeeeffff'",
            "Trace ID: '1f3c0000-aaaa-4bbb-8ccc-ddddeeeeffff'",
            id="uuid",
        ),
    ],
)
def test_keeps_of_a_providers_words_what_can_be_quoted(words, kept):
    error = AuthorizationError(
        Reason.AUTHORIZATION_DENIED, provider_error=words, provider_description=words
    )

    assert error.provider_error == kept
    assert error.provider_description == kept
