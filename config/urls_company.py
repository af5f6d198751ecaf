"""Pages of a company, below `/c/<slug>/`: members only, inside the company's schema."""

from django.urls import include, path

urlpatterns = [
    path("", include("team.urls")),
    path("events/", include("events.urls")),
    path("contacts/", include("crm.urls")),
    path("connections/", include("connections.urls")),
    path("templates/", include("messaging.urls")),
    path("", include("messaging.policy_urls")),
    path("campaigns/", include("campaigns.urls")),
    path("inbox/", include("conversations.urls")),
    path("", include("conversations.settings_urls")),
    path("webhooks/endpoints/", include("webhooks.endpoints.urls")),
    path("webhooks/sources/", include("webhooks.sources.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("integrations/", include("integrations.urls")),
    path("webhooks/gaps/", include("webhooks.gaps.urls")),
    path("automations/", include("webhooks.automations.urls")),
]

handler400 = "core.errors_views.bad_request"
handler403 = "core.errors_views.forbidden"
handler404 = "core.errors_views.not_found"
handler500 = "core.errors_views.server_error"
