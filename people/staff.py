"""How members of staff get into the admin: by password, and nobody else."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser

from people.models import User


class StaffPasswordBackend(ModelBackend):
    """Authenticates staff by password.

    A person who came through a partner has no password here, and gets none: ``is_staff`` is asked
    for, so that a password alone opens nothing.
    """

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        """Return whether *user* is active staff."""
        return bool(user and user.is_staff) and super().user_can_authenticate(user)
