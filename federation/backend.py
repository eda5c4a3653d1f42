"""The frame's authentication backend, with our judgement of who came back."""

import secrets
from dataclasses import replace

from django.http import HttpRequest
from django.utils import timezone
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from federation.admission import House, admit, lacks_claims
from federation.oidc.authorization import read_authorization_response
from federation.oidc.discovery import settle_algorithms
from federation.oidc.errors import AdmissionError, AttemptError, Reason, UnknownKeyError
from federation.oidc.id_token import verify_id_token
from federation.oidc.token import token_request
from federation.oidc.userinfo import merge_claims
from federation.oidc.values import (
    Claims,
    IdToken,
    LoginAttempt,
    TokenResponse,
    VerifiedIdentity,
)
from federation.provider import Provider
from federation.registration import registration_of
from partners.home_realm import owns_email
from partners.models import Connection
from people.arrivals import (
    Arrival,
    ConnectionRetiredError,
    EmailTakenError,
    PersonInactiveError,
    person_of,
)
from people.models import User


class PartnerBackend(OIDCAuthenticationBackend):
    """Authenticates a person at the partner's provider that this browser was sent to.

    Django makes one instance for each ``authenticate()``, so what an instance learns of its
    connection is nobody else's. ``claims`` are those that have been verified so far.
    """

    # The frame reads one provider from the settings here, on every request that is signed in.
    def __init__(self) -> None:
        self.UserModel = User
        self.claims: Claims = {}

    def authenticate(  # type: ignore[override] # the frame passes what it keeps in its session
        self,
        request: HttpRequest,
        *,
        attempt: LoginAttempt,
        connection: Connection,
        parameters: dict[str, list[str]],
    ) -> User:
        """Return the person whom the authorization response in *parameters* brings.

        Raises ``FederationError``, whose class says who must act and whose reason what happened.
        """
        identity = self.identify(attempt=attempt, connection=connection, parameters=parameters)
        request.verified_identity = identity  # type: ignore[attr-defined]
        return self.person_of(identity, connection)

    def identify(
        self,
        *,
        attempt: LoginAttempt,
        connection: Connection,
        parameters: dict[str, list[str]],
    ) -> VerifiedIdentity:
        """Return who signed in, verified and admitted; nothing here is changed by it.

        Raises ``FederationError``. What the provider says of somebody who is refused is in
        ``claims``, if it has been verified.
        """
        self.provider = Provider(connection)
        metadata = self.provider.metadata()
        self.registration = settle_algorithms(registration_of(connection), metadata)
        code = read_authorization_response(parameters, attempt=attempt, metadata=metadata)
        response = self.provider.redeem(
            token_request(
                metadata,
                self.registration,
                code=code,
                code_verifier=attempt.code_verifier,
                now=timezone.now(),
                jti=secrets.token_urlsafe(24),
            )
        )
        id_token = self.verify_token(response, nonce=attempt.nonce)
        self.claims = id_token.claims
        self.claims = self.claims_of(id_token, response)
        identity = admit(
            id_token,
            self.claims,
            registration=self.registration,
            house=house_of(connection),
            now=timezone.now(),
        )
        if self.registration.needs_id_token_hint:
            identity = replace(identity, id_token_hint=response.id_token.compact)
        return identity

    def verify_token(self, response: TokenResponse, *, nonce: str) -> IdToken:
        """Return the ID Token, or raise ``IdTokenError``: Core 1.0, section 3.1.3.7.

        Replaces the frame's own check, which accepts any audience and any issuer.
        """
        try:
            return self._verified(response, nonce=nonce, again=False)
        except UnknownKeyError:
            # The provider may have rotated its keys since we fetched them: once more, then final.
            return self._verified(response, nonce=nonce, again=True)

    def _verified(self, response: TokenResponse, *, nonce: str, again: bool) -> IdToken:
        return verify_id_token(
            response.id_token,
            jwks=self.provider.jwks(again=again),
            registration=self.registration,
            nonce=nonce,
            now=timezone.now(),
            access_token=response.access_token,
        )

    def claims_of(self, id_token: IdToken, response: TokenResponse) -> Claims:
        """Return the person's claims, with UserInfo's where the ID Token lacks what we need."""
        if response.access_token is None or not lacks_claims(id_token, self.registration):
            return id_token.claims
        userinfo = self.provider.userinfo(response.access_token, subject=id_token.subject)
        return merge_claims(id_token, userinfo, email_claim=self.registration.email_claim)

    def person_of(self, identity: VerifiedIdentity, connection: Connection) -> User:
        """Return the person behind *identity*, a new one on the first sign-in.

        Replaces the frame's search by e-mail address, which takes over another partner's people.
        """
        arrival = Arrival(
            connection=connection,
            issuer=identity.issuer,
            provider_subject=identity.subject,
            email=identity.email,
            name=identity.name,
        )
        try:
            return person_of(arrival)
        except EmailTakenError as error:
            raise AdmissionError(
                Reason.EMAIL_TAKEN, "the address is another person's", email=identity.email
            ) from error
        except ConnectionRetiredError as error:
            raise AttemptError(
                Reason.ATTEMPT_UNKNOWN, "the connection has been changed since"
            ) from error
        except PersonInactiveError as error:
            raise AdmissionError(
                Reason.PERSON_INACTIVE, "the person is deactivated", email=identity.email
            ) from error

    def get_user(self, user_id: int) -> User | None:
        """Return the person with this id if active; the frame lets the deactivated stay in."""
        return User.objects.filter(pk=user_id, is_active=True).first()


def house_of(connection: Connection) -> House:
    """Return what admission has to know of the connection's partner."""
    return House(
        owns_email=lambda email: owns_email(connection.partner, email),
        shares_issuer=lambda: (
            # Neither a version of the partner's own nor what another one merely prepares.
            Connection.objects.filter(issuer=connection.issuer, is_live=True)
            .exclude(partner_id=connection.partner_id)
            .exists()
        ),
    )
