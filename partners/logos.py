"""Safe pictures out of uploaded ones: what is kept was drawn anew and written by us."""

import hashlib
import os
import struct
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from partners.models import Logo, Partner

FORMATS = ("PNG", "WEBP", "JPEG")
"""Pictures of dots only: an SVG is a program."""

UPLOAD_BYTES = 512 * 1024
"""More than any logo needs."""

MOST_PIXELS = 4096 * 4096
"""Some 64 MB in memory: a few kilobytes can unpack into more than a server has."""

LEAST_SIDE = 16
"""Pixels; thinner pictures are tracking dots and mistakes."""

BOXES = {Logo.Shape.WIDE: (640, 256), Logo.Shape.MARK: (192, 192)}
"""Pixels: at least twice what the pages show, for fine screens."""

# Pillow looks at the size before it unpacks anything, and warns from here on.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class LogoError(Exception):
    """The upload is no picture we take; its text says why and what we take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is kept and served: WebP, without metadata. Sizes are in pixels.

    ``source_digest`` is the SHA-256 of the upload it was made of.
    """

    source_digest: str
    data: bytes
    width: int
    height: int


def picture_of(upload: bytes, *, shape: str) -> Picture:
    """Return *upload* drawn anew, its first frame alone, to fit the box of *shape*.

    Raises ``LogoError`` for what is too large, too small, or no picture.
    """
    if len(upload) > UPLOAD_BYTES:
        raise LogoError(_("The file is larger than 512 KB."))
    try:
        # The formats are named: Pillow knows dozens, some with programs of others behind them.
        image = Image.open(BytesIO(upload), formats=FORMATS)
        if image.width * image.height > MOST_PIXELS:
            raise LogoError(_("The picture has more than 16 million pixels."))
        if min(image.size) < LEAST_SIDE:
            raise LogoError(_("The picture is less than 16 pixels wide or high."))
        drawn = _drawn_anew(image, Logo.Shape(shape))
        if min(drawn.size) < LEAST_SIDE:
            raise LogoError(_("In its place, the picture would be no more than a line."))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LogoError(_("The picture has more than 16 million pixels.")) from error
    except (OSError, ValueError, SyntaxError, struct.error) as error:
        raise LogoError(_("The file is not a PNG, WebP or JPEG picture.")) from error
    output = BytesIO()
    # Drawings stay sharp; a photograph would grow tenfold without loss. Metadata is written only
    # where it is passed, and none is.
    drawn.save(output, "WEBP", lossless=image.format != "JPEG", quality=90)
    return Picture(
        source_digest=hashlib.sha256(upload).hexdigest(),
        data=output.getvalue(),
        width=drawn.width,
        height=drawn.height,
    )


def remember_logo(partner: Partner, shape: str, upload: bytes) -> bool:
    """Keep *upload* as the partner's logo of *shape*; return whether that changed anything.

    Raises ``LogoError``. The same file again, or our own picture of it, changes nothing.
    """
    if is_remembered(partner, shape, upload):
        return False
    remember_picture(partner, shape, picture_of(upload, shape=shape))
    return True


def is_remembered(partner: Partner, shape: str, upload: bytes) -> bool:
    """Return whether the partner's logo of *shape* was made of *upload*, or is it."""
    digest = hashlib.sha256(upload).hexdigest()
    stored = next((logo for logo in partner.logos.all() if logo.shape == shape), None)
    return stored is not None and digest in {stored.source_digest, stored.data_digest}


def remember_picture(partner: Partner, shape: str, picture: Picture) -> None:
    """Keep *picture* as the partner's logo of *shape*, in the place of the one before."""
    Logo.objects.update_or_create(
        partner=partner,
        shape=shape,
        defaults={
            "data": picture.data,
            "content_type": "image/webp",
            # Salted: the address of a picture that somebody has must not tell who is a partner.
            "digest": hashlib.sha256(os.urandom(16) + picture.data).hexdigest(),
            "width": picture.width,
            "height": picture.height,
            "source_digest": picture.source_digest,
            "data_digest": hashlib.sha256(picture.data).hexdigest(),
        },
    )


def forget_logo(partner: Partner, shape: str) -> bool:
    """Delete the partner's logo of *shape*; return whether there was one."""
    deleted, _by_model = Logo.objects.filter(partner=partner, shape=shape).delete()
    return deleted > 0


def _drawn_anew(image: Image.Image, shape: Logo.Shape) -> Image.Image:
    mode = "RGBA" if image.has_transparency_data else "RGB"
    fitting = ImageOps.exif_transpose(image).convert(mode)
    fitting.thumbnail(BOXES[shape], Image.Resampling.LANCZOS)
    return fitting
