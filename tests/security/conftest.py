"""An attacker's equipment: partners whose providers are hers, an address that nobody may call."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from demo.provider import Account, SigningKey
from tests.security.adversary import Adversary
from tests.security.invariants import Case
from tests.security.owner import Owner
from tests.support.loopback import LoopbackServer, answer, answering, serving
from tests.support.portal import Portal
from tests.support.portal_visitor import Visitor

DISPOSABLE = 200
"""Partners for one case each: what a case does to a partner's breaker cannot be undone."""

AWKWARD = "a:b %25+&=?/\\\"'~ c"
"""What a client ID and a secret may consist of, and client_secret_basic has to encode."""


@pytest.fixture(scope="session")
def adversaries(portal_server: Portal) -> dict[str, Adversary]:
    """Every partner of these tests by its slug, founded at once: each import takes a second."""
    slugs = ["bystander", "adversary", "accomplice"]
    records = [
        *map(portal_server.record_of, slugs),
        *(portal_server.record_of(f"disposable-{n}") for n in range(DISPOSABLE)),
        *(_named_alike(portal_server, slug) for slug in ("twin-one", "twin-two")),
        _awkward(portal_server, "awkward-basic", method="client_secret_basic"),
        _awkward(portal_server, "awkward-post", method="client_secret_post"),
        *(_at_shared_issuer(portal_server, slug) for slug in ("tenant-one", "tenant-two")),
    ]
    portal_server.found(*records)
    _furnish_shared_issuer(portal_server)
    found = {record["slug"]: Adversary(portal_server, record["slug"]) for record in records}
    _warm_up(portal_server, found["bystander"])
    return found


@pytest.fixture(scope="session")
def canary() -> Iterator[LoopbackServer]:
    """An address that the portal has no business with: a connection to it is a finding."""
    with serving(answering(answer())) as server:
        yield server


@pytest.fixture
def at(portal, adversaries):
    """Give the partner of a slug; all are as they were when the test is over."""
    used: list[Adversary] = []

    def one(slug: str) -> Adversary:
        adversary = adversaries[slug]
        adversary.sign_in_as("ana")
        used.append(adversary)
        return adversary

    yield one
    for adversary in used:
        adversary.restore()


@pytest.fixture
def adversary(at) -> Adversary:
    """A partner whose provider does what an attacker wants."""
    return at("adversary")


@pytest.fixture
def accomplice(at) -> Adversary:
    """Another partner, which is the attacker's too, or her victim."""
    return at("accomplice")


@pytest.fixture(scope="session")
def disposable(adversaries) -> Iterator[Adversary]:
    """Give partners that no case has had."""
    return iter([one for slug, one in adversaries.items() if slug.startswith("disposable")])


@pytest.fixture
def case(portal, adversary, at, canary, request) -> Iterator[Case]:
    """An attack through a partner that is as good as new."""
    yield from _watched(Case(portal, adversary, at("bystander"), canary), request)


@pytest.fixture
def outage(portal, disposable, at, canary, request) -> Iterator[Case]:
    """An attack that leaves the partner's breaker open: at a partner of its own."""
    adversary = at(next(disposable).slug)
    yield from _watched(Case(portal, adversary, at("bystander"), canary), request)


@pytest.fixture(scope="session")
def owner(portal_server: Portal) -> Owner:
    """The service owner's browser, at the admin."""
    return Owner(portal_server)


@pytest.fixture(scope="session")
def keys():
    """Give a provider's key of an algorithm, the same one all through the run."""
    known: dict[str, SigningKey] = {}

    def key(alg: str, name: str = "") -> SigningKey:
        return known.setdefault(alg + name, SigningKey.generate(alg))

    return key


def _warm_up(portal: Portal, bystander: Adversary) -> None:
    """Let every process have loaded what a sign-in and a refusal need, before it is measured."""
    bystander.sign_in_as("ana")

    def visit(_number: int) -> None:
        visitor = Visitor(portal)
        visitor.sign_in(bystander.slug)
        visitor.get("/")
        visitor.get("/login/bystander/callback/")

    with ThreadPoolExecutor(4) as visitors:
        list(visitors.map(visit, range(40)))


def _watched(case: Case, request: pytest.FixtureRequest) -> Iterator[Case]:
    failed = request.session.testsfailed
    yield case
    # A test that has failed already has said what is wrong.
    if request.session.testsfailed == failed:
        case.close()


def _named_alike(portal: Portal, slug: str) -> dict[str, object]:
    record = portal.record_of(slug)
    return {**record, "connection": {**record["connection"], "client_id": "the-same-everywhere"}}


def _awkward(portal: Portal, slug: str, *, method: str) -> dict[str, object]:
    record = portal.record_of(slug)
    credentials = {"client_id": f"{slug} {AWKWARD}", "client_secret": f"{AWKWARD} {slug}"}
    how = {"token_endpoint_auth_method": method}
    return {**record, "connection": {**record["connection"], **credentials, **how}}


def _at_shared_issuer(portal: Portal, slug: str) -> dict[str, object]:
    record = portal.record_of(slug)
    shared = {"issuer": f"{portal.provider.base_url}/everybody", "pinned_claims": {"tid": slug}}
    return {**record, "connection": {**record["connection"], **shared}}


def _furnish_shared_issuer(portal: Portal) -> None:
    """Let the provider that several companies share say of each person whose it is."""
    issuer = portal.issuer("everybody")
    issuer.config = replace(issuer.config, claims={})
    issuer.accounts.clear()
    for slug in ("tenant-one", "tenant-two"):
        account = Account(
            subject=f"ana-of-{slug}", email=f"ana@{slug}.example", claims={"tid": slug}
        )
        issuer.add_account(account)
