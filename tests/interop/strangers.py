"""Servers that others wrote, in Node.js, and how people and partners meet them."""

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from demo.processes import signalled_with_parent
from tests.support.portal import Portal
from tests.support.portal_visitor import Visitor

NODE = Path(__file__).parent / "node"

SECRET = "a secret: 100 % + of theirs"
"""It has the characters that ``client_secret_basic`` has to encode."""

REDIRECTS = 6
"""How often a provider may send the browser on before it comes back."""


@contextmanager
def running_node(name: str, *, port: int, providers: Mapping[str, Any]) -> Iterator[None]:
    """Run the server of this *name*, with *providers* by their slugs, until the block ends."""
    program = shutil.which("node")
    assert program, "Node.js is missing"
    assert (NODE / "node_modules").exists(), "make interop installs what is missing"
    process = subprocess.Popen(
        [program, f"{name}.js"],
        cwd=NODE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=signalled_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- one system call
    )
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps({"port": port, "providers": providers}))
        process.stdin.close()
        assert "ready\n" in iter(process.stdout.readline, ""), f"{name} did not start"
        yield
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


class Person(Visitor):
    """A visitor whose provider sends the browser on a few times before it comes back."""

    def come_back(self, authorization_url: str) -> str:
        url = authorization_url
        for _ in range(REDIRECTS):
            answer = self.get(url)
            assert answer.status_code in {302, 303}, answer.text
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(self.portal.base_url):
                return url
        raise AssertionError(f"sent on and on, to {url}")

    def submit(self, url: str, form: Mapping[str, str]) -> requests.Response:
        """Return the answer to a *form* of the provider's."""
        return self._send("POST", url, data=form)


def import_partners(portal: Portal, connections: Mapping[str, Mapping[str, Any]]) -> None:
    """Add a partner for each slug, with this connection; what is ``None`` is left out of it."""
    records = []
    for slug, changes in connections.items():
        connection = {"client_id": f"foyer-at-{slug}", "client_secret": SECRET, **changes}
        named = {name: value for name, value in connection.items() if value is not None}
        records.append({**portal.record_of(slug), "connection": named})
    file = portal.directory / f"{next(iter(connections))}.json"
    file.write_text(json.dumps({"partners": records}))
    portal.manage("import_partners", str(file))


def reasons_of(portal: Portal, slug: str) -> list[str]:
    """Return why people of this partner were refused, the first one first."""
    rows = portal.rows(
        "SELECT reason FROM audit_event WHERE partner = %s AND what = 'login.refused' ORDER BY id",
        slug,
    )
    return [reason for (reason,) in rows]
