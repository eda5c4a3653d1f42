import pytest
from django.core.checks import registry

from federation import checks


def test_endpoints_inside_the_network_are_worth_a_warning_when_deploying(settings):
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset({"10.0.0.7:443"})

    (warning,) = checks.trusted_endpoints(None)

    assert warning.id == "federation.W001"
    assert "10.0.0.7:443" in warning.msg


def test_without_any_there_is_nothing_to_say(settings):
    settings.FEDERATION_TRUSTED_ENDPOINTS = frozenset()

    assert checks.trusted_endpoints(None) == []


@pytest.mark.parametrize("is_deployment", [False, True])
def test_it_is_looked_at_when_deploying_and_only_then(is_deployment):
    assert (
        checks.trusted_endpoints in registry.registry.get_checks(is_deployment)
    ) is is_deployment
