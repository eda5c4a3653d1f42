"""Who sent a request: AWS Signature Version 4, checked where the secret is known."""

import hmac
import re
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from demo.cognito.service_model import MODEL, ServiceError
from demo.provider.messages import Request

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 "
    r"Credential=(?P<key>[^/,]+)/(?P<date>[0-9]{8})/(?P<region>[^/,]+)/(?P<service>[^/,]+)"
    r"/aws4_request, "
    r"SignedHeaders=(?P<signed>[a-z0-9;-]+), "
    r"Signature=(?P<signature>[0-9a-f]{64})"
)


def require_signature(
    request: Request, *, region: str, base_url: str, credentials: Mapping[str, str]
) -> None:
    """Refuse a request that is not signed for this service in *region*, with ``ServiceError``.

    *credentials* are secrets by access key id; when there are none, anybody's signature will do.
    """
    found = AUTHORIZATION.fullmatch(request.headers.get("authorization", ""))
    if found is None:
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
    if found["region"] != region:
        raise ServiceError(
            "InvalidSignatureException",
            f"Credential should be scoped to a valid region, not '{found['region']}'.",
        )
    service = MODEL.signing_name
    if found["service"] != service:
        raise ServiceError(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{service}'.",
        )
    if not credentials:
        return
    if found["key"] not in credentials:
        raise ServiceError(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )
    expected = _signature(request, found, base_url=base_url, secret=credentials[found["key"]])
    if not hmac.compare_digest(expected, found["signature"]):
        raise ServiceError(
            "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided.",
        )


def _signature(request: Request, found: re.Match[str], *, base_url: str, secret: str) -> str:
    signed = found["signed"].split(";")
    copied = AWSRequest(
        method=request.method,
        url=base_url + request.path,
        headers={name: request.headers.get(name, "") for name in signed},
        data=request.body,
    )
    copied.context["timestamp"] = request.headers.get("x-amz-date", "")
    auth = SigV4Auth(Credentials(found["key"], secret), found["service"], found["region"])
    text = auth.string_to_sign(copied, auth.canonical_request(copied))
    signature: str = auth.signature(text, copied)
    return signature
