from django.urls import path

from conversations.api.media import MediaViewSet
from conversations.api.messages import MessageViewSet
from conversations.api.scheduled import ConversationScheduledViewSet, ScheduledMessageViewSet
from conversations.api.views import ConversationMessageViewSet, ConversationViewSet

urlpatterns = [
    path("conversations/", ConversationViewSet.as_view({"get": "list"}), name="api-conversations"),
    path(
        "conversations/<str:id>/",
        ConversationViewSet.as_view({"get": "retrieve"}),
        name="api-conversation",
    ),
    path(
        "conversations/<str:id>/messages/",
        ConversationMessageViewSet.as_view({"get": "list", "post": "create"}),
        name="api-conversation-messages",
    ),
    path(
        "conversations/<str:id>/scheduled/",
        ConversationScheduledViewSet.as_view({"get": "list", "post": "create"}),
        name="api-conversation-scheduled",
    ),
    path(
        "scheduled-messages/<str:id>/",
        ScheduledMessageViewSet.as_view({"get": "retrieve", "delete": "destroy"}),
        name="api-scheduled-message",
    ),
    *(
        path(
            f"conversations/<str:id>/{verb}/",
            ConversationViewSet.as_view({"post": verb}),
            name=f"api-conversation-{verb}",
        )
        for verb in ("read", "resolve", "reopen")
    ),
    path("messages/", MessageViewSet.as_view({"post": "create"}), name="api-messages"),
    path("messages/<str:id>/", MessageViewSet.as_view({"get": "retrieve"}), name="api-message"),
    path("media/", MediaViewSet.as_view({"post": "create"}), name="api-media"),
    path("media/<str:id>/", MediaViewSet.as_view({"get": "retrieve"}), name="api-media-item"),
]
