"""The README's walk, against the production server, over HTTP alone."""

import pytest

from tests.support.portal_visitor import Visitor, continue_url

pytestmark = [pytest.mark.portal, pytest.mark.xdist_group("portal")]


def test_an_address_leads_to_the_company_and_back_to_where_the_person_wanted_to_go(portal):
    portal.issuer("contoso").sign_in_as("ana@contoso.example")
    visitor = Visitor(portal)
    form = {"email": "Ana@Contoso.example", "next": "/orders/?of=today"}

    taking = visitor.post("/login/", form)
    url = continue_url(taking.text)
    back = visitor.get(visitor.come_back(url))

    assert taking.status_code == 200
    assert taking.headers["Refresh"] == f"0;url={url}"
    assert "login_hint=ana%40contoso.example" in url
    assert (back.status_code, back.headers["Location"]) == (302, "/orders/?of=today")
    assert visitor.who()["email"] == "ana@contoso.example"
