import hashlib
import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from audit.models import Event
from partners.logos import LogoError, forget_logo, picture_of, remember_logo
from partners.models import Logo

ORANGE = (230, 120, 30, 255)


def encoded(image, kind="PNG", **options):
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def drawing(width=100, height=40, color=ORANGE):
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste(color, (width // 4, height // 4, width // 2, height // 2))
    return image


def opened(picture):
    return Image.open(BytesIO(picture.data))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_keeps_colours_and_transparency(kind):
    picture = picture_of(encoded(drawing(), kind, lossless=True), shape="wide")

    image = opened(picture)
    assert (image.format, image.size) == ("WEBP", (100, 40))
    assert image.getpixel((0, 0))[3] == 0
    assert image.getpixel((30, 15)) == ORANGE


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_takes_a_photograph(mode):
    picture = picture_of(
        encoded(Image.new(mode, (64, 64), 200 if mode == "L" else None), "JPEG"), shape="mark"
    )

    assert opened(picture).mode == "RGB"


def test_takes_a_palette_with_transparency():
    palette = drawing().convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))

    assert opened(picture_of(encoded(palette), shape="wide")).getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    ("shape", "size", "expected"),
    [
        ("wide", (2000, 400), (640, 128)),
        ("wide", (400, 2000), (51, 256)),
        ("mark", (2000, 400), (192, 38)),
        ("mark", (100, 100), (100, 100)),
    ],
)
def test_fits_the_picture_into_its_box(shape, size, expected):
    picture = picture_of(encoded(drawing(*size)), shape=shape)

    assert (picture.width, picture.height) == opened(picture).size == expected


def test_drops_metadata_and_turns_the_picture_as_it_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "taken at the office"
    upload = encoded(
        Image.new("RGB", (100, 40)), "JPEG", exif=exif, icc_profile=b"p" * 200, comment=b"hello"
    )

    picture = picture_of(upload, shape="wide")

    image = opened(picture)
    assert image.size == (40, 100)
    assert not dict(image.getexif())
    assert not {"icc_profile", "exif", "xmp", "comment"} & set(image.info)
    assert b"office" not in picture.data


def test_keeps_the_first_frame_alone():
    frames = [drawing(color=(frame, 0, 0, 255)) for frame in (10, 90, 200)]
    upload = encoded(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])

    image = opened(picture_of(upload, shape="wide"))

    assert not getattr(image, "is_animated", False)
    assert image.getpixel((30, 15)) == (10, 0, 0, 255)


def test_a_picture_that_is_also_a_page_loses_the_page():
    upload = encoded(drawing()) + b"<script>alert(1)</script>"

    assert b"script" not in picture_of(upload, shape="wide").data


def png_of_size(width, height):
    """A PNG of a few bytes that says it has that many pixels."""

    def chunk(name, body):
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("upload", "words"),
    [
        (encoded(drawing()) + b"\0" * 512 * 1024, "larger than 512 KB"),
        (png_of_size(4097, 4097), "16 million pixels"),
        (png_of_size(30_000, 30_000), "16 million pixels"),
        (png_of_size(5000, 1), "less than 16 pixels"),
        (encoded(drawing(2000, 20)), "no more than a line"),
        (png_of_size(100, 100), "not a PNG, WebP or JPEG"),
        (encoded(drawing())[:60], "not a PNG, WebP or JPEG"),
        (b"", "not a PNG, WebP or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG, WebP or JPEG"),
        (encoded(drawing().convert("P"), "GIF"), "not a PNG, WebP or JPEG"),
        (encoded(drawing().convert("RGB"), "PDF"), "not a PNG, WebP or JPEG"),
    ],
    # Not of the bytes: a PDF says in which second it was made, and processes collect in their own.
    ids=(
        *("large", "wide-and-high", "a-bomb", "a-hairline", "a-line-in-its-place"),
        *("without-pixels", "cut-off", "nothing", "svg", "gif", "pdf"),
    ),
)
@pytest.mark.filterwarnings(
    "ignore::PIL.Image.DecompressionBombWarning"
)  # only a warning to Pillow
def test_refuses_what_is_no_logo(upload, words):
    with pytest.raises(LogoError, match=words):
        picture_of(upload, shape="wide")


PICTURES = [
    encoded(drawing(20, 20)),
    encoded(drawing(20, 20), "WEBP"),
    encoded(
        Image.new("RGB", (20, 20)),
        "JPEG",
        exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\6\0\0\0",
    ),
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow's words on damaged metadata
@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_picture_is_drawn_or_refused_and_nothing_else(data):
    upload = bytearray(data.draw(st.sampled_from(PICTURES)))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(upload) - 1))
        upload[place] = data.draw(st.integers(0, 255))

    try:
        picture = picture_of(bytes(upload), shape="mark")
    except LogoError:
        return

    assert opened(picture).format == "WEBP"


@pytest.mark.django_db
class TestStored:
    def test_a_logo_is_served_for_ever_and_can_do_nothing(self, acme, client):
        remember_logo(acme, "wide", encoded(drawing()))

        response = client.get(acme.wide_logo_url)

        assert response.status_code == 200
        assert response["Content-Type"] == "image/webp"
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "Set-Cookie" not in response
        assert "Cookie" not in response.get("Vary", "")
        assert opened(Logo.objects.get()).size == (100, 40)

    def test_a_logo_that_the_browser_has_is_not_sent_again(self, acme, client):
        remember_logo(acme, "mark", encoded(drawing()))
        tag = client.get(acme.mark_url)["ETag"]

        response = client.get(acme.mark_url, headers={"If-None-Match": f'W/"x", {tag}'})

        assert (response.status_code, response.content) == (304, b"")

    def test_an_unknown_address_has_no_logo(self, acme, client):
        assert client.get(f"/logos/{'0' * 64}.webp").status_code == 404
        assert client.post(f"/logos/{'0' * 64}.webp").status_code == 405

    def test_nobody_can_work_out_the_address_of_a_logo(self, acme, globex):
        upload = encoded(drawing())

        for partner in (acme, globex):
            remember_logo(partner, "wide", upload)

        assert acme.wide_logo_url != globex.wide_logo_url
        data = Logo.objects.defer(None).first().data
        assert hashlib.sha256(data).hexdigest() not in acme.wide_logo_url

    def test_the_same_upload_changes_nothing(self, acme):
        upload = encoded(drawing())
        assert remember_logo(acme, "wide", upload)
        address = Logo.objects.get().url

        assert not remember_logo(acme, "wide", upload)
        assert not remember_logo(acme, "wide", bytes(Logo.objects.get().data))

        assert Logo.objects.get().url == address
        assert Event.objects.filter(what__startswith="logo.").count() == 1

    def test_another_upload_gets_another_address(self, acme):
        remember_logo(acme, "wide", encoded(drawing()))
        before = Logo.objects.get().url

        assert remember_logo(acme, "wide", encoded(drawing(color=(1, 2, 3, 255))))

        assert Logo.objects.get().url != before

    def test_a_logo_can_be_forgotten(self, acme):
        remember_logo(acme, "wide", encoded(drawing()))

        assert forget_logo(acme, "wide")
        assert not forget_logo(acme, "wide")
        assert acme.wide_logo_url == ""

    def test_a_page_of_logos_leaves_the_pictures_in_the_database(
        self, acme, django_assert_num_queries
    ):
        remember_logo(acme, "wide", encoded(drawing()))

        with django_assert_num_queries(1):
            assert acme.wide_logo_url
            assert not acme.mark_url
        assert "data" in Logo.objects.get().get_deferred_fields()
