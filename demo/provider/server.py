"""The process: issuers by path, one server, and the way to run it for the length of a test."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Self

from demo.provider import control, mails
from demo.provider.endpoints import ROUTES, Endpoint
from demo.provider.faults import Fault
from demo.provider.front import front_page, style_of
from demo.provider.http_server import ProviderServer
from demo.provider.issuer import Issuer
from demo.provider.keys import KeyStore
from demo.provider.messages import Answer, Request
from demo.provider.values import DEFAULT_ACCOUNTS, Account, Client, ProviderConfig


class DemoProvider:
    """OpenID Providers of many companies, one process, one port: ``<base_url>/<slug>``."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        is_automatic: bool = False,
        is_controllable: bool = False,
        keys_directory: Path | None = None,
        mails_directory: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Listen on *port*, or on a free one; nothing is answered before ``start``.

        An automatic provider asks nobody whose ``login_hint`` it knows. A controllable one takes
        faults by HTTP. Keys are kept in *keys_directory*, so that a restart does not change them.
        The mails in *mails_directory* are shown at ``/mails/``.
        """
        self._is_automatic = is_automatic
        self._is_controllable = is_controllable
        self._keys = KeyStore(keys_directory)
        self._mails = mails_directory
        self._clock = clock
        self._server = ProviderServer(self, host=host, port=port)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.base_url = f"http://{host}:{self._server.server_address[1]}"
        self.issuers: dict[str, Issuer] = {}

    def register(
        self,
        slug: str,
        *,
        client_id: str,
        redirect_uri: str,
        client_secret: str = "",
        token_endpoint_auth_method: str = "client_secret_basic",  # noqa: S107 - a method's name
        accounts: Sequence[Account] = DEFAULT_ACCOUNTS,
        config: ProviderConfig | None = None,
    ) -> Issuer:
        """Return a new issuer, with one client."""
        issuer = self.add_issuer(slug, accounts=accounts, config=config or ProviderConfig())
        issuer.add_client(
            Client(
                client_id=client_id,
                client_secret=client_secret,
                redirect_uri=redirect_uri,
                token_endpoint_auth_method=token_endpoint_auth_method,
            )
        )
        return issuer

    def add_issuer(
        self, slug: str, *, accounts: Sequence[Account], config: ProviderConfig
    ) -> Issuer:
        """Return a new issuer that knows no client yet."""
        issuer = Issuer(
            slug=slug,
            base_url=self.base_url,
            config=config,
            accounts=accounts,
            keys=self._keys,
            is_automatic=self._is_automatic,
            clock=self._clock,
        )
        self.issuers[slug] = issuer
        return issuer

    def issuer(self, slug: str) -> Issuer:
        """Return the issuer of that slug, or raise ``KeyError``."""
        return self.issuers[slug]

    def reset(self) -> None:
        """Let every issuer behave again and forget what it was asked."""
        for issuer in self.issuers.values():
            issuer.reset()

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """Return the answer to *request*, spoilt, and the fault for its way over the wire."""
        if request.path in {"/", mails.PATH} and request.method in {"GET", "HEAD"}:
            return self._front(request.path), None
        _, slug, *rest = f"{request.path}/".split("/", 2)
        path = "/" + rest[0].removesuffix("/") if rest else "/"
        if slug == "_control" and self._is_controllable:
            issuer = self.issuers.get(path[1:])
            return (control.answer(issuer, request) if issuer else Answer(status=404)), None
        issuer = self.issuers.get(slug)
        endpoint, methods = ROUTES.get(path, ("", {}))
        if issuer is None or not methods:
            return Answer(status=404), None
        within = Request(
            method=request.method,
            path=path,
            query_string=request.query_string,
            body=request.body,
            headers=request.headers,
        )
        return _answer_of(issuer, endpoint, methods, within)

    def _front(self, path: str) -> Answer:
        if path != mails.PATH:
            return front_page(self.issuers, shows_mails=self._mails is not None)
        if self._mails is None:
            return Answer(status=404)
        return mails.mails_page(self._mails, style=style_of(self.issuers))

    def start(self) -> Self:
        """Answer requests, in a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and end all connections."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


def _answer_of(
    issuer: Issuer, endpoint: str, methods: dict[str, Endpoint], request: Request
) -> tuple[Answer, Fault | None]:
    try:
        issuer.record(endpoint, request)
    except ValueError:  # more parameters than anyone sends
        return Answer(status=400), None
    answer_request = methods.get("GET" if request.method == "HEAD" else request.method)
    if answer_request is None:
        return Answer(status=405, headers={"Allow": ", ".join(methods)}), None
    answer = answer_request(issuer, request)
    fault = issuer.take_fault(endpoint)
    return (fault.spoil(answer) if fault else answer), fault


@contextmanager
def running_provider(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    is_automatic: bool = False,
    is_controllable: bool = False,
    keys_directory: Path | None = None,
    mails_directory: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[DemoProvider]:
    """Run a provider on loopback until the block ends; the arguments are ``DemoProvider``'s."""
    provider = DemoProvider(
        host=host,
        port=port,
        is_automatic=is_automatic,
        is_controllable=is_controllable,
        keys_directory=keys_directory,
        mails_directory=mails_directory,
        clock=clock,
    )
    provider.start()
    try:
        yield provider
    finally:
        provider.stop()
