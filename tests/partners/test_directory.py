import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners.directory import directory_page
from partners.models import Partner
from partners.paging import PAGE_TILES, stretches_of
from tests.partners.conftest import domain_of_partner, partner_named

pytestmark = pytest.mark.django_db

LISTED = {"status": "live", "visibility": "listed"}


def listed(*names):
    partners = [
        Partner(slug=f"p-{number}", name=name, **LISTED) for number, name in enumerate(names)
    ]
    for partner in partners:
        partner.refile()
    Partner.objects.bulk_create(partners)


def names_on(page):
    return [tile.name for _, tiles in page.groups for tile in tiles]


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 500), max_size=30))
def test_pages_show_every_name_once_and_none_shows_too_many(counts):
    stretches = stretches_of(counts)

    assert sum(one.size for one in stretches) == sum(counts.values())
    assert all(1 <= one.size <= PAGE_TILES for one in stretches)
    for letter, count in counts.items():
        parts = [one for one in stretches if one.letters == (letter,) and one.part]
        assert sum(one.size for one in parts) in {0, count}
        assert [one.start for one in parts] == [
            sum(p.size for p in parts[:i]) for i in range(len(parts))
        ]


def test_there_is_no_directory_without_listed_companies():
    partner_named("Acme", status="live", visibility="by_email")

    assert directory_page() is None
    assert directory_page("acme") is None


@pytest.mark.parametrize(
    ("status", "visibility"),
    [("draft", "listed"), ("paused", "listed"), ("live", "by_email"), ("live", "hidden")],
)
@pytest.mark.parametrize("query", ["", "initech", "ana@initech.example"])
def test_shows_and_finds_only_what_is_listed_and_live(acme, status, visibility, query):
    partner = partner_named("Initech", status=status, visibility=visibility)
    domain_of_partner(partner, "initech.example")

    page = directory_page(query)

    assert names_on(page) == ([] if query else ["Acme"])


@pytest.mark.parametrize(
    ("count", "search", "letters"),
    [(12, False, False), (13, True, False), (48, True, False), (49, True, True)],
)
def test_search_and_letters_come_when_they_help(count, search, letters):
    listed(*(f"{chr(65 + i % 26)}{i:03}" for i in range(count)))

    page = directory_page()

    assert (page.show_search, page.show_letters) == (search, letters)
    assert page.total == count
    assert [bool(letter) for letter, _ in page.groups] == [letters] * len(page.groups)


def test_sorts_without_case_and_accents():
    listed("zeta", "Ärger", "alpha", "Beta", "3M", "Zürich")

    page = directory_page()

    assert names_on(page) == ["3M", "alpha", "Ärger", "Beta", "zeta", "Zürich"]


def test_walks_every_page_once_by_its_links():
    listed(*(f"{chr(65 + i % 20)} {i:04}" for i in range(1184)))
    seen, page = [], directory_page()

    while True:
        seen += names_on(page)
        assert page.shown <= PAGE_TILES
        if page.next_href is None:
            break
        page = directory_page(page=page.next_href.removeprefix("?page="))

    assert len(seen) == len(set(seen)) == page.total == 1184
    assert seen == sorted(seen)


def test_goes_back_and_forth():
    listed(*(f"{letter}{i}" for letter in "ABCD" for i in range(20)))

    first, second = directory_page(), directory_page(page="2")

    assert (first.previous_href, first.next_href) == (None, "?page=2")
    assert (second.previous_href, second.next_href) == ("?page=1", None)
    assert (first.next_label, second.previous_label) == ("C to D", "A to B")
    assert (first.first_letter, first.last_letter, first.shown) == ("A", "B", 40)


def test_a_letter_leads_to_the_page_that_shows_it():
    listed(*(f"{letter}{i}" for letter in "ABCD" for i in range(20)))

    page = directory_page(letter="d")

    assert [letter for letter, _ in page.groups] == ["C", "D"]
    letters = {label: (href, shown) for label, href, shown in page.letters}
    assert letters["D"] == ("?letter=D", True)
    assert letters["A"] == ("?letter=A", False)
    assert letters["Z"] == (None, False)
    assert list(letters)[:2] == ["0-9", "A"]


def test_a_letter_with_many_companies_has_pages_of_its_own():
    listed(*(f"A{i:03}" for i in range(100)), "Beta")

    pages = [directory_page(letter="A", page=str(number)) for number in (1, 2, 3)]

    assert [page.shown for page in pages] == [34, 34, 32]
    assert pages[0].next_label == "A (2)"
    assert names_on(pages[2])[-1] == "A099"
    assert pages[2].next_label == "B"


