"""What name servers say, asked over real sockets: each way to hear nothing has its name."""

import pytest

from onboarding.domains import dns
from onboarding.domains.dns import Failure, texts_at

NAME = "_foyer-challenge.acme.example"


def heard(name=NAME):
    """Return the texts and the failure that both name servers agree on."""
    answers = texts_at(name)
    assert len({(one.texts, one.failure) for one in answers}) == 1
    return answers[0].texts, answers[0].failure


def test_hears_every_text_from_each_name_server(name_server):
    name_server.texts[NAME] = ["one", "two"]

    answers = texts_at(NAME)

    assert [one.server for one in answers] == [f"127.0.0.1:{port}" for port in name_server.ports]
    assert [sorted(one.texts) for one in answers] == [[b"one", b"two"]] * 2


def test_joins_the_strings_of_a_text(name_server):
    name_server.texts[NAME] = ["x" * 300]

    assert heard() == ((b"x" * 300,), None)


def test_l05_follows_a_cname(name_server):
    name_server.aliases[NAME] = "elsewhere.example"
    name_server.texts["elsewhere.example"] = ["there"]

    assert heard() == ((b"there",), None)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ("SERVFAIL", Failure.SERVER_FAILED),
        ("REFUSED", Failure.REFUSED),
        ("NOTIMP", Failure.MALFORMED),
        ("silence", Failure.TIMED_OUT),
        ("garbage", Failure.TIMED_OUT),
        ("stranger", Failure.TIMED_OUT),
        ("elsewhere", Failure.TIMED_OUT),
    ],
)
def test_l11_tells_apart_why_there_is_no_answer(name_server, monkeypatch, fault, failure):
    monkeypatch.setattr(dns, "TRY_SECONDS", 0.3)
    name_server.texts[NAME] = ["there"]
    name_server.everywhere(fault)

    assert heard() == ((), failure)


def test_l11_tells_a_name_that_is_not_there_from_one_without_texts(name_server):
    name_server.texts["here.acme.example"] = []

    assert heard("gone.acme.example") == ((), Failure.NO_SUCH_NAME)
    assert heard("here.acme.example") == ((), Failure.NO_TEXT)


def test_l11_asks_over_tcp_what_does_not_fit_into_a_datagram(name_server):
    name_server.texts[NAME] = [f"{number:02}" + "x" * 200 for number in range(10)]

    texts, _ = heard()

    assert len(texts) == 10
    assert {protocol for _, protocol, _ in name_server.asked} == {"udp", "tcp"}


@pytest.mark.parametrize(
    "texts",
    [[str(number) for number in range(1000)], [f"{number}" + "x" * 6000 for number in range(10)]],
)
def test_l11_takes_no_more_than_anybody_needs(name_server, texts):
    name_server.texts[NAME] = texts

    assert heard() == ((), Failure.TOO_MUCH)


def test_l11_says_that_there_is_no_way_to_a_name_server(settings):
    # Nothing is sent to a broadcast address: the system refuses it.
    settings.DNS_RESOLVERS = [("255.255.255.255", 53)] * 2

    assert heard() == ((), Failure.UNREACHABLE)


def test_a_lost_datagram_is_sent_again(name_server, monkeypatch):
    monkeypatch.setattr(dns, "TRY_SECONDS", 0.3)
    name_server.texts[NAME] = ["there"]
    name_server.losing = 2

    assert heard() == ((b"there",), None)


def test_nothing_is_remembered(name_server):
    assert heard() == ((), Failure.NO_SUCH_NAME)

    name_server.texts[NAME] = ["there"]

    assert heard() == ((b"there",), None)
