"""The shape of the code: what may know what, how large a part may grow, what has to agree."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest
from django.core.management import call_command
from django.urls import get_resolver
from django.urls.resolvers import RoutePattern

from federation.oidc.token import AUTH_METHODS
from federation.oidc.values import ID_TOKEN_ALGS
from partners import rules
from partners.models import AuthMethod

ROOT = Path(__file__).resolve().parent.parent

APPS = ("console", "onboarding", "federation", "tokens", "people", "mails", "partners", "audit")
SOURCES = ("config", *APPS, "demo", "bench")

FILE_LINES = 250
TEST_FILE_LINES = 500
FUNCTION_LINES = 40
VIEW_LINES = 20

NAMES_THAT_SAY_NOTHING = {"utils", "helpers", "common", "services", "constants", "misc", "lib"}

PURE = {
    *("base64", "collections", "dataclasses", "datetime", "enum", "hashlib", "hmac", "http"),
    *("json", "math", "re", "typing", "urllib"),
    *("cryptography", "jwt", "federation"),
}
"""What the protocol may import: nothing in it has a socket, a clock, a file or a random number."""

IMPURE = {"http.client", "http.server", "urllib.request", "jwt.jwks_client", "jwt.PyJWKClient"}
"""What is impure of the packages that are pure otherwise."""

OF_DJANGO = {"admin", "apps", "models", "urls", "views"}
"""Modules that are where Django wants them: who knows it finds them without a map."""


@cache
def sources() -> dict[Path, ast.Module]:
    files = [ROOT / "manage.py"]
    for package in SOURCES:
        files += (ROOT / package).rglob("*.py")
    written = [file for file in files if "migrations" not in file.parts]
    return {file.relative_to(ROOT): ast.parse(file.read_text()) for file in sorted(written)}


def functions(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- What may know what -------------------------------------------------------------------------


def test_every_import_contract_is_kept():
    program = Path(sys.executable).with_name("lint-imports")

    run = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr


def test_the_demo_knows_no_app_and_no_app_knows_the_demo():
    for file, module in sources().items():
        roots = {name.partition(".")[0] for name in imported(module)}
        if file.parts[0] == "demo":
            assert roots.isdisjoint({*APPS, "config"}), file
        elif file.parts[0] in {*APPS, "config"}:
            assert "demo" not in roots, file


def test_the_protocol_imports_nothing_that_could_reach_the_world():
    files = [file for file in sources() if file.is_relative_to("federation/oidc")]
    assert files

    for file in files:
        for name in imported(sources()[file]):
            root, _, rest = name.partition(".")
            assert root in PURE, f"{file} imports {name}"
            assert root != "federation" or rest.startswith("oidc"), f"{file} imports {name}"
            assert name not in IMPURE, f"{file} imports {name}"


def test_the_protocol_reads_no_clock_and_opens_no_file():
    for file, module in sources().items():
        if not file.is_relative_to("federation/oidc"):
            continue
        for node in ast.walk(module):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute):
                assert called.attr not in {"now", "utcnow", "today"}, f"{file}:{node.lineno}"
            if isinstance(called, ast.Name):
                assert called.id not in {"open", "print", "input"}, f"{file}:{node.lineno}"


def test_no_two_modules_need_each_other():
    graph = grimp.build_graph(*APPS, "config", exclude_type_checking_imports=True, cache_dir=None)
    needed = {
        module: graph.find_modules_directly_imported_by(module) & graph.modules
        for module in graph.modules
    }

    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


# --- How large a part may grow ------------------------------------------------------------------


def test_a_file_fits_into_a_head():
    limits = dict.fromkeys(map(ROOT.joinpath, sources()), FILE_LINES)
    limits |= dict.fromkeys((ROOT / "tests").rglob("*.py"), TEST_FILE_LINES)

    too_long = {
        str(file.relative_to(ROOT)): lines
        for file, limit in limits.items()
        if (lines := len(file.read_text().splitlines())) > limit
    }

    assert too_long == {}


def test_a_function_fits_onto_a_screen_and_a_view_onto_half_of_it():
    too_long = {
        f"{file}:{function.name}": lines
        for file, module in sources().items()
        for function in functions(module)
        if (lines := length_of(function)) > (VIEW_LINES if is_view(function) else FUNCTION_LINES)
    }

    assert too_long == {}


def is_view(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether Django calls this with a request, to have it answered."""
    if function.name.startswith("_"):
        return False
    names = [argument.arg for argument in function.args.args]
    answers = ast.unparse(function.returns) if function.returns else ""
    return "request" in names[:2] and "Response" in answers


def test_no_module_has_a_name_that_says_nothing():
    for file in sources():
        assert NAMES_THAT_SAY_NOTHING.isdisjoint(file.with_suffix("").parts), file


def test_nothing_is_caught_unseen():
    for file, module in sources().items():
        for node in ast.walk(module):
            if isinstance(node, ast.ExceptHandler) and catches_everything(node):
                last = node.body[-1]
                is_raised_again = isinstance(last, ast.Raise) and last.exc is None
                assert is_raised_again, f"{file}:{node.lineno}"


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {one.id for one in caught if isinstance(one, ast.Name)}
    return handler.type is None or not names.isdisjoint({"Exception", "BaseException"})


def test_no_test_replaces_a_library_by_a_mock():
    for file in (ROOT / "tests").rglob("*.py"):
        names = set(imported(ast.parse(file.read_text())))
        found = {"unittest.mock", "pytest_mock", "responses", "requests_mock"} & names
        assert not found, f"{file.relative_to(ROOT)} imports {found}"


# --- What has to agree --------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_connection_can_choose_exactly_the_algorithms_that_the_protocol_verifies():
    assert set(rules.ID_TOKEN_ALGS) == set(ID_TOKEN_ALGS)


def test_a_connection_can_choose_exactly_the_ways_to_authenticate_that_the_protocol_knows():
    assert set(AuthMethod.values) - {""} == set(AUTH_METHODS)


def test_no_partner_can_have_a_slug_that_is_a_page():
    words = set()
    for pattern in get_resolver("federation.urls").url_patterns:
        assert isinstance(pattern.pattern, RoutePattern)
        head, *rest = str(pattern.pattern).strip("/").split("/")
        if head == "login":
            words |= {word for word in rest if "<" not in word}

    assert words == rules.RESERVED_SLUGS


@pytest.mark.parametrize("app", ["config", *APPS])
def test_the_map_of_an_app_names_each_of_its_modules(app):
    map_of_app = ast.get_docstring(ast.parse((ROOT / app / "__init__.py").read_text())) or ""
    modules = {file.stem for file in (ROOT / app).glob("*.py")} - {"__init__"} - OF_DJANGO

    assert modules <= set(re.findall(r"\w+", map_of_app))
