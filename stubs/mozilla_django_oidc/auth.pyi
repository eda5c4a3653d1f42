from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

class OIDCAuthenticationBackend(ModelBackend):
    UserModel: Any
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> Any: ...  # type: ignore[override]
    verify_token: Any
    def get_user(self, user_id: int) -> Any: ...
