"""Faults by HTTP, for a browser test that runs the provider in a process of its own.

``POST /_control/<slug>`` takes a JSON object: endpoints to faults, their fields as in ``faults``,
``body``, ``payload`` and ``token`` as text, and ``sign_in_as`` or ``rotate`` beside them: true, or
``"keeps_old"`` to go on publishing the old keys.
``DELETE`` lets the issuer behave again, ``GET`` answers with what it was asked.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from demo.provider.faults import Fault, IdTokenFault, Signature
from demo.provider.issuer import Issuer
from demo.provider.messages import Answer, Request


def answer(issuer: Issuer, request: Request) -> Answer:
    """Do as told; 400 says what was not understood."""
    if request.method == "GET":
        return Answer(said={"requests": [asdict(recorded) for recorded in issuer.requests_to()]})
    if request.method == "DELETE":
        issuer.reset()
        return Answer(status=204)
    try:
        _apply(issuer, json.loads(request.body))
    except (ValueError, TypeError) as error:
        return Answer(status=400, said={"error": str(error)})
    return Answer(status=204)


def _apply(issuer: Issuer, told: Mapping[str, Any]) -> None:
    faults = dict(told)
    if "sign_in_as" in faults:
        issuer.sign_in_as(str(faults.pop("sign_in_as")))
    if rotate := faults.pop("rotate", False):
        issuer.rotate(keeps_old=rotate == "keeps_old")
    id_token = faults.pop("id_token", None)
    issuer.misbehave(
        id_token=None if id_token is None else _id_token_fault(id_token),
        **{endpoint: _fault(fields) for endpoint, fields in faults.items()},
    )


def _fault(fields: Mapping[str, object]) -> Fault:
    known = dict(fields)
    if "body" in known:
        known["body"] = str(known["body"]).encode()
    return Fault(**known)  # type: ignore[arg-type]  # a wrong field is answered with 400


def _id_token_fault(fields: Mapping[str, object]) -> IdTokenFault:
    known = dict(fields)
    if "payload" in known:
        known["payload"] = str(known["payload"]).encode()
    if "signature" in known:
        known["signature"] = Signature(str(known["signature"]))
    return IdTokenFault(**known)  # type: ignore[arg-type]  # likewise
