"""The OpenID Providers of the demo's partners, and of the tests: strict, many in one process.

Each issuer is a path, ``http://127.0.0.1:9001/<slug>``, with accounts, a client and ways of its
own. All that a strict provider refuses is refused, so that every walk through it is a test of the
portal's PKCE, redirect URI and client authentication. It answers truthfully until it is told not
to:

    with running_provider() as provider:
        contoso = provider.register("contoso", client_id=…, client_secret=…, redirect_uri=…)
        contoso.sign_in_as("ana@contoso.example")
        contoso.misbehave(id_token=IdTokenFault(members={"iss": "https://evil.example"}))
        contoso.misbehave(token=Fault(status=503))
        contoso.reset()

``server`` runs the process, ``http_server`` speaks HTTP, ``endpoints`` answer for one ``issuer``
out of its ``values``, ``keys`` and ``grants``; ``faults`` spoil the answer on its way out.
``front`` says who is there, and ``mails`` shows what the portal has sent.
"""

from demo.provider.faults import Fault, IdTokenFault, Signature
from demo.provider.issuer import Issuer, RecordedRequest
from demo.provider.keys import SigningKey
from demo.provider.server import DemoProvider, running_provider
from demo.provider.values import Account, Client, ProviderConfig

__all__ = [
    "Account",
    "Client",
    "DemoProvider",
    "Fault",
    "IdTokenFault",
    "Issuer",
    "ProviderConfig",
    "RecordedRequest",
    "Signature",
    "SigningKey",
    "running_provider",
]
