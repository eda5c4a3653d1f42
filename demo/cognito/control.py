"""Faults by HTTP, for a test or a person that runs the emulator in a process of its own.

``POST /_control`` takes a JSON object of the emulator's methods to their arguments, such as
``{"fail": {"code": "InternalErrorException", "times": 2}}`` or
``{"misbehave": {"body": "not JSON", "times": 1}}``. ``DELETE`` lets the emulator behave again,
``GET`` answers with what it was asked.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from demo.provider.faults import Fault
from demo.provider.messages import Answer, Request

if TYPE_CHECKING:
    from demo.cognito.emulator import CognitoEmulator

PATH = "/_control"


def answer(emulator: "CognitoEmulator", request: Request) -> Answer:
    """Do as told; 400 says what was not understood."""
    if request.method == "GET":
        return Answer(said={"calls": [asdict(call) for call in emulator.calls]})
    if request.method == "DELETE":
        emulator.recover()
        return Answer(status=204)
    try:
        for method, arguments in json.loads(request.body).items():
            _tell(emulator, method, arguments)
    except (ValueError, TypeError, AttributeError) as error:
        return Answer(status=400, said={"error": str(error)})
    return Answer(status=204)


def _tell(emulator: "CognitoEmulator", method: str, arguments: Mapping[str, Any]) -> None:
    match method:
        case "fail":
            emulator.fail(**arguments)
        case "delay":
            emulator.delay(**arguments)
        case "throttle":
            emulator.throttle(**arguments)
        case "swap_identity":
            emulator.swap_identity(**arguments)
        case "misbehave":
            known = dict(arguments)
            body = known.pop("body", None)
            emulator.misbehave(Fault(body=None if body is None else str(body).encode(), **known))
        case _:
            raise ValueError(f"{method} is none of the emulator's faults.")
