from typing import Any

from axes.models import AccessAttempt
from django.db.models import QuerySet
from django.http import HttpRequest

class AxesDatabaseHandler:
    def is_admin_request(self, request: HttpRequest) -> bool: ...
    def get_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> list[QuerySet[AccessAttempt]]: ...
    def get_failures(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> int: ...
    def user_login_failed(
        self,
        sender: Any,
        credentials: dict[str, Any],
        request: HttpRequest | None = None,
        **kwargs: Any,
    ) -> None: ...
    def user_logged_in(
        self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any
    ) -> None: ...
    def user_logged_out(
        self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any
    ) -> None: ...
