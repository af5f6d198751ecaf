"""REST API v1 and its explorer; each app brings its resources as `api.urls`."""

from django.urls import include, path
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerView,
)

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
    path("redoc/", SpectacularRedocView.as_view(url_name="api-schema"), name="api-redoc"),
    path("v1/", include("tenants.api.urls")),
    path("v1/", include("team.api.urls")),
    path("v1/", include("crm.api.urls")),
    path("v1/", include("connections.api.urls")),
    path("v1/", include("messaging.api.urls")),
    path("v1/", include("campaigns.api.urls")),
    path("v1/", include("conversations.api.urls")),
    path("v1/", include("webhooks.automations.api.urls")),
    path("v1/", include("webhooks.endpoints.api.urls")),
    path("v1/", include("integrations.api.urls")),
    # Behind the others: `events/<id>/` would take whatever they have below `events/`.
    path("v1/", include("events.api.urls")),
    path("v1/", include("webhooks.sources.api.urls")),
]
