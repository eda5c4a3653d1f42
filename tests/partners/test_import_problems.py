import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.files.importing import import_partners
from partners.files.problems import PartnerFileError
from partners.models import Partner
from tests.partners.files import PartnerFile, connection_record, record_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"partners": [], "partners": []}', "the key 'partners' stands twice"),
        (b'{"partners": [NaN]}', "NaN is no JSON"),
        (b'{"partners": [Infinity]}', "Infinity is no JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"partners": [' + b"9" * 5000 + b"]}", "not JSON"),
        (b"[]", "file: must be an object"),
        (b"{}", "must be a list of partners"),
        (b'{"partners": {}}', "must be a list of partners"),
        (b'{"partners": null}', "must be a list of partners"),
        (b'{"partners": [], "version": 1}', "version: unknown key"),
        (b'{"partners": [1]}', "partners[0]: must be an object"),
        (b'{"partners": [{}]}', "partners[0].slug: is required"),
        (b'{"partners": [{"slug": null}]}', "partners[0].slug: is required"),
        (b'{"partners": [{"slug": 7}]}', "partners[0].slug: must be a text"),
    ],
)
def test_says_what_is_wrong_with_a_file(tmp_path, raw, words):
    file = tmp_path / "partners.json"
    file.write_bytes(raw)

    with pytest.raises(PartnerFileError) as refusal:
        import_partners(file, actor="the test")

    assert words in str(refusal.value)


def test_says_that_there_is_no_file(tmp_path):
    with pytest.raises(PartnerFileError, match="file: No such file"):
        import_partners(tmp_path / "partners.json", actor="the test")


