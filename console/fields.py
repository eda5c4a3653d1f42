"""Form fields for what Django's own admin has no good word for: lists, and logos."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from partners.logos import UPLOAD_BYTES, LogoError, picture_of


class ListField(forms.Field):
    """A list of texts in one input, *separator* between them."""

    separator = "\n"

    def prepare_value(self, value: Any) -> Any:
        """Return the list as it is typed."""
        return self.separator.join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        """Return the texts that are not empty."""
        return value if isinstance(value, list) else self.split(str(value or ""))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the texts are others; no list and an empty one are the same."""
        return (initial or []) != self.to_python(data)

    def split(self, typed: str) -> list[str]:
        """Return the texts in what was typed."""
        return [line.strip() for line in typed.splitlines() if line.strip()]


class LinesField(ListField):
    """A list of texts, typed one a line."""

    widget = forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3})


class WordsField(ListField):
    """A list of words, typed with blanks or commas between them."""

    widget = forms.TextInput(attrs={"class": "vTextField", "spellcheck": "false"})
    separator = " "

    def split(self, typed: str) -> list[str]:
        """Return the words in what was typed."""
        return typed.replace(",", " ").split()


class LogoInput(forms.ClearableFileInput):
    """A file's input, beside the stored logo on the plates that people see it on."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the input's HTML; *value* is the stored logo, if there is one."""
        # Not by the form's renderer: it finds the templates of installed apps only.
        return render_to_string("console/logo_input.html", self.get_context(name, value, attrs))


class LogoField(forms.FileField):
    """An upload that becomes a partner's logo of *shape*.

    Cleaned it is the bytes of a picture that we can keep, ``False`` when the stored one is to be
    removed, or the stored one.
    """

    widget = LogoInput

    def __init__(self, *, shape: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.shape = shape
        self.widget.attrs["accept"] = "image/png,image/webp,image/jpeg"

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return what is to become of the logo; raises ``ValidationError`` for no picture."""
        upload = super().clean(data, initial)
        if not isinstance(upload, UploadedFile):
            return upload
        picture = upload.read(UPLOAD_BYTES + 1)
        try:
            picture_of(picture, shape=self.shape)
        except LogoError as error:
            raise forms.ValidationError(str(error)) from error
        return picture
