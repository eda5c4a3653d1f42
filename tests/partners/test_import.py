from datetime import date
from io import BytesIO

import pytest
from django.db import IntegrityError
from PIL import Image

from audit.models import Event
from partners.client_keys import make_key
from partners.files import importing
from partners.files.problems import PartnerFileError
from partners.models import Connection, EmailDomain, Logo, Partner
from partners.secrets import client_secret_of, remember_client_secret
from tests.partners.conftest import connection_of_partner, domain_of_partner, partner_named
from tests.partners.files import connection_record, record_of

pytestmark = pytest.mark.django_db


def drawing(color="#e07820"):
    output = BytesIO()
    Image.new("RGB", (100, 40), color).save(output, "PNG")
    return output.getvalue()


def test_creates_a_partner_of_the_least_with_defaults_as_the_contract_has_them(partner_file):
    assert partner_file.imported(record_of("contoso")) == [("contoso", "created")]

    partner = Partner.objects.get()
    connection = partner.live_connection
    domain = partner.domains.get()
    assert (partner.status, partner.visibility) == ("draft", "by_email")
    assert (partner.sort_key, partner.letter) == ("contoso", "C")
    assert (domain.name, domain.verified_how, domain.subdomains) == (
        "contoso.example",
        "operator",
        False,
    )
    assert domain.verified_at is not None
    assert (connection.provider, connection.email_claim) == ("other", "email")
    assert (connection.token_endpoint_auth_method, connection.id_token_algs) == ("", [])
    assert client_secret_of(connection) == "secret of contoso"


def test_reads_every_member(partner_file, tmp_path):
    (tmp_path / "logos").mkdir()
    (tmp_path / "logos" / "wide.png").write_bytes(drawing())
    (tmp_path / "mark.png").write_bytes(drawing())
    record = record_of(
        "contoso",
        name="Contoso",
        visibility="listed",
        status="live",
        logo="logos/wide.png",
        mark="mark.png",
        aliases=["Contoso Ltd"],
        paused_note="Back soon",
        session_max_age=3600,
        session_idle=600,
        help={
            "name": "IT",
            "email": "it@contoso.example",
            "phone": "1",
            "url": "https://x.example",
        },
        domains=["Contoso.example", {"name": "bücher.test", "verified": False, "subdomains": True}],
        connection=connection_record(
            provider="entra",
            client_secret_expires="2027-06-30",
            token_endpoint_auth_method="client_secret_post",
            scopes=["openid", "email"],
            email_claim="mail",
            require_email_verified=True,
            pinned_claims={"tid": "5b0f2c1e"},
            max_age=0,
            acr_values=["urn:mfa"],
            required_amr=["mfa"],
            id_token_algs=["RS256", "EdDSA"],
            needs_id_token_hint=True,
        ),
    )

    partner_file.imported(record)

    partner = Partner.objects.get()
    connection = partner.live_connection
    assert (partner.help_name, partner.help_phone) == ("IT", "1")
    assert (partner.session_max_age, partner.session_idle) == (3600, 600)
    assert connection.client_secret_expires == date(2027, 6, 30)
    assert (connection.max_age, connection.pinned_claims) == (0, {"tid": "5b0f2c1e"})
    assert (connection.acr_values, connection.required_amr) == (["urn:mfa"], ["mfa"])
    assert list(partner.domains.values_list("name", "verified_how", "subdomains")) == [
        ("contoso.example", "operator", False),
        ("xn--bcher-kva.test", "", True),
    ]
    assert set(Logo.objects.values_list("shape", flat=True)) == {"wide", "mark"}
    events = Event.objects.count()
    assert partner_file.imported(record) == [("contoso", "unchanged")]
    assert Event.objects.count() == events


def test_the_same_file_again_writes_nothing(partner_file, django_assert_max_num_queries):
    records = [record_of("contoso"), record_of("fabrikam")]
    partner_file.imported(*records)
    events = Event.objects.count()

    with django_assert_max_num_queries(12) as queries:
        outcome = partner_file.imported(*records)

    assert outcome == [("contoso", "unchanged"), ("fabrikam", "unchanged")]
    assert Event.objects.count() == events
    written = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert set(written) == {"SELECT"}


def test_an_absent_member_stays_and_null_means_the_default(partner_file):
    partner_file.imported(
        record_of("contoso", status="live", aliases=["C"], help={"name": "IT", "phone": "1"})
    )

    changed = partner_file.changes(
        {
            "slug": "contoso",
            "aliases": None,
            "help": {"phone": None},
            "connection": {"scopes": None},
        }
    )

    partner = Partner.objects.get()
    assert changed == ("aliases", "help.phone")
    assert (partner.status, partner.aliases) == ("live", [])
    assert (partner.help_name, partner.help_phone) == ("IT", "")
    assert client_secret_of(partner.live_connection) == "secret of contoso"


