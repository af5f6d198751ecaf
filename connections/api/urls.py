from django.urls import path

from connections.api.views import ConnectionViewSet

urlpatterns = [
    path(
        "connections/",
        ConnectionViewSet.as_view({"get": "list", "post": "create"}),
        name="api-connection-list",
    ),
    path(
        "connections/<str:id>/",
        ConnectionViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="api-connection-detail",
    ),
    path(
        "connections/<str:id>/check/",
        ConnectionViewSet.as_view({"post": "check"}),
        name="api-connection-check",
    ),
]
