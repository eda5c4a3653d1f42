import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.middleware import CanonicalHost


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
