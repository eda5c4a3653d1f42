import json
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command

from audit.models import Event
from partners.client_keys import make_key
from partners.models import Partner
from partners.secrets import client_secret_of, remember_client_secret
from tests.partners.files import record_of

pytestmark = pytest.mark.django_db

OLD = b"o" * 32
NEW = b"n" * 32


def said_by(command, *arguments):
    output = StringIO()
    call_command(command, *arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "partners.json"
    path.write_text(json.dumps({"partners": [record_of("contoso"), record_of("fabrikam")]}))
    return path


def test_import_says_what_it_did_with_each_partner(file):
    assert said_by("import_partners", str(file)) == "contoso: created\nfabrikam: created\n"
    assert said_by("import_partners", str(file)) == "contoso: unchanged\nfabrikam: unchanged\n"

    Partner.objects.filter(slug="contoso").update(name="C", status="live")

    assert said_by("import_partners", str(file)) == (
        "contoso: updated (name)\nfabrikam: unchanged\n"
    )


def test_import_is_recorded_as_the_operators(file):
    said_by("import_partners", str(file))

    assert set(Event.objects.values_list("actor", flat=True)) == {"command import_partners"}


def test_a_dry_run_of_the_import_writes_nothing(file):
    said = said_by("import_partners", str(file), "--dry-run")

    assert said.startswith("contoso: created\n")
    assert "nothing was written" in said
    assert not Partner.objects.exists()


def test_import_says_whose_people_are_taken(file):
    above = {"name": "contoso.example", "subdomains": True}
    records = [
        record_of("contoso", status="live", domains=[above]),
        record_of("fabrikam", domains=["labs.contoso.example"]),
    ]
    file.write_text(json.dumps({"partners": records}))

    said = said_by("import_partners", str(file))

    assert "fabrikam: created\n  ! Once Fabrikam is live, people at labs.contoso.example" in said


def test_import_fails_with_every_problem(file):
    file.write_text(
        json.dumps({"partners": [record_of("contoso", status="x"), record_of("callback")]})
    )

    with pytest.raises(CommandError) as failure:
        call_command("import_partners", str(file))

    assert failure.value.returncode == 1
    assert "2 problems" in str(failure.value)
    assert "partners[0].status: " in str(failure.value)
    assert "partners[1].slug: " in str(failure.value)


def test_export_writes_to_standard_output_or_to_a_file(acme, tmp_path):
    said = said_by("export_partners")
    said_by("export_partners", "--output", str(tmp_path / "out.json"))

    assert json.loads(said)["partners"][0]["slug"] == "acme"
    assert json.loads((tmp_path / "out.json").read_text())["partners"][0]["slug"] == "acme"


def test_export_with_secrets_has_them(acme):
    remember_client_secret(acme.live_connection, "correct horse")

    assert "correct horse" in said_by("export_partners", "--with-secrets")
    assert "correct horse" not in said_by("export_partners")


def test_export_fails_where_it_cannot_write(acme, tmp_path):
    (tmp_path / "a-file").touch()

    with pytest.raises(CommandError, match="nothing was exported"):
        call_command("export_partners", "--output", str(tmp_path / "a-file" / "out.json"))


def test_rotate_secrets_seals_with_the_newest_key(acme, settings):
    settings.SECRETS_KEYS = [OLD]
    remember_client_secret(acme.live_connection, "correct horse")
    settings.SECRETS_KEYS = [NEW, OLD]

    assert said_by("rotate_secrets") == "1 sealed with the newest key.\n"

    settings.SECRETS_KEYS = [NEW]
    acme.live_connection.refresh_from_db()
    assert client_secret_of(acme.live_connection) == "correct horse"
    assert Event.objects.first().actor == "command rotate_secrets"


def test_rotate_secrets_names_what_it_could_not_open_and_keeps_what_it_did(acme, globex, settings):
    settings.SECRETS_KEYS = [OLD]
    remember_client_secret(acme.live_connection, "lost")
    key = make_key(acme.live_connection)
    settings.SECRETS_KEYS = [b"m" * 32]
    remember_client_secret(globex.live_connection, "kept")
    settings.SECRETS_KEYS = [NEW, b"m" * 32]

    with pytest.raises(CommandError) as refused:
        said_by("rotate_secrets")

    assert str(refused.value).splitlines() == [
        "no key in SECRETS_KEYS opens what is sealed for",
        "acme: https://login.acme.example",
        f"acme: https://login.acme.example {key.kid}",
    ]

    settings.SECRETS_KEYS = [NEW]
    globex.live_connection.refresh_from_db()
    assert client_secret_of(globex.live_connection) == "kept"


def test_a_check_warns_of_secrets_that_no_key_opens(acme, globex, settings):
    remember_client_secret(globex.live_connection, "kept")
    settings.SECRETS_KEYS = [OLD]
    remember_client_secret(acme.live_connection, "lost")
    settings.SECRETS_KEYS = [b"k" * 32]

    messages = run_checks(databases=["default"], include_deployment_checks=True)

    warnings = [message for message in messages if message.id == "partners.W001"]
    assert [warning.msg for warning in warnings] == [
        "No key in SECRETS_KEYS opens the client secret of acme."
    ]
    assert not [m for m in run_checks(databases=["default"]) if m.id == "partners.W001"]


def test_a_check_warns_of_keys_of_ours_that_no_key_opens(acme, globex, settings):
    settings.SECRETS_KEYS = [OLD]
    lost = make_key(acme.live_connection)
    settings.SECRETS_KEYS = [NEW]
    make_key(globex.live_connection)

    messages = run_checks(databases=["default"], include_deployment_checks=True)

    (warning,) = [message for message in messages if message.id == "partners.W002"]
    assert warning.obj == lost
    assert warning.msg == "No key in SECRETS_KEYS opens a private key for acme."
