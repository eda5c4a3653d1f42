import ipaddress

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.middleware import CanonicalHost, TrustedProxies


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("testserver", 200),
        ("testserver:443", 200),
        ("TESTSERVER", 200),
        ("testserver:80", 301),
        ("testserver:8443", 301),
        ("elsewhere.example", 301),
    ],
)
def test_serves_one_host_name_also_with_its_usual_port(host, status):
    request = RequestFactory().get("/login/", HTTP_HOST=host, secure=True)

    response = CanonicalHost(lambda _request: HttpResponse())(request)

    assert response.status_code == status
    assert response.headers.get("Location", "https://testserver/login/") == (
        "https://testserver/login/"
    )


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "address"),
    [
        ("::ffff:192.0.2.7", "", "192.0.2.7"),
        ("::ffff:192.0.2.7", "198.51.100.9", "192.0.2.7"),
        ("::ffff:10.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7"),
        ("2001:db8::1", "", "2001:db8::1"),
        ("", "", ""),
    ],
)
def test_an_ipv4_address_is_one_however_the_socket_writes_it(
    peer, forwarded_for, address, settings
):
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("10.0.0.0/8")]
    forwarded = {"HTTP_X_FORWARDED_FOR": forwarded_for} if forwarded_for else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **forwarded)

    TrustedProxies(lambda _request: HttpResponse())(request)

    assert request.META["REMOTE_ADDR"] == address
