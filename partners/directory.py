"""The directory of the sign-in page: the listed companies, by letters or as a search finds them.

A page costs the same few queries whether ten companies are listed or a hundred thousand.
"""

import string
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from partners.addresses import AddressError, normalised_domain
from partners.filing import DIGITS, folded
from partners.home_realm import owner_of
from partners.models import EmailDomain, Partner, Status, Visibility
from partners.paging import PAGE_TILES, Stretch, stretches_of

FEW = 12
"""Up to so many companies are seen at a glance: no search is needed."""

QUERY_CHARACTERS = 100
"""Longer than any company's name that somebody types."""

QUERY_WORDS = 8
"""Each word of a search is looked for in every name."""

MOST_LETTERS = 40
"""With more letters than this, as in a list of Chinese names, an index helps nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A company on the page; *note* is one of its domains where two have the same name."""

    slug: str
    name: str
    wide_logo_url: str
    mark_url: str
    initials: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryPage:
    """One page of the directory.

    *total* counts the listed companies, or those that the search found. *groups* pairs a letter,
    empty where none is shown, with its tiles. *letters* has a label, the address of its page or
    ``None`` where no company is filed, and whether it is on this page.
    """

    query: str
    total: int
    shown: int
    groups: list[tuple[str, list[Tile]]]
    show_search: bool
    show_letters: bool = False
    letters: list[tuple[str, str | None, bool]]
    first_letter: str
    last_letter: str
    previous_href: str | None = None
    previous_label: str = ""
    next_href: str | None = None
    next_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    query: str
    letter: str
    page: int
    return_to: str

    def href(self, **parameters: str | int) -> str:
        kept = {"next": self.return_to} if self.return_to else {}
        return f"?{urlencode({**parameters, **kept})}"


def directory_page(
    query: str = "", letter: str = "", page: str = "", *, return_to: str = ""
) -> DirectoryPage | None:
    """Return the page that was asked for, or the nearest there is; ``None``: nobody is listed.

    *query*, *letter* and *page* are as somebody may have typed them into the address. A letter
    without a page means the first page that shows it; *return_to* is kept in all links.
    """
    asked = _Asked(
        query=query.strip()[:QUERY_CHARACTERS],
        letter=letter.strip().upper(),
        page=int(page) if page.isdecimal() and len(page) < len("1000000") else 0,
        return_to=return_to,
    )
    words = folded(asked.query).split()[:QUERY_WORDS]
    return _page_found(asked, words) if words else _page_filed(asked)


def _page_filed(asked: _Asked) -> DirectoryPage | None:
    filed = _listed().values_list("letter").annotate(Count("id")).order_by("letter")
    counts = dict(filed)
    if not counts:
        return None
    total = sum(counts.values())
    stretches = stretches_of(counts)
    at = _place(asked, stretches)
    stretch = stretches[at]
    show_letters = total > PAGE_TILES
    tiles = _tiles(_listed().filter(letter__in=stretch.letters), stretch.start, stretch.size)
    previous, following = at - 1, at + 1
    has_next = following < len(stretches)
    return DirectoryPage(
        query="",
        total=total,
        shown=len(tiles),
        groups=_groups(tiles) if show_letters else _ungrouped(tiles),
        show_search=total > FEW,
        show_letters=show_letters and len(counts) <= MOST_LETTERS,
        letters=_letters(asked, counts, stretch) if show_letters else [],
        first_letter=stretch.letters[0],
        last_letter=stretch.letters[-1],
        previous_href=asked.href(page=previous + 1) if at else None,
        previous_label=_label(stretches[previous]) if at else "",
        next_href=asked.href(page=following + 1) if has_next else None,
        next_label=_label(stretches[following]) if has_next else "",
    )


