from django.urls import path

from webhooks.endpoints.api.hooks import HookSampleView, HookViewSet, RecentEventsView
from webhooks.endpoints.api.views import (
    DeliveryViewSet,
    EndpointViewSet,
    EventTypesView,
    UndeliveredView,
)

# What is done to an endpoint: `POST endpoints/<id>/<path>/`.
VERBS = {
    "rotate-secret": "rotate",
    "activate": "activate",
    "deactivate": "deactivate",
    "test": "test",
}

urlpatterns = [
    path(
        "endpoints/",
        EndpointViewSet.as_view({"get": "list", "post": "create"}),
        name="api-endpoints",
    ),
    path("endpoints/undelivered/send/", UndeliveredView.as_view(), name="api-endpoints-redrive"),
    path(
        "endpoints/<str:id>/",
        EndpointViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="api-endpoint",
    ),
    path(
        "endpoints/<str:id>/deliveries/",
        EndpointViewSet.as_view({"get": "deliveries"}),
        name="api-endpoint-deliveries",
    ),
    *(
        path(
            f"endpoints/<str:id>/{name}/",
            EndpointViewSet.as_view({"post": verb}),
            name=f"api-endpoint-{verb}",
        )
        for name, verb in VERBS.items()
    ),
    path(
        "deliveries/<str:id>/",
        DeliveryViewSet.as_view({"get": "retrieve"}),
        name="api-delivery",
    ),
    path(
        "deliveries/<str:id>/retry/",
        DeliveryViewSet.as_view({"post": "retry"}),
        name="api-delivery-retry",
    ),
    path("event-types/", EventTypesView.as_view(), name="api-event-types"),
    path("events/recent/", RecentEventsView.as_view(), name="api-events-recent"),
    path("hooks/", HookViewSet.as_view({"post": "create"}), name="api-hooks"),
    path("hooks/sample/", HookSampleView.as_view(), name="api-hooks-sample"),
    path("hooks/<str:id>/", HookViewSet.as_view({"delete": "destroy"}), name="api-hook"),
]
