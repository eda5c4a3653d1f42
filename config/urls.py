"""Every route of the portal."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("federation.urls")),
    path("api/", include("tokens.urls")),
    path("logos/", include("partners.urls")),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
]
