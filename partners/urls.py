"""The route of the partners' logos."""

from django.urls import path

from partners import views

urlpatterns = [path("<slug:digest>.webp", views.logo, name="logo")]
