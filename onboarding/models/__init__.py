"""The records of a set-up: its case and steps, the links and sessions to it, what waits for us."""

from onboarding.models.case import SetUpCase, SetUpStep
from onboarding.models.challenge import DomainChallenge
from onboarding.models.contact import Contact
from onboarding.models.examination import Examination
from onboarding.models.link import Purpose, SetUpLink, SetUpSession
from onboarding.models.proposal import ProposedLogo
from onboarding.models.reminder import SecretReminder
from onboarding.models.resume_code import ResumeCode

__all__ = [
    "Contact",
    "DomainChallenge",
    "Examination",
    "ProposedLogo",
    "Purpose",
    "ResumeCode",
    "SecretReminder",
    "SetUpCase",
    "SetUpLink",
    "SetUpSession",
    "SetUpStep",
]
