"""The company whose provider the tests ask."""

import time

from demo.provider import Account, DemoProvider, Issuer, ProviderConfig

DISCOVERY = "/.well-known/openid-configuration"
CALLBACK = "http://127.0.0.1:8000/login/contoso/callback/"
ANA = Account(subject="ana-1", email="ana@contoso.example", name="Ana Sousa")
BEN = Account(subject="ben-1", email="ben@contoso.example", name="Ben Okafor")
LARS = Account(
    subject="lars-1",
    email="lars@contoso.example",
    refusal="access_denied",
    refusal_description="Not assigned",
)
SECRET = "a secret that needs encoding: 100 % + ö"


class Clock:
    """The provider's time, which a test can move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def registered(
    provider: DemoProvider, *, method: str = "client_secret_basic", **config: object
) -> Issuer:
    return provider.register(
        "contoso",
        client_id="foyer",
        client_secret=SECRET,
        redirect_uri=CALLBACK,
        token_endpoint_auth_method=method,
        accounts=[ANA, BEN, LARS],
        config=ProviderConfig(**{"id_token_alg": "ES256", **config}),
    )
