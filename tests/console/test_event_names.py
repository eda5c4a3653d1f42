"""The names of the trail's events: each can be filtered by, and each is in the documents."""

import ast
import re
from pathlib import Path

from console.trail.filters import KINDS

ROOT = Path(__file__).parents[2]
APPS = (
    *("audit", "config", "console", "federation", "mails", "onboarding"),
    *("partners", "people", "tokens"),
)
OTHERS_WHAT = {"Outcome"}
"""Calls whose *what* is no name of an event."""


def modules():
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return [ast.parse(file.read_text()) for file in files if "migrations" not in file.parts]


def texts_in(node):
    constants = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


def assigned(module):
    """Return the texts that may stand behind each name and attribute of a module."""
    texts = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            if isinstance(node.value, ast.Call) and called(node.value) == "CharField":
                continue  # a column, and what it is called
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    texts.setdefault(target.id, set()).update(texts_in(node.value))
    return texts


def called(node):
    return getattr(node.func, "id", getattr(node.func, "attr", ""))


def names_in(module, classes):
    known = assigned(module)
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or called(node) in OTHERS_WHAT:
            continue
        if called(node) == "RecordChanges":
            yield from (f"{node.args[0].value}.{act}" for act in ("added", "changed", "removed"))
        for what in (one.value for one in node.keywords if one.arg == "what"):
            if isinstance(what, ast.Name):
                # A parameter of that name is passed on; whoever passes it is looked at too.
                yield from known.get(what.id, ())
            elif isinstance(what, ast.Attribute):
                yield from classes if what.attr == "what" else ()
            else:
                yield from texts_in(what)


def recorded():
    """Return the names of all events that the code records."""
    parsed = modules()
    classes = {text for module in parsed for text in assigned_in_classes(module)}
    return {name for module in parsed for name in names_in(module, classes)}


def assigned_in_classes(module):
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            yield from assigned(ast.Module(node.body, [])).get("what", ())


def test_finds_names_however_they_are_written():
    assert {
        "login.refused",  # a constant
        "login.succeeded",  # a text
        "developer_token.refused",  # an attribute of an error
        "partner.paused",  # passed on by a function
        "staff.removed",  # one of two
        "client_key.added",  # by the database
    } <= recorded()


def test_every_event_can_be_filtered_by():
    kinds = {name.partition(".")[0] for name in recorded()}

    assert kinds == {kind for kind, _ in KINDS}


def test_every_event_is_in_the_documents():
    lines = (ROOT / "docs" / "events.md").read_text().splitlines()
    first_cells = "".join(line.split("|")[1] for line in lines if "|" in line)

    assert set(re.findall(r"`([a-z_.]+)`", first_cells)) == recorded()
