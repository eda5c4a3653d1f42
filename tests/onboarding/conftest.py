"""A partner at the beginning of its set-up, and a browser in it."""

import secrets
from dataclasses import dataclass

import pytest
from django.test import Client
from django.utils import timezone

from onboarding import sessions
from onboarding.models import Purpose, SetUpCase, SetUpLink, SetUpSession
from onboarding.steps import Step
from partners.models import Partner

CONTACT = "ana@brightwater.example"
OWNER = "staff@northlake.example"


@dataclass(kw_only=True)
class SetUp:
    """An open case, and a client in its set-up session."""

    partner: Partner
    case: SetUpCase
    link: SetUpLink
    session: SetUpSession
    client: Client

    def get(self, path):
        return self.client.get(path, secure=True)

    def post(self, path, data=None, *, follow=False):
        return self.client.post(path, data or {}, secure=True, follow=follow)

    def save(self, step: Step, **typed):
        """Send the step's form as the page of now would."""
        row = self.case.steps.filter(name=step).first()
        return self.post(step.url, {"revision": row.revision if row else 0, **typed})


@pytest.fixture
def partner(db):
    """Give a draft partner: nothing of it is known but its name."""
    return Partner.objects.create(slug="brightwater", name="Brightwater Labs")


@pytest.fixture
def set_up(partner):
    return opened(partner)


def opened(partner: Partner, address: str = CONTACT) -> SetUp:
    """Return a case of *partner*, and a client that *address* has opened it in."""
    case, _new = SetUpCase.objects.get_or_create(partner=partner, closed_at=None)
    now = timezone.now()
    link = SetUpLink.objects.create(
        case=case,
        purpose=Purpose.SET_UP,
        address=address,
        token_digest=sessions.digest_of(secrets.token_urlsafe(32)),
        sent_by=OWNER,
        expires_at=now,
        used_at=now,
    )
    key = secrets.token_urlsafe(32)
    session = SetUpSession.objects.create(
        link=link, key_digest=sessions.digest_of(key), expires_at=now + sessions.LASTS
    )
    client = Client()
    client.cookies[sessions.cookie_name()] = key
    return SetUp(partner=partner, case=case, link=link, session=session, client=client)
