"""The partners at which people sign in during a benchmark, and how those and others are called."""

import json
from collections.abc import Iterable
from pathlib import Path

from bench.browser import Person

BUSY = 50
"""Partners over which sign-ins are spread, where there are so many."""

FRESH = 100
"""Partners at which nobody has signed in before, for the comparison of cold and warm."""

NAMES = (
    *("Amber", "Birch", "Cedar", "Delta", "Ember", "Falcon", "Granite", "Harbor", "Indigo"),
    *("Juniper", "Kestrel", "Lumen", "Meridian", "Northern", "Orchard", "Pioneer", "Quarry"),
    *("Ridge", "Summit", "Timber", "Union", "Vertex", "Willow", "Xenon", "Yarrow", "Zephyr"),
    "3rd",
)
TRADES = ("Freight", "Foods", "Energy", "Labs", "Mills", "Systems", "Tools", "Works")


def slug_of(number: int) -> str:
    """Return the slug of the partner with this *number*; its domain is made of it, too."""
    return f"company-{number:06}"


def name_of(number: int) -> str:
    """Return the company's name: no two are the same, and every letter has its share."""
    return f"{NAMES[number % len(NAMES)]} {TRADES[number % len(TRADES)]} {number}"


def person_of(number: int, name: str = "ana") -> Person:
    """Return one of the people whom the demo's provider knows at every company."""
    slug = slug_of(number)
    return Person(partner=slug, email=f"{name}@{slug}.example")


def secret_of(number: int) -> str:
    """Return the client secret of the partner with this *number*."""
    return f"secret of {slug_of(number)}"


def write_partner_file(file: Path, numbers: Iterable[int], *, providers: str) -> None:
    """Write the partners with these *numbers*; their providers are at the origin *providers*."""
    records = [
        {
            "slug": slug_of(number),
            "name": name_of(number),
            "status": "live",
            "domains": [f"{slug_of(number)}.example"],
            "connection": {
                "issuer": f"{providers}/{slug_of(number)}",
                "client_id": "foyer",
                "client_secret": secret_of(number),
                "id_token_algs": ["ES256"],
            },
        }
        for number in numbers
    ]
    file.write_text(json.dumps({"partners": records}))
