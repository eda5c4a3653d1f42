"""Writing the partner file: what ``importing`` reads, for every partner there is."""

import json
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from secrets import token_hex

from partners.files.problems import PartnerFileError
from partners.files.records import CONNECTION, HELP, LOGOS, PARTNER
from partners.models import Connection, EmailDomain, Logo, Partner
from partners.secrets import SealError, client_secret_of

LOGO_FOLDER = "logos"
"""Where pictures are written, beside the file."""

FOR_ALL = 0o644
FOR_US_ALONE = 0o600


def partner_file(*, with_secrets: bool, logos_beside: Path | None = None) -> str:
    """Return every partner as a partner file, by slug.

    Client secrets are left out unless *with_secrets*; raises ``PartnerFileError`` when one cannot
    be opened. Logos are written beside the file *logos_beside*, and left out without one.
    """
    partners = Partner.objects.order_by("slug").prefetch_related("domains", "connections", "logos")
    records = []
    problems = []
    for partner in partners:
        try:
            record = _record_of(partner, with_secrets=with_secrets)
        except SealError:
            problems.append(f"{partner.slug}: no key in SECRETS_KEYS opens the client secret")
            continue
        if logos_beside:
            record |= _written_logos(partner, logos_beside.parent)
        records.append(record)
    if problems:
        raise PartnerFileError(problems)
    return json.dumps({"partners": records}, indent=2, ensure_ascii=False) + "\n"


def write_partner_file(file: Path, *, with_secrets: bool) -> None:
    """Write every partner to *file*, and the logos beside it; its folder is made if need be.

    With secrets in it, nobody but its owner may read the file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = partner_file(with_secrets=with_secrets, logos_beside=file)
    mode = FOR_US_ALONE if with_secrets else FOR_ALL
    # Written beside and then put in its place: a full disk leaves the file that was there, and that
    # one's own mode does not stay.
    beside = file.with_name(f".{file.name}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
            opened.write(text.encode())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _record_of(partner: Partner, *, with_secrets: bool) -> dict[str, object]:
    record: dict[str, object] = {name: getattr(partner, name) for name in PARTNER}
    record["help"] = {name: getattr(partner, f"help_{name}") for name in HELP}
    record["domains"] = [_domain_of(domain) for domain in partner.domains.all()]
    for connection in partner.connections.all():
        if connection.is_live:
            record["connection"] = dict(_members_of(connection, with_secrets=with_secrets))
    return record


def _domain_of(domain: EmailDomain) -> object:
    verified = domain.verified_at is not None
    if verified and not domain.subdomains:
        return domain.name
    return {"name": domain.name, "verified": verified, "subdomains": domain.subdomains}


def _members_of(connection: Connection, *, with_secrets: bool) -> Iterator[tuple[str, object]]:
    for name in CONNECTION:
        value = getattr(connection, name)
        yield name, value.isoformat() if isinstance(value, date) else value
        if name == "client_id" and with_secrets and connection.client_secret_sealed:
            yield "client_secret", client_secret_of(connection)


def _written_logos(partner: Partner, folder: Path) -> dict[str, object]:
    """Write the logos of *partner* below *folder*; return the members that name them."""
    pictures = {logo.shape: logo for logo in Logo.objects.filter(partner=partner).defer(None)}
    members: dict[str, object] = dict.fromkeys(LOGOS)
    for key, shape in LOGOS.items():
        if shape not in pictures:
            continue
        name = f"{LOGO_FOLDER}/{partner.slug}-{key}.webp"
        (folder / LOGO_FOLDER).mkdir(exist_ok=True)
        (folder / name).write_bytes(pictures[shape].data)
        members[key] = name
    return members
