"""The emulator: one pool behind one HTTP server, and the handles by which a test holds it."""

import json
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Self

from demo.cognito import control
from demo.cognito.developer_token import ALGORITHM, Signer
from demo.cognito.faults import Faults, Told
from demo.cognito.front import front_page
from demo.cognito.identities import Identities
from demo.cognito.operations import OPERATIONS, Pool, token_for_a_stranger
from demo.cognito.service_model import ServiceError, operation_model, read_parameters
from demo.cognito.signature import require_signature
from demo.names import DEVELOPER_PROVIDER_NAME, POOL_ID
from demo.provider.faults import Fault
from demo.provider.http_server import ProviderServer
from demo.provider.messages import Answer, Request

REMEMBERED_CALLS = 10_000
ANSWER_TYPE = {"Content-Type": "application/x-amz-json-1.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of an operation, whatever became of it."""

    operation: str
    parameters: Mapping[str, Any] = field(repr=False)


class CognitoEmulator:
    """An identity pool at ``base_url``, for boto3's ``endpoint_url``."""

    def __init__(
        self,
        *,
        port: int = 0,
        pool_id: str = POOL_ID,
        developer_provider_name: str = DEVELOPER_PROVIDER_NAME,
        issuer: str = "",
        state: Path | None = None,
        credentials: Mapping[str, str] | None = None,
        is_controllable: bool = False,
    ) -> None:
        """Listen on loopback at *port*, or a free one; nothing is answered before ``start``.

        The *issuer* is the emulator itself unless it is named. Identities and keys are kept below
        *state*, or for as long as this object. Signatures are checked against *credentials*,
        secrets by access key id, where there are some. A controllable one takes faults by HTTP.
        """
        self._server = ProviderServer(self, host="127.0.0.1", port=port)
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.issuer = issuer or self.base_url
        self.region, _, name = pool_id.partition(":")
        self._identities = Identities(
            state / f"{name}.sqlite3" if state else None, region=self.region
        )
        self.signer = Signer(self._identities, region=self.region)
        self.pool = Pool(
            pool_id=pool_id,
            developer_provider_name=developer_provider_name,
            issuer=self.issuer,
            identities=self._identities,
            signer=self.signer,
        )
        self._credentials = credentials or {}
        self._is_controllable = is_controllable
        self._faults = Faults()
        self.calls: deque[Call] = deque(maxlen=REMEMBERED_CALLS)

    @property
    def pool_id(self) -> str:
        """The pool's id, the audience of its tokens."""
        return self.pool.pool_id

    @property
    def developer_provider_name(self) -> str:
        """The only key that the pool accepts in Logins."""
        return self.pool.developer_provider_name

    @property
    def jwks_uri(self) -> str:
        """Where the keys are published; the path is Amazon's own."""
        return f"{self.base_url}/.well-known/jwks_uri"

    def fail(
        self,
        code: str,
        *,
        status: int | None = None,
        times: int | None = None,
        message: str = "Told to fail.",
    ) -> None:
        """Answer with an error instead, so many *times* or until ``recover``."""
        self._faults.tell(Told(error=ServiceError(code, message, status=status)), times=times)

    def misbehave(self, fault: Fault) -> None:
        """Do as asked, but spoil the answer: its status, its bytes, or its way over the wire."""
        self._faults.tell(Told(fault=fault), times=fault.times)

    def delay(self, seconds: float, *, times: int | None = None) -> None:
        """Do as asked, but answer so much later; longer than the caller waits, it hangs."""
        self.misbehave(Fault(delay=seconds, times=times))

    def swap_identity(self, *, times: int | None = None) -> None:
        """Answer with the identity and the token of somebody else."""
        self._faults.tell(Told(is_strangers=True), times=times)

    def throttle(self, *, per_second: int) -> None:
        """Refuse more calls than that within any second, as Amazon's quota does."""
        self._faults.throttle(per_second)

    def recover(self) -> None:
        """Behave again."""
        self._faults.forget()

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """Return the answer to *request*, spoilt, and the fault for its way over the wire."""
        match request.method, request.path:
            case "GET", "/.well-known/jwks_uri":
                return Answer(said=self.signer.jwks()), None
            case "GET", "/.well-known/openid-configuration":
                return Answer(said=self._discovery()), None
            case "GET" | "HEAD", "/":
                return front_page(self.pool), None
            case "POST", "/":
                return self._answer_call(request)
            case _, control.PATH if self._is_controllable:
                return control.answer(self, request), None
        return Answer(status=404), None

    def _answer_call(self, request: Request) -> tuple[Answer, Fault | None]:
        try:
            told, said = self._call(request)
        except ServiceError as error:
            return _refusal(error), None
        answer = Answer(said=said, headers={**ANSWER_TYPE, **_request_id()})
        return (told.fault.spoil(answer) if told.fault else answer), told.fault

    def _call(self, request: Request) -> tuple[Told, Mapping[str, Any]]:
        model = operation_model(request.headers.get("x-amz-target", ""))
        operation = OPERATIONS.get(model.name)
        if operation is None:
            raise ServiceError("UnknownOperationException", "The emulator does not know this one.")
        require_signature(
            request,
            region=self.region,
            base_url=self.base_url,
            credentials=self._credentials,
        )
        parameters = read_parameters(model, request.body)
        self.calls.append(Call(operation=model.name, parameters=parameters))
        told = self._faults.take()
        if told.error is not None:
            raise told.error
        self.pool.require(parameters)
        if told.is_strangers and model.name == "GetOpenIdTokenForDeveloperIdentity":
            operation = token_for_a_stranger
        return told, operation(self.pool, parameters)

    def _discovery(self) -> Mapping[str, Any]:
        return {
            "issuer": self.issuer,
            "jwks_uri": self.jwks_uri,
            "response_types_supported": ["token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
        }

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
        self._identities.close()


@contextmanager
def running_emulator(**arguments: Any) -> Iterator[CognitoEmulator]:
    """Run an emulator until the block ends; the *arguments* are ``CognitoEmulator``'s."""
    emulator = CognitoEmulator(**arguments)
    try:
        yield emulator.start()
    finally:
        emulator.stop()


def _refusal(error: ServiceError) -> Answer:
    headers = {**ANSWER_TYPE, **_request_id(), "x-amzn-ErrorType": f"{error.code}:"}
    # Compact, with the code first: as it is on Amazon's wire.
    body = json.dumps({"__type": error.code, "message": error.message}, separators=(",", ":"))
    return Answer(status=error.status, headers=headers, body=body.encode())


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}
