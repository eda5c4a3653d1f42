"""The documents: complete where they list something, and true where a test can tell."""

import ast
import json
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jwt
import pytest

from federation.oidc.errors import Reason
from federation.phrases import BY_REASON
from onboarding.doctor import DIAGNOSTICS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

PAGE_LINES = 120
"""Two screens."""

REFERENCES = {
    "glossary.md",
    "reasons.md",
    "settings.md",
    "standards.md",
    "threat-model.md",
    "diagnostics.md",
    "CHANGELOG.md",
}
"""Pages in which things are looked up: nobody reads them from top to bottom."""

READERS_OF_THE_ENVIRONMENT = ("config/settings.py", "config/gunicorn.py", "demo/ports.py")

READ_ELSEWHERE = {
    "AWS_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ENDPOINT_URL_COGNITO_IDENTITY",
    "DEMO_ADMIN_PASSWORD",
    "PG_BINDIR",
}
"""Settings that boto3 reads, and two of the demo's own."""

NEVER_SAID = {
    "the address of a package registry": r"index-url|//[\w.-]*(?:pypi|npm|crates|hosted)[\w.-]*",
    "a path of one machine": r"(?<![\w.>-])/(?:home|root|work|tmp|Users)/\w",
}

WORDS_OF_OTHERS = {
    r"tenants?": "partner",
    r"IdPs?|OPs?": "provider",
    r"log(?:ged|ging)? in(?:to)?": "sign in",
    r"log(?:ged|ging)? out": "sign out",
    r"accounts? member|members? of the partner": "person",
    r"callback URLs?|reply URLs?": "redirect URI",
    r"(?:we )?simply|obviously|of course": "nothing",
}
"""Words that the glossary has another one for; where the other product's page says so, italics."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])+)\]\(([^()\s]+)\)")
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^()\s]+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document: its path from the root, its text, and the text without code blocks."""

    path: str
    text: str
    prose: str

    @property
    def place(self) -> Path:
        return (ROOT / self.path).parent


@cache
def pages() -> tuple[Page, ...]:
    files = [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "tests").rglob("*.md")]
    return tuple(
        Page(path=str(file.relative_to(ROOT)), text=text, prose=FENCE.sub("", text))
        for file in sorted(files)
        if "node_modules" not in file.parts
        for text in [file.read_text()]
    )


def page(path: str) -> Page:
    return next(one for one in pages() if one.path == path)


