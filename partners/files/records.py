"""What a partner file says of each partner, and what it leaves open."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from partners.files.members import (
    Reader,
    UnfitError,
    as_it_is,
    day,
    members_of,
    text,
    texts,
    truth,
    whole_number,
)
from partners.files.problems import Problems
from partners.models import Logo

PARTNER: Mapping[str, Reader] = {
    "slug": text,
    "name": text,
    "visibility": text,
    "status": text,
    "aliases": texts,
    "paused_note": text,
    "session_max_age": whole_number,
    "session_idle": whole_number,
}
"""Members of a partner that are named as its fields are."""

HELP: Mapping[str, Reader] = {"name": text, "email": text, "phone": text, "url": text}
"""Members of ``help``: the fields are ``help_name`` and so on."""

CONNECTION: Mapping[str, Reader] = {
    "provider": text,
    "issuer": text,
    "client_id": text,
    "client_secret_expires": day,
    "token_endpoint_auth_method": text,
    "scopes": texts,
    "email_claim": text,
    "require_email_verified": truth,
    "pinned_claims": as_it_is,
    "max_age": whole_number,
    "acr_values": texts,
    "required_amr": texts,
    "id_token_algs": texts,
    "needs_id_token_hint": truth,
}
"""Members of ``connection`` that are named as its fields are."""

DOMAIN: Mapping[str, Reader] = {"name": text, "verified": truth, "subdomains": truth}
"""Members of a domain; a domain that is a text is one with its name alone."""

LOGOS = {"logo": Logo.Shape.WIDE, "mark": Logo.Shape.MARK}
"""Members that name pictures, each by its path from the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainRecord:
    """A domain of a partner, as the file has it."""

    path: str
    name: str
    verified: bool
    subdomains: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the file says of one partner.

    *fields* and *connection* map a model's field to its value, ``None`` for its default; what is
    absent stays as it is. *client_secret* is empty where it is to be forgotten, ``None`` where it
    stays. *logos* maps a shape to a file, or to ``None`` for none.
    """

    path: str
    slug: str
    fields: dict[str, object]
    connection: dict[str, object] | None
    client_secret: str | None
    domains: list[DomainRecord] | None
    logos: dict[str, Path | None]


def records_of(document: object, *, folder: Path, problems: Problems) -> list[Record]:
    """Return the records of a partner file that lies in *folder*; notes *problems*."""
    members = members_of(document, {"partners": as_it_is}, path="", problems=problems)
    listed = members.get("partners")
    if not isinstance(listed, list):
        problems.add("partners", "must be a list of partners")
        return []
    records = [
        _record_of(raw, path=f"partners[{place}]", folder=folder, problems=problems)
        for place, raw in enumerate(listed)
    ]
    return [record for record in records if record]


def _record_of(raw: object, *, path: str, folder: Path, problems: Problems) -> Record | None:
    nested = dict.fromkeys(("help", "connection", "domains", *LOGOS), as_it_is)
    members = members_of(raw, {**PARTNER, **nested}, path=path, problems=problems)
    slug = members.get("slug")
    if not isinstance(slug, str):
        if isinstance(raw, dict) and raw.get("slug") is None:
            problems.add(f"{path}.slug", "is required")
        return None
    fields = {key: value for key, value in members.items() if key in PARTNER}
    if "help" in members:
        fields |= _help_of(members["help"], path=f"{path}.help", problems=problems)
    connection, client_secret = None, None
    if "connection" in members:
        connection = members_of(
            members["connection"],
            {**CONNECTION, "client_secret": _client_secret},
            path=f"{path}.connection",
            problems=problems,
        )
        client_secret = _taken_secret(connection)
    return Record(
        path=path,
        slug=slug,
        fields=fields,
        connection=connection,
        client_secret=client_secret,
        domains=_domains_of(members, path=f"{path}.domains", problems=problems),
        logos=_logos_of(members, path=path, folder=folder, problems=problems),
    )


def _help_of(raw: object, *, path: str, problems: Problems) -> dict[str, object]:
    if raw is None:
        return {f"help_{key}": None for key in HELP}
    members = members_of(raw, HELP, path=path, problems=problems)
    return {f"help_{key}": value for key, value in members.items()}


def _client_secret(value: object) -> str:
    if value == "":
        raise UnfitError("is empty: leave it out to keep it")
    if not isinstance(value, str) or not value.isprintable() or value != value.strip():
        raise UnfitError("must be a text of visible characters")
    return value


def _taken_secret(members: dict[str, object]) -> str | None:
    if "client_secret" not in members:
        return None
    return str(members.pop("client_secret") or "")


def _domains_of(
    members: dict[str, object], *, path: str, problems: Problems
) -> list[DomainRecord] | None:
    if "domains" not in members:
        return None
    listed = members["domains"]
    if not isinstance(listed, list):
        problems.add(path, "must be a list of domains")
        return None
    domains = [
        _domain_of(raw, path=f"{path}[{place}]", problems=problems)
        for place, raw in enumerate(listed)
    ]
    return [domain for domain in domains if domain]


def _domain_of(raw: object, *, path: str, problems: Problems) -> DomainRecord | None:
    stated: dict[str, object]
    if isinstance(raw, dict):
        stated = members_of(raw, DOMAIN, path=path, problems=problems)
        if raw.get("name") is None:
            problems.add(f"{path}.name", "is required")
    else:
        stated = {"name": _plain_name(raw, path=path, problems=problems)}
    if not isinstance(stated.get("name"), str):
        return None
    return DomainRecord(
        path=path,
        name=str(stated["name"]),
        # Whoever writes the file vouches for what it lists, unless it says otherwise.
        verified=stated.get("verified") is not False,
        subdomains=stated.get("subdomains") is True,
    )


def _plain_name(raw: object, *, path: str, problems: Problems) -> str | None:
    try:
        return text(raw)
    except UnfitError as error:
        problems.add(path, f"{error}" if isinstance(raw, str) else "must be a text or an object")
        return None


def _logos_of(
    members: dict[str, object], *, path: str, folder: Path, problems: Problems
) -> dict[str, Path | None]:
    logos: dict[str, Path | None] = {}
    for key, shape in LOGOS.items():
        stated = members.get(key)
        if key not in members:
            continue
        if stated is None:
            logos[shape] = None
            continue
        try:
            logos[shape] = _file_in(folder, text(stated))
        except UnfitError as error:
            problems.add(f"{path}.{key}", str(error))
    return logos


def _file_in(folder: Path, name: str) -> Path:
    """Return the file *name* of *folder*: a partner file names no file elsewhere."""
    try:
        base = folder.resolve()
        file = (base / name).resolve()
        is_file = file.is_file()
    except (OSError, RuntimeError) as error:
        raise UnfitError("is not the name of a file") from error
    if not file.is_relative_to(base):
        raise UnfitError("must lie in the folder of the partner file, or below it")
    if not is_file:
        raise UnfitError(f"there is no file {name}")
    return file