def test_takes_a_file_that_begins_with_a_byte_order_mark(tmp_path):
    file = tmp_path / "partners.json"
    file.write_text('{"partners": []}', encoding="utf-8-sig")

    assert import_partners(file, actor="the test") == []


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"nmae": "x"}, "nmae: unknown key; did you mean name?"),
        ({"colour": "red"}, "colour: unknown key"),
        ({"\x1b[2J": 1}, '"\\u001b[2J": unknown key'),
        ({"name": ...}, "name: is required for a new partner"),
        ({"name": None}, "name: This field cannot be blank."),
        ({"name": 5}, "name: must be a text"),
        ({"name": " x"}, "name: This begins or ends with a blank."),
        ({"name": "x\x00"}, "name: This has characters that cannot be shown."),
        ({"name": "\ud800"}, "name: This has characters that cannot be shown."),
        ({"name": "x" * 121}, "name: Ensure this value has at most 120 characters (it has 121)."),
        ({"status": "alive"}, "status: must be one of draft, live, paused"),
        ({"visibility": ["listed"]}, "visibility: must be a text"),
        ({"aliases": "C"}, "aliases: must be a list of texts"),
        ({"aliases": [1]}, "aliases: must be a text"),
        (
            {"session_max_age": 1},
            "session_max_age: Ensure this value is greater than or equal to 60.",
        ),
        ({"session_max_age": True}, "session_max_age: must be a whole number"),
        ({"session_max_age": 10**30}, "session_max_age: "),
        ({"help": "IT"}, "help: must be an object"),
        ({"help": {"fax": "1"}}, "help.fax: unknown key"),
        ({"help": {"email": "x"}}, "help.email: Enter a valid email address."),
        ({"help": {"url": "javascript:alert(1)"}}, "help.url: Enter a valid URL."),
        ({"domains": ...}, "domains: is required for a new partner"),
        ({"domains": "a.example"}, "domains: must be a list of domains"),
        ({"domains": None}, "domains: must be a list of domains"),
        ({"domains": [1]}, "domains[0]: must be a text or an object"),
        ({"domains": [{}]}, "domains[0].name: is required"),
        ({"domains": [{"name": 1}]}, "domains[0].name: must be a text"),
        ({"domains": [{"name": "a.example", "x": 1}]}, "domains[0].x: unknown key"),
        (
            {"domains": [{"name": "a.example", "verified": "no"}]},
            "domains[0].verified: must be true",
        ),
        ({"domains": ["gmail.com"]}, "domains[0]: Anybody can have an address at gmail.com."),
        ({"domains": ["co.uk"]}, "domains[0]: Anybody can register a name under co.uk."),
        ({"domains": ["localhost"]}, "domains[0]: A domain has a name, a dot and an ending"),
        ({"domains": ["a.example", "A.EXAMPLE"]}, "domains[1]: a.example is listed twice"),
        ({"connection": ...}, "connection: is required for a new partner"),
        ({"connection": None}, "connection: must be an object"),
    ],
)
def test_names_each_problem_of_a_partner_by_its_path(partner_file, members, problem):
    problems = partner_file.problems(record_of("contoso", **members))

    assert [line for line in problems if line.startswith(f"partners[0].{problem}")]
    assert not Partner.objects.exists()


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"isuer": "x"}, "isuer: unknown key; did you mean issuer?"),
        ({"issuer": ...}, "issuer: is required for a new connection"),
        ({"client_id": ...}, "client_id: is required for a new connection"),
        ({"client_secret": ...}, "client_secret: is required: none is stored"),
        ({"client_secret": None}, "client_secret: is required where no key of ours takes its"),
        ({"client_secret": ""}, "client_secret: is empty: leave it out to keep it"),
        ({"client_secret": " x"}, "client_secret: must be a text of visible characters"),
        ({"client_secret": "a\nb"}, "client_secret: must be a text of visible characters"),
        ({"client_secret": "\ud800"}, "client_secret: must be a text of visible characters"),
        ({"client_secret": 5}, "client_secret: must be a text of visible characters"),
        ({"issuer": "http://login.example"}, "issuer: An issuer begins with https://."),
        ({"issuer": "https://login.example?a=b"}, "issuer: An issuer has no user name, no ?"),
        (
            {"issuer": "https://login.microsoftonline.com/common/v2.0"},
            "issuer: This address lets people of any company in",
        ),
        (
            {"issuer": "https://accounts.google.com"},
            "pinned_claims: All customers of this provider",
        ),
        ({"client_id": "é"}, "client_id: This is of visible ASCII characters"),
        ({"provider": "adfs"}, "provider: must be one of entra, okta"),
        ({"client_secret_expires": "30.6.2027"}, "client_secret_expires: must be a date"),
        ({"client_secret_expires": 2027}, "client_secret_expires: must be a date"),
        (
            {"token_endpoint_auth_method": "client_secret_jwt"},
            "token_endpoint_auth_method: must be one of client_secret_basic",
        ),
        ({"scopes": ["email"]}, "scopes: The scope “openid” is missing."),
        ({"email_claim": ""}, "email_claim: This field cannot be blank."),
        ({"require_email_verified": 1}, "require_email_verified: must be true or false"),
        ({"pinned_claims": ["tid"]}, "pinned_claims: This is an object"),
        ({"pinned_claims": {"tid": None}}, "pinned_claims: “tid” needs a text"),
        ({"pinned_claims": {"\ud800": "x"}}, "pinned_claims: This has characters"),
        ({"max_age": -1}, "max_age: Ensure this value is greater than or equal to 0."),
        ({"max_age": 1.5}, "max_age: must be a whole number"),
        ({"acr_values": ["a b"]}, "acr_values: “a b” is not one word."),
        ({"required_amr": ["mfa", "mfa"]}, "required_amr: A word is listed twice."),
        ({"id_token_algs": ["RS256", "HS256"]}, "id_token_algs: “HS256” is not accepted"),
        ({"id_token_algs": ["none"]}, "id_token_algs: “none” is not accepted"),
    ],
)
def test_names_each_problem_of_a_connection_by_its_path(partner_file, members, problem):
    line = partner_file.problem(record_of("contoso", connection=connection_record(**members)))

    assert line.startswith(f"partners[0].connection.{problem}")


@pytest.mark.parametrize("slug", ["Contoso", "a_b", "callback", "initiate", "", "x" * 64])
def test_refuses_a_slug_that_cannot_be_an_address(partner_file, slug):
    problem = partner_file.problems(record_of(slug, domains=[], connection=connection_record()))[0]

    assert problem.startswith("partners[0].slug: ")
    assert "underscore" not in problem  # one rule, in one wording


