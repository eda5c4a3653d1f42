"""How a long list is cut into pages at its letters."""

from collections.abc import Mapping
from dataclasses import dataclass

PAGE_TILES = 48
"""How many companies one page shows: it stays small, however many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What one page shows: several letters in full, or *part* of one that fills several pages.

    *start* counts within the letters; *part* is 0 where the letters are shown in full.
    """

    letters: tuple[str, ...]
    start: int = 0
    size: int
    part: int = 0


def stretches_of(counts: Mapping[str, int]) -> list[Stretch]:
    """Return the pages of a list that has *counts* names under each letter, in this order."""
    stretches: list[Stretch] = []
    for letter, count in counts.items():
        last = stretches[-1] if stretches else None
        if last and not last.part and last.size + count <= PAGE_TILES:
            stretches[-1] = Stretch(letters=(*last.letters, letter), size=last.size + count)
        elif count <= PAGE_TILES:
            stretches.append(Stretch(letters=(letter,), size=count))
        else:
            stretches += _parts(letter, count)
    return stretches


def _parts(letter: str, count: int) -> list[Stretch]:
    parts = -(-count // PAGE_TILES)
    size = -(-count // parts)
    return [
        Stretch(letters=(letter,), start=start, size=min(size, count - start), part=part)
        for part, start in enumerate(range(0, count, size), 1)
    ]
