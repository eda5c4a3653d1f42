import pytest

TEXTS = {
    "mails/hello.txt": (
        "{% load i18n %}Subject: {% translate 'Sign in' %}, {{ name }}\n\n"
        "{% if name %}Dear {{ name }},{% endif %}\n\n\n\n"
        "{{ base_url }}/setup/{{ secret }}/\n"
    ),
    "mails/headless.txt": "Dear {{ name }},\n\nSubject: no",
    "mails/empty.txt": "Subject: nothing",
}


@pytest.fixture(autouse=True)
def texts(settings):
    """Templates of the tests' own."""
    (engine,) = settings.TEMPLATES
    loaders = [("django.template.loaders.locmem.Loader", TEXTS)]
    options = {**engine["OPTIONS"], "loaders": loaders}
    settings.TEMPLATES = [{**engine, "APP_DIRS": False, "OPTIONS": options}]