@pytest.mark.parametrize(
    ("letter", "page"),
    [
        ("", "0"),
        ("", "-1"),
        ("", "x"),
        ("", "1e9"),
        ("", "²"),
        ("Ж", ""),
        ("\x00", "\x00"),
        ("", "1" * 5000),
    ],
)
def test_answers_nonsense_with_the_first_page(letter, page):
    listed("Acme")

    assert names_on(directory_page(letter=letter, page=page)) == ["Acme"]


def test_answers_a_page_after_the_last_with_the_last():
    listed(*(f"{letter}{i}" for letter in "ABCD" for i in range(20)))

    assert directory_page(page="99").last_letter == "D"
    assert directory_page("a", page="99").shown == 20


def test_names_of_many_letters_have_no_letter_index():
    listed(*(chr(0x4E00 + i) for i in range(60)))

    page = directory_page()

    assert not page.show_letters
    assert page.show_search


@pytest.mark.parametrize(
    "query",
    [
        "brightwater",
        "BRIGHT",
        "labs bright",
        " Bríghtwater  labs ",
        "bwl",
        "brightwater.example",
        "ana@brightwater.example",
        "Ana <ana@brightwater.example",
    ],
)
def test_finds_a_company_by_name_alias_or_domain(query):
    partner = partner_named("Brightwater Labs", aliases=["BWL"], **LISTED)
    domain_of_partner(partner, "brightwater.example")
    listed("Contoso")

    page = directory_page(query)

    assert names_on(page) == ["Brightwater Labs"]
    assert (page.total, page.show_letters) == (1, False)


@pytest.mark.parametrize(
    "query", ["example", "rightwater.example", "ana@ightwater.example", "%", "_"]
)
def test_finds_no_company_by_half_a_domain_or_a_wildcard(query):
    partner = partner_named("Brightwater Labs", **LISTED)
    domain_of_partner(partner, "brightwater.example")

    page = directory_page(query)

    assert (page.total, page.groups, page.query) == (0, [], query)


@pytest.mark.parametrize(
    "query", ["\x00", "  ", "\u202e", "a@" + "a." * 50_000, "@", ".", "😀", "a" * 9999]
)
def test_a_search_for_anything_is_answered(query):
    listed("Acme")

    page = directory_page(query)

    assert len(page.query) <= 100


def test_an_unverified_domain_finds_nobody(acme):
    domain_of_partner(acme, "unproved.example", verified=False)

    assert directory_page("unproved.example").total == 0


def test_a_long_search_has_pages():
    listed(*(f"Acme {i:03}" for i in range(100)))

    page = directory_page("acme", page="2", return_to="/app/?a=b")

    assert (page.total, page.shown) == (100, 48)
    assert page.previous_href == "?q=acme&page=1&next=%2Fapp%2F%3Fa%3Db"
    assert page.next_href == "?q=acme&page=3&next=%2Fapp%2F%3Fa%3Db"
    assert page.next_label == "3 / 3"


def test_links_keep_where_the_person_wanted_to_go():
    listed(*(f"{letter}{i}" for letter in "ABCD" for i in range(20)))

    page = directory_page(return_to="/app/")

    assert page.next_href == "?page=2&next=%2Fapp%2F"
    assert ("A", "?letter=A&next=%2Fapp%2F", True) in page.letters


def test_companies_of_one_name_are_told_apart_by_a_domain(acme):
    other = partner_named("ACME", slug="acme-2", **LISTED)
    domain_of_partner(other, "claimed.test", verified=False)
    domain_of_partner(other, "acme.test")
    domain_of_partner(other, "later.test")
    listed("Contoso")

    page = directory_page()

    notes = {tile.slug: tile.note for _, tiles in page.groups for tile in tiles}
    assert notes == {"acme": "acme.example", "acme-2": "acme.test", "p-0": ""}


@pytest.mark.parametrize("query", ["", "a", "acme.example"])
@pytest.mark.parametrize("count", [1, 1184])
def test_costs_the_same_few_queries_however_many_there_are(
    acme, globex, query, count, django_assert_max_num_queries
):
    listed(*(f"{chr(65 + i % 26)}a {i // 2}" for i in range(count)))

    with django_assert_max_num_queries(5):
        directory_page(query)