def _page_found(asked: _Asked, words: list[str]) -> DirectoryPage | None:
    found = _listed().filter(_matches(asked.query, words))
    total = found.count()
    if not total and not _listed().exists():
        return None
    pages = -(-total // PAGE_TILES)
    page = max(1, min(asked.page, pages))
    tiles = _tiles(found, (page - 1) * PAGE_TILES, PAGE_TILES) if total else []
    return DirectoryPage(
        query=asked.query,
        total=total,
        shown=len(tiles),
        groups=_ungrouped(tiles),
        show_search=True,
        letters=[],
        first_letter=tiles[0][0] if tiles else "",
        last_letter=tiles[-1][0] if tiles else "",
        previous_href=asked.href(q=asked.query, page=page - 1) if page > 1 else None,
        previous_label=f"{page - 1} / {pages}" if page > 1 else "",
        next_href=asked.href(q=asked.query, page=page + 1) if page < pages else None,
        next_label=f"{page + 1} / {pages}" if page < pages else "",
    )


def _listed() -> QuerySet[Partner]:
    return Partner.objects.filter(status=Status.LIVE, visibility=Visibility.LISTED)


def _matches(query: str, words: list[str]) -> Q:
    named = Q()
    for word in words:
        named &= Q(search_text__contains=word)
    domain = query.rpartition("@")[2]
    if "@" not in query and "." not in query:
        return named
    try:
        owner = owner_of(normalised_domain(domain))
    except AddressError:
        return named
    return named | Q(pk=owner)


def _place(asked: _Asked, stretches: list[Stretch]) -> int:
    first = next((i for i, one in enumerate(stretches) if asked.letter in one.letters), 0)
    return min(first + max(asked.page - 1, 0), len(stretches) - 1)


def _letters(
    asked: _Asked, counts: dict[str, int], stretch: Stretch
) -> list[tuple[str, str | None, bool]]:
    always = [DIGITS, *string.ascii_uppercase]
    others = [letter for letter in counts if letter not in always]
    return [
        (letter, asked.href(letter=letter) if letter in counts else None, letter in stretch.letters)
        for letter in [*always, *others]
    ]


def _label(stretch: Stretch) -> str:
    first, last = stretch.letters[0], stretch.letters[-1]
    if stretch.part:
        return f"{first} ({stretch.part})"
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _groups(tiles: list[tuple[str, Tile]]) -> list[tuple[str, list[Tile]]]:
    by_letter = groupby(tiles, key=lambda one: one[0])
    return [(letter, [tile for _, tile in group]) for letter, group in by_letter]


def _ungrouped(tiles: list[tuple[str, Tile]]) -> list[tuple[str, list[Tile]]]:
    return [("", [tile for _, tile in tiles])] if tiles else []


def _tiles(partners: QuerySet[Partner], start: int, size: int) -> list[tuple[str, Tile]]:
    """Return letter and tile of *size* partners from *start*."""
    ordered = partners.order_by("letter", "sort_key", "id")[start : start + size]
    found = list(ordered.only("slug", "name", "letter", "sort_key").prefetch_related("logos"))
    notes = _notes_of(found)
    return [
        (
            partner.letter,
            Tile(
                slug=partner.slug,
                name=partner.name,
                wide_logo_url=partner.wide_logo_url,
                mark_url=partner.mark_url,
                initials=partner.initials,
                note=notes.get(partner.pk, ""),
            ),
        )
        for partner in found
    ]


def _notes_of(partners: Iterable[Partner]) -> dict[int, str]:
    """Return a domain for each of *partners* whose name is another listed company's too."""
    letters = {partner.letter for partner in partners}
    keys = {partner.sort_key for partner in partners}
    alike = (
        _listed()
        .filter(letter__in=letters, sort_key__in=keys)
        .values("sort_key")
        .annotate(count=Count("id"))
        .filter(count__gt=1)
        .values_list("sort_key", flat=True)
    )
    shared = set(alike)
    ambiguous = [partner.pk for partner in partners if partner.sort_key in shared]
    if not ambiguous:
        return {}
    domains = EmailDomain.objects.filter(partner__in=ambiguous, verified_at__isnull=False)
    return dict(domains.order_by("-id").values_list("partner_id", "name"))
