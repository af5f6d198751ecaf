from django.urls import path

from messaging.api.policy_views import MessageWhyViewSet, SendingPolicyView
from messaging.api.template_views import TemplateViewSet

urlpatterns = [
    path(
        "templates/",
        TemplateViewSet.as_view({"get": "list", "post": "create"}),
        name="api-template-list",
    ),
    path("templates/sync/", TemplateViewSet.as_view({"post": "sync"}), name="api-template-sync"),
    path(
        "templates/<str:id>/",
        TemplateViewSet.as_view(
            {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
        ),
        name="api-template-detail",
    ),
    path(
        "templates/<str:id>/submit/",
        TemplateViewSet.as_view({"post": "submit"}),
        name="api-template-submit",
    ),
    path("sending-policy/", SendingPolicyView.as_view(), name="api-sending-policy"),
    path(
        "messages/<str:id>/why/",
        MessageWhyViewSet.as_view({"get": "retrieve"}),
        name="api-message-why",
    ),
]
