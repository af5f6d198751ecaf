from typing import Any

from django.urls import path

from conversations.api.media import MediaViewSet
from conversations.api.messages import MessageViewSet
from conversations.api.ratings import RatingViewSet
from conversations.api.saved_views import SavedViewViewSet
from conversations.api.scheduled import ConversationScheduledViewSet, ScheduledMessageViewSet
from conversations.api.search import MessageSearchView
from conversations.api.settings import BusinessHoursView, InboxSettingsView
from conversations.api.transcript import ConversationTranscriptViewSet
from conversations.api.views import ConversationMessageViewSet, ConversationViewSet
from conversations.api.words import CannedReplyViewSet, LabelViewSet
from conversations.api.work import ConversationBulkView, ConversationWorkViewSet

ONE: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
ALL: dict[str, Any] = {"get": "list", "post": "create"}

urlpatterns = [
    path("conversations/", ConversationViewSet.as_view({"get": "list"}), name="api-conversations"),
    path("conversations/bulk/", ConversationBulkView.as_view(), name="api-conversations-bulk"),
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
        "conversations/<str:id>/transcript/",
        ConversationTranscriptViewSet.as_view({"get": "retrieve"}),
        name="api-conversation-transcript",
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
    *(
        path(
            f"conversations/<str:id>/{verb}/",
            ConversationWorkViewSet.as_view({"post": verb}),
            name=f"api-conversation-{verb}",
        )
        for verb in ("pending", "snooze", "assign", "priority", "labels", "notes")
    ),
    path("saved-views/", SavedViewViewSet.as_view(ALL), name="api-saved-views"),
    path(
        "saved-views/<str:id>/",
        SavedViewViewSet.as_view({"delete": "destroy"}),
        name="api-saved-view",
    ),
    path("ratings/", RatingViewSet.as_view({"get": "list"}), name="api-ratings"),
    path("inbox-settings/", InboxSettingsView.as_view(), name="api-inbox-settings"),
    path("business-hours/", BusinessHoursView.as_view(), name="api-business-hours"),
    path("labels/", LabelViewSet.as_view(ALL), name="api-labels"),
    path("labels/<str:id>/", LabelViewSet.as_view(ONE), name="api-label"),
    path("canned-replies/", CannedReplyViewSet.as_view(ALL), name="api-canned-replies"),
    path("canned-replies/<str:id>/", CannedReplyViewSet.as_view(ONE), name="api-canned-reply"),
    path("messages/", MessageViewSet.as_view({"post": "create"}), name="api-messages"),
    path("messages/search/", MessageSearchView.as_view(), name="api-message-search"),
    path("messages/<str:id>/", MessageViewSet.as_view({"get": "retrieve"}), name="api-message"),
    path("media/", MediaViewSet.as_view({"post": "create"}), name="api-media"),
    path("media/<str:id>/", MediaViewSet.as_view({"get": "retrieve"}), name="api-media-item"),
]
