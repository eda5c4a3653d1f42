"""How far a case is: steps that are saved, one after the other, and what could not be saved."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from onboarding.models import SetUpCase, SetUpStep
from onboarding.steps import COUNTED, Step
from onboarding.versions import prepared_version_of
from partners.models import Connection, Partner

DRAFT_CHARACTERS = 2000
"""How much of one field is kept for whoever could not save it: more than any field takes."""


class StepConflictError(Exception):
    """Somebody else has saved the step since this page of it was made: who, and when."""

    def __init__(self, *, by: str, at: datetime | None) -> None:
        super().__init__("the step was saved meanwhile")
        self.by = by
        self.at = at


def step_of(case: SetUpCase, step: Step) -> SetUpStep:
    """Return how far *step* of the case is; one that nobody has saved yet is not in the table."""
    row = case.steps.filter(name=step).first()
    return row or SetUpStep(case=case, name=step)


@contextmanager
def saving_step(
    case: SetUpCase, step: Step, *, revision: str, by: str, is_done: bool
) -> Iterator[None]:
    """Open a transaction in which *by* saves *step*, as the page of *revision* showed it.

    Raises ``StepConflictError`` when that is not how it is any more. What was kept of the step's
    form is forgotten.
    """
    with transaction.atomic():
        case.steps.get_or_create(name=step)
        row = case.steps.select_for_update().get(name=step)
        if revision != str(row.revision):
            raise StepConflictError(by=row.saved_by, at=row.saved_at)
        yield
        row.revision += 1
        row.saved_at, row.saved_by = timezone.now(), by
        row.is_done, row.draft = is_done, {}
        row.save()


def next_step(case: SetUpCase) -> Step:
    """Return the first step that is not done, where whoever comes back goes on."""
    done_steps = steps_done(case)
    return next((step for step in COUNTED if step not in done_steps), Step.SWITCH_ON)


def version_to_switch_on(partner: Partner) -> Connection | None:
    """Return the connection that a set-up would switch on: the prepared one, else the live one."""
    return prepared_version_of(partner) or partner.connections.filter(is_live=True).first()


def steps_done(case: SetUpCase) -> set[Step]:
    """Return the steps that are done: by what was saved, by the DNS, and by a test sign-in."""
    names = case.steps.filter(is_done=True).values_list("name", flat=True)
    found = {Step(name) for name in names} - {Step.DOMAINS, Step.TEST, Step.SWITCH_ON}
    if case.partner.domains.filter(verified_at__isnull=False).exists():
        found.add(Step.DOMAINS)
    version = version_to_switch_on(case.partner)
    if version is not None and version.tested_at is not None:
        found.add(Step.TEST)
    if case.switched_on_at is not None:
        found.add(Step.SWITCH_ON)
    return found


def not_done(case: SetUpCase, *steps: Step) -> None:
    """Note that *steps* have to be gone through again, since what they rest on has changed."""
    case.steps.filter(name__in=steps).update(is_done=False)


def done(case: SetUpCase, step: Step) -> None:
    """Note that *step* is done by what has happened elsewhere, as at the partner's provider."""
    case.steps.update_or_create(name=step, defaults={"is_done": True})


def keep_draft(case: SetUpCase, step: Step, typed: Mapping[str, str], *, by: str) -> None:
    """Keep what *by* has typed and could not save, for that address, while the case is open."""
    if case.is_open and typed:
        draft = {name: value[:DRAFT_CHARACTERS] for name, value in typed.items()}
        kept = {**step_of(case, step).draft, by: draft}
        case.steps.update_or_create(name=step, defaults={"draft": kept})


def draft_of(case: SetUpCase, step: Step, *, by: str) -> dict[str, str]:
    """Return what the address *by* has typed at *step* and could not save, by fields' names."""
    return dict(step_of(case, step).draft.get(by, {}))
