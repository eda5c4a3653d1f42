"""What servers share, and how soon what the owner does is felt."""

import pytest

from tests.support.portal_visitor import Visitor

pytestmark = pytest.mark.portal


@pytest.fixture(scope="module")
def another(portal_server):
    """A second server on the same database, as behind a load balancer."""
    with portal_server.another_process() as another:
        yield another


@pytest.fixture
def paused(portal):
    """A function that pauses Globex; it is live again afterwards."""
    change = "update partners_partner set status = %s where slug = 'globex'"
    yield lambda: portal.change(change, "paused")
    portal.change(change, "live")


@pytest.fixture
def ben(portal):
    portal.issuer("globex").sign_in_as("ben@globex.example")
    visitor = Visitor(portal)
    visitor.sign_in("globex")
    return visitor


def test_a_sign_in_that_began_at_one_server_ends_at_another(portal, another):
    portal.issuer("acme").sign_in_as("ana@acme.example")
    visitor = Visitor(portal)
    url = visitor.begin("acme")

    visitor.port = another.port
    back = visitor.get(visitor.come_back(url))
    at_another = visitor.who()
    visitor.port = portal.port

    assert back.status_code == 302
    assert at_another == visitor.who()


def test_a_response_that_one_server_accepted_is_accepted_by_no_other(portal, another):
    issuer = portal.issuer("acme")
    issuer.sign_in_as("ana@acme.example")
    visitor = Visitor(portal)
    callback = visitor.come_back(visitor.begin("acme")).removeprefix(portal.base_url)
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies().items())

    first, second = (
        server.ask("GET", callback, headers={"Cookie": cookies, "Host": host_of(portal)})
        for server in (portal, another)
    )

    assert (first.status, second.status) == (302, 400)
    assert len(issuer.requests_to("token")) == 1


def test_both_servers_hand_out_one_token(portal, another, ben):
    portal.pool.calls.clear()

    here = ben.get("/api/token/").json()
    ben.port = another.port
    there = ben.get("/api/token/").json()

    assert here == there
    assert not portal.pool.calls


def test_who_signs_out_at_one_server_is_out_at_the_other(another, ben):
    ben.post("/logout/", {})

    ben.port = another.port

    assert ben.who() is None


def test_a_paused_partners_people_are_out_at_their_next_request(portal, another, ben, paused):
    paused()

    assert ben.who() is None
    ben.port = another.port
    assert ben.get("/api/authorize/").status_code == 401


def test_who_is_away_at_the_company_when_it_is_paused_does_not_get_in(portal, paused):
    portal.issuer("globex").sign_in_as("ben@globex.example")
    visitor = Visitor(portal)
    callback = visitor.come_back(visitor.begin("globex"))

    paused()
    back = visitor.get(callback)

    assert back.status_code == 403
    assert "partner_not_live" in back.text
    assert visitor.who() is None


def test_a_person_who_is_deactivated_is_out_at_the_next_request(portal, ben):
    change = "update people_user set is_active = %s where email = 'ben@globex.example'"
    portal.change(change, False)
    try:
        who, again = ben.who(), ben.sign_in("globex")
    finally:
        portal.change(change, True)

    assert who is None
    assert again.status_code == 403
    assert "person_inactive" in again.text


def test_a_changed_issuer_is_known_at_once(portal, another):
    portal.issuer("acme").sign_in_as("ana@acme.example")
    change = (
        "update partners_connection set issuer = %s where partner_id ="
        " (select id from partners_partner where slug = 'acme')"
    )
    visitor = Visitor(portal)
    callback = visitor.come_back(visitor.begin("acme"))

    portal.change(change, f"{portal.provider.base_url}/elsewhere")
    try:
        visitor.port = another.port
        back = visitor.get(callback)
    finally:
        portal.change(change, f"{portal.provider.base_url}/acme")

    assert back.status_code == 400
    assert visitor.who() is None


def host_of(portal):
    return portal.base_url.removeprefix("http://")
