from django.urls import path

from integrations.api.views import IntegrationViewSet

urlpatterns = [
    path(
        "integrations/",
        IntegrationViewSet.as_view({"get": "list"}),
        name="api-integration-list",
    ),
    path(
        "integrations/<str:id>/",
        IntegrationViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-integration-detail",
    ),
    path(
        "integrations/<str:id>/sync/",
        IntegrationViewSet.as_view({"post": "sync"}),
        name="api-integration-sync",
    ),
    path(
        "integrations/<str:id>/stop/",
        IntegrationViewSet.as_view({"post": "stop"}),
        name="api-integration-stop",
    ),
    path(
        "integrations/<str:id>/runs/",
        IntegrationViewSet.as_view({"get": "runs"}),
        name="api-integration-runs",
    ),
    path(
        "integrations/<str:id>/queue/",
        IntegrationViewSet.as_view({"get": "queue"}),
        name="api-integration-queue",
    ),
    path(
        "integrations/<str:id>/queue/retry/",
        IntegrationViewSet.as_view({"post": "retry"}),
        name="api-integration-retry",
    ),
]
