"""What a partner proposes for the sign-in page, and what becomes of it."""

from django.db import transaction

from onboarding.models import ProposedLogo, SetUpCase
from partners.logos import Picture, is_remembered, picture_of, remember_picture
from partners.models import Partner, Visibility


def propose_logo(case: SetUpCase, shape: str, upload: bytes, *, by: str) -> None:
    """Keep *upload*, drawn anew, until staff have seen it. Raises ``LogoError``.

    What is on the sign-in page already needs nobody's approval again.
    """
    picture = picture_of(upload, shape=shape)
    if is_remembered(case.partner, shape, upload):
        withdraw_logo(case, shape)
        return
    ProposedLogo.objects.update_or_create(
        case=case,
        shape=shape,
        defaults={
            "data": picture.data,
            "width": picture.width,
            "height": picture.height,
            "source_digest": picture.source_digest,
            "proposed_by": by,
        },
    )


def withdraw_logo(case: SetUpCase, shape: str) -> None:
    """Forget what was proposed as the logo of *shape*."""
    case.proposed_logos.filter(shape=shape).delete()


@transaction.atomic
def approve_logo(proposed: ProposedLogo) -> None:
    """Show the picture that was proposed wherever the partner's logo of its shape is shown."""
    picture = Picture(
        source_digest=proposed.source_digest,
        data=bytes(proposed.data),
        width=proposed.width,
        height=proposed.height,
    )
    remember_picture(proposed.case.partner, proposed.shape, picture)
    proposed.delete()


def wish_for_visibility(case: SetUpCase, *, is_listed: bool) -> None:
    """Keep whether the partner would like its logo on the sign-in page, if it is not so already."""
    shown = case.partner.visibility == Visibility.LISTED
    wished = Visibility.LISTED if is_listed else Visibility.BY_EMAIL
    case.visibility_wished = "" if is_listed == shown else wished
    case.save(update_fields=["visibility_wished"])


@transaction.atomic
def approve_visibility(case: SetUpCase) -> None:
    """Give the partner the visibility that it has asked for."""
    partner = Partner.objects.select_for_update(no_key=True).get(pk=case.partner_id)
    partner.visibility, case.visibility_wished = case.visibility_wished, ""
    partner.save(update_fields=["visibility"])
    case.save(update_fields=["visibility_wished"])
