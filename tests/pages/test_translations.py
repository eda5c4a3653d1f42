"""Every text that people see is there in German."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
APPS = (
    *("audit", "config", "console", "federation", "mails", "onboarding"),
    *("partners", "people", "tokens"),
)
FUNCTIONS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)s|%%|<[^>]+>")


@pytest.fixture(scope="module")
def german() -> dict[str, Message]:
    with (ROOT / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        catalog = read_po(file, locale="de")
    return {_first(message.id): message for message in catalog if message.id}


def _first(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def _source_texts() -> Iterator[str]:
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.read_text(encoding="utf-8")
    for path in (ROOT / "templates").rglob("*.html"):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # What is left of the markup is one word a line to the reader of Python that follows.
        yield "\n".join(re.findall(r"n?gettext\(.*?\) |_\(.*?\) ", source, re.DOTALL))


def test_every_text_is_translated(german):
    texts = {
        _first(message)
        for source in _source_texts()
        for _line, message, _comments, _context in extract(
            "python", io.BytesIO(source.encode()), FUNCTIONS
        )
    }

    missing = [text for text in texts if text not in german or not all(german[text].string)]

    assert len(texts) > 200
    assert missing == []


def test_a_translation_has_the_placeholders_and_the_markup_of_its_text(german):
    different = [
        text
        for text, message in german.items()
        for string in (message.string if isinstance(message.string, tuple) else (message.string,))
        if set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(string))
    ]

    assert different == []
