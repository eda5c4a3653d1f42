"""Small pictures to upload."""

from io import BytesIO

from PIL import Image


def picture(width, height):
    """Return a PNG of this size, in pixels."""
    output = BytesIO()
    Image.new("RGB", (width, height), "teal").save(output, "PNG")
    return output.getvalue()
