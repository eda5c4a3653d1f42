import pytest
from django.core.checks import registry

from mails import checks


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"EMAIL_BACKEND": "mails.server.NoServer"}, "mails.W001"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}, "mails.W002"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "mails.W002"),
        ({"EMAIL_HOST": "mail.example"}, "mails.W003"),
        ({"EMAIL_HOST": "mail.example", "EMAIL_USE_TLS": True}, ""),
        ({"EMAIL_HOST": "mail.example", "EMAIL_USE_SSL": True}, ""),
        ({"EMAIL_HOST": "localhost"}, ""),
    ],
)
def test_warns_when_mails_cannot_be_sent_or_can_be_read_on_their_way(settings, changes, found):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in changes.items():
        setattr(settings, name, value)

    assert [warning.id for warning in checks.mail_server(None)] == ([found] if found else [])


@pytest.mark.parametrize("is_deployment", [False, True])
def test_it_is_looked_at_when_deploying_and_only_then(is_deployment):
    assert (checks.mail_server in registry.registry.get_checks(is_deployment)) is is_deployment
