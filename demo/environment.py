"""The environment of a portal that was given none: the demo's, made once and kept in ``var/``."""

import base64
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from urllib.parse import quote

from demo.errors import DemoError
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID, PORTAL_NAME
from demo.ports import port_of
from demo.postgres import Server, running_postgres, server_in_use
from demo.postgres.home import forget, home_of, is_used

CHECKOUT = Path(__file__).parents[1]

OWN_SETTINGS = ("SECRET_KEY", "DATABASE_URL", "BASE_URL", "SECRETS_KEYS")
"""One of these in the environment, and it is meant to be complete: the demo's is not used."""

DATABASE: ContextVar[Server | None] = ContextVar("DATABASE", default=None)
"""The server that ``prepared`` started, for the command that runs inside of it."""


def demo_environment(root: Path) -> dict[str, str]:
    """Return the demo's environment for the checkout *root*, all but DATABASE_URL.

    Its secrets are made on first use and kept in ``var/demo.env``; the ports are those of the
    environment that we have; raises ``DemoError`` when one of them is none.
    """
    return {
        **_kept_secrets(root),
        "BASE_URL": f"http://127.0.0.1:{port_of('PORT')}",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PORTAL_NAME": PORTAL_NAME,
        "PORTAL_TAGLINE": "Partner services",
        "PORTAL_SUPPORT_EMAIL": "support@northlake.example",
        # Shown on a page of the providers' process, which is told of the same directory.
        "EMAIL_URL": f"filemail:///{quote(str(root / 'var' / 'mails'))}",
        "FEDERATION_TRUSTED_ENDPOINTS": f"127.0.0.1:{port_of('DEMO_PROVIDER_PORT')}",
        "COGNITO_IDENTITY_POOL_ID": POOL_ID,
        "COGNITO_DEVELOPER_PROVIDER_NAME": DEVELOPER_PROVIDER_NAME,
        "TOKEN_TO_BROWSER": "true",
        "AWS_REGION": POOL_ID.partition(":")[0],
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": f"http://127.0.0.1:{port_of('DEMO_COGNITO_PORT')}",
        "AWS_ACCESS_KEY_ID": "AKIADEMOOFFOYER",
    }


@contextmanager
def prepared(arguments: Sequence[str]) -> Iterator[None]:
    """Have the demo's environment and database around one command of ``manage.py``.

    Nothing is done where the environment has settings of its own. What it has besides stays as it
    is. The database is the running demo's, or it runs for as long as the command. Raises
    ``DemoError``.
    """
    is_demo = arguments[1:2] == ["demo"]
    own = [name for name in OWN_SETTINGS if name in os.environ]
    if own and is_demo:
        raise DemoError(f"The demo brings its own {own[0]}: unset it, or use `make serve`.")
    if own:
        yield
        return
    for name, value in demo_environment(CHECKOUT).items():
        os.environ.setdefault(name, value)
    if not is_demo:
        print(f"No {' or '.join(OWN_SETTINGS)} is set: using the demo's.", file=sys.stderr)
    home = home_of(CHECKOUT)
    with ExitStack() as stack:
        if is_used(home) and not is_demo:
            server = server_in_use(home)
        else:
            server = stack.enter_context(running_postgres(home, durable=True))
            DATABASE.set(server)
        os.environ["DATABASE_URL"] = server.url
        yield


def _kept_secrets(root: Path) -> dict[str, str]:
    file = root / "var" / "demo.env"
    if not file.exists():
        # What the old secrets sealed cannot be read with new ones.
        forget(home_of(root))
        file.parent.mkdir(exist_ok=True)
        _write_once(file, _new_secrets())
    lines = file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _new_secrets() -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    return (
        "# The demo's secrets, made by its first start. Remove this file to begin anew.\n"
        f"SECRET_KEY={secrets.token_urlsafe(64)}\n"
        f"SECRETS_KEYS={key}\n"
        f"AWS_SECRET_ACCESS_KEY={secrets.token_urlsafe(30)}\n"
        f"DEMO_ADMIN_PASSWORD={secrets.token_urlsafe(12)}\n"
    )


def _write_once(file: Path, text: str) -> None:
    """Write *file* whole, for its owner alone; where another process was faster, its text stays."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