def test_a_status_can_be_changed_alone(partner_file):
    partner_file.imported(record_of("contoso", status="live"))

    changed = partner_file.changes({"slug": "contoso", "status": "paused"})

    assert changed == ("status",)
    assert Partner.objects.get().status == "paused"


def test_a_list_of_domains_replaces_the_one_before(partner_file):
    partner_file.imported(record_of("contoso", domains=["a.example", "b.example", "c.example"]))

    partner_file.imported(
        {
            "slug": "contoso",
            "domains": ["b.example", {"name": "c.example", "verified": False}, "d.example"],
        }
    )

    domains = EmailDomain.objects.order_by("name").values_list("name", "verified_how")
    assert list(domains) == [
        ("b.example", "operator"),
        ("c.example", ""),
        ("d.example", "operator"),
    ]


def test_a_domain_that_dns_has_proved_stays_so(partner_file):
    partner_file.imported(record_of("contoso"))
    EmailDomain.objects.update(verified_how="dns")
    proved_at = EmailDomain.objects.get().verified_at

    assert partner_file.imported(record_of("contoso")) == [("contoso", "unchanged")]

    domain = EmailDomain.objects.get()
    assert (domain.verified_how, domain.verified_at) == ("dns", proved_at)


def test_a_domain_moves_from_one_partner_to_another_in_one_file(partner_file):
    partner_file.imported(
        record_of("contoso", domains=["a.example"]), record_of("fabrikam", domains=["b.example"])
    )

    partner_file.imported(
        {"slug": "contoso", "domains": ["b.example"]},
        {"slug": "fabrikam", "domains": ["a.example"]},
    )

    owners = EmailDomain.objects.order_by("name").values_list("name", "partner__slug")
    assert list(owners) == [("a.example", "fabrikam"), ("b.example", "contoso")]


def test_a_domain_given_up_in_the_same_file_is_free_whatever_the_order(partner_file):
    partner_file.imported(record_of("contoso", domains=["a.example"]))

    partner_file.imported(
        record_of("fabrikam", domains=["a.example"]),
        {"slug": "contoso", "domains": [{"name": "a.example", "verified": False}]},
    )

    verified = EmailDomain.objects.exclude(verified_at=None)
    assert verified.get().partner.slug == "fabrikam"


def test_a_partner_may_have_an_older_connection_at_its_issuer(partner_file, acme):
    connection_of_partner(acme, issuer="https://new.example", client_id="old", is_live=False)

    changed = partner_file.changes(
        {
            "slug": "acme",
            "connection": {"issuer": "https://new.example", "client_secret": "secret"},
        }
    )

    assert changed == ("connection.issuer", "connection.client_secret")


def test_a_claim_of_another_partner_that_is_not_verified_is_no_hindrance(partner_file, acme):
    domain_of_partner(acme, "contoso.example", verified=False)

    assert partner_file.imported(record_of("contoso")) == [("contoso", "created")]


def test_a_claim_that_is_not_verified_may_be_of_another_partners_domain(partner_file, acme):
    claimed = record_of("contoso", domains=[{"name": "acme.example", "verified": False}])

    assert partner_file.imported(claimed) == [("contoso", "created")]


def test_a_new_secret_replaces_the_old_one_and_the_trail_does_not_tell(partner_file):
    partner_file.imported(record_of("contoso"))

    changed = partner_file.changes(
        record_of("contoso", connection=connection_record(client_secret="another one"))
    )

    assert changed == ("connection.client_secret",)
    assert client_secret_of(Connection.objects.get()) == "another one"
    assert "another one" not in str(list(Event.objects.values_list("detail", flat=True)))


def test_a_secret_whose_key_is_lost_can_be_set_again(partner_file, settings):
    partner_file.imported(record_of("contoso"))
    settings.SECRETS_KEYS = [b"n" * 32]

    assert partner_file.imported(record_of("contoso")) == [("contoso", "updated")]

    assert client_secret_of(Connection.objects.get()) == "secret of contoso"


def test_true_and_one_are_different_pins(partner_file):
    partner_file.imported(
        record_of("contoso", connection=connection_record(pinned_claims={"acct": 1}))
    )

    partner_file.imported({"slug": "contoso", "connection": {"pinned_claims": {"acct": True}}})

    assert Connection.objects.get().pinned_claims["acct"] is True


