"""Every route of the portal."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health

urlpatterns = [
    path("", include("federation.urls")),
    path("api/", include("tokens.urls")),
    path("logos/", include("partners.urls")),
    path("setup/", include("onboarding.urls")),
    path("admin", RedirectView.as_view(url="/admin/", http_method_names=("get", "head"))),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
