from django.urls import path

from events.api.views import DeadLettersView, EventViewSet, ReplayViewSet

urlpatterns = [
    path("events/", EventViewSet.as_view({"get": "list"}), name="api-event-list"),
    path("events/<str:id>/", EventViewSet.as_view({"get": "retrieve"}), name="api-event-detail"),
    path(
        "events/<str:id>/replay/", EventViewSet.as_view({"post": "replay"}), name="api-event-replay"
    ),
    path(
        "replays/", ReplayViewSet.as_view({"get": "list", "post": "create"}), name="api-replay-list"
    ),
    path("replays/<str:id>/", ReplayViewSet.as_view({"get": "retrieve"}), name="api-replay-detail"),
    path("replays/<str:id>/stop/", ReplayViewSet.as_view({"post": "stop"}), name="api-replay-stop"),
    path("dead-letters/", DeadLettersView.as_view(), name="api-dead-letters"),
]