class TestConflicts:
    def test_a_slug_stands_once(self, partner_file):
        problem = partner_file.problem(record_of("contoso"), record_of("contoso"))

        assert problem == "partners[1].slug: is the slug of partners[0] too"

    def test_a_domain_has_one_owner_in_the_file(self, partner_file):
        problem = partner_file.problem(
            record_of("contoso"), record_of("fabrikam", domains=["x.example", "CONTOSO.example"])
        )

        assert problem == "partners[1].domains[1]: contoso.example is a domain of contoso already"

    def test_a_domain_has_one_owner_in_the_portal(self, partner_file, acme):
        problem = partner_file.problem(record_of("contoso", domains=["acme.example"]))

        assert problem == "partners[0].domains[0]: acme.example is a domain of acme already"

    def test_a_domain_of_a_partner_whose_domains_the_file_leaves_alone_is_kept(
        self, partner_file, acme
    ):
        problem = partner_file.problem(
            record_of("contoso", domains=["acme.example"]), {"slug": "acme", "name": "Acme Ltd"}
        )

        assert problem == "partners[0].domains[0]: acme.example is a domain of acme already"

    def test_an_issuer_knows_a_client_id_once(self, partner_file, acme):
        in_portal = partner_file.problem(
            record_of("contoso", connection=connection_record("acme", pinned_claims={"a": "b"}))
        )
        in_file = partner_file.problem(
            record_of("contoso"), record_of("fabrikam", connection=connection_record("contoso"))
        )

        assert in_portal == (
            "partners[0].connection.client_id: acme has this issuer and client ID already"
        )
        assert in_file == (
            "partners[1].connection.client_id: contoso has this issuer and client ID already"
        )

    def test_partners_at_one_issuer_need_pins_that_tell_them_apart(self, partner_file, acme):
        acme.connections.update(
            issuer="https://x.example", client_id="a", pinned_claims={"hd": "a"}
        )

        def at_shared(slug, pins):
            return record_of(
                slug,
                connection=connection_record(
                    slug, issuer="https://x.example", client_id=slug, pinned_claims=pins
                ),
            )

        assert "partners[0].connection.pinned_claims: Acme has this issuer too" in (
            partner_file.problem(at_shared("contoso", {}))
        )
        assert "Acme has this issuer too" in partner_file.problem(at_shared("contoso", {"hd": "a"}))
        assert "partners[1].connection.pinned_claims: Contoso has this issuer too" in (
            partner_file.problem(at_shared("contoso", {"hd": "c"}), at_shared("fab", {"hd": "c"}))
        )
        assert partner_file.imported(
            at_shared("contoso", {"hd": "c"}), at_shared("fabrikam", {"hd": "f"})
        )

    def test_a_partner_is_no_conflict_with_itself(self, partner_file):
        partner_file.imported(record_of("contoso"), record_of("fabrikam"))

        assert partner_file.imported(
            {
                "slug": "contoso",
                "connection": {"issuer": "https://login.fabrikam.example/", "max_age": 5},
            },
            {"slug": "fabrikam", "connection": {"issuer": "https://login.contoso.example"}},
        )

    def test_the_partner_that_changes_is_blamed(self, partner_file, acme):
        partner_file.imported(record_of("contoso"))

        problem = partner_file.problem(
            {"slug": "contoso", "connection": {"issuer": "https://login.acme.example"}},
            {"slug": "acme", "status": "paused"},
        )

        assert problem.startswith("partners[0].connection.client_id: acme has this")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(["openid", "listed", "live", "a.example", "https://a.example", "RS256"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = [
    *("name", "visibility", "status", "logo", "mark", "aliases", "help", "domains", "connection"),
    *("session_max_age", "session_idle", "paused_note"),
]
OF_CONNECTION = [
    *("provider", "issuer", "client_id", "client_secret", "client_secret_expires", "scopes"),
    *("token_endpoint_auth_method", "email_claim", "require_email_verified", "pinned_claims"),
    *("max_age", "acr_values", "required_amr", "id_token_algs"),
]
RECORDS = st.builds(
    lambda members, connection: record_of(
        "contoso", **{"connection": {**connection_record("contoso"), **connection}, **members}
    ),
    st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=2),
    st.dictionaries(st.sampled_from(OF_CONNECTION), JSON, max_size=2),
)
SOME = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SOME
@given(document=JSON)
def test_any_json_is_imported_or_refused_and_nothing_else(tmp_path, document):
    file = tmp_path / "partners.json"
    file.write_text(json.dumps(document))

    with pytest.raises(PartnerFileError):
        import_partners(file, actor="the test", dry_run=True)


@SOME
@given(records=st.lists(RECORDS, min_size=1, max_size=2))
def test_any_record_is_imported_or_refused_and_nothing_else(tmp_path, records):
    file = PartnerFile(tmp_path)

    problems = []
    try:
        file.imported(*records, dry_run=True)
    except PartnerFileError as error:
        problems = error.problems

    assert all(line.startswith("partners[") for line in problems)
    assert "\n".join(problems).encode() is not None
