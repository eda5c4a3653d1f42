"""How members of staff get into the admin: by password, and nobody else."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest


class StaffPasswordBackend(ModelBackend):
    """Authenticates staff by password.

    A person who came through a partner has no password here, and gets none: ``is_staff`` is asked
    for, so that a password alone opens nothing.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> AbstractBaseUser | None:
        """Return the member of staff with this address and password, or ``None``."""
        email = username if username is not None else kwargs.get("email")
        if email is None or password is None:
            return None
        return super().authenticate(request, username=email, password=password)

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Return whether *user* is active staff."""
        return bool(getattr(user, "is_staff", False)) and super().user_can_authenticate(user)
