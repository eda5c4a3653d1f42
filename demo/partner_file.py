"""The demo's partner file, with its issuers at the port where the demo's provider listens."""

import hashlib
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from demo.provider.companies import PARTNERS


def partner_file_at(port: int, *, directory: Path) -> Path:
    """Return a copy of the demo's partner file and its logos in *directory*, issuers at *port*."""
    written = json.loads(PARTNERS.read_text())
    for record in written["partners"]:
        issuer = urlsplit(record["connection"]["issuer"])
        record["connection"]["issuer"] = issuer._replace(netloc=f"127.0.0.1:{port}").geturl()
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(PARTNERS.parent / "logos", directory / "logos")
    file = directory / PARTNERS.name
    file.write_text(json.dumps(written, indent=2))
    return file


def digest_of(file: Path) -> str:
    """Return a digest of a partner file and everything beside it."""
    digest = hashlib.sha256()
    for path in sorted(path for path in file.parent.rglob("*") if path.is_file()):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
