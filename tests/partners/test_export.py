import json
import locale
import resource
import stat
from io import BytesIO

import pytest
from PIL import Image

from audit.models import Event
from partners.files.exporting import partner_file as exported
from partners.files.exporting import write_partner_file
from partners.files.importing import import_partners
from partners.files.problems import PartnerFileError
from partners.logos import remember_logo
from partners.models import Connection, EmailDomain, Logo, Partner
from partners.secrets import client_secret_of, remember_client_secret
from tests.partners.conftest import connection_of_partner, domain_of_partner, partner_named

pytestmark = pytest.mark.django_db


def records(**options):
    return json.loads(exported(**options))["partners"]


def with_logos(partner):
    output = BytesIO()
    Image.new("RGB", (100, 40), "#e07820").save(output, "PNG")
    remember_logo(partner, "wide", output.getvalue())
    remember_logo(partner, "mark", output.getvalue())


def test_leaves_secrets_out_unless_they_are_asked_for(acme):
    remember_client_secret(acme.live_connection, "correct horse")

    assert "correct horse" not in exported(with_secrets=False)
    assert "client_secret" not in records(with_secrets=False)[0]["connection"]
    assert records(with_secrets=True)[0]["connection"]["client_secret"] == "correct horse"


def test_never_writes_what_is_sealed(acme):
    remember_client_secret(acme.live_connection, "correct horse")

    for with_secrets in (True, False):
        assert acme.live_connection.client_secret_sealed not in exported(with_secrets=with_secrets)


def test_says_whose_secret_cannot_be_opened(acme, settings):
    remember_client_secret(acme.live_connection, "lost")
    settings.SECRETS_KEYS = [b"n" * 32]

    with pytest.raises(PartnerFileError, match="acme: no key in SECRETS_KEYS"):
        exported(with_secrets=True)

    assert records(with_secrets=False)[0]["slug"] == "acme"


def test_writes_the_partners_by_slug_and_their_domains_as_short_as_can_be(acme, globex):
    domain_of_partner(acme, "acme.test", subdomains=True)
    domain_of_partner(acme, "claimed.test", verified=False)

    written = records(with_secrets=False)

    assert [record["slug"] for record in written] == ["acme", "globex"]
    assert written[0]["domains"] == [
        "acme.example",
        {"name": "acme.test", "verified": True, "subdomains": True},
        {"name": "claimed.test", "verified": False, "subdomains": False},
    ]


def test_leaves_out_a_connection_that_is_not_live():
    partner = partner_named("Acme")
    connection_of_partner(partner, is_live=False)

    assert "connection" not in records(with_secrets=False)[0]


@pytest.mark.parametrize("with_secrets", [True, False])
def test_what_was_exported_changes_nothing_where_it_came_from(acme, globex, tmp_path, with_secrets):
    for partner in (acme, globex):
        remember_client_secret(partner.live_connection, f"of {partner.slug}")
    with_logos(acme)
    EmailDomain.objects.filter(partner=acme).update(verified_how="dns")
    Connection.objects.filter(partner=globex).update(
        client_secret_expires="2027-06-30", pinned_claims={"tid": "x"}, max_age=0
    )
    events = Event.objects.count()
    file = tmp_path / "partners.json"

    write_partner_file(file, with_secrets=with_secrets)
    outcomes = import_partners(file, actor="the test")

    assert {outcome.what for outcome in outcomes} == {"unchanged"}
    assert Event.objects.count() == events


def test_what_was_exported_makes_the_same_partners_elsewhere(acme, tmp_path):
    remember_client_secret(acme.live_connection, "correct horse")
    with_logos(acme)
    file = tmp_path / "partners.json"
    write_partner_file(file, with_secrets=True)
    before = file.read_text()
    pictures = set(Logo.objects.defer(None).values_list("shape", "width", "height"))
    Partner.objects.all().delete()

    import_partners(file, actor="the test")

    write_partner_file(file, with_secrets=True)
    assert file.read_text() == before
    assert client_secret_of(Connection.objects.get()) == "correct horse"
    assert set(Logo.objects.defer(None).values_list("shape", "width", "height")) == pictures


def test_a_file_with_secrets_is_for_its_owner_alone(acme, tmp_path):
    file = tmp_path / "partners.json"
    file.write_text("old")
    file.chmod(0o644)

    write_partner_file(file, with_secrets=True)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_full_disk_leaves_the_file_that_was_there(acme, tmp_path):
    file = tmp_path / "partners.json"
    file.write_text("what was there")
    bounds = resource.getrlimit(resource.RLIMIT_FSIZE)

    resource.setrlimit(resource.RLIMIT_FSIZE, (16, bounds[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            write_partner_file(file, with_secrets=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, bounds)

    assert file.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [file]


def test_the_file_is_utf_8_whatever_the_locale_says(tmp_path):
    partner_named("Müller & Söhne", slug="mueller")
    file = tmp_path / "partners.json"
    spoken = locale.setlocale(locale.LC_CTYPE)

    locale.setlocale(locale.LC_CTYPE, "C")
    try:
        write_partner_file(file, with_secrets=False)
    finally:
        locale.setlocale(locale.LC_CTYPE, spoken)

    assert "Müller & Söhne" in file.read_bytes().decode("utf-8")


def test_writes_the_logos_beside_the_file(acme, globex, tmp_path):
    with_logos(acme)

    write_partner_file(tmp_path / "partners.json", with_secrets=False)

    written = json.loads((tmp_path / "partners.json").read_text())["partners"]
    assert (written[0]["logo"], written[0]["mark"]) == (
        "logos/acme-logo.webp",
        "logos/acme-mark.webp",
    )
    assert (written[1]["logo"], written[1]["mark"]) == (None, None)
    with Image.open(tmp_path / "logos" / "acme-logo.webp") as logo:
        assert logo.size == (100, 40)
    assert "logo" not in records(with_secrets=False)[0]


def test_makes_the_folder_that_it_writes_into(acme, tmp_path):
    file = tmp_path / "copy" / "of-today" / "partners.json"

    write_partner_file(file, with_secrets=False)

    assert json.loads(file.read_text())["partners"][0]["slug"] == "acme"