def test_a_partner_without_a_connection_gets_one(partner_file):
    partner_named("Contoso")

    partner_file.imported({"slug": "contoso", "connection": connection_record()})

    assert Connection.objects.get().partner.slug == "contoso"


def test_the_trail_says_who_imported(partner_file):
    partner_file.imported(record_of("contoso"))

    assert set(Event.objects.values_list("actor", flat=True)) == {"the test"}
    assert set(Event.objects.values_list("partner", flat=True)) == {"contoso"}


def test_a_dry_run_says_the_same_and_writes_nothing(partner_file):
    outcome = partner_file.imported(record_of("contoso"), dry_run=True)

    assert outcome == [("contoso", "created")]
    assert not Partner.objects.exists()
    assert not Event.objects.exists()


def test_one_bad_record_stops_the_whole_import(partner_file):
    problems = partner_file.problems(
        record_of("contoso"), record_of("fabrikam", status="alive", domains=["gmail.com"])
    )

    assert [problem.partition(":")[0] for problem in problems] == [
        "partners[1].status",
        "partners[1].domains[0]",
    ]
    assert not Partner.objects.exists()
    assert not Event.objects.exists()


def test_a_change_by_somebody_else_meanwhile_is_a_clear_error(partner_file, monkeypatch):
    def raced(*plans):
        Partner.objects.create(slug="contoso", name="First")
        original(*plans)

    original = importing._write
    monkeypatch.setattr(importing, "_write", raced)

    with pytest.raises(PartnerFileError, match=r"database: .*slug") as refusal:
        partner_file.imported(record_of("contoso"))

    assert isinstance(refusal.value.__cause__, IntegrityError)


class TestLogos:
    def test_a_logo_is_taken_replaced_and_removed(self, partner_file, tmp_path):
        (tmp_path / "a.png").write_bytes(drawing())
        (tmp_path / "b.png").write_bytes(drawing("#000000"))
        partner_file.imported(record_of("contoso", logo="a.png"))
        first = Logo.objects.get().digest

        assert partner_file.changes({"slug": "contoso", "logo": "b.png"}) == ("logo",)
        assert Logo.objects.get().digest != first
        assert partner_file.changes({"slug": "contoso"}) == ()
        assert partner_file.changes({"slug": "contoso", "logo": None}) == ("logo",)
        assert not Logo.objects.exists()
        assert partner_file.changes({"slug": "contoso", "logo": None}) == ()

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("missing.png", "there is no file missing.png"),
            ("text.png", "not a PNG, WebP or JPEG"),
            ("../outside.png", "must lie in the folder"),
            ("sub/../../outside.png", "must lie in the folder"),
            ("link.png", "must lie in the folder"),
            ("/etc/hostname", "must lie in the folder"),
            ("sub", "there is no file sub"),
            ("", "there is no file"),
            ("loop", "is not the name of a file"),
            ("x" * 5000, "is not the name of a file"),
            ("a\x00b", "cannot be shown"),
            (["a.png"], "must be a text"),
        ],
    )
    def test_refuses_a_file_that_is_no_logo_or_lies_elsewhere(
        self, partner_file, tmp_path, name, words
    ):
        folder = tmp_path / "files"
        (folder / "sub").mkdir(parents=True)
        (tmp_path / "outside.png").write_bytes(drawing())
        (folder / "text.png").write_text("hello")
        (folder / "link.png").symlink_to(tmp_path / "outside.png")
        (folder / "loop").symlink_to(folder / "loop")
        partner_file.path = folder / "partners.json"

        problem = partner_file.problem(record_of("contoso", logo=name))

        assert problem.startswith("partners[0].logo: ")
        assert words in problem

    def test_refuses_a_large_file_without_reading_it_all(self, partner_file, tmp_path):
        with (tmp_path / "large.png").open("wb") as file:
            file.truncate(2**43)  # more than any memory has, and nothing on the disk

        assert "larger than 512 KB" in partner_file.problem(record_of("c", logo="large.png"))


def test_what_the_file_does_not_state_stays_as_somebody_else_has_made_it(partner_file, monkeypatch):
    partner_file.imported(record_of())

    def rotated_first(*plans):
        remember_client_secret(Connection.objects.get(), "sealed anew")
        make_key(Connection.objects.get())
        original(*plans)

    original = importing._write
    monkeypatch.setattr(importing, "_write", rotated_first)
    partner_file.imported(record_of(connection={"email_claim": "upn"}))

    connection = Connection.objects.get()
    assert connection.email_claim == "upn"
    assert client_secret_of(connection) == "sealed anew"
    assert connection.client_keys_changed_at is not None
