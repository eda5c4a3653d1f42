import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.mark.parametrize(
    ("raw", "origin"),
    [
        ("https://portal.example", "https://portal.example"),
        ("https://Portal.example/", "https://portal.example"),
        ("https://portal.example:443", "https://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://[::1]", "http://[::1]"),
    ],
)
def test_reads_an_origin_as_browsers_write_it(raw, origin):
    assert env.origin(raw) == origin


def test_a_database_is_reached_as_its_url_says():
    options = env.database("postgres://u:p@db.example/foyer?sslmode=verify-full")["OPTIONS"]

    assert options["sslmode"] == "verify-full"


@pytest.mark.parametrize("raw", ["eu-west-1", "eu-west-1:", "6b2f9a1e"])
def test_a_value_that_cannot_be_stops_the_start_and_is_named(raw, monkeypatch):
    monkeypatch.setenv("COGNITO_IDENTITY_POOL_ID", raw)

    with pytest.raises(ImproperlyConfigured, match=r"^COGNITO_IDENTITY_POOL_ID: expected"):
        env.read("COGNITO_IDENTITY_POOL_ID", env.identity_pool_id, default="")


def test_a_mail_server_is_reached_as_its_url_says():
    config = env.mail_server("smtp+tls://portal:s%40crt@mail.example")

    assert config["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert (config["EMAIL_HOST"], config["EMAIL_PORT"]) == ("mail.example", 587)
    assert (config["EMAIL_HOST_USER"], config["EMAIL_HOST_PASSWORD"]) == ("portal", "s@crt")
    assert config["EMAIL_USE_TLS"]


@pytest.mark.parametrize(
    ("raw", "port"),
    [("smtp://m.example", 25), ("smtp+ssl://m.example", 465), ("smtp://m.example:2525", 2525)],
)
def test_a_mail_server_has_its_usual_port_or_the_one_that_is_named(raw, port):
    assert env.mail_server(raw)["EMAIL_PORT"] == port


@pytest.mark.parametrize(
    "raw", ["mail.example", "dummymail://", "smtps://m.example", "smtp://", "smtp://m.example:x"]
)
def test_what_is_no_mail_server_stops_the_start(raw, monkeypatch):
    monkeypatch.setenv("EMAIL_URL", raw)

    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL: [^\n]+$"):
        env.read("EMAIL_URL", env.mail_server, default="")


def test_without_a_mail_server_no_setting_is_changed():
    assert env.mail_server("") == {}


@pytest.mark.parametrize("raw", ["portal@portal.example", "Northlake <portal@portal.example>"])
def test_a_mail_comes_from_an_address_with_or_without_a_name(raw):
    assert env.mailbox(raw) == raw


@pytest.mark.parametrize("raw", ["Northlake", "Northlake <portal>", "<>"])
def test_mails_come_from_an_address(raw, monkeypatch):
    monkeypatch.setenv("MAIL_FROM", raw)

    with pytest.raises(ImproperlyConfigured, match=r"^MAIL_FROM: expected"):
        env.read("MAIL_FROM", env.mailbox, default="")


def test_name_servers_are_addresses_with_the_usual_port_or_one_that_is_named():
    servers = env.name_servers("192.0.2.53, 192.0.2.53:5353, 2001:db8::53, [2001:db8::53]:5353")

    assert servers == [
        ("192.0.2.53", 53),
        ("192.0.2.53", 5353),
        ("2001:db8::53", 53),
        ("2001:db8::53", 5353),
    ]


@pytest.mark.parametrize(
    "raw",
    ["192.0.2.53", "192.0.2.53,192.0.2.53:53", "dns.example,192.0.2.53", "1.1.1.1:x,192.0.2.53"],
)
def test_what_are_no_two_name_servers_stops_the_start(raw, monkeypatch):
    monkeypatch.setenv("DNS_RESOLVERS", raw)

    with pytest.raises(ImproperlyConfigured, match=r"^DNS_RESOLVERS: expected [^\n]+$"):
        env.read("DNS_RESOLVERS", env.name_servers)


@pytest.mark.parametrize("raw", ["", "/privacy/", "https://portal.example/privacy?of=portal"])
def test_reads_the_address_of_a_page(raw):
    assert env.web_address(raw) == raw


@pytest.mark.parametrize(
    "raw", ["javascript:alert(1)", "http://portal.example/", "//evil", "privacy"]
)
def test_refuses_what_is_no_address_of_a_page(raw):
    with pytest.raises(ValueError, match="expected an address such as"):
        env.web_address(raw)