def sections_of(path: str, *, level: int) -> dict[str, str]:
    """Return the text under each heading of this level, by the heading without its backticks."""
    mark = "#" * level
    parts = re.split(rf"^{mark} (.+)$", page(path).prose, flags=re.MULTILINE)
    return {
        title.strip("`"): re.split(rf"^#{{1,{level}}} ", text, maxsplit=1, flags=re.MULTILINE)[0]
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def anchors_of(text: str) -> set[str]:
    """Return the anchors of a page's headings, made as forges make them."""
    titles = re.findall(r"^#{1,6} (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    anchors: list[str] = []
    for title in titles:
        shown = LINK.sub(r"\1", title).replace("`", "").lower()
        anchor = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        seen = sum(
            re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", other) is not None for other in anchors
        )
        anchors.append(f"{anchor}-{seen}" if seen else anchor)
    return set(anchors)


def lines_of(prose: str) -> Iterator[tuple[int, str]]:
    """Return the lines that are prose, without what is code, quoted from elsewhere, or a table."""
    for number, line in enumerate(prose.splitlines(), 1):
        if not line.startswith(("|", "#", "    ")):
            plain = re.sub(r"`[^`]*`", "x", IMAGE.sub("", line))
            yield number, LINK.sub(r"\1", plain)


# --- Complete -----------------------------------------------------------------------------------


def variables_read() -> dict[str, str | None]:
    """Return every variable that is read from the environment, and its default where it has one."""
    found: dict[str, str | None] = {}
    for path in READERS_OF_THE_ENVIRONMENT:
        for node in ast.walk(ast.parse((ROOT / path).read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "env.read":
                name = ast.literal_eval(node.args[0])
                defaults = [one.value for one in node.keywords if one.arg == "default"]
                literal = [one.value for one in defaults if isinstance(one, ast.Constant)]
                found.setdefault(name, literal[0] if literal else "" if defaults else None)
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "DEFAULTS":
                for name, port in ast.literal_eval(node.value).items():
                    found.setdefault(name, str(port))
    return found


def test_every_setting_has_its_section_and_every_section_its_setting():
    assert set(sections_of("docs/settings.md", level=3)) == {*variables_read(), *READ_ELSEWHERE}


def test_every_default_is_the_one_of_the_code():
    sections = sections_of("docs/settings.md", level=3)

    for name, default in variables_read().items():
        said = "Required" if default is None else f"Default: `{default}`" if default else "Default:"
        assert said in sections[name], f"{name}: {said}"


def test_every_reason_has_its_section_with_its_status_and_who_has_to_act():
    sections = sections_of("docs/reasons.md", level=2)
    called = {
        "person": "the person",
        "partner": "the partner’s IT team",
        "owner": "the owner of the portal",
    }

    assert list(sections) == list(Reason)
    for reason, section in sections.items():
        assert f"Status {Reason(reason).status.value}" in section, reason
        assert f"Acts: {called[BY_REASON[Reason(reason)].who]}" in section, reason


def test_every_diagnostic_has_its_line():
    looked_at = [(one.code, str(one.about)) for one in DIAGNOSTICS]

    lines = re.findall(
        r"^\| (OD-\d+) \| ([^|]+) \|", page("docs/partners/diagnostics.md").text, flags=re.MULTILINE
    )

    assert sorted(lines) == sorted([("OD-100", "A connection"), *looked_at])


def test_every_decision_is_numbered_and_says_what_was_not_chosen():
    files = sorted((DOCS / "decisions").glob("[0-9]*.md"))

    assert [file.name[:4] for file in files] == [f"{n:04}" for n in range(1, len(files) + 1)]
    for file in files:
        path = str(file.relative_to(ROOT))
        headings = list(sections_of(path, level=2))
        assert headings == ["Context", "Decision", "Consequences", "Not chosen"], path
        assert f"({file.name})" in page("docs/decisions/README.md").text, path


# --- True ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_every_link_leads_somewhere(one):
    targets = [target for pattern in (LINK, IMAGE) for _, target in pattern.findall(one.prose)]
    for target in targets:
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = (one.place / path).resolve() if path else ROOT / one.path
        assert file.is_relative_to(ROOT), f"{one.path}: {target}"
        assert file.exists(), f"{one.path}: {target}"
        if anchor:
            assert anchor in anchors_of(file.read_text()), f"{one.path}: {target}"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_every_test_that_is_named_exists(one):
    for name, target in LINK.findall(one.prose):
        if not re.fullmatch(r"`test_\w+`", name):
            continue
        module = ast.parse((one.place / target).read_text())
        defined = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
        assert name.strip("`") in defined, f"{one.path}: {name}"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_every_file_that_is_named_exists(one):
    named = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.(?:py|json|html|md|txt|sh))(?:::\w+)?`", one.prose)
    for path in named:
        assert (ROOT / path).exists() or path.startswith("var/"), f"{one.path}: {path}"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_every_code_block_is_code(one):
    for language, code in FENCE.findall(one.text):
        if language == "python":
            compile(code, one.path, "exec")
        elif language == "json":
            json.loads(code)
        elif language == "sh":
            subprocess.run(["sh", "-n"], input=code, text=True, check=True)  # noqa: S607 -- sh
        assert language, f"{one.path}: a block without its language"


def test_the_python_of_a_service_accepts_the_portals_tokens_and_no_others(pool):
    person_of = service_of(pool)
    genuine = claims_of(pool)

    assert person_of(pool.signer.sign(genuine, seconds=900)) == {
        "subject": "u7f3k",
        "partner": "contoso",
    }
    for other in (
        {"iss": "https://cognito-identity.example"},
        {"aud": "eu-west-1:00000000-0000-0000-0000-000000000000"},
        {"amr": ["unauthenticated"]},
        {"amr": ["authenticated", "another.provider"]},
        {"amr": genuine["amr"][1:]},
        {"sub": None},
    ):
        with pytest.raises(jwt.PyJWTError):
            person_of(pool.signer.sign(genuine | other, seconds=900))
    with pytest.raises(jwt.ExpiredSignatureError):
        person_of(pool.signer.sign(genuine, seconds=-60))


def test_the_python_of_a_service_is_not_told_by_the_token_how_to_verify_it(pool):
    person_of = service_of(pool)
    claims = claims_of(pool) | {"iat": int(time.time()), "exp": int(time.time()) + 900}
    kid = pool.signer.keys[-1].kid
    forged = jwt.encode(claims, "k" * 64, algorithm="HS512", headers={"kid": kid})

    with pytest.raises(jwt.PyJWTError):
        person_of(forged)


def service_of(pool):
    """Return the function of docs/services.md, as a service of this pool has it."""
    blocks = FENCE.findall(page("docs/services.md").text)
    code = next(code for language, code in blocks if language == "python")
    service: dict[str, object] = {}
    exec(compile(code, "docs/services.md", "exec"), service)  # noqa: S102 -- our own document
    service |= {
        "ISSUER": pool.issuer,
        "IDENTITY_POOL_ID": pool.pool_id,
        "DEVELOPER_PROVIDER_NAME": pool.developer_provider_name,
        "KEYS": jwt.PyJWKClient(pool.jwks_uri),
    }
    return service["person_of"]


def claims_of(pool):
    name = pool.developer_provider_name
    return {
        "iss": pool.issuer,
        "aud": pool.pool_id,
        "sub": f"{pool.region}:11111111-2222-3333-4444-555555555555",
        "amr": ["authenticated", name, f"{name}:{pool.pool_id}:u7f3k"],
        "https://aws.amazon.com/tags": {"principal_tags": {"partner": ["contoso"]}},
    }


# --- Well written -------------------------------------------------------------------------------


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_a_line_has_one_sentence(one):
    for number, line in lines_of(one.prose):
        found = re.search(r"[\w)”*`][.!?] +[A-ZÄÖÜ`*\[]", line.lstrip("0123456789.- "))
        assert not found, f"{one.path}, line {number} of its prose: {line}"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_says_what_the_glossary_says(one):
    if one.path == "docs/glossary.md" or one.path.startswith("tests/"):
        return
    for number, line in enumerate(one.prose.splitlines(), 1):
        plain = re.sub(r"`[^`]*`|(?<!\*)\*[^*]+\*(?!\*)|\]\([^)]*\)|<[^>]*>", " ", line)
        for words, ours in WORDS_OF_OTHERS.items():
            found = re.search(rf"\b(?:{words})\b", plain, re.IGNORECASE)
            assert not found, f"{one.path}, line {number} of its prose: {found} is {ours} here"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_names_no_machine_and_no_registry(one):
    for what, pattern in NEVER_SAID.items():
        found = re.search(pattern, one.text, re.IGNORECASE)
        assert not found, f"{one.path} has {what}: {found}"


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.path)
def test_a_page_is_at_most_two_screens(one):
    lines = len(one.prose.splitlines())

    assert lines <= PAGE_LINES or one.path.rpartition("/")[2] in REFERENCES, lines
