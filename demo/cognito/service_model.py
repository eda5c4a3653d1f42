"""What the service accepts: Amazon's own model of it, which botocore ships.

botocore itself holds a request to the minimums only; the service holds it to everything.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

MODEL = botocore.session.get_session().get_service_model("cognito-identity")
JSON_TYPES: dict[str, type] = {
    "string": str,
    "map": dict,
    "list": list,
    "structure": dict,
    "long": int,
    "integer": int,
    "boolean": bool,
}


class ServiceError(Exception):
    """An error as the service answers it: its code, its text and the HTTP status."""

    def __init__(self, code: str, message: str = "", *, status: int | None = None) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        # Observed: every code comes with 400, whatever it says, but a fault of the service's own.
        self.status = status or (500 if code == "InternalErrorException" else 400)


def operation_model(target: str) -> OperationModel:
    """Return the operation that the header X-Amz-Target names; raises ``ServiceError``."""
    service, _, name = target.partition(".")
    if service != MODEL.metadata["targetPrefix"] or name not in MODEL.operation_names:
        raise ServiceError("UnknownOperationException")
    return MODEL.operation_model(name)


def read_parameters(operation: OperationModel, body: bytes) -> dict[str, Any]:
    """Return the operation's parameters by name.

    Raises ``ServiceError`` for what is no JSON, of a wrong type, or outside the model's limits.
    """
    try:
        parameters = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException") from error
    shape = operation.input_shape
    if shape is None:
        return {}
    _require_types(shape, parameters)
    found = list(_violations(shape, parameters, ""))
    if found:
        noun = "error" if len(found) == 1 else "errors"
        text = f"{len(found)} validation {noun} detected: {'; '.join(found)}"
        raise ServiceError("ValidationException", text)
    return {name: value for name, value in parameters.items() if value is not None}


def _require_types(shape: Shape, value: Any) -> None:
    expected = JSON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        raise ServiceError("SerializationException", f"Expected a {shape.type_name}.")
    for _, inner_shape, inner in _parts(shape, value):
        if inner is not None:
            _require_types(inner_shape, inner)


def _parts(shape: Shape, value: Any) -> Iterator[tuple[str, Shape, Any]]:
    """Yield what *value* is made of, each with its name and its shape."""
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield name[0].lower() + name[1:], member, value.get(name)
    elif isinstance(shape, MapShape):
        for key, single in value.items():
            yield "key", shape.key, key
            yield "value", shape.value, single
    elif isinstance(shape, ListShape):
        for single in value:
            yield "member", shape.member, single


def _violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    shown = "" if shape.metadata.get("sensitive") else f" '{value}'"
    for constraint in _broken(shape, value):
        yield f"Value{shown} at '{path}' failed to satisfy constraint: Member must {constraint}"
    required = {name[0].lower() + name[1:] for name in shape.metadata.get("required", ())}
    for name, inner_shape, inner in _parts(shape, value):
        inner_path = f"{path}.{name}" if path else name
        if inner is not None:
            yield from _violations(inner_shape, inner, inner_path)
        elif name in required or not isinstance(shape, StructureShape):
            yield (
                f"Value null at '{inner_path}' failed to satisfy constraint: "
                "Member must not be null"
            )


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    size, what = (value, "value") if isinstance(value, int) else (len(value), "length")
    if least is not None and size < least:
        yield f"have {what} greater than or equal to {least}"
    if most is not None and size > most:
        yield f"have {what} less than or equal to {most}"
    pattern = shape.metadata.get("pattern")
    # ASCII: the service reads its patterns as Java does.
    if pattern and isinstance(value, str) and not re.fullmatch(pattern, value, re.ASCII):
        yield f"satisfy regular expression pattern: {pattern}"
