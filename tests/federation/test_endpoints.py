import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from federation.outbound import why_not_issuer, why_not_outbound
from federation.outbound.addresses import are_public, is_public, system_resolver
from federation.outbound.endpoints import endpoint_of
from partners.rules import require_issuer

NONE = frozenset()


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example",
        "https://login.example/t/contoso",
        "https://login.example:443/",
        "https://LOGIN.Example/token?p=b2c_1_sign_in",
        "https://login.example?tenant=1",
        "https://xn--bcher-kva.example/",
        "https://1and1.example/",
        "https://metadata.example/",
    ],
)
def test_calls_an_https_url_with_a_public_name(url):
    assert why_not_outbound(url, trusted=NONE) is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://2130706433/", id="decimal"),
        pytest.param("https://0177.0.0.1/", id="octal"),
        pytest.param("https://0x7f.1/", id="hex-and-short"),
        pytest.param("https://0x7f000001/", id="hex"),
        pytest.param("https://192.0x00A80001/", id="hex-last"),
        pytest.param("https://127.1/", id="short"),
        pytest.param("https://127.0.0.1/", id="dotted"),
        pytest.param("https://127.0.0.1./", id="dotted-with-final-dot"),
        pytest.param("https://169.254.169.254/latest/meta-data/", id="metadata"),
        pytest.param("https://8.8.8.8/", id="public"),
        pytest.param("https://[::1]/", id="loopback-6"),
        pytest.param("https://[::ffff:127.0.0.1]/", id="mapped"),
        pytest.param("https://[fd00:ec2::254]/", id="metadata-6"),
        pytest.param("https://[64:ff9b::7f00:1]/", id="nat64"),
        pytest.param("https://[fe80::1%25eth0]/", id="scoped"),
        pytest.param("https://①②⑦.⓪.⓪.①/", id="enclosed-digits"),
        pytest.param("https://127。0。0。1/", id="ideographic-stops"),
    ],
)
def test_refuses_every_spelling_of_an_ip_address(url):
    assert why_not_outbound(url, trusted=NONE)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/",
        "https://idp.localhost/",
        "https://printer.local/",
        "https://metadata/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://router.home.arpa/",
        "https://login.example./",
        "https://login..example/",
        "https://-login.example/",
        "https://log_in.example/",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
    ],
)
def test_refuses_a_host_that_is_not_a_public_name(url):
    assert why_not_outbound(url, trusted=NONE)


@pytest.mark.parametrize("port", [22, 25, 80, 2375, 5432, 6379, 8443, 9200, 11211, 65536, 99999])
def test_refuses_every_port_but_that_of_https(port):
    assert why_not_outbound(f"https://login.example:{port}/", trusted=NONE)


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/",
        "http://login.example:443/",
        "file:///etc/passwd",
        "gopher://login.example/_GET",
        "data:application/json,{}",
        "//login.example/",
        "login.example",
        "https:login.example",
        "https:///login.example",
        "https://",
        "",
        "https://user@login.example/",
        "https://user:password@login.example/",
        "https://login.example@evil.example/",
        "https://evil.example\\@login.example/",
        "https://login.example/path\\..",
        "https://login.example/#fragment",
        "https://login.example#@evil.example/",
        "https://login.example/a b",
        " https://login.example/",
        "https://login.example/\n",
        "https://login.example/\r\nHost: evil.example",
        "https://log\tin.example/",
        "https://login.example/\x00",
        "https://bücher.example/",
        "https://login.example/ü",
        "https://login.example:/",
        "https://login.example:+443/",
        "https://login.example:٤٤٣/",
        "https://ſogin.example/",
        "https://\N{KELVIN SIGN}eycloak.example/",
    ],
)
def test_refuses_what_parsers_read_differently(url):
    assert why_not_outbound(url, trusted=NONE)


def test_a_trusted_endpoint_may_be_anything_the_operator_named():
    trusted = frozenset({"127.0.0.1:9001", "[::1]:9001", "keycloak:8080", "login.example:80"})

    answers = {
        url: why_not_outbound(url, trusted=trusted)
        for url in (
            "http://127.0.0.1:9001/contoso",
            "https://[::1]:9001/",
            "http://KEYCLOAK:8080/realms/x",
            "http://login.example/",
        )
    }

    assert set(answers.values()) == {None}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9002/",
        "http://127.0.0.1/",
        "https://127.0.0.2:9001/",
        "http://127.0.0.1:9001@evil.example/",
        "http://127.0.0.1:90011/",
        "http://a127.0.0.1:9001/",
    ],
)
def test_trust_in_one_endpoint_is_not_trust_in_its_neighbour(url):
    assert why_not_outbound(url, trusted=frozenset({"127.0.0.1:9001"}))


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.example/?tenant=1",
        "https://login.example?",
        "https://login.example/a/../b",
        "https://login.example/#",
        "https://user@login.example/",
        "https://login.example:8443/",
        "https://169.254.169.254",
        "http://login.example/",
    ],
)
def test_refuses_an_issuer_that_could_not_be_one(issuer):
    assert why_not_issuer(issuer, trusted=NONE)


def test_accepts_an_issuer_with_a_path():
    assert why_not_issuer("https://login.example/t/contoso/v2.0/", trusted=NONE) is None


def test_calls_the_parts_that_were_judged():
    endpoint = endpoint_of("https://LOGIN.example?tenant=A", trusted=NONE)

    assert (endpoint.host, endpoint.port, endpoint.target) == ("login.example", 443, "/?tenant=A")


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 -- nothing is bound to it
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "",
    ],
)
def test_an_address_with_a_special_purpose_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.128.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2a00:1450::1"],
)
def test_an_ordinary_address_is_public(address):
    assert is_public(address)


def test_one_address_that_is_not_public_spoils_the_others():
    assert are_public(["8.8.8.8", "2a00:1450::1"])
    assert not are_public(["8.8.8.8", "10.0.0.1"])
    assert not are_public(["::1", "2a00:1450::1"])


def test_the_system_names_each_address_of_a_host_once():
    assert system_resolver("127.0.0.1") == ["127.0.0.1"]


SAVED = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(["https", "http", "HTTPS"]),
    st.sampled_from(["login.example", "Login.Example", "trusted.example", "[::1]", "a@b.example"]),
    st.sampled_from(["", ":", ":443", ":0443", ":000443", ":80", ":0", ":8443", ":9001"]),
    st.lists(st.sampled_from(["", "a", ".", "..", "%2e", "?", "b~", '"'])).map(
        lambda them: "/".join(["", *them])
    ),
)


@given(SAVED)
def test_no_issuer_can_be_saved_that_is_never_called(issuer):
    trusted = frozenset({"trusted.example:9001", "trusted.example:80", "[::1]:443"})
    with override_settings(FEDERATION_TRUSTED_ENDPOINTS=trusted):
        try:
            require_issuer(issuer)
        except ValidationError:
            return

    assert why_not_issuer(issuer, trusted=trusted) is None
