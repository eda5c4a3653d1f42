"""Routes below ``/api/``."""

from django.urls import path

from tokens import views

urlpatterns = [
    path("session/", views.session, name="api_session"),
    path("token/", views.token, name="api_token"),
    path("authorize/", views.authorize, name="api_authorize"),
]
