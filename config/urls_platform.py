"""Everything that belongs to no company's pages: sign-in, the API, webhooks, superadmin, health."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("tenants.urls")),
    path("", include("campaigns.public_urls")),
    path("", include("integrations.public_urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("platform/ui/", include("core.ui.urls")),
    path("webhooks/", include("webhooks.ingress.urls")),
    path("api/", include("config.urls_api")),
]

handler400 = "core.errors_views.bad_request"
handler403 = "core.errors_views.forbidden"
handler404 = "core.errors_views.not_found"
handler500 = "core.errors_views.server_error"
