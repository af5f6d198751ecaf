from django.urls import path

from webhooks.sources.api.views import ReceivedViewSet, SourceViewSet

urlpatterns = [
    path(
        "sources/",
        SourceViewSet.as_view({"get": "list", "post": "create"}),
        name="api-sources",
    ),
    path(
        "sources/<str:id>/",
        SourceViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-source",
    ),
    path(
        "sources/<str:id>/received/",
        SourceViewSet.as_view({"get": "received"}),
        name="api-source-received",
    ),
    path(
        "sources/<str:id>/secret/",
        SourceViewSet.as_view({"post": "secret"}),
        name="api-source-secret",
    ),
    path(
        "sources/<str:id>/try/",
        SourceViewSet.as_view({"post": "try_mapping"}),
        name="api-source-try",
    ),
    path(
        "sources/<str:id>/reread/",
        SourceViewSet.as_view({"post": "reread"}),
        name="api-source-reread",
    ),
    path(
        "received-posts/<str:id>/",
        ReceivedViewSet.as_view({"get": "retrieve"}),
        name="api-received-post",
    ),
    path(
        "received-posts/<str:id>/replay/",
        ReceivedViewSet.as_view({"post": "replay"}),
        name="api-received-post-replay",
    ),
]
